package org.larchmq.broker.delivery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.larchmq.broker.journal.Journal;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.journal.SettlementEntry.DeliveryReserved;
import org.larchmq.broker.journal.SettlementEntry.Returned;
import org.larchmq.broker.selector.Selector;
import org.larchmq.broker.selector.Selectors;
import org.larchmq.broker.state.Cursor;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.Earnings;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.Subscription;
import org.larchmq.message.MessageParts;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.log.CommitLog;

/**
 * Keeps the list of feeds that may have something to hand out, and gives each its turn. Also keeps the promise behind
 * JMSRedelivered: nothing durable is delivered before the log says that it may have been. Shard thread only.
 */
public final class Dispatcher {
    /** Messages that one feed may hand out before the others get their turn. */
    private static final int TURN_MESSAGES = 4096;
    /** Work of selectors that is done in one piece: less than a millisecond. */
    public static final long MOST_WORK = 100_000;
    /** Time of each turn for all destinations that want more than they have earned, see {@link Earnings}. */
    public static final long SHARED_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
    /** What one of them gets before the next, and what is done before a request is answered. */
    private static final long SLICE_NANOS = TimeUnit.MICROSECONDS.toNanos(125);
    /** For less than this no turn is begun. */
    private static final long LEAST_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

    private final ShardState state;
    private final Journal journal;
    private final StoredMessage message;
    private final MessageParts parts = new MessageParts();
    private final LongSupplier clockMillis;
    private final DeadLetters deadLetters;
    private final Selectors selectors = new Selectors();
    /** What wants little, and what takes its turn with others that want much. */
    private final ArrayDeque<Feed> ready = new ArrayDeque<>();

    private final ArrayDeque<Feed> waiting = new ArrayDeque<>();
    private final Earnings earnings = new Earnings();
    private final LongSupplier nanoTime;
    private long turnUntilNanos;
    private boolean hasTurn;
    private final Set<Feed> withDelayed = new HashSet<>();
    private final Set<Feed> withoutRoom = new HashSet<>();
    private Runnable whenDelayed = () -> {};
    private boolean toldOfDelayed;
    private long workBegan;
    private List<Reservation> reserved = new ArrayList<>();
    private List<Reservation> sealed = new ArrayList<>();

    /** Of all below an offset, or of single messages. */
    private record Reservation(Feed feed, Cursor cursor, int priority, long upTo, OffsetRanges singles) {
        void committed() {
            if (singles == null) cursor.allowDeliveryBelow(upTo);
            else cursor.singlesCommitted(singles);
            feed.workAvailable(priority);
        }
    }

    /**
     * @param clockMillis     ms since 1970, for expiry
     * @param nanoTime        of a clock that nobody sets, for redelivery delays and turns
     */
    public Dispatcher(
            ShardState state,
            Journal journal,
            CommitLog log,
            LongSupplier clockMillis,
            LongSupplier nanoTime,
            DeadLetters deadLetters) {
        this.state = state;
        this.journal = journal;
        this.message = new StoredMessage(log);
        this.clockMillis = clockMillis;
        this.nanoTime = nanoTime;
        this.deadLetters = deadLetters;
    }

    /** The feed of a subscription, made when it is its first consumer. */
    public Feed feed(Subscription subscription) {
        if (subscription.listener() instanceof Feed feed) return feed;
        Feed feed = new Feed(subscription, this);
        subscription.listener(feed);
        return feed;
    }

