package org.larchmq.broker.delivery;

import org.larchmq.broker.selector.Selector;
import org.larchmq.broker.state.Cursor;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.Level;
import org.larchmq.broker.state.Subscription;
import org.larchmq.message.ProtocolException;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;
import org.larchmq.wire.DeliverFrame;

/**
 * Looks through a queue in the order of delivery and takes nothing (specification 8.9): what was in the queue when it
 * began and is not settled when its turn comes, whoever holds it. Shard thread only.
 */
public final class Browser {
    /** Rows that one request may look at, so that a selector that finds little does not keep others waiting. */
    private static final int MAX_SCAN = 2048;

    /** Rows that are looked at before the time is. */
    private static final int ROWS_AT_ONCE = 16;

    private static final int MAX_MESSAGES = 4096;
    private static final int MAX_BYTES = 1 << 20;

    /**
     * How far a browser has come: everything of a higher priority, and of this one what is before these offsets.
     *
     * @param priority -1 at the end
     */
    public record Position(int priority, long nextLogged, long nextInMemory) {
        /** Before everything. */
        public static final Position BEGIN = new Position(Destination.PRIORITIES - 1, 0, 0);

        public Position {
            boolean isOne = priority >= -1 && priority < Destination.PRIORITIES && nextLogged >= 0 && nextInMemory >= 0;
            if (!isOne)
                throw new IllegalArgumentException(
                        "no position in a queue: " + priority + " " + nextLogged + " " + nextInMemory);
        }
    }

    private final int id;
    private final ClientLink link;
    private final Selector selector;
    private final Subscription queue;
    private final Dispatcher dispatcher;
    private final long[] nextLogged = new long[Destination.PRIORITIES];
    private final long[] endLogged = new long[Destination.PRIORITIES];
    private final long[] nextInMemory = new long[Destination.PRIORITIES];
    private final long[] endInMemory = new long[Destination.PRIORITIES];
    private boolean begun;
    private Position from = Position.BEGIN;
    private int priority = Destination.PRIORITIES - 1;
    private long sequence = 1;
    private int messagesLeft;
    private int bytesLeft;
    private int scansLeft;

    /** @param selector null for none */
    public Browser(int id, ClientLink link, Selector selector, Subscription queue, Dispatcher dispatcher) {
        this.id = id;
        this.link = link;
        this.selector = selector;
        this.queue = queue;
        this.dispatcher = dispatcher;
    }

    /** Whether the queue was deleted: then there is nothing to look at. */
    public boolean isGone() {
        return queue.isGone();
    }

    /** Begins where another one has ended. To be called before {@link #browse}. */
    public void beginAt(Position position) {
        from = position;
        priority = position.priority();
    }

    /** Behind the message that was sent last, or whose turn has come since. */
    public Position position() {
        return priority < 0
                ? new Position(-1, 0, 0)
                : new Position(priority, nextLogged[priority], nextInMemory[priority]);
    }

    /**
     * Sends the next messages, at most so many; the last one may exceed the bytes.
     *
     * @return whether there is more to look at
     */
    public boolean browse(int messages, int bytes) {
        if (!begun) takeSnapshot();
        messagesLeft = Math.min(messages, MAX_MESSAGES);
        bytesLeft = Math.min(bytes, MAX_BYTES);
        scansLeft = MAX_SCAN;
        dispatcher.beginSlice();
        try {
            while (priority >= 0) {
                Level level = queue.destination().level(priority);
                if (level != null && !look(level)) return true;
                priority--;
            }
            return false;
        } finally {
            dispatcher.endSlice();
        }
    }

    private void takeSnapshot() {
        begun = true;
        for (int p = 0; p < Destination.PRIORITIES; p++) {
            Level level = queue.destination().level(p);
            if (level == null) continue;
            nextLogged[p] = queue.logged(p).lowWater();
            endLogged[p] = level.visibleEnd();
            nextInMemory[p] = queue.inMemory(p).lowWater();
            endInMemory[p] = level.inMemory().endOffset();
        }
        if (priority < 0) return;
        nextLogged[priority] = Math.max(nextLogged[priority], from.nextLogged());
        nextInMemory[priority] = Math.max(nextInMemory[priority], from.nextInMemory());
    }

    /** False when this request may not do more. */
    private boolean look(Level level) {
        Cursor logged = queue.logged(priority);
        Cursor inMemory = queue.inMemory(priority);
        while (true) {
            nextLogged[priority] = logged.firstUnsettledFrom(nextLogged[priority]);
            nextInMemory[priority] = inMemory.firstUnsettledFrom(nextInMemory[priority]);
            boolean someLogged = nextLogged[priority] < endLogged[priority];
            boolean someInMemory = nextInMemory[priority] < endInMemory[priority];
            if (!someLogged && !someInMemory) return true;
            if (messagesLeft <= 0 || bytesLeft <= 0 || scansLeft-- <= 0 || !link.isWritable()) return false;
            if (scansLeft < MAX_SCAN - 1 && dispatcher.isWorkUsedUp()) return false;
            if (scansLeft % ROWS_AT_ONCE == 0 && dispatcher.isTurnOver()) return false;
            if (someInMemory && !(someLogged && logIsOlder(level))) {
                show(level, inMemory, nextInMemory[priority]++, true);
            } else show(level, logged, nextLogged[priority]++, false);
        }
    }

    private boolean logIsOlder(Level level) {
        var stored = level.inMemory().get(nextInMemory[priority]);
        return stored == null || nextLogged[priority] < stored.loggedBefore();
    }

    private void show(Level level, Cursor cursor, long offset, boolean inMemory) {
        StoredMessage message = dispatcher.message();
        if (!message.loadRow(level, offset, inMemory)) return;
        if (selector != null && !selector.mayMatchTag(message.tagHash(level, offset, inMemory))) return;
        try {
            message.load(level, offset, inMemory);
        } catch (StoreException e) {
            if (e.error() != StoreError.DAMAGED_ENTRY) throw e;
            return; // reported to the consumer that it would have gone to
        }
        if (Expiry.isOver(message.buffer(), message.at(), dispatcher.nowMillis())) return;
        int count = cursor.deliveryCount(offset);
        if (!matches(message, count)) return;
        ClientLink.Origin origin = dispatcher.originOf(queue);
        int flags = (count > 1 ? DeliverFrame.REDELIVERED : 0) | (origin != null ? DeliverFrame.ORIGIN : 0);
        int bytes = message.creditBytes();
        link.deliver(id, sequence++, flags, count, message.buffer(), message.at(), message.size(), origin);
        messagesLeft--;
        bytesLeft -= bytes;
    }

    private boolean matches(StoredMessage message, int deliveryCount) {
        if (selector == null) return true;
        try {
            return selector.matches(message.buffer(), message.at(), deliveryCount);
        } catch (ProtocolException e) {
            return false; // malformed properties match no selector
        }
    }
}
