package org.larchmq.broker.shard;

import java.nio.ByteBuffer;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.larchmq.broker.delivery.Browser;
import org.larchmq.broker.delivery.ClientLink;
import org.larchmq.broker.delivery.Consumer;
import org.larchmq.broker.delivery.Dispatcher;
import org.larchmq.broker.delivery.Feed;
import org.larchmq.broker.delivery.LargeBodies;
import org.larchmq.broker.delivery.Redeliveries;
import org.larchmq.broker.delivery.Settling;
import org.larchmq.broker.journal.Journal;
import org.larchmq.broker.journal.LargeBody;
import org.larchmq.broker.journal.MessageEntry;
import org.larchmq.broker.journal.MessageEntry.MessageStored;
import org.larchmq.broker.journal.TransactionEntry.TransactionNamed;
import org.larchmq.broker.journal.TransactionEntry.TransactionRolledBack;
import org.larchmq.broker.journal.TransactionEntry.TransactionsFenced;
import org.larchmq.broker.selector.Selector;
import org.larchmq.broker.selector.Selectors;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.shard.ClientConnection.OpenTransaction;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.Memory;
import org.larchmq.broker.state.PreparedBranch;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.Subscription;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.MessageRef;
import org.larchmq.message.ProtocolException;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.log.CommitLog;
import org.larchmq.wire.ClientIdentity;
import org.larchmq.wire.Frames.TransactionOutcome;
import org.larchmq.wire.SendLargeFrame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One commit log with its state machine. Requests change the state and append to the log at once; what they changed is
 * seen, and answered, only when the batch they belong to is committed, see {@link CommitCycle}.
 *
 * <p>Everything on the shard's loop.
 */
public final class Shard {
    private static final Logger LOG = LoggerFactory.getLogger(Shard.class);
    /** What a log entry needs beside the message in it. */
    private static final int ENTRY_OVERHEAD_BYTES = 2048;

    /** Bytes of a batch beyond which connections that have more than a small share of it wait for its flush. */
    static final long BATCH_BYTES = 4 << 20;

    /** The share that every connection may have of a batch, however large it is. */
    private static final long SMALL_SHARE_BYTES = 64 << 10;

    static final String NOT_OPENED_TEXT =
            "the destination was not opened on this connection; open it by its name (OPEN_DESTINATION)";

    private static final String GONE_TEXT =
            "the destination does not exist any more: it was deleted, or it is a temporary one whose connection has ended";

    static final String DISK_FULL_TEXT =
            "the disk of the data directory is at its high-water mark; consume messages or free space, sending"
                    + " resumes by itself";

    private final BrokerSettings settings;
    private final CommitLog log;
    private final ShardState state;
    private final Journal journal;
    /** Used again for every message: what they say is needed until it is appended. */
    private final MessageStored stored = new MessageStored();

    private final MessageRef storedMessage = new MessageRef();
    private final Dispatcher dispatcher;
    private final Redeliveries redeliveries;
    private final Destinations destinations;
    private final TopicSubscriptions subscriptions;
    private final Checkpointer checkpointer;
    private final CommitCycle cycle;
    private final DelayedDelivery delayedDelivery;
    private final Relocation relocation;
    private final ExpirySweep expirySweep;
    private final TransactionNumbers numbers;
    private final OwedWork owed;
    private final StagedShares shares;
    private final Branches branches;
    private final CleanStop cleanStop;
    private final IdleHolders idleHolders;
    private final SpaceReport space;
    private final SelectorTexts selectorTexts = new SelectorTexts();
    private final Clock clock;
    private final ShardLoop loop;

    private final int maxMessageBytes;
    private final int maxWholeMessageBytes;
    private final LargeBodies largeBodies;
    private final long runBegan;
    private volatile boolean stopped;
    private final Map<Long, ClientConnection> connections = new HashMap<>();
    private long connectionsSoFar;
    private long redeliveryTimerAtMillis = Long.MAX_VALUE;

    /** Told once when the shard cannot go on: the log failed, or an invariant broke. */
    public interface FailureListener {
        void failed(RuntimeException cause);
    }