    /** Hands out what can be handed out now. Returns whether there is more: then it wants to be called again soon. */
    public boolean run() {
        beginWork();
        long sharedUsed = 0;
        for (int turns = ready.size(); turns > 0 && !isWorkUsedUp(); turns--) {
            Feed feed = ready.poll();
            long now = nanoTime.getAsLong();
            long earned = earnings.of(feed.earned(), now);
            long shared = waiting.isEmpty() ? SHARED_NANOS - sharedUsed : 0;
            if (earned < LEAST_NANOS && shared <= 0) waiting.add(feed);
            else sharedUsed += serve(feed, now, earned + Math.max(0, shared));
        }
        for (int turns = waiting.size(); turns > 0 && sharedUsed < SHARED_NANOS && !isWorkUsedUp(); turns--) {
            Feed feed = waiting.poll();
            long nanos = waiting.isEmpty() ? Math.max(SLICE_NANOS, SHARED_NANOS - sharedUsed) : SLICE_NANOS;
            sharedUsed += serve(feed, nanoTime.getAsLong(), nanos);
        }
        earnings.turnEnds();
        beginWork();
        return !ready.isEmpty() || !waiting.isEmpty();
    }

    private long serve(Feed feed, long now, long nanos) {
        feed.leftReadyList();
        boolean more = dispatch(feed, now, nanos);
        long after = nanoTime.getAsLong();
        long unearned = earnings.spend(feed.earned(), Math.max(0, after - now), after);
        if (more && feed.joinReadyList()) (after - now >= nanos ? waiting : ready).add(feed);
        return unearned;
    }

    private boolean dispatch(Feed feed, long now, long nanos) {
        turnUntilNanos = now + nanos;
        hasTurn = true;
        try {
            return feed.dispatch(TURN_MESSAGES);
        } finally {
            hasTurn = false;
        }
    }

    /** Whether what is handed out now has taken its time: the rest waits for another turn. */
    boolean isTurnOver() {
        return hasTurn && nanoTime.getAsLong() - turnUntilNanos >= 0;
    }

    private void beginWork() {
        workBegan = Selector.workSoFar();
    }

    /** What selectors have cost since the last cycle, or in this one. */
    public long workOfThisTurn() {
        return Selector.workSoFar() - workBegan;
    }

    /**
     * Whether selectors have cost so much since the last cycle, or in this one, that everything else comes first. What is
     * not evaluated now is evaluated in a later cycle.
     */
    boolean isWorkUsedUp() {
        return workOfThisTurn() > MOST_WORK;
    }

    /** What a feed can hand out in one turn, before something is answered; true when there may be more. */
    boolean runOnce(Feed feed) {
        long now = nanoTime.getAsLong();
        boolean more = dispatch(feed, now, SLICE_NANOS);
        long after = nanoTime.getAsLong();
        earnings.spend(feed.earned(), Math.max(0, after - now), after);
        return more;
    }

    /** Begins something short that is done before a request is answered; {@link #isTurnOver} says when it has to end. */
    void beginSlice() {
        turnUntilNanos = nanoTime.getAsLong() + SLICE_NANOS;
        hasTurn = true;
    }

    void endSlice() {
        hasTurn = false;
    }

    void ready(Feed feed) {
        if (feed.joinReadyList()) ready.add(feed);
    }

    // ---- reservations

    /** Without room in the log nothing is reserved: the feed waits for it, see {@link #retryWithoutRoom}. */
    void reserve(Feed feed, Cursor cursor, int priority, long upTo) {
        try {
            journal.append(new DeliveryReserved(feed.subscription().id(), priority, upTo));
        } catch (StoreException e) {
            waitForRoom(feed, e);
            return;
        }
        reserved.add(new Reservation(feed, cursor, priority, upTo, null));
    }

    /** Reserves these alone: the log says of each that it may have been delivered. Without room as {@link #reserve}. */
    void reserveSingly(Feed feed, Cursor cursor, int priority, OffsetRanges singles) {
        try {
            Returned.appendTo(journal, feed.subscription().id(), priority, singles, false);
        } catch (StoreException e) {
            waitForRoom(feed, e);
            return;
        }
        cursor.reservedSingly(singles);
        reserved.add(new Reservation(feed, cursor, priority, 0, singles));
    }

    /** @throws StoreException the failure, unless it passes: a full disk, or no more files */
    void waitForRoom(Feed feed, StoreException failure) {
        if (!failure.error().isPassing()) throw failure;
        withoutRoom.add(feed);
    }

