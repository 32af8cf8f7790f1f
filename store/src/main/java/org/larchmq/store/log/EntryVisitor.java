package org.larchmq.store.log;

import java.nio.ByteBuffer;

/** Is shown the caller's entries of a log, in order, during recovery. */
@FunctionalInterface
public interface EntryVisitor {
    /**
     * @param physicalOffset where the entry starts in the log
     * @param sizeBytes      its length with the header, as {@link CommitLog#read} wants it
     * @param type           1..127, the caller's
     * @param payload        positioned at the payload, valid during the call only
     */
    void onEntry(long physicalOffset, int sizeBytes, byte type, int epoch, long timestampMillis, ByteBuffer payload);
}
