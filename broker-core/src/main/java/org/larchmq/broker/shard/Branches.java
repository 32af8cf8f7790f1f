package org.larchmq.broker.shard;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.larchmq.broker.delivery.BranchHoldings;
import org.larchmq.broker.delivery.Dispatcher;
import org.larchmq.broker.delivery.Feed;
import org.larchmq.broker.delivery.GivingBack;
import org.larchmq.broker.delivery.Redeliveries;
import org.larchmq.broker.delivery.Settling;
import org.larchmq.broker.journal.AckList;
import org.larchmq.broker.journal.BranchEntry.BranchCommitted;
import org.larchmq.broker.journal.BranchEntry.BranchForgotten;
import org.larchmq.broker.journal.BranchEntry.BranchPrepared;
import org.larchmq.broker.journal.BranchEntry.BranchRolledBack;
import org.larchmq.broker.journal.FirstOffset;
import org.larchmq.broker.journal.Journal;
import org.larchmq.broker.journal.TransactionEntry.TransactionRolledBack;
import org.larchmq.broker.settings.Authenticator;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.state.PreparedBranch;
import org.larchmq.broker.state.PreparedBranch.Outcome;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.Subscription;
import org.larchmq.message.BranchId;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.io.Clock;
import org.larchmq.store.log.CommitLog;
import org.larchmq.wire.XaFrames;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The branches of distributed transactions (XA). What a branch does is handed over at the end of each piece of work and
 * belongs to the branch from then on, whichever connection ends it; a connection that is lost takes its unprepared
 * branches with it. What is prepared is in the log until it is decided. Shard thread only.
 */
final class Branches {
    private static final Logger LOG = LoggerFactory.getLogger(Branches.class);
    /** Open, prepared and remembered ones together. */
    static final int MOST_BRANCHES = 10_000;

    static final String TOO_LARGE_TEXT =
            "it acknowledges too many messages that do not follow each other, or sends to too"
                    + " many destinations, for one log entry; commit earlier, or raise store.segmentSize";

    private static final int RECOVERED_AT_ONCE = 500;
    private static final int SWEEP_MILLIS = 200;

    private final BrokerSettings.Limits limits;
    private final StagedShares shares;
    private final CommitLog log;
    private final TransactionNumbers numbers;
    private final OwedWork owed;
    private final ShardState state;
    private final Journal journal;
    private final Dispatcher dispatcher;
    private final Redeliveries redeliveries;
    private final Staging staging;
    private final DelayedDelivery delayedDelivery;
    private final CommitCycle cycle;
    private final Clock clock;
    private final ShardLoop loop;
    private final Map<BranchId, OpenBranch> open = new HashMap<>();
    /** What prepared branches hold that no entry names, since it would not survive anyway. */
    private final Map<BranchId, BranchHoldings> softOfPrepared = new HashMap<>();

    private boolean sweeping;

    /** Stores a message of a transaction. */
    interface Staging {
        void store(ClientConnection connection, long transactionId, int handle, ByteBuffer buffer, int at, int size);
    }

    Branches(
            BrokerSettings.Limits limits,
            StagedShares shares,
            CommitLog log,
            TransactionNumbers numbers,
            OwedWork owed,
            ShardState state,
            Journal journal,
            Dispatcher dispatcher,
            Redeliveries redeliveries,
            Staging staging,
            DelayedDelivery delayedDelivery,
            CommitCycle cycle,
            Clock clock,
            ShardLoop loop) {
        this.limits = limits;
        this.shares = shares;
        this.log = log;
        this.numbers = numbers;
        this.owed = owed;
        this.state = state;
        this.journal = journal;
        this.dispatcher = dispatcher;
        this.redeliveries = redeliveries;
        this.staging = staging;
        this.delayedDelivery = delayedDelivery;
        this.cycle = cycle;
        this.clock = clock;
        this.loop = loop;
    }

    // ---- work

    void start(
            ClientConnection connection,
            int requestId,
            BranchId id,
            boolean join,
            long transactionId,
            int timeoutMillis) {
        if (connection.transactions().containsKey(transactionId)) {
            refuse(connection, requestId, ErrorCode.ILLEGAL_STATE, "transaction id " + transactionId + " is in use");
            return;
        }
        OpenBranch branch = join ? joined(connection, requestId, id) : begun(connection, requestId, id, timeoutMillis);
        if (branch == null) return;
        branch.workBegins(connection);
        connection.transactions().put(transactionId, branch.staged);
        accept(connection, requestId, 0);
    }