    Shard(
            BrokerSettings settings,
            RecoveredStore store,
            Clock clock,
            ShardLoop loop,
            Flusher flusher,
            java.util.concurrent.Executor checkpointThread,
            FailureListener failures) {
        this.settings = settings;
        this.log = store.log();
        this.state = store.state();
        this.journal = store.journal();
        this.clock = clock;
        this.loop = loop;
        this.destinations = new Destinations(settings, state, journal);
        this.dispatcher = new Dispatcher(
                state,
                journal,
                log,
                clock::currentTimeMillis,
                clock::nanoTime,
                new RedeliveryPolicy(settings.redelivery(), destinations));
        this.redeliveries = new Redeliveries(dispatcher);
        dispatcher.onDelayed(() -> loop.execute(() -> {
            startRedeliveryTimer();
            scheduleCycle();
        }));
        this.subscriptions = new TopicSubscriptions(settings, state, journal, dispatcher, log::endOffset);
        this.subscriptions.recovered();
        this.checkpointer =
                new Checkpointer(settings.store(), store, clock, loop, checkpointThread, cause -> fail(cause));
        Flusher chosen = settings.store().flush() == BrokerSettings.Flush.SYNC
                ? new AdaptiveFlusher(Flusher.inline(), flusher, () -> log.writtenOffset() - log.flushedOffset(), clock)
                : flusher;
        SendBrake brake = new SendBrake(log::spacePressure, settings.network().sendWindowBytes(), loop, clock);
        this.cycle = new CommitCycle(
                settings.store(), brake, log, state, dispatcher, checkpointer, loop, chosen, clock, failures);
        this.checkpointer.onFlushWanted(cycle::schedule);
        this.relocation = new Relocation(
                log,
                store.logSettings(),
                state,
                journal,
                clock::currentTimeMillis,
                loop,
                cycle,
                checkpointer::takeSoon);
        this.checkpointer.onSegmentsDeleted(relocation::start);
        this.runBegan = log.endOffset();
        this.delayedDelivery = new DelayedDelivery(state, journal, clock, loop, cycle);
        this.expirySweep = new ExpirySweep(state, journal, log, clock, loop, cycle);
        this.numbers = new TransactionNumbers(log, state);
        this.owed = new OwedWork(loop, cycle, this::fail);
        this.shares = stagedShares(settings.limits());
        this.branches = new Branches(
                settings.limits(),
                shares,
                log,
                numbers,
                owed,
                state,
                journal,
                dispatcher,
                redeliveries,
                this::storeForBranch,
                delayedDelivery,
                cycle,
                clock,
                loop);
        this.idleHolders = new IdleHolders(log, this::forgetStaged, branches, connections.values(), clock, loop, cycle);
        this.space = new SpaceReport(state, loop, cycle, clock);
        this.cleanStop = new CleanStop(state, journal, log, branches);
        this.maxMessageBytes = settings.limits().maxMessageBytes();
        this.maxWholeMessageBytes =
                Math.min(maxMessageBytes, store.logSettings().maxEntryBytes() - ENTRY_OVERHEAD_BYTES);
        this.largeBodies = new LargeBodies(log, state.holds());
    }

    private StagedShares stagedShares(BrokerSettings.Limits limits) {
        StagedShares counted = new StagedShares(limits);
        for (PreparedBranch branch : state.branches().all()) {
            if (branch.outcome() != PreparedBranch.Outcome.PREPARED) continue;
            counted.recovered(branch.transactionId(), branch.user(), branch.messages(), branch.messageBytes());
        }
        state.whenTransactionEnds(counted::ended);
        return counted;
    }

    /** Goes on with what recovery found. On the loop, first of all. */
    void begin() {
        delayedDelivery.start();
        expirySweep.begin();
    }

    // ---- connections

    /**
     * A client has logged in.
     *
     * @param identity    names that only this client can use
     * @param user        empty for nobody
     * @param description for the log: who it is
     * @param clientId    empty for none; that nobody else has it was checked
     */
    public ClientConnection connected(
            ClientLink link, ClientIdentity identity, String user, String description, String clientId) {
        String anonymousName = "\0" + state.epoch() + "-" + connectionsSoFar++;
        ClientConnection connection =
                new ClientConnection(link, identity, user, description, clientId, anonymousName, connectionsSoFar);
        connections.put(connection.number(), connection);
        return connection;
    }

    /** A connection is gone, however: what it held goes back. Repeating it is harmless. */
    public void disconnected(ClientConnection connection) {
        if (connection.isClosed() || cycle.isDown()) return;
        connection.close();
        connections.remove(connection.number());
        connection.upload(null);
        connection.link().ended();
        for (Consumer consumer : List.copyOf(connection.consumers().values())) endConsumer(consumer);
        connection.consumers().clear();
        branches.disconnected(connection);
        connection.browsers().clear();
        selectorTexts.removeAll(connection);
        for (OpenTransaction transaction : connection.transactions().values()) {
            if (transaction.isBranch() || transaction.givenUpBecause() != null) continue;
            forgetStaged(transaction);
        }
        connection.transactions().clear();
        for (Destination temporary : connection.temporary()) destinations.deleteTemporary(temporary);
        connection.temporary().clear();
        scheduleCycle();
    }

