package org.larchmq.broker.delivery;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.state.Cursor;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.Earnings;
import org.larchmq.broker.state.Level;
import org.larchmq.broker.state.MemoryQueue;
import org.larchmq.broker.state.Subscription;
import org.larchmq.message.MessageLayout;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;
import org.larchmq.wire.DeliverFrame;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands a subscription's messages to its consumers: higher priorities first, in order within a priority, in turn among
 * consumers that have credit. A consumer without a selector takes the next message; one with a selector looks for its
 * messages and remembers how far it has looked. Shard thread only.
 */
public final class Feed implements Subscription.Listener {
    private static final Logger LOG = LoggerFactory.getLogger(Feed.class);
    private static final int MAX_CHUNK = 64;
    private static final int WAITS_FOR_COMMIT = -2;
    /** Messages that may be passed over in one turn because they are expired, gone or unwanted. */
    private static final int MAX_PASSES = 2048;
    /** Messages that are passed over before the time is looked at. */
    private static final int PASSES_AT_ONCE = 16;
    /** Bytes that are handed out before the time is looked at. */
    private static final int BYTES_AT_ONCE = 64 << 10;

    private final Subscription subscription;
    private final Dispatcher dispatcher;
    private final StoredMessage message;
    private final TopicFilter filter;
    private final List<Consumer> consumers = new ArrayList<>(1);
    private final List<Consumer> leaving = new ArrayList<>(0);
    private final Recalls recalls;
    private final SelectiveScan scan;
    private Settling unwanted;
    private int passesLeft;
    private int turn;
    private int levelsWithWork = (1 << Destination.PRIORITIES) - 1;
    private boolean inReadyList;
    private final RecentReturns[] returnsLogged = new RecentReturns[Destination.PRIORITIES];
    private final RecentReturns[] returnsInMemory = new RecentReturns[Destination.PRIORITIES];
    private int selective;
    private boolean passesAreUsedUp;
    private boolean handedOut;
    private int returnsOwed;
    /** By priority: messages in memory below were kept without asking whether they are wanted. */
    private final long[] notAskedBelow = new long[Destination.PRIORITIES];

    Feed(Subscription subscription, Dispatcher dispatcher) {
        this.subscription = subscription;
        this.dispatcher = dispatcher;
        this.message = dispatcher.message();
        this.recalls = new Recalls(consumers, dispatcher::monotonicMillis);
        this.scan = new SelectiveScan(this, consumers, message);
        this.filter = subscription.destination().isTopic()
                ? TopicFilter.of(subscription.terms(), dispatcher.selectors())
                : null;
    }

    public Subscription subscription() {
        return subscription;
    }

    Earnings.Account earned() {
        return subscription.destination().earned();
    }

    /** Lets a consumer take part. */
    public void attach(Consumer consumer) {
        consumer.feed(this);
        consumers.add(consumer);
        if (consumer.isSelective()) selective++;
        levelsWithWork = (1 << Destination.PRIORITIES) - 1;
        dispatcher.ready(this);
    }

    /** A consumer gets no more messages; what it holds stays its own. */
    public void detach(Consumer consumer) {
        consumer.close();
        recalls.forget(consumer);
        int index = consumers.indexOf(consumer);
        if (index >= 0) consumers.remove(index);
        if (index >= 0 && consumer.isSelective()) selective--;
        if (index >= 0 && index < turn) turn--;
        leaving.removeIf(Consumer::isEmptyHanded);
        if (!consumer.isEmptyHanded()) leaving.add(consumer);
        if (consumers.isEmpty() && subscription.endsWithItsConsumers()) dispatcher.forget(this);
    }

    /**
     * Messages that a lost consumer holds are about to come back, now or when the log has room: until {@link #returnsDone}
     * nothing is handed out, since what is newer would overtake them (6.2.9).
     */
    public void returnsOwed() {
        returnsOwed++;
    }

    /** Messages that were owed have come back. */
    public void returnsDone() {
        returnsOwed--;
        everythingAvailable();
    }

    /** Number of open consumers. */
    public int consumers() {
        return consumers.size();
    }

    /** Whether it has an open consumer. */
    public boolean hasConsumers() {
        return !consumers.isEmpty();
    }

    /** Whether somebody holds messages of it: an open consumer, or a closed one whose session has not settled them. */
    public boolean isInUse() {
        leaving.removeIf(Consumer::isEmptyHanded);
        return hasConsumers() || !leaving.isEmpty();
    }

    /** A consumer has new credit, or its connection can be written to again. */
    public void consumerReady() {
        dispatcher.ready(this);
    }

    /** An application waits for a message of this consumer and has none. */
    public void ask(Consumer consumer) {
        if (consumer.isClosed()) return;
        consumer.setWaiting();
        recalls.wanted();
        dispatcher.ready(this);
    }

