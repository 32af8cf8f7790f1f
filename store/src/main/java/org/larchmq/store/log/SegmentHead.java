package org.larchmq.store.log;

/**
 * Writes what the log must say again at the head of segments, so that it can be rebuilt from the first one retained. A head
 * may be of any length and go on in the segments behind: those are not begun with a head of their own, and none is due
 * before as much log has followed as the last one took.
 */
@FunctionalInterface
public interface SegmentHead {
    /** A head that says nothing. */
    SegmentHead NONE = log -> {};

    /**
     * Appends entries through {@link CommitLog#begin} and {@link CommitLog#end}. Called on the owner thread from within
     * begin, when a segment was begun. After a crash in the middle of a head it is called again for the same segment,
     * so its entries must be harmless to apply twice.
     */
    void write(CommitLog log);
}
