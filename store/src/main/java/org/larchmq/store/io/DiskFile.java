package org.larchmq.store.io;

import java.nio.ByteBuffer;

/**
 * One open file with positional access. Any thread may call any method, also at the same time.
 * Failures are {@link StoreException}: DISK_FULL or IO_ERROR, and FLUSH_FAILED from {@link #force}.
 */
public interface DiskFile extends AutoCloseable {
    /** Reads up to the buffer's remaining bytes; returns how many, which is fewer only at the end of the file; never -1. */
    int read(ByteBuffer destination, long position);

    /** Writes all remaining bytes. They are durable only after {@link #force}. */
    void write(ByteBuffer source, long position);

    /** Makes everything written before durable: fsync with {@code metadata}, else fdatasync. */
    void force(boolean metadata);

    /** Length in bytes. */
    long size();

    /** Cuts the file to a length in bytes; a shorter file is left alone. */
    void truncate(long sizeBytes);

    /** The absolute path, for messages. */
    String path();

    @Override
    void close();
}