    /** Orderly end of a connection; the answer also confirms everything it has acknowledged. */
    void closeInOrder(ClientConnection connection, int requestId) {
        branches.left(connection);
        disconnected(connection);
        cycle.replyWhenCommitted(connection.link(), requestId);
        cycle.schedule();
    }

    private void endConsumer(Consumer consumer) {
        Feed feed = consumer.feed();
        feed.detach(consumer);
        Subscription subscription = feed.subscription();
        if (subscription.endsWithItsConsumers() && !feed.hasConsumers()) subscriptions.end(subscription);
        if (subscription.isGone()) return;
        feed.returnsOwed();
        owed.add(() -> {
            redeliveries.giveBackAll(consumer);
            feed.returnsDone();
        });
    }

    /** Up to where the log is safe, whatever happens: what is stored from now on comes behind. */
    public long position() {
        return log.flushedOffset();
    }

    // ---- sending

    /** Stores one message; see {@link org.larchmq.wire.SendFrame}. The message's layout was checked. */
    void send(ClientConnection connection, long sendSequence, int handle, ByteBuffer buffer, int at, int size) {
        Destination destination = admit(connection, sendSequence, handle, buffer, at, size);
        if (destination == null) return;
        boolean persistent = MessageLayout.isPersistent(buffer, at);
        boolean delayed = isDelayed(buffer, at);
        if (!delayed
                && !MessageLayout.isLarge(buffer, at)
                && !(persistent && state.isLogged(destination))
                && state.keepInMemory(destination, buffer, at, size, log.endOffset(), connection.publisher())) {
            connection.link().receipt(sendSequence);
            scheduleCycle();
            return;
        }
        if (!log.acceptsMessages()) {
            connection
                    .link()
                    .sendFailed(sendSequence, persistent ? ErrorCode.DISK_FULL : ErrorCode.MEMORY_FULL, diskFullText());
            return;
        }
        if (delayed) {
            String publisher = publisherLater(connection, destination);
            journal.append(stored.set(
                    destination.id(),
                    0,
                    MessageEntry.DELAYED,
                    !persistent,
                    publisher,
                    storedMessage.set(buffer, at, size)));
            delayedDelivery.start();
        } else {
            int priority = MessageLayout.priority(buffer, at);
            long queueOffset = state.nextQueueOffset(destination.id(), priority);
            String publisher = destination.hasNoLocalSubscriptions() ? connection.publisher() : null;
            journal.append(stored.set(
                    destination.id(), 0, queueOffset, !persistent, publisher, storedMessage.set(buffer, at, size)));
            reserveDelivery(destination, priority);
        }
        if (persistent && (delayed || MessageLayout.isLarge(buffer, at) || state.isLogged(destination))) {
            cycle.receiptWhenCommitted(connection.link(), sendSequence);
        } else { // nobody has it after a restart: it is in the log for want of memory only
            connection.link().receipt(sendSequence);
        }
        scheduleCycle();
    }

    /**
     * Stores a message that may have been sent before, unless it was stored then; see
     * {@link org.larchmq.wire.ResendFrame}.
     */
    void resend(
            ClientConnection connection,
            long sendSequence,
            long sentSince,
            int handle,
            ByteBuffer buffer,
            int at,
            int size) {
        if (isAnsweredFromMemory(connection, sendSequence, sentSince, handle, buffer, at)) return;
        send(connection, sendSequence, handle, buffer, at, size);
    }

    /** Answers for a message that may have been sent before, unless it surely was not stored. */
    private boolean isAnsweredFromMemory(
            ClientConnection connection, long sendSequence, long sentSince, int handle, ByteBuffer buffer, int at) {
        long producerId = MessageLayout.producerId(buffer, at);
        long sequence = MessageLayout.sequence(buffer, at);
        Memory memory = state.producers().remembers(producerId, sequence, sentSince);
        switch (memory) {
            case STORED -> {
                cycle.receiptWhenCommitted(connection.link(), sendSequence);
                scheduleCycle();
            }
            case FORGOTTEN ->
                connection
                        .link()
                        .sendFailed(
                                sendSequence,
                                ErrorCode.OUTCOME_FORGOTTEN,
                                "the message was sent before the connection was lost, and the broker does not remember"
                                        + " whether it has stored it: it may or may not be there");
            case NOT_STORED -> {
                if (mayHaveBeenDelivered(sentSince, handle, buffer, at)) {
                    connection.link().receipt(sendSequence);
                    return true;
                }
                if (!isBehindLater(handle, producerId, sequence)) return false;
                connection
                        .link()
                        .sendFailed(
                                sendSequence,
                                ErrorCode.REFUSED_BEFORE,
                                "the message was refused before the connection was lost, and the reason was lost with it;"
                                        + " messages that were sent after it are stored, and it would come behind them");
            }
        }
        return true;
    }