    private OpenBranch joined(ClientConnection connection, int requestId, BranchId id) {
        OpenBranch branch = visible(connection, id);
        if (branch == null) {
            refuse(connection, requestId, ErrorCode.XA_UNKNOWN, "there is no branch " + id + " to join");
            return null;
        }
        if (branch.isRolledBack()) {
            refuseRolledBack(connection, requestId, branch);
            return null;
        }
        return branch;
    }

    /** Those that are at work, and those that are prepared. */
    int count() {
        return open.size() + state.branches().size();
    }

    private OpenBranch begun(ClientConnection connection, int requestId, BranchId id, int timeoutMillis) {
        if (open.containsKey(id) || state.branches().find(id) != null) {
            refuse(connection, requestId, ErrorCode.XA_DUPLICATE, "there is a branch " + id + " already");
            return null;
        }
        if (count() >= MOST_BRANCHES) {
            refuse(
                    connection,
                    requestId,
                    ErrorCode.LIMIT_REACHED,
                    "there are " + MOST_BRANCHES + " branches of distributed transactions, which is the limit; let the"
                            + " transaction manager recover, or decide them with 'larchmq transactions'");
            return null;
        }
        OpenBranch branch = new OpenBranch(id, connection.user(), new BranchHoldings(dispatcher, redeliveries));
        open.put(id, branch);
        if (timeoutMillis > 0) {
            branch.deadlineNanos = clock.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
            sweepLater();
        }
        return branch;
    }

    /** The work done since the start, or the last end. */
    void end(
            ClientConnection connection,
            int requestId,
            BranchId id,
            int flags,
            Settling acknowledged,
            TransactionMessages messages,
            ErrorCode wrong,
            String wrongText) {
        OpenBranch branch = visible(connection, id);
        if (branch == null || !branch.hasParticipant(connection)) {
            refuse(connection, requestId, ErrorCode.XA_UNKNOWN, "there is no branch " + id + " on this connection");
            return;
        }
        if (!branch.isWorkedForBy(connection)) {
            refuse(connection, requestId, ErrorCode.XA_PROTOCOL, "no work for branch " + id + " is under way");
            return;
        }
        if ((flags & XaFrames.SUSPEND) == 0) branch.workEnds(connection);
        if (wrong != null && !branch.isRolledBack()) rollBack(branch, wrongText);
        if (!branch.isRolledBack()) addTo(branch, connection, messages);
        if (branch.isRolledBack()) {
            refuseRolledBack(connection, requestId, branch);
            return;
        }
        branch.holdings.takeOver(acknowledged);
        if (!fitsOneEntry(branch)) {
            rollBack(branch, TOO_LARGE_TEXT);
            refuseRolledBack(connection, requestId, branch);
            return;
        }
        if ((flags & XaFrames.FAIL) != 0) rollBack(branch, "the application's work failed");
        accept(connection, requestId, 0);
    }

    private void addTo(OpenBranch branch, ClientConnection connection, TransactionMessages messages) {
        if (messages.count() == 0) return;
        branch.staged.touchedNanos = clock.nanoTime();
        branch.staged.bytes += messages.bytes();
        branch.staged.messages += messages.count();
        String over = overLimit(branch.staged);
        if (over == null) over = shares.over(connection, messages.count(), messages.bytes());
        if (over == null && !log.acceptsMessages()) over = Shard.DISK_FULL_TEXT;
        if (over != null) {
            rollBack(branch, over);
            return;
        }
        long transactionId = branch.staged.logId(numbers);
        shares.staged(connection, transactionId, messages.count(), messages.bytes());
        messages.forEach(
                (handle, buffer, at, size) -> staging.store(connection, transactionId, handle, buffer, at, size));
    }

    /** So that it can be prepared and committed, whichever way. */
    private boolean fitsOneEntry(OpenBranch branch) {
        AckList acknowledged = branch.holdings.logged();
        if (journal.fitsOneEntry(branch.staged.messages, acknowledged)) return true;
        int destinations = state.openTransactions().destinationsOf(branch.staged.logId(numbers));
        return journal.fitsOneEntry(destinations, acknowledged);
    }

    private String overLimit(ClientConnection.OpenTransaction transaction) {
        return Shard.overLimit(limits, transaction.bytes, transaction.messages);
    }

    // ---- ends

    void prepare(ClientConnection connection, int requestId, BranchId id) {
        OpenBranch branch = endable(connection, requestId, id);
        if (branch == null) return;
        if (branch.staged.isEmpty() && branch.holdings.isEmpty()) {
            forget(branch);
            accept(connection, requestId, XaFrames.READ_ONLY);
            return;
        }
        journal.append(new BranchPrepared(
                branch.staged.logId(numbers), id, branch.user, clock.currentTimeMillis(), branch.holdings.logged()));
        if (branch.holdings.hasSoft()) softOfPrepared.put(id, branch.holdings);
        forget(branch);
        acceptWhenCommitted(connection, requestId);
    }

