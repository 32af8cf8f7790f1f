package org.larchmq.store.queue;

import java.nio.ByteBuffer;

/** Rows in a buffer; the layout is {@link PageFormat}'s. */
final class RowBytes {
    private RowBytes() {}

    static void write(ByteBuffer rows, int at, long physicalOffset, int sizeBytes, int tagHash, int flags) {
        rows.putLong(at + PageFormat.PHYSICAL_OFFSET, physicalOffset);
        rows.putInt(at + PageFormat.SIZE_BYTES, sizeBytes);
        rows.putInt(at + PageFormat.TAG_HASH, tagHash);
        rows.putInt(at + PageFormat.FLAGS, flags);
    }

    static void read(ByteBuffer rows, int at, Row row) {
        row.set(
                rows.getLong(at + PageFormat.PHYSICAL_OFFSET),
                rows.getInt(at + PageFormat.SIZE_BYTES),
                rows.getInt(at + PageFormat.TAG_HASH),
                rows.getInt(at + PageFormat.FLAGS));
    }

    /** Smallest physicalOffset of the rows from..to, Long.MAX_VALUE when there is none. */
    static long minPhysicalOffset(ByteBuffer rows, int from, int to) {
        long min = Long.MAX_VALUE;
        for (int i = from; i < to; i++) min = Math.min(min, rows.getLong(i * PageFormat.ROW_BYTES));
        return min;
    }
}