    /** Whether feeds wait for room in the log. */
    public boolean lacksRoom() {
        return !withoutRoom.isEmpty();
    }

    /** The feeds that waited for room in the log try again. */
    public void retryWithoutRoom() {
        List<Feed> waiting = List.copyOf(withoutRoom);
        withoutRoom.clear();
        for (Feed feed : waiting) feed.everythingAvailable();
    }

    /** Reservations so far belong to the batch that is being committed. */
    public void sealBatch() {
        List<Reservation> empty = sealed;
        sealed = reserved;
        reserved = empty;
    }

    /** Reservations of the sealed batch are committed. */
    public void batchCommitted() {
        for (int i = 0; i < sealed.size(); i++) sealed.get(i).committed();
        sealed.clear();
    }

    /** Whether deliveries of a feed may wait for a reservation to be committed. */
    public boolean isReserving(Feed feed) {
        return reserves(reserved, feed) || reserves(sealed, feed);
    }

    private static boolean reserves(List<Reservation> reservations, Feed feed) {
        for (int i = 0; i < reservations.size(); i++) if (reservations.get(i).feed == feed) return true;
        return false;
    }

    /** Destinations' subscriptions that wait for a turn. */
    public int waitingFeeds() {
        return waiting.size();
    }

    /** Whether deliveries wait for a reservation to be committed. */
    public boolean hasUncommittedReservations() {
        return !reserved.isEmpty();
    }

    // ---- redelivery delays

    /** @param listener told once when messages wait for their redelivery, until {@link #releaseDelayed} is called */
    public void onDelayed(Runnable listener) {
        whenDelayed = listener;
    }

    void delayed(Feed feed) {
        withDelayed.add(feed);
        if (toldOfDelayed) return;
        toldOfDelayed = true;
        whenDelayed.run();
    }

    /** Makes ready whose delay is over. Returns when the next is due, monotonic ms, {@link Long#MAX_VALUE} for never. */
    public long releaseDelayed() {
        long next = Long.MAX_VALUE;
        toldOfDelayed = false;
        if (withDelayed.isEmpty()) return next;
        long now = monotonicMillis();
        for (var feeds = withDelayed.iterator(); feeds.hasNext(); ) {
            long due = feeds.next().releaseDelayed(now);
            if (due == Long.MAX_VALUE) feeds.remove();
            next = Math.min(next, due);
        }
        return next;
    }

    /** The end of a subscription: it gets no more turns. */
    public void forget(Feed feed) {
        withDelayed.remove(feed);
        withoutRoom.remove(feed);
        if (feed.isInReadyList()) {
            ready.remove(feed);
            waiting.remove(feed);
            feed.leftReadyList();
        }
    }

    /** Those of all consumers and subscriptions. */
    public Selectors selectors() {
        return selectors;
    }

    ShardState state() {
        return state;
    }

    Journal journal() {
        return journal;
    }

    /** Where the loaded message was dead-lettered from; null when it was sent to where it is. */
    ClientLink.Origin originOf(Subscription subscription) {
        if (message.destinationId() == subscription.destination().id()) return null;
        Destination from = state.destination(message.destinationId());
        return from == null ? null : new ClientLink.Origin(from.kind(), from.name(), reason());
    }

    /** Clients give back what they cannot read; whether that was it can be seen in the message. */
    private String reason() {
        String damage = parts.damage(message.buffer(), message.at(), message.size());
        return damage == null ? "not consumed after the last attempt" : damage;
    }

    StoredMessage message() {
        return message;
    }

    /** Ms since 1970. */
    long nowMillis() {
        return clockMillis.getAsLong();
    }

    /** Of a clock that nobody sets. */
    long monotonicMillis() {
        return TimeUnit.NANOSECONDS.toMillis(nanoTime.getAsLong());
    }

    DeadLetters deadLetters() {
        return deadLetters;
    }
}
