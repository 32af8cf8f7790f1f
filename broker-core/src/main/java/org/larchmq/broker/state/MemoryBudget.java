package org.larchmq.broker.state;

/** How much memory messages that are not in the log may take together. Shard thread only. */
public final class MemoryBudget {
    /** What a message costs beside its bytes. */
    private static final int OVERHEAD_BYTES = 96;

    /** One queue may have a quarter of it, so that what nobody reads there leaves room for others. */
    public static final int SHARES = 4;

    private static final int SMALLEST_SHARE_BYTES = 1 << 20;

    private final long limitBytes;
    private long usedBytes;

    public MemoryBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /**
     * Whether a message of this size still fits; if so it is counted.
     *
     * @param usedByQueue what the queue has taken already
     */
    boolean take(int messageBytes, long usedByQueue) {
        long share = Math.max(SMALLEST_SHARE_BYTES, limitBytes / SHARES);
        if (usedByQueue + messageBytes + OVERHEAD_BYTES > share) return false;
        if (usedBytes + messageBytes + OVERHEAD_BYTES > limitBytes) return false;
        usedBytes += messageBytes + OVERHEAD_BYTES;
        return true;
    }

    /** What a message of this size takes. */
    static int taken(int messageBytes) {
        return messageBytes + OVERHEAD_BYTES;
    }

    void giveBack(int messageBytes) {
        usedBytes -= messageBytes + OVERHEAD_BYTES;
    }

    public long usedBytes() {
        return usedBytes;
    }
}
