package org.larchmq.broker.state;

import java.nio.ByteBuffer;

/**
 * The messages of one destination and priority that live in memory only: non-persistent ones, and what nobody would
 * have after a restart anyway (temporary destinations, topics with non-durable subscribers). Addressed by queueOffset
 * like a consume queue; a message is dropped when every subscription has settled it. Shard thread only.
 */
public final class MemoryQueue {
    /** In place of a destination's id: the one that the queue belongs to. */
    public static final int HERE = -1;

    private final MemoryBudget budget;
    private Message[] ring = new Message[16];
    private final ExpiryIndex expiry = new ExpiryIndex();
    private long usedBytes;
    private long start;
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
        if (end - start == ring.length) grow();
        byte[] copy = new byte[size];
        source.get(at, copy);
        ring[index(end++)] = new Message(ByteBuffer.wrap(copy), tagHash, loggedBefore, publisher, subscriptions);
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
        return queueOffset < start || queueOffset >= end ? null : ring[index(queueOffset)];
    }

    /** One subscription is done with a message. */
    void settle(long queueOffset) {
        Message message = get(queueOffset);
        if (message == null || --message.unsettledSubscriptions > 0) return;
        giveBack(message);
        ring[index(queueOffset)] = null;
        while (start < end && ring[index(start)] == null) start++;
    }

    void clear() {
        for (long offset = start; offset < end; offset++) {
            Message message = get(offset);
            if (message != null) giveBack(message);
        }
        ring = new Message[16];
        start = end;
    }

    private void giveBack(Message message) {
        budget.giveBack(message.bytes.limit());
        usedBytes -= MemoryBudget.taken(message.bytes.limit());
    }

    private int index(long queueOffset) {
        return (int) queueOffset & (ring.length - 1);
    }

    private void grow() {
        Message[] larger = new Message[ring.length * 2];
        for (long offset = start; offset < end; offset++) {
            larger[(int) offset & (larger.length - 1)] = ring[index(offset)];
        }
        ring = larger;
    }
}