    /**
     * An application asks whether this consumer has a message, and does not wait for one.
     *
     * @return whether there is more to look at, in another turn
     */
    public boolean lookFor(Consumer consumer) {
        consumer.setWantsRecall();
        recalls.wanted();
        return dispatcher.runOnce(this);
    }

    /** The answer to a recall; the messages were given back already. */
    public void recallAnswered(Consumer consumer, boolean hadSome) {
        recalls.answered(consumer, hadSome);
        dispatcher.ready(this);
    }

    /** Looks at everything again. */
    void everythingAvailable() {
        levelsWithWork = (1 << Destination.PRIORITIES) - 1;
        dispatcher.ready(this);
    }

    @Override
    public void workAvailable(int priority) {
        levelsWithWork |= 1 << priority;
        if (!consumers.isEmpty()) dispatcher.ready(this);
    }

    @Override
    public boolean wants(ByteBuffer buffer, int at, String publisher) {
        if (filter == null) return true;
        if (!dispatcher.isWorkUsedUp()) return filter.wants(buffer, at, 1, publisher);
        int priority = MessageLayout.priority(buffer, at);
        Level level = subscription.destination().level(priority);
        notAskedBelow[priority] = level == null ? 1 : level.inMemory().endOffset() + 1;
        return true; // it is asked when it would be delivered
    }

    /**
     * Reserves the delivery of a message that was just appended, in the same batch, if it is about to be delivered.
     */
    public void reserveAppended(int priority) {
        if (consumers.size() == selective || !subscription.isDurable()) return; // those who pick reserve what they get
        Cursor cursor = subscription.logged(priority);
        long appended = subscription.destination().level(priority).logged().endOffset() - 1;
        if (appended < cursor.reservedUpTo() || appended - cursor.next() > 1024) return;
        reserve(cursor, priority, appended);
    }

    private void reserve(Cursor cursor, int priority, long queueOffset) {
        long upTo = queueOffset + cursor.nextReserveAhead(dispatcher.monotonicMillis());
        dispatcher.reserve(this, cursor, priority, upTo);
    }

    // ---- dispatch

    /** Hands out up to about {@code most} messages; true when there may be more to hand out right away. */
    boolean dispatch(int most) {
        if (returnsOwed > 0) return false;
        int left = most;
        passesAreUsedUp = false;
        passesLeft = MAX_PASSES;
        handedOut = false;
        scan.begin();
        if (recalls.isWanted()) left -= serveWaiting();
        boolean progress = true;
        while (left > 0 && progress) {
            progress = false;
            int chunk = chunk();
            int first = turn;
            for (int i = 0; i < consumers.size() && left > 0; i++) {
                int index = (first + i) % consumers.size();
                int delivered = deliver(consumers.get(index), chunk);
                if (delivered == 0) continue;
                turn = index + 1; // who got nothing has not had a turn
                progress = true;
                left -= delivered;
            }
        }
        settleUnwanted();
        boolean unfinished = passesAreUsedUp || scan.isUnfinished();
        if (recalls.isWanted() && !unfinished) recalls.next();
        return left <= 0 || unfinished;
    }

    boolean isWorkUsedUp() {
        return dispatcher.isWorkUsedUp();
    }

    boolean isTurnOver() {
        return dispatcher.isTurnOver();
    }

    private int deliver(Consumer consumer, int most) {
        if (!consumer.canTake()) return 0;
        if (dispatcher.isWorkUsedUp() || handedOut && dispatcher.isTurnOver()) {
            passesAreUsedUp = true;
            return 0;
        }
        handedOut = true;
        return consumer.isSelective() ? scan.deliver(consumer, most) : deliverInTurn(consumer, most);
    }

    /** Whose application waits comes first; one message each. */
    private int serveWaiting() {
        int delivered = 0;
        for (int i = 0; i < consumers.size(); i++) {
            if (consumers.get(i).isWaiting()) delivered += deliver(consumers.get(i), 1);
        }
        return delivered;
    }

    private void settleUnwanted() {
        if (unwanted == null) return;
        try {
            unwanted.write();
            unwanted = null;
        } catch (StoreException e) {
            dispatcher.waitForRoom(this, e); // nothing has changed: they are settled with the next ones
        }
    }

    /** One by one while few messages wait, so that every consumer finds one; in runs when there are plenty. */
    private int chunk() {
        if (consumers.size() <= 1) return MAX_CHUNK;
        long waiting = 0;
        for (int levels = levelsWithWork; levels != 0; levels &= levels - 1) {
            int priority = Integer.numberOfTrailingZeros(levels);
            Level level = subscription.destination().level(priority);
            if (level == null) continue;
            waiting += level.visibleEnd() - subscription.logged(priority).next();
            waiting += level.inMemory().endOffset()
                    - subscription.inMemory(priority).next();
        }
        return (int) Math.max(1, Math.min(MAX_CHUNK, waiting / (2L * consumers.size())));
    }

