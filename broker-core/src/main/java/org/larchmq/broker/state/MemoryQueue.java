package org.larchmq.broker.state;

import java.nio.ByteBuffer;
import java.util.TreeMap;

/**
 * The messages of one destination and priority that live in memory only: non-persistent ones, and what nobody would
 * have after a restart anyway (temporary destinations, topics with non-durable subscribers). Addressed by queueOffset
 * like a consume queue; a message is dropped when every subscription has settled it. The memory that it takes follows what
 * it holds: messages that stay while many pass leave the ring for a map. Shard thread only.
 */
public final class MemoryQueue {
    /** In place of a destination's id: the one that the queue belongs to. */
    public static final int HERE = -1;

    private static final int SMALLEST_RING = 16;
    /** A full ring with fewer messages than this part of it has them moved to the map. */
    private static final int SPARSE_PART = 4;

    private final MemoryBudget budget;
    private final TreeMap<Long, Message> staying = new TreeMap<>(); // those before the ring
    private Message[] ring = new Message[SMALLEST_RING];
    private final ExpiryIndex expiry = new ExpiryIndex();
    private long usedBytes;
    private long start;
    private long ringStart;
    private int inRing;
    private long end;

    /**
     * One message; {@code loggedBefore} is where the rows of its level ended when it came: those below are older, the others
     * younger, wherever their messages are in the log.
     */
    public static final class Message {
        private final ByteBuffer bytes;
        private final int tagHash;
        private final long loggedBefore;
        private final String publisher;
        private int unsettledSubscriptions;
        private int sentTo = HERE;

        private Message(ByteBuffer bytes, int tagHash, long loggedBefore, String publisher, int subscriptions) {
            this.bytes = bytes;
            this.tagHash = tagHash;
            this.loggedBefore = loggedBefore;
            this.publisher = publisher;
            this.unsettledSubscriptions = subscriptions;
        }

        /** The encoded message, from 0 to its limit. */
        public ByteBuffer bytes() {
            return bytes;
        }

        public int tagHash() {
            return tagHash;
        }

        public long loggedBefore() {
            return loggedBefore;
        }

        /** Who sent it, for noLocal; null when nobody asks. */
        public String publisher() {
            return publisher;
        }

        /** Id of the destination that it was dead-lettered from; {@link #HERE} for any other. */
        public int sentTo() {
            return sentTo;
        }
    }

    public MemoryQueue(MemoryBudget budget) {
        this.budget = budget;
    }

    /** Copies the message in; false when the budget is used up. */
    boolean append(
            ByteBuffer source, int at, int size, int tagHash, long loggedBefore, String publisher, int subscriptions) {
        if (!budget.take(size, usedBytes)) return false;
        usedBytes += MemoryBudget.taken(size);
        if (end - ringStart == ring.length) makeRoom();
        byte[] copy = new byte[size];
        source.get(at, copy);
        ring[index(end++)] = new Message(ByteBuffer.wrap(copy), tagHash, loggedBefore, publisher, subscriptions);
        inRing++;
        return true;
    }

    /** The last message was dead-lettered. */
    void lastWasSentTo(int destinationId) {
        get(end - 1).sentTo = destinationId;
    }

    /** When its messages may expire. */
    public ExpiryIndex expiry() {
        return expiry;
    }

    /** Everything below is settled by everybody. */
    public long startOffset() {
        return start;
    }

    public long endOffset() {
        return end;
    }

    /** The message at an offset, null when every subscription has settled it. */
    public Message get(long queueOffset) {
        if (queueOffset < start || queueOffset >= end) return null;
        return queueOffset < ringStart ? staying.get(queueOffset) : ring[index(queueOffset)];
    }

    /** The first offset at or above one at which there is a message, the end for none. */
    public long next(long queueOffset) {
        if (queueOffset < ringStart) {
            Long next = staying.ceilingKey(queueOffset);
            if (next != null) return next;
        }
        long next = Math.max(queueOffset, ringStart);
        while (next < end && ring[index(next)] == null) next++;
        return Math.max(next, Math.min(queueOffset, end));
    }

    /** One subscription is done with a message. */
    void settle(long queueOffset) {
        Message message = get(queueOffset);
        if (message == null || --message.unsettledSubscriptions > 0) return;
        giveBack(message);
        drop(queueOffset);
    }

    private void drop(long queueOffset) {
        if (queueOffset < ringStart) {
            staying.remove(queueOffset);
        } else {
            ring[index(queueOffset)] = null;
            inRing--;
            while (ringStart < end && ring[index(ringStart)] == null) ringStart++;
        }
        start = staying.isEmpty() ? ringStart : staying.firstKey();
    }

    void clear() {
        for (long offset = next(start); offset < end; offset = next(offset + 1)) giveBack(get(offset));
        staying.clear();
        ring = new Message[SMALLEST_RING];
        inRing = 0;
        start = ringStart = end;
    }

    /** Places of the ring: what this takes beside its messages. */
    int ringLength() {
        return ring.length;
    }

    private void giveBack(Message message) {
        budget.giveBack(message.bytes.limit());
        usedBytes -= MemoryBudget.taken(message.bytes.limit());
    }

    private int index(long queueOffset) {
        return (int) queueOffset & (ring.length - 1);
    }

    private void makeRoom() {
        if (inRing > ring.length / SPARSE_PART) {
            Message[] larger = new Message[ring.length * 2];
            for (long offset = ringStart; offset < end; offset++) {
                larger[(int) offset & (larger.length - 1)] = ring[index(offset)];
            }
            ring = larger;
            return;
        }
        for (long offset = next(ringStart); offset < end; offset = next(offset + 1)) {
            staying.put(offset, ring[index(offset)]);
            ring[index(offset)] = null;
        }
        inRing = 0;
        ringStart = end;
    }
}