    /**
     * Whether the message was refused before, and messages that its producer has sent after it are stored. Not said of a
     * temporary destination: what is sent to one is refused until its owner has made it again after a reconnect, and is sent
     * again then, behind messages to others.
     */
    private boolean isBehindLater(int handle, long producerId, long sequence) {
        Destination destination = state.destination(handle);
        boolean isTemporary = destination != null && destination.kind().isTemporary();
        return !isTemporary && state.producers().remembersLater(producerId, sequence);
    }

    /** What an earlier run of the broker kept in memory only may have been delivered then: it is not stored again. */
    private boolean mayHaveBeenDelivered(long sentSince, int handle, ByteBuffer buffer, int at) {
        if (sentSince >= runBegan || isDelayed(buffer, at)) return false;
        Destination destination = state.destination(handle);
        return destination != null && !(MessageLayout.isPersistent(buffer, at) && state.isLogged(destination));
    }

    /**
     * A client's request has made the log longer. One that adds more than a little to a batch that is large already is held
     * until it is committed, whatever its client keeps to: all others wait for the same flush.
     */
    void appended(ClientConnection connection, long bytes) {
        long ofThisBatch = connection.appended(bytes, cycle.commits());
        if (ofThisBatch <= SMALL_SHARE_BYTES || cycle.uncommittedBytes() <= BATCH_BYTES || !connection.hold()) return;
        cycle.goOnWhenCommitted(connection.link(), connection::goOn);
    }

    /** Bytes of the log for which the next answers wait. */
    long uncommittedBytes() {
        return cycle.uncommittedBytes();
    }

    /** Takes part of the body of a large message. */
    void part(ClientConnection connection, int bodyAt, ByteBuffer buffer, int at, int size) {
        if (bodyAt == 0) connection.upload(new LargeUpload(log, journal, state.holds(), clock.nanoTime()));
        if (connection.upload() == null) {
            throw ProtocolException.malformed("a part of a message whose beginning was not sent");
        }
        connection.upload().add(bodyAt, buffer, at, size, maxMessageBytes);
        connection.upload().touched(clock.nanoTime());
        idleHolders.watch();
        scheduleCycle();
    }

    /**
     * Stores a message whose body came before it; see {@link org.larchmq.wire.SendLargeFrame}. The layout of its head was
     * checked.
     */
    void sendLarge(
            ClientConnection connection,
            long sendSequence,
            long transactionId,
            long sentSince,
            int handle,
            ByteBuffer buffer,
            int at,
            int headBytes) {
        LargeUpload upload = connection.upload();
        int bodyBytes = buffer.getInt(at + MessageLayout.BODY_SIZE);
        if (upload == null || upload.bytes() != bodyBytes) {
            throw ProtocolException.malformed("the body of a large message has " + bodyBytes + " bytes, "
                    + (upload == null ? 0 : upload.bytes()) + " were sent");
        }
        boolean isAgain = sentSince != SendLargeFrame.NOT_SENT_BEFORE;
        try {
            // first of all: a disk that has no room for the body now says nothing about the first time
            if (isAgain && isAnsweredFromMemory(connection, sendSequence, sentSince, handle, buffer, at)) return;
            if (upload.isRefused()) {
                connection.link().sendFailed(sendSequence, ErrorCode.DISK_FULL, diskFullText());
                return;
            }
            if (headBytes > maxMessageBytes - bodyBytes) {
                String text = tooLargeText((long) headBytes + bodyBytes);
                connection.link().sendFailed(sendSequence, ErrorCode.MESSAGE_TOO_LARGE, text);
                return;
            }
            ByteBuffer message = upload.message(buffer, at, headBytes);
            int size = message.limit();
            if (transactionId != 0) {
                stage(connection, sendSequence, transactionId, handle, message, 0, size);
            } else {
                send(connection, sendSequence, handle, message, 0, size);
            }
        } finally {
            connection.upload(null);
        }
    }