    private int deliverInTurn(Consumer consumer, int most) {
        int delivered = 0;
        int bytes = 0;
        while (delivered < most && bytes < BYTES_AT_ONCE && consumer.canTake()) {
            if (levelsWithWork == 0) return delivered;
            int priority = 31 - Integer.numberOfLeadingZeros(levelsWithWork);
            int result = deliverNext(consumer, priority);
            if (result == WAITS_FOR_COMMIT) return delivered; // lower priorities do not overtake it (3.4.10)
            if (result < 0) levelsWithWork &= ~(1 << priority);
            else if (result == 0 && endsAfterPass()) {
                passesAreUsedUp = true;
                return delivered;
            } else if (result > 0) {
                delivered += result;
                bytes += message.size();
            }
        }
        return delivered;
    }

    private boolean endsAfterPass() {
        passesLeft--;
        return passesLeft <= 0
                || dispatcher.isWorkUsedUp()
                || passesLeft % PASSES_AT_ONCE == 0 && dispatcher.isTurnOver();
    }

    /** 1 delivered, 0 one settled or left without delivery, -1 nothing there, or WAITS_FOR_COMMIT. */
    private int deliverNext(Consumer consumer, int priority) {
        Level level = subscription.destination().level(priority);
        if (level == null) return -1;
        Cursor inMemory = subscription.inMemory(priority);
        Cursor logged = subscription.logged(priority);
        long memoryEnd = level.inMemory().endOffset();
        if (inMemory.mayHaveWork(memoryEnd)) {
            long offset = inMemory.takeNext(memoryEnd);
            if (offset >= 0) {
                MemoryQueue.Message stored = level.inMemory().get(offset);
                boolean isNext = stored == null || !isBehindLog(level, logged, stored);
                boolean waits = isNext && stored != null && level.isBehindUncommitted(stored);
                if (isNext && !waits) return deliverOne(consumer, level, inMemory, offset, true);
                inMemory.putBack(offset);
                if (waits) return WAITS_FOR_COMMIT;
            }
        }
        long offset = logged.takeNext(level.visibleEnd());
        if (offset < 0) return -1;
        if (!mayDeliver(logged, priority, offset)) {
            logged.putBack(offset);
            return WAITS_FOR_COMMIT;
        }
        return deliverOne(consumer, level, logged, offset, false);
    }

    /** Whether the log has an older message for this subscription than the one in memory. */
    private static boolean isBehindLog(Level level, Cursor logged, MemoryQueue.Message stored) {
        if (!logged.mayHaveWork(level.visibleEnd())) return false;
        long offset = logged.takeNext(level.visibleEnd());
        if (offset < 0) return false;
        logged.putBack(offset);
        return offset < stored.loggedBefore();
    }

    /** The promise of JMSRedelivered: the log must say first that this message may have been delivered. */
    private boolean mayDeliver(Cursor cursor, int priority, long queueOffset) {
        if (!subscription.isDurable()) return true;
        boolean runsOut = queueOffset + cursor.reserveAhead() / 2 >= cursor.reservedUpTo();
        if (runsOut && (queueOffset >= cursor.reservedUpTo() || cursor.reserveAhead() > 64)) {
            reserve(cursor, priority, queueOffset);
        }
        return queueOffset < cursor.deliverableBelow();
    }

    /** The same for a message that is picked. */
    boolean mayPick(Cursor cursor, long queueOffset) {
        return !subscription.isDurable() || cursor.mayBeDelivered(queueOffset);
    }

    /** Reserves what is about to be picked, and nothing else. */
    void reserveSingly(Cursor cursor, int priority, OffsetRanges singles) {
        dispatcher.reserveSingly(this, cursor, priority, singles);
    }

    private int deliverOne(Consumer consumer, Level level, Cursor cursor, long offset, boolean inMemory) {
        if (!loadUsable(level, offset, inMemory)) return 0;
        int count = cursor.deliveryCount(offset);
        boolean ask = filter != null && (!inMemory || offset < notAskedBelow[level.priority()]);
        if (!inMemory && isOlder() || ask && !isWanted(count)) {
            settle(level.priority(), offset, inMemory);
            return 0;
        }
        handOver(consumer, level.priority(), offset, inMemory, count);
        return 1;
    }

    /** A message with a delivery delay is for the subscriptions that there were when it was sent (7.9). */
    private boolean isOlder() {
        return message.physicalOffset() < subscription.beganAt()
                && MessageLayout.deliveryTimeMillis(message.buffer(), message.at()) != 0;
    }

