package org.larchmq.store.log;

import org.larchmq.store.io.Disk;

/**
 * Sizes of a commit log, all in bytes.
 *
 * @param segmentSizeBytes   length of a segment file; a power of two is usual, a multiple of 8 required
 * @param tailMemoryBytes    how much of the log's end stays readable from memory
 * @param maxEntryBytes      largest entry with its header; at most a quarter of a segment
 * @param reservedBytes      high-water mark: while the file system has less usable space, messages are refused
 * @param allocateAheadBytes how much space is kept written and synced ahead of the append position
 * @param appendReserveBytes part of that space which messages may not use: it is left for acknowledgements
 * @param readRangeBytes     longest range that is read from disk at once
 * @param readRanges         how many such ranges are kept
 */
public record CommitLogSettings(
        long segmentSizeBytes,
        int tailMemoryBytes,
        int maxEntryBytes,
        long reservedBytes,
        long allocateAheadBytes,
        long appendReserveBytes,
        int readRangeBytes,
        int readRanges) {
    public static final long DEFAULT_SEGMENT_SIZE_BYTES = 256L << 20;
    public static final int DEFAULT_TAIL_MEMORY_BYTES = 32 << 20;
    public static final int DEFAULT_MAX_ENTRY_BYTES = 32 << 20;
    private static final long SMALLEST_DEFAULT_SEGMENT_BYTES = 1L << 20;
    private static final long LARGEST_SEGMENT_BYTES = 1L << 30;

    public CommitLogSettings {
        require(
                segmentSizeBytes % EntryFormat.ALIGNMENT == 0,
                "segmentSizeBytes must be a multiple of 8",
                segmentSizeBytes);
        require(segmentSizeBytes >= 1024, "segmentSizeBytes must be at least 1024", segmentSizeBytes);
        require(segmentSizeBytes <= LARGEST_SEGMENT_BYTES, "segmentSizeBytes must be at most 1 GiB", segmentSizeBytes);
        require(tailMemoryBytes >= 1024, "tailMemoryBytes must be at least 1024", tailMemoryBytes);
        require(maxEntryBytes > EntryFormat.HEADER_BYTES, "maxEntryBytes must exceed the entry header", maxEntryBytes);
        require(
                maxEntryBytes <= EntryFormat.LARGEST_ENTRY_BYTES,
                "maxEntryBytes must be at most 64 MiB",
                maxEntryBytes);
        require(
                maxEntryBytes <= segmentSizeBytes / 4,
                "maxEntryBytes must be at most a quarter of segmentSizeBytes",
                maxEntryBytes);
        require(reservedBytes >= 0, "reservedBytes must not be negative", reservedBytes);
        require(allocateAheadBytes >= 512, "allocateAheadBytes must be at least 512", allocateAheadBytes);
        require(appendReserveBytes >= 0, "appendReserveBytes must not be negative", appendReserveBytes);
        require(
                appendReserveBytes <= allocateAheadBytes,
                "appendReserveBytes must be at most allocateAheadBytes",
                appendReserveBytes);
        require(readRangeBytes >= 512, "readRangeBytes must be at least 512", readRangeBytes);
        require(readRanges >= 1, "readRanges must be positive", readRanges);
    }

    /** The defaults, with smaller segments where the file system is small. */
    public static CommitLogSettings defaultsFor(Disk disk) {
        return withSegmentSize(defaultSegmentSizeBytes(disk.totalBytes()), disk.totalBytes());
    }

    /** The defaults that go with a segment size, on a file system of the given size. */
    public static CommitLogSettings withSegmentSize(long segmentSizeBytes, long fileSystemBytes) {
        int maxEntryBytes = (int) Math.min(DEFAULT_MAX_ENTRY_BYTES, segmentSizeBytes / 4);
        long allocateAhead = Math.min(16L << 20, Math.max(512, segmentSizeBytes / 4));
        long reserved = Math.min(512L << 20, fileSystemBytes / 20);
        return new CommitLogSettings(
                segmentSizeBytes,
                (int) Math.min(DEFAULT_TAIL_MEMORY_BYTES, Math.max(1 << 20, segmentSizeBytes)),
                maxEntryBytes,
                reserved,
                allocateAhead,
                allocateAhead / 4,
                512 << 10,
                32);
    }

    /** 256 MiB, or a 32nd of a small file system, rounded down to a power of two, at least 1 MiB. */
    static long defaultSegmentSizeBytes(long fileSystemBytes) {
        long share = Long.highestOneBit(Math.max(1, fileSystemBytes / 32));
        return Math.max(SMALLEST_DEFAULT_SEGMENT_BYTES, Math.min(DEFAULT_SEGMENT_SIZE_BYTES, share));
    }

    private static void require(boolean condition, String rule, long value) {
        if (!condition) throw new IllegalArgumentException(rule + ": " + value);
    }
}