    /** Stages one message of a transaction. */
    void stage(
            ClientConnection connection,
            long sendSequence,
            long transactionId,
            int handle,
            ByteBuffer buffer,
            int at,
            int size) {
        Destination destination = admit(connection, sendSequence, handle, buffer, at, size);
        if (destination == null) return;
        if (!log.acceptsMessages()) {
            connection.link().sendFailed(sendSequence, ErrorCode.DISK_FULL, diskFullText());
            return;
        }
        OpenTransaction transaction =
                connection.transactions().computeIfAbsent(transactionId, id -> OpenTransaction.local());
        if (transaction.givenUpBecause() != null) {
            connection.link().sendFailed(sendSequence, ErrorCode.DISK_FULL, transaction.givenUpBecause());
            return;
        }
        transaction.touchedNanos = clock.nanoTime();
        transaction.begun(clock.nanoTime());
        idleHolders.watch();
        long bytes = MessageLayout.isLarge(buffer, at) ? size + LargeBody.bodyBytes(buffer, at) : size;
        transaction.bytes += bytes;
        transaction.messages++;
        String over = overLimit(transaction.bytes, transaction.messages);
        if (over != null) {
            connection.link().sendFailed(sendSequence, ErrorCode.MESSAGE_TOO_LARGE, over);
            return;
        }
        over = shares.over(connection, 1, bytes);
        if (over != null) {
            if (!transaction.isStarted()) connection.transactions().remove(transactionId); // nothing of it is kept
            connection.link().sendFailed(sendSequence, ErrorCode.LIMIT_REACHED, over);
            return;
        }
        long logId = transaction.logId(numbers);
        shares.staged(connection, logId, 1, bytes);
        storeStaged(connection, logId, handle, buffer, at, size);
        connection.link().receipt(sendSequence);
        scheduleCycle();
    }

    /** Stores a message that becomes visible with a commit, or at its delivery time after that. */
    private void storeForBranch(
            ClientConnection connection, long logId, int handle, ByteBuffer buffer, int at, int size) {
        storeStaged(connection, logId, handle, buffer, at, size);
        idleHolders.watch();
    }

    private void storeStaged(ClientConnection connection, long logId, int handle, ByteBuffer buffer, int at, int size) {
        boolean isVolatile = !MessageLayout.isPersistent(buffer, at);
        String publisher = publisherLater(connection, state.destination(handle));
        journal.append(stored.set(
                handle,
                logId,
                placeInTransaction(buffer, at),
                isVolatile,
                publisher,
                storedMessage.set(buffer, at, size)));
    }

    /** Who asks may come before the message becomes visible: with the commit, or at its delivery time. */
    private static String publisherLater(ClientConnection connection, Destination destination) {
        return destination != null && destination.isTopic() ? connection.publisher() : null;
    }

    private Destination admit(
            ClientConnection connection, long sendSequence, int handle, ByteBuffer buffer, int at, int size) {
        Destination destination = destination(connection, handle);
        if (destination == null) {
            String text = exists(handle) ? NOT_OPENED_TEXT : GONE_TEXT;
            connection.link().sendFailed(sendSequence, ErrorCode.INVALID_DESTINATION, text);
            return null;
        }
        if (size > maxWholeMessageBytes) {
            connection.link().sendFailed(sendSequence, ErrorCode.MESSAGE_TOO_LARGE, tooLargeText(size));
            return null;
        }
        return destination;
    }

    /** Whether a message's delivery time has not come yet. */
    private boolean isDelayed(ByteBuffer buffer, int at) {
        long deliveryTime = MessageLayout.deliveryTimeMillis(buffer, at);
        return deliveryTime > 0 && deliveryTime > clock.currentTimeMillis();
    }

    private long placeInTransaction(ByteBuffer buffer, int at) {
        return isDelayed(buffer, at) ? MessageEntry.DELAYED : MessageEntry.IN_TRANSACTION;
    }

    private void reserveDelivery(Destination destination, int priority) {
        var all = destination.subscriptions();
        for (int i = 0; i < all.size(); i++) {
            if (all.get(i).listener() instanceof Feed feed) feed.reserveAppended(priority);
        }
    }

    // ---- settling

    Settling newSettling() {
        return new Settling(dispatcher);
    }

    /** Acknowledges what was collected; with a requestId an answer follows when that is as durable as a send. */
    void acknowledge(ClientConnection connection, int requestId, Settling settling) {
        settling.write();
        if (requestId != 0) {
            cycle.replyWhenCommitted(connection.link(), requestId);
        }
        forgetEmptyHanded(connection);
        scheduleCycle();
    }

    /** Returns how many of them it had held. */
    int giveBack(Consumer consumer, long fromSequence, int count, boolean seen) {
        return redeliveries.giveBack(consumer, fromSequence, count, seen);
    }

    /** The end of a RETURN request. */
    void givenBack(ClientConnection connection, int requestId) {
        if (requestId != 0) connection.link().reply(requestId, ErrorCode.OK, "", 0, "");
        forgetEmptyHanded(connection);
        scheduleCycle();
    }

    /** Closed consumers that hold nothing any more. */
    void forgetEmptyHanded(ClientConnection connection) {
        connection.consumers().values().removeIf(consumer -> consumer.isClosed() && consumer.isEmptyHanded());
    }

    // ---- transactions