    void commit(ClientConnection connection, int requestId, BranchId id, boolean onePhase) {
        PreparedBranch prepared = prepared(connection, id);
        if (prepared == null && onePhase) {
            commitUnprepared(connection, requestId, id);
        } else if (prepared == null) {
            refuseUndecidable(connection, requestId, id);
        } else if (prepared.outcome() != Outcome.PREPARED) {
            refuseDecided(connection, requestId, prepared);
        } else if (onePhase) {
            refuse(connection, requestId, ErrorCode.XA_PROTOCOL, "branch " + id + " is prepared");
        } else {
            commit(prepared, false);
            acceptWhenCommitted(connection, requestId);
        }
    }

    private void commitUnprepared(ClientConnection connection, int requestId, BranchId id) {
        OpenBranch branch = endable(connection, requestId, id);
        if (branch == null) return;
        if (!branch.staged.isEmpty() || !branch.holdings.isEmpty())
            branch.holdings.commit(branch.staged.logId(numbers));
        forget(branch);
        delayedDelivery.start();
        acceptWhenCommitted(connection, requestId);
    }

    private void commit(PreparedBranch branch, boolean heuristic) {
        List<FirstOffset> places = state.placesOf(branch.transactionId());
        journal.append(new BranchCommitted(branch.transactionId(), heuristic, places));
        BranchHoldings soft = softOfPrepared.remove(branch.id());
        if (soft != null) soft.settleSoft();
        delayedDelivery.start();
    }

    void rollback(ClientConnection connection, int requestId, BranchId id) {
        PreparedBranch prepared = prepared(connection, id);
        OpenBranch branch = visible(connection, id);
        if (prepared != null && prepared.outcome() != Outcome.PREPARED) {
            refuseDecided(connection, requestId, prepared);
        } else if (prepared != null) {
            rollBack(prepared, false);
            acceptWhenCommitted(connection, requestId);
        } else if (branch == null) {
            refuseUndecidable(connection, requestId, id);
        } else if (branch.isWorkedFor() && !branch.isRolledBack()) {
            refuse(connection, requestId, ErrorCode.XA_PROTOCOL, "work for branch " + id + " is under way");
        } else {
            rollBack(branch, "it is rolled back");
            forget(branch);
            accept(connection, requestId, 0);
        }
    }

    private void rollBack(PreparedBranch branch, boolean heuristic) {
        AckList acknowledged = new AckList();
        acknowledged.parts().addAll(branch.acknowledged().parts()); // a heuristic decision empties the branch's own
        journal.append(new BranchRolledBack(branch.transactionId(), heuristic));
        owe(
                acknowledged,
                new GivingBack(dispatcher, redeliveries, acknowledged, GivingBack.How.COUNTED_IN_THE_LOG)::run);
        BranchHoldings soft = softOfPrepared.remove(branch.id());
        if (soft != null) owed.add(soft::giveBackSoft);
    }

    /** Everything goes back at once; that it is rolled back is remembered while somebody may still work for it. */
    private void rollBack(OpenBranch branch, String because) {
        rollBack(branch, because, branch.holdings::giveBackLost);
    }

    private void rollBack(OpenBranch branch, String because, Runnable giveBack) {
        if (branch.isRolledBack()) return;
        branch.rolledBackBecause = "branch " + branch.id + " is rolled back: " + because;
        if (branch.staged.isStarted()) {
            long transactionId = branch.staged.logId(numbers);
            owed.add(() -> journal.append(new TransactionRolledBack(transactionId)));
        }
        owe(branch.holdings.logged(), giveBack);
        cycle.schedule();
    }

    /** Has what a branch held go back, now or when the log has room; nothing newer is handed out before (6.2.9). */
    private void owe(AckList held, Runnable giveBack) {
        List<Feed> feeds = new ArrayList<>(1);
        for (AckList.Part part : held.parts()) {
            Subscription subscription = state.durableSubscription(part.subscriptionId());
            if (subscription != null) feeds.add(dispatcher.feed(subscription));
        }
        feeds.forEach(Feed::returnsOwed);
        owed.add(() -> {
            giveBack.run();
            feeds.forEach(Feed::returnsDone);
        });
    }

