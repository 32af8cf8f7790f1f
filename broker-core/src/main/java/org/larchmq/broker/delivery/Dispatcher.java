package org.larchmq.broker.delivery;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.LongSupplier;
import org.larchmq.broker.journal.EntryWriter;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.selector.Selector;
import org.larchmq.broker.state.Cursor;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.Subscription;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.log.CommitLog;
import org.larchmq.wire.MessageParts;

/**
 * Keeps the list of feeds that may have something to hand out, and gives each its turn. Also keeps the promise behind
 * JMSRedelivered: nothing durable is delivered before the log says that it may have been. Shard thread only.
 */
public final class Dispatcher {
    /** Messages that one feed may hand out before the others get their turn. */
    private static final int TURN_MESSAGES = 4096;
    /** Work of selectors that is done in one piece: some milliseconds. */
    public static final long MOST_WORK = 1_000_000;

    private final ShardState state;
    private final EntryWriter writer;
    private final StoredMessage message;
    private final MessageParts parts = new MessageParts();
    private final LongSupplier clockMillis;
    private final LongSupplier monotonicMillis;
    private final DeadLetters deadLetters;
    private final ArrayDeque<Feed> ready = new ArrayDeque<>();
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
     * @param monotonicMillis of a clock that nobody sets, for redelivery delays
     */
    public Dispatcher(
            ShardState state,
            EntryWriter writer,
            CommitLog log,
            LongSupplier clockMillis,
            LongSupplier monotonicMillis,
            DeadLetters deadLetters) {
        this.state = state;
        this.writer = writer;
        this.message = new StoredMessage(log);
        this.clockMillis = clockMillis;
        this.monotonicMillis = monotonicMillis;
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
        for (int turns = ready.size(); turns > 0 && !isWorkUsedUp(); turns--) {
            Feed feed = ready.poll();
            feed.leftReadyList();
            if (feed.dispatch(TURN_MESSAGES)) ready(feed);
        }
        beginWork();
        return !ready.isEmpty();
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
        return feed.dispatch(TURN_MESSAGES);
    }

    void ready(Feed feed) {
        if (feed.joinReadyList()) ready.add(feed);
    }

    // ---- reservations

    /** Without room in the log nothing is reserved: the feed waits for it, see {@link #retryWithoutRoom}. */
    void reserve(Feed feed, Cursor cursor, int priority, long upTo) {
        try {
            writer.deliveryReserved(feed.subscription().id(), priority, upTo);
        } catch (StoreException e) {
            waitForRoom(feed, e);
            return;
        }
        reserved.add(new Reservation(feed, cursor, priority, upTo, null));
    }

    /** Reserves these alone: the log says of each that it may have been delivered. Without room as {@link #reserve}. */
    void reserveSingly(Feed feed, Cursor cursor, int priority, OffsetRanges singles) {
        try {
            writer.returned(feed.subscription().id(), priority, singles, false);
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
        long now = monotonicMillis.getAsLong();
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
            feed.leftReadyList();
        }
    }

    ShardState state() {
        return state;
    }

    EntryWriter writer() {
        return writer;
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
        return monotonicMillis.getAsLong();
    }

    DeadLetters deadLetters() {
        return deadLetters;
    }
}