    /**
     * Commits, all or nothing. The messages' layouts, sizes and destinations were checked.
     *
     * @param namedBy the producer that may ask for the outcome, null for none
     */
    void commit(
            ClientConnection connection,
            int requestId,
            long transactionId,
            Long namedBy,
            Settling settling,
            TransactionMessages messages) {
        if (namedBy != null && !state.producers().mayCommit(namedBy, transactionId)) {
            rollback(connection, transactionId);
            connection
                    .link()
                    .reply(
                            requestId,
                            ErrorCode.TRANSACTION_UNKNOWN,
                            "the transaction was decided before: its client has asked for its outcome",
                            0,
                            "");
            return;
        }
        OpenTransaction staged = connection.transactions().get(transactionId);
        if (staged != null && staged.isBranch()) {
            refuseBranch(connection, requestId);
            return;
        }
        if (staged != null && staged.givenUpBecause() != null) {
            rollback(connection, transactionId);
            connection.link().reply(requestId, ErrorCode.DISK_FULL, staged.givenUpBecause(), 0, "");
            return;
        }
        long bytes = (staged == null ? 0 : staged.bytes) + messages.bytes();
        int count = (staged == null ? 0 : staged.messages) + messages.count();
        String over = overLimit(bytes, count);
        if (over != null) {
            rollback(connection, transactionId);
            connection.link().reply(requestId, ErrorCode.MESSAGE_TOO_LARGE, over, 0, "");
            return;
        }
        if (messages.count() > 0 && !log.acceptsMessages()) {
            rollback(connection, transactionId);
            connection.link().reply(requestId, ErrorCode.DISK_FULL, diskFullText(), 0, "");
            return;
        }
        long logId = (staged == null ? OpenTransaction.local() : staged).logId(numbers);
        if (!fitsOneEntry(logId, count, settling, messages)) {
            rollback(connection, transactionId);
            String text = "the transaction is rolled back: " + Branches.TOO_LARGE_TEXT;
            connection.link().reply(requestId, ErrorCode.MESSAGE_TOO_LARGE, text, 0, "");
            return;
        }
        connection.transactions().remove(transactionId);
        try {
            if (namedBy != null) journal.append(new TransactionNamed(logId, namedBy, transactionId));
            messages.forEach((handle, buffer, at, size) -> storeStaged(connection, logId, handle, buffer, at, size));
            settling.commit(logId);
        } catch (StoreException e) {
            // without a commit entry the staged messages mean nothing
            if (e.error().isPassing()) owed.add(() -> journal.append(new TransactionRolledBack(logId)));
            throw e;
        }
        messages.forEach((handle, buffer, at, size) -> {
            Destination destination = state.destination(handle);
            if (destination != null && MessageLayout.deliveryTimeMillis(buffer, at) == 0) {
                reserveDelivery(destination, MessageLayout.priority(buffer, at));
            }
        });
        delayedDelivery.start();
        if (messages.count() > 0 || staged != null) cycle.replyToSenderWhenCommitted(connection.link(), requestId);
        else cycle.replyWhenCommitted(connection.link(), requestId);
        forgetEmptyHanded(connection);
        scheduleCycle();
    }

    /** Whether the entry of a commit can hold what the transaction did. */
    private boolean fitsOneEntry(long logId, int count, Settling settling, TransactionMessages messages) {
        if (journal.fitsOneEntry(count, settling.logged())) return true;
        Set<Long> inFrame = new HashSet<>();
        messages.forEach(
                (handle, buffer, at, size) -> inFrame.add((long) handle << 4 | MessageLayout.priority(buffer, at)));
        return journal.fitsOneEntry(inFrame.size() + state.openTransactions().destinationsOf(logId), settling.logged());
    }

    /** Tells what became of a transaction. One that is not committed never will be. */
    void outcome(ClientConnection connection, TransactionOutcome asked) {
        Memory memory =
                state.producers().remembersTransaction(asked.producerId(), asked.transactionId(), asked.sentSince());
        if (memory == Memory.NOT_STORED)
            journal.append(new TransactionsFenced(asked.producerId(), asked.transactionId()));
        int answer = switch (memory) {
            case STORED -> TransactionOutcome.COMMITTED;
            case NOT_STORED -> TransactionOutcome.NOT_COMMITTED;
            case FORGOTTEN -> TransactionOutcome.FORGOTTEN;
        };
        cycle.replyWhenCommitted(connection.link(), asked.requestId(), answer);
        scheduleCycle();
    }

    /** Forgets staged messages. */
    void rollback(ClientConnection connection, long transactionId) {
        OpenTransaction transaction = connection.transactions().get(transactionId);
        if (transaction == null || transaction.isBranch()) return; // a branch is ended by its own requests
        connection.transactions().remove(transactionId);
        if (transaction.givenUpBecause() != null) return;
        forgetStaged(transaction);
        scheduleCycle();
    }