    /** An administrator's decision is known now; a branch that is not there, also no more, is unknown (JTA). */
    void forget(ClientConnection connection, int requestId, BranchId id) {
        PreparedBranch prepared = prepared(connection, id);
        boolean undecided = prepared != null && prepared.outcome() == Outcome.PREPARED;
        if (undecided || visible(connection, id) != null) {
            refuse(connection, requestId, ErrorCode.XA_PROTOCOL, "branch " + id + " is not decided yet");
            return;
        }
        if (prepared == null) {
            refuse(connection, requestId, ErrorCode.XA_UNKNOWN, "there is no branch " + id + " to forget");
            return;
        }
        journal.append(new BranchForgotten(prepared.transactionId()));
        acceptWhenCommitted(connection, requestId);
    }

    /**
     * A connection ends in order: what it has handed over to a branch that another connection has begun, or joined, is that
     * branch's, whoever ends it. To be called before {@link #disconnected}.
     */
    void left(ClientConnection connection) {
        for (OpenBranch branch : open.values()) branch.leave(connection);
    }

    /** A connection is gone: so are its branches that are not prepared. */
    void disconnected(ClientConnection connection) {
        for (OpenBranch branch : List.copyOf(open.values())) {
            if (!branch.remove(connection)) continue;
            String because = "a connection that worked for it ended before it was prepared";
            rollBack(branch, because, branch.holdings::giveBackLost);
            if (!branch.hasParticipants()) open.remove(branch.id);
        }
    }

    private void forget(OpenBranch branch) {
        open.remove(branch.id);
        for (ClientConnection participant : branch.participants()) {
            participant.transactions().values().removeIf(transaction -> transaction == branch.staged);
        }
    }

    /** The branch if its work is done and nothing is wrong with it; otherwise null, and the request is answered. */
    private OpenBranch endable(ClientConnection connection, int requestId, BranchId id) {
        OpenBranch branch = visible(connection, id);
        if (branch == null) {
            boolean isPrepared = prepared(connection, id) != null;
            if (isPrepared)
                refuse(connection, requestId, ErrorCode.XA_PROTOCOL, "branch " + id + " is prepared already");
            else refuseUndecidable(connection, requestId, id);
            return null;
        }
        if (branch.isRolledBack()) {
            forget(branch);
            refuseRolledBack(connection, requestId, branch);
            return null;
        }
        if (branch.isWorkedFor()) {
            refuse(connection, requestId, ErrorCode.XA_PROTOCOL, "work for branch " + id + " is under way");
            return null;
        }
        return branch;
    }

    // ---- a stop in order

    /** A non-persistent message moves from memory to the log, so that the stop does not lose it: not to a branch either. */
    void spooled(BranchPlaces places, Subscription subscription, int priority, long memoryOffset, long loggedOffset) {
        softOfPrepared.forEach((id, holdings) -> places.spooled(
                state.branches().find(id), holdings, subscription, priority, memoryOffset, loggedOffset));
    }

    // ---- time

    private void sweepLater() {
        if (sweeping) return;
        sweeping = true;
        loop.executeLater(
                () -> {
                    sweeping = false;
                    if (!cycle.isDown()) sweep();
                },
                SWEEP_MILLIS);
    }

    private void sweep() {
        long now = clock.nanoTime();
        boolean more = false;
        try {
            for (OpenBranch branch : open.values()) {
                if (branch.deadlineNanos == Long.MAX_VALUE || branch.isRolledBack()) continue;
                if (branch.deadlineNanos - now <= 0) {
                    branch.isTimedOut = true;
                    rollBack(branch, "its time was over before it was prepared");
                } else more = true;
            }
        } catch (RuntimeException e) {
            cycle.fail(e);
            return;
        }
        if (more) sweepLater();
    }

    /**
     * Rolls back branches that have staged messages and for which nothing has come since, if the disk is short.
     *
     * @return whether others have staged messages
     */
    boolean rollBackIdle(boolean isShort, long sinceNanos, String because) {
        boolean others = false;
        for (OpenBranch branch : open.values()) {
            if (branch.isRolledBack() || branch.staged.isEmpty()) continue;
            if (isShort && branch.staged.touchedNanos - sinceNanos < 0) {
                LOG.warn("Branch {} is rolled back: it idles, and the disk is short", branch.id);
                rollBack(branch, because);
            } else {
                others = true;
            }
        }
        return others;
    }

    // ---- what is there