    /** Most messages in memory were asked about before they were kept. */
    private boolean isWanted(int deliveryCount) {
        String publisher = filter.asksForPublisher() ? message.publisher() : null;
        return filter.wants(message.buffer(), message.at(), deliveryCount, publisher);
    }

    /** Loads a message; false when it is gone, expired (then settled) or damaged (then left alone). */
    boolean loadUsable(Level level, long offset, boolean inMemory) {
        if (!message.loadRow(level, offset, inMemory)) {
            settle(level.priority(), offset, inMemory);
            return false;
        }
        try {
            message.load(level, offset, inMemory);
        } catch (StoreException e) {
            if (e.error() != StoreError.DAMAGED_ENTRY) throw e;
            LOG.error(
                    "A stored message of {} is damaged and is not delivered (priority {}, queueOffset {}): {}",
                    level.destination(),
                    level.priority(),
                    offset,
                    e.getMessage());
            return false;
        }
        if (Expiry.isOver(message.buffer(), message.at(), dispatcher.nowMillis())) {
            settle(level.priority(), offset, inMemory);
            return false;
        }
        return true;
    }

    void settle(int priority, long offset, boolean inMemory) {
        if (inMemory) {
            dispatcher.state().settleInMemory(subscription, priority, offset);
        } else if (!subscription.isDurable()) {
            dispatcher.state().settleSoft(subscription, priority, offset);
        } else {
            if (unwanted == null) unwanted = new Settling(dispatcher);
            unwanted.settle(subscription, priority, offset, false); // written together, at the end of the turn
        }
    }

    void handOver(Consumer consumer, int priority, long offset, boolean inMemory, int count) {
        int flags = count > 1 ? DeliverFrame.REDELIVERED : 0;
        ClientLink.Origin origin = dispatcher.originOf(subscription);
        if (origin != null) flags |= DeliverFrame.ORIGIN;
        HeldMessages held = consumer.held();
        int creditBytes = message.creditBytes();
        consumer.link()
                .deliver(
                        consumer.id(),
                        held.nextSequence(),
                        flags,
                        count,
                        message.buffer(),
                        message.at(),
                        message.size(),
                        origin);
        consumer.useCredit(creditBytes);
        consumer.served();
        if (consumer.isUntracked()) {
            held.skip();
            settle(priority, offset, inMemory);
        } else {
            held.add(offset, priority, inMemory);
        }
    }

    // ---- coming back

    void makeReady(int priority, long offset, boolean inMemory, long readyAtMillis) {
        Cursor cursor = inMemory ? subscription.inMemory(priority) : subscription.logged(priority);
        if (readyAtMillis == 0) {
            cursor.makeReady(offset);
            noteReturn(priority, offset, inMemory);
        } else {
            cursor.makeReadyLater(offset, readyAtMillis);
            dispatcher.delayed(this);
        }
        workAvailable(priority);
    }

    private void noteReturn(int priority, long offset, boolean inMemory) {
        if (selective == 0) return; // who comes later looks at everything
        RecentReturns[] all = inMemory ? returnsInMemory : returnsLogged;
        if (all[priority] == null) all[priority] = new RecentReturns();
        RecentReturns recent = all[priority];
        recent.add(offset, recent.isFull() ? seenByAll(priority, inMemory) : 0);
    }

    private long seenByAll(int priority, boolean inMemory) {
        long seen = Long.MAX_VALUE;
        for (int i = 0; i < consumers.size(); i++) {
            Consumer consumer = consumers.get(i);
            if (consumer.isSelective())
                seen = Math.min(seen, consumer.returns(priority, inMemory).done());
        }
        return seen;
    }

    /** What came back of a priority; null when nothing ever did. */
    RecentReturns recentReturns(int priority, boolean inMemory) {
        return (inMemory ? returnsInMemory : returnsLogged)[priority];
    }

    long releaseDelayed(long nowMillis) {
        long next = Long.MAX_VALUE;
        for (int p = 0; p < Destination.PRIORITIES; p++) {
            int priority = p;
            if (subscription.destination().level(priority) == null) continue;
            Cursor logged = subscription.logged(priority);
            Cursor inMemory = subscription.inMemory(priority);
            next = Math.min(next, logged.releaseDelayed(nowMillis, offset -> noteReturn(priority, offset, false)));
            next = Math.min(next, inMemory.releaseDelayed(nowMillis, offset -> noteReturn(priority, offset, true)));
            workAvailable(priority);
        }
        return next;
    }

    boolean joinReadyList() {
        if (inReadyList) return false;
        inReadyList = true;
        return true;
    }

    void leftReadyList() {
        inReadyList = false;
    }

    boolean isInReadyList() {
        return inReadyList;
    }
}