    private void forgetStaged(OpenTransaction transaction) {
        long logId = transaction.logId(numbers);
        owed.add(() -> journal.append(new TransactionRolledBack(logId)));
    }

    private static void refuseBranch(ClientConnection connection, int requestId) {
        connection
                .link()
                .reply(
                        requestId,
                        ErrorCode.ILLEGAL_STATE,
                        "this belongs to a branch of a distributed transaction, which its transaction manager ends",
                        0,
                        "");
    }

    private String overLimit(long bytes, int messages) {
        return overLimit(settings.limits(), bytes, messages);
    }

    /** Null when a transaction may have so much; otherwise what is wrong. */
    static String overLimit(BrokerSettings.Limits limits, long bytes, int messages) {
        if (bytes > limits.maxTransactionBytes()) {
            return "the transaction's messages have " + bytes + " bytes, limits.maxTransaction is "
                    + limits.maxTransactionBytes() + "; commit earlier";
        }
        if (messages > limits.maxTransactionMessages()) {
            return "the transaction has " + messages + " messages, limits.maxTransactionMessages is "
                    + limits.maxTransactionMessages() + "; commit earlier";
        }
        return null;
    }

    // ---- consumers

    /** Looks at a queue for somebody who is no client. */
    Browser newBrowser(ClientLink link, Subscription queue) {
        return new Browser(0, link, null, queue, dispatcher);
    }

    Browser newBrowser(ClientConnection connection, int id, Selector selector, Subscription queue) {
        return new Browser(id, connection.link(), selector, queue, dispatcher);
    }

    /** Those of all consumers and subscriptions. */
    Selectors selectors() {
        return dispatcher.selectors();
    }

    SelectorTexts selectorTexts() {
        return selectorTexts;
    }

    Feed feed(Subscription subscription) {
        return dispatcher.feed(subscription);
    }

    /**
     * Closes a consumer; messages behind {@code lastSeen} go back unseen, earlier ones stay until they are settled. The
     * answer also confirms what the consumer has acknowledged.
     */
    void closeConsumer(ClientConnection connection, int requestId, Consumer consumer, long lastSeen) {
        Feed feed = consumer.feed();
        feed.detach(consumer);
        Subscription subscription = feed.subscription();
        if (subscription.endsWithItsConsumers() && !feed.hasConsumers()) {
            subscriptions.end(subscription);
            connection.consumers().remove(consumer.id());
            connection.link().reply(requestId, ErrorCode.OK, "", 0, "");
        } else {
            redeliveries.giveBack(consumer, lastSeen + 1, Integer.MAX_VALUE, false);
            if (consumer.isEmptyHanded()) connection.consumers().remove(consumer.id());
            cycle.replyWhenCommitted(connection.link(), requestId);
        }
        scheduleCycle();
    }

    /** Answers a request with OK when what it changed is as durable as a send. */
    void replyWhenCommitted(ClientConnection connection, int requestId) {
        cycle.replyWhenCommitted(connection.link(), requestId);
        cycle.schedule();
    }

    /**
     * Delivers what a consumer can have now, and then answers. What idle consumers hold unseen is asked for, and not
     * waited for; what waits for a reservation is.
     */
    void drain(ClientConnection connection, Consumer consumer, Runnable answer) {
        if (!consumer.isClosed()) {
            Feed feed = consumer.feed();
            if (feed.lookFor(consumer) && consumer.canTake()) {
                cycle.later(() -> drain(connection, consumer, answer));
                return;
            }
            if (consumer.canTake() && dispatcher.isReserving(feed)) {
                cycle.whenCommitted(connection.link(), () -> drain(connection, consumer, answer));
                cycle.schedule();
                return;
            }
        }
        answer.run();
    }

    /** For looking only. */
    public ShardState state() {
        return state;
    }

    Destinations destinations() {
        return destinations;
    }

    /** The destination that a connection has opened with a handle; null when it has not, or there is none any more. */
    Destination destination(ClientConnection connection, int handle) {
        Destination opened = connection.opened(handle);
        return opened != null && state.destination(handle) == opened ? opened : null;
    }

    boolean exists(int handle) {
        return state.destination(handle) != null;
    }

    /** Those that are open. */
    Collection<ClientConnection> connections() {
        return connections.values();
    }

    /** The end of a permanent destination; that it may be deleted was checked. */
    void deleteDestination(Destination destination) {
        for (Subscription subscription : destination.subscriptions()) {
            if (subscription.listener() instanceof Feed feed) dispatcher.forget(feed);
        }
        destinations.delete(destination);
        scheduleCycle();
    }