    /** Answers with the branches that a transaction manager of this user may decide. */
    void recover(ClientConnection connection, int requestId, long after) {
        StringBuilder lines = new StringBuilder();
        long next = 0;
        int count = 0;
        for (PreparedBranch branch : state.branches().all()) {
            if (branch.transactionId() <= after || !mayDecide(connection, branch.user())) continue;
            if (count++ == RECOVERED_AT_ONCE) break;
            lines.append(branch.id()).append('\n');
            next = branch.transactionId();
        }
        long value = count > RECOVERED_AT_ONCE ? next : 0;
        String name = lines.toString();
        cycle.whenCommitted(connection.link(), () -> connection.link().reply(requestId, ErrorCode.OK, "", value, name));
        cycle.schedule();
    }

    /** For people: one line per branch. */
    String describe() {
        StringBuilder lines = new StringBuilder();
        long now = clock.currentTimeMillis();
        for (PreparedBranch branch : state.branches().all()) {
            lines.append(branch.id())
                    .append(' ')
                    .append(branch.outcome()
                            .name()
                            .toLowerCase(java.util.Locale.ROOT)
                            .replace('_', '-'))
                    .append(", prepared ")
                    .append(Math.max(0, now - branch.preparedAtMillis()) / 1000)
                    .append(" s ago")
                    .append(branch.user().isEmpty() ? "" : " by " + branch.user())
                    .append(", sends ")
                    .append(branch.messages())
                    .append(", consumes ")
                    .append(consumed(branch))
                    .append('\n');
        }
        return lines.length() == 0 ? "no prepared transactions\n" : lines.toString();
    }

    private static long consumed(PreparedBranch branch) {
        long sum = 0;
        for (AckList.Part part : branch.acknowledged().parts())
            sum += part.queueOffsets().offsets();
        return sum;
    }

    /** An administrator decides in place of the transaction manager, which is told when it asks. */
    void decide(ClientConnection connection, int requestId, BranchId id, boolean commit) {
        PreparedBranch branch = state.branches().find(id);
        if (branch == null || branch.outcome() != Outcome.PREPARED) {
            String text = branch == null ? "there is no prepared branch " + id : "branch " + id + " is decided already";
            refuse(connection, requestId, ErrorCode.XA_UNKNOWN, text);
            return;
        }
        if (commit) commit(branch, true);
        else rollBack(branch, true);
        acceptWhenCommitted(connection, requestId);
    }

    // ---- helpers

    private static boolean mayDecide(ClientConnection connection, String owner) {
        return connection.user().equals(owner) || connection.user().equals(Authenticator.OPERATOR);
    }

    private OpenBranch visible(ClientConnection connection, BranchId id) {
        OpenBranch branch = open.get(id);
        return branch != null && mayDecide(connection, branch.user) ? branch : null;
    }

    private PreparedBranch prepared(ClientConnection connection, BranchId id) {
        PreparedBranch branch = state.branches().find(id);
        return branch != null && mayDecide(connection, branch.user()) ? branch : null;
    }

    private void accept(ClientConnection connection, int requestId, long value) {
        connection.link().reply(requestId, ErrorCode.OK, "", value, "");
        cycle.schedule();
    }

    private void acceptWhenCommitted(ClientConnection connection, int requestId) {
        cycle.replyWhenCommitted(connection.link(), requestId);
        cycle.schedule();
    }

    private void refuse(ClientConnection connection, int requestId, ErrorCode code, String text) {
        connection.link().reply(requestId, code, text, 0, "");
    }

    private void refuseRolledBack(ClientConnection connection, int requestId, OpenBranch branch) {
        long value = branch.isTimedOut ? XaFrames.TIMED_OUT : 0;
        connection.link().reply(requestId, ErrorCode.XA_ROLLED_BACK, branch.rolledBackBecause, value, "");
    }

    private void refuseUndecidable(ClientConnection connection, int requestId, BranchId id) {
        boolean isOpen = visible(connection, id) != null;
        ErrorCode code = isOpen ? ErrorCode.XA_PROTOCOL : ErrorCode.XA_UNKNOWN;
        String text = isOpen ? "branch " + id + " is not prepared" : "there is no branch " + id;
        // only when its decision is on the disk: to say earlier that it is unknown could be taken back by a crash
        cycle.whenCommitted(connection.link(), () -> refuse(connection, requestId, code, text));
        cycle.schedule();
    }

    private void refuseDecided(ClientConnection connection, int requestId, PreparedBranch branch) {
        boolean committed = branch.outcome() == Outcome.HEURISTICALLY_COMMITTED;
        long value = committed ? XaFrames.COMMITTED : XaFrames.ROLLED_BACK;
        String text = "an administrator has " + (committed ? "committed" : "rolled back") + " branch " + branch.id();
        cycle.whenCommitted(
                connection.link(), () -> connection.link().reply(requestId, ErrorCode.XA_HEURISTIC, text, value, ""));
        cycle.schedule();
    }
}
