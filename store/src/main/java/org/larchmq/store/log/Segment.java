package org.larchmq.store.log;

import java.nio.ByteBuffer;
import java.util.Locale;
import java.util.OptionalLong;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

/**
 * One file of the log and the range of physicalOffsets that it holds. Positions are physicalOffsets throughout.
 * Safe from any thread.
 */
final class Segment implements AutoCloseable {
    private final DiskFile file;
    private final String path;
    private final long baseOffset;
    private final long endOffset;
    private final int flags;
    private final OptionalLong salt;
    private final Object flushAhead = new Object();
    private volatile StoreException failedFlush;
    private volatile long allocatedTo;

    /** @param salt empty when it is lost, or was never written: then there are no entries in the file */
    Segment(DiskFile file, String path, long baseOffset, long sizeBytes, int flags, OptionalLong salt) {
        this.salt = salt;
        this.file = file;
        this.path = path;
        this.baseOffset = baseOffset;
        this.endOffset = baseOffset + sizeBytes;
        this.flags = flags;
        this.allocatedTo = baseOffset + Math.min(sizeBytes, file.size() & -EntryFormat.ALIGNMENT);
    }

    static String fileName(long baseOffset) {
        return String.format(Locale.ROOT, "%020d.log", baseOffset);
    }

    /** The base offset that a file name says, or -1 when it is not the name of a segment. */
    static long baseOffsetOf(String fileName) {
        if (!fileName.matches("[0-9]{19,20}\\.log")) return -1;
        try {
            return Long.parseLong(fileName.substring(0, fileName.length() - 4));
        } catch (NumberFormatException tooLarge) {
            return -1;
        }
    }

    long baseOffset() {
        return baseOffset;
    }

    /** Behind the last byte that the segment can hold. */
    long endOffset() {
        return endOffset;
    }

    long firstEntryOffset() {
        return baseOffset + SegmentHeader.HEADER_BYTES;
    }

    boolean contains(long physicalOffset) {
        return physicalOffset >= baseOffset && physicalOffset < endOffset;
    }

    /** Whether the log can be rebuilt from here: false when it begins in the middle of a head, or without one. */
    boolean mayBeFirst() {
        return (flags & SegmentHeader.NOT_FIRST) == 0;
    }

    /** Whether old bytes stand where nothing was written yet; otherwise those are zero. */
    boolean isRecycled() {
        return (flags & SegmentHeader.RECYCLED) != 0;
    }

    /** As the header says them. */
    int flags() {
        return flags;
    }

    /** The same segment, known to begin in the middle of a head, or without one. */
    Segment notFirst() {
        return new Segment(file, path, baseOffset, endOffset - baseOffset, flags | SegmentHeader.NOT_FIRST, salt);
    }

    /** The same segment after its salt was found, or made anew. */
    Segment withSalt(long newSalt) {
        return new Segment(file, path, baseOffset, endOffset - baseOffset, flags, OptionalLong.of(newSalt));
    }

    /** Whether entries can be told from other bytes. */
    boolean hasSalt() {
        return salt.isPresent();
    }

    /** What every entry of the segment carries. */
    long salt() {
        return salt.orElseThrow();
    }

    /** Everything below is in the file and was synced there. */
    long allocatedTo() {
        return allocatedTo;
    }

    void allocatedTo(long physicalOffset) {
        allocatedTo = physicalOffset;
    }

    int read(ByteBuffer destination, long physicalOffset) {
        return file.read(destination, physicalOffset - baseOffset);
    }

    void write(ByteBuffer source, long physicalOffset) {
        file.write(source, physicalOffset - baseOffset);
    }

    /**
     * Makes what was written durable. The operating system tells of a failure only once, maybe to {@link #forceAhead} in
     * another thread: a flush that runs there is waited for, so that its failure is this one's, too.
     *
     * @throws StoreException FLUSH_FAILED, at every call after the first failure
     */
    void force(boolean metadata) {
        flush(metadata);
        synchronized (flushAhead) {
            if (failedFlush != null) throw failedFlush;
        }
    }

    /** As {@link #force}, for space prepared ahead while entries are written and flushed. */
    void forceAhead() {
        synchronized (flushAhead) {
            flush(true);
        }
    }

    private void flush(boolean metadata) {
        if (failedFlush != null) throw failedFlush;
        try {
            file.force(metadata);
        } catch (StoreException e) {
            failedFlush = e;
            throw e;
        }
    }

    /** Absolute path, for messages. */
    String file() {
        return file.path();
    }

    /** Path relative to the data directory. */
    String path() {
        return path;
    }

    StoreException failure(StoreError error, long physicalOffset, String detail) {
        return new StoreException(error, file.path(), physicalOffset - baseOffset, detail, null);
    }

    void delete(Disk disk) {
        disk.delete(path);
        close();
    }

    @Override
    public void close() {
        file.close();
    }
}