    /**
     * Checks that no other client may be about to use a destination.
     *
     * @throws ProtocolException DESTINATION_IN_USE
     */
    void checkNotOpenElsewhere(ClientConnection here, Destination destination) {
        for (ClientConnection other : connections.values()) {
            if (other != here && other.opened(destination.id()) == destination) {
                throw new ProtocolException(
                        ErrorCode.DESTINATION_IN_USE,
                        destination + " cannot be deleted: " + other + " uses it as well");
            }
        }
    }

    TopicSubscriptions subscriptions() {
        return subscriptions;
    }

    /** What open transactions have staged. */
    StagedShares shares() {
        return shares;
    }

    /** Branches of distributed transactions. */
    Branches branches() {
        return branches;
    }

    BrokerSettings settings() {
        return settings;
    }

    /** Counts who needs how much of the log, in steps, and hands it over on the shard's loop. On the loop. */
    public void countSpace(java.util.function.Consumer<org.larchmq.broker.state.SpaceUsage> then) {
        space.count(then, this::fail);
    }

    SpaceReport spaceReport() {
        return space;
    }

    /** What is bounded in the shard, and how much of it is used. On the loop. */
    public List<Budget> budgets() {
        return Budgets.of(this, dispatcher);
    }

    /** For looking only. */
    public CommitLog log() {
        return log;
    }

    // ---- the cycle

    /** A link has something to flush. */
    public void touched(ClientLink link) {
        cycle.touched(link);
    }

    /** A link can be written to again. */
    public void writable(ClientConnection connection) {
        connection.link().resume();
        for (Consumer consumer : connection.consumers().values()) {
            if (!consumer.isClosed()) consumer.feed().consumerReady();
        }
        cycle.schedule();
    }

    /** Has a cycle end after what the loop has at hand: with a commit, and a hand-out. */
    void scheduleCycle() {
        cycle.schedule();
    }

    private long monotonicMillis() {
        return java.util.concurrent.TimeUnit.NANOSECONDS.toMillis(clock.nanoTime());
    }

    private void startRedeliveryTimer() {
        if (cycle.isDown()) return;
        long due = dispatcher.releaseDelayed();
        if (due == Long.MAX_VALUE || due >= redeliveryTimerAtMillis) return;
        redeliveryTimerAtMillis = due;
        loop.executeLater(
                () -> {
                    redeliveryTimerAtMillis = Long.MAX_VALUE;
                    if (cycle.isDown()) return;
                    startRedeliveryTimer();
                    cycle.schedule();
                },
                Math.max(1, due - monotonicMillis()));
    }

    // ---- end

    /**
     * Orderly stop, after all connections are gone: what is in memory and must outlive a clean stop goes to the log, then
     * everything is flushed and checkpointed.
     *
     * @return whether everything was kept
     */
    boolean stop() {
        if (cycle.isDown() || cycle.isFlushing()) {
            LOG.error(
                    "The stop is not in order, and the next start recovers: {}",
                    cycle.isDown() ? "the shard has failed before" : "a flush of the log has not come to its end");
            return false;
        }
        boolean nothingOwed = owed.finish();
        boolean kept = cleanStop.run(nothingOwed);
        log.write();
        log.force();
        checkpointer.last();
        cycle.down();
        stopped = true;
        return kept;
    }

    /** For the log: how far {@link #stop} has got. Any thread. */
    public String stopProgress() {
        return cleanStop.progress();
    }

    /** First step of an orderly stop: no more batches begin. False when the shard has failed already. */
    public boolean quiesce() {
        return cycle.quiesce();
    }

    /** Whether the shard takes nothing any more: it has failed or was stopped. */
    public boolean isDown() {
        return cycle.isDown();
    }

    /** Whether it was stopped in order. */
    public boolean isStopped() {
        return stopped;
    }

    /** Gives up: what the store holds, or the state, is in doubt. The failure listener is told once. */
    public void fail(RuntimeException cause) {
        cycle.fail(cause);
    }

    private String diskFullText() {
        return DISK_FULL_TEXT;
    }

    /** Largest encoded message that is taken, whole or in parts. */
    public int maxMessageBytes() {
        return maxMessageBytes;
    }

    /** Largest encoded message that is taken whole: what fits in one entry of a log with segments of this size. */
    int maxWholeMessageBytes() {
        return maxWholeMessageBytes;
    }

    /** Reads what large messages have in place of a body. */
    public LargeBodies largeBodies() {
        return largeBodies;
    }

    String tooLargeText(long size) {
        return "the message has " + size + " encoded bytes, at most " + maxMessageBytes
                + " are taken (limits.maxMessage), " + maxWholeMessageBytes
                + " of them outside of a body that is sent in parts; split it or raise the limit";
    }
}
