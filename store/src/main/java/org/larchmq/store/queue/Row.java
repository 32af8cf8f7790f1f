package org.larchmq.store.queue;

/** A row of a consume queue, overwritten by each {@link ConsumeQueue#read}: one per reader, no garbage. */
public final class Row {
    private long physicalOffset;
    private int sizeBytes;
    private int tagHash;
    private int flags;

    /** Where the message's entry starts in the log. */
    public long physicalOffset() {
        return physicalOffset;
    }

    /** Length of that entry, header included. */
    public int sizeBytes() {
        return sizeBytes;
    }

    public int tagHash() {
        return tagHash;
    }

    /** The caller's. */
    public int flags() {
        return flags;
    }

    void set(long physicalOffset, int sizeBytes, int tagHash, int flags) {
        this.physicalOffset = physicalOffset;
        this.sizeBytes = sizeBytes;
        this.tagHash = tagHash;
        this.flags = flags;
    }
}
