package org.larchmq.broker.state;

/** How much memory messages that are not in the log may take together. Shard thread only. */
public final class MemoryBudget {
    /** What a message costs beside its bytes. */
    private static final int OVERHEAD_BYTES = 96;

    private final long limitBytes;
    private long usedBytes;

    public MemoryBudget(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    /** Whether a message of this size still fits; if so it is counted. */
    boolean take(int messageBytes) {
        if (usedBytes + messageBytes + OVERHEAD_BYTES > limitBytes) return false;
        usedBytes += messageBytes + OVERHEAD_BYTES;
        return true;
    }

    void giveBack(int messageBytes) {
        usedBytes -= messageBytes + OVERHEAD_BYTES;
    }

    public long usedBytes() {
        return usedBytes;
    }
}
