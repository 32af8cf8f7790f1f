package org.larchmq.store.log;

import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.larchmq.store.io.ReadPace;
import org.larchmq.store.io.StoreException;

/**
 * Reads the part of a running log that was there when it was recovered, and reports what is not what was written: entries
 * by their checksums, segment headers, and the space behind a segment's last entry, which is zero unless the file had
 * been used before. What is appended meanwhile is not looked at; segments may be deleted meanwhile. One thread, any.
 */
public final class LogScrub {
    private static final int BLOCK_BYTES = 1 << 20;

    private final SegmentFiles files;
    private final EntryChecksum checksum = EntryChecksum.crc32c(); // of its own: the log's belongs to its owner
    private final long end;
    private ReadPace pace;
    private Consumer<VerifyReport.Fault> report;
    private LogScanner scanner;
    private long checkedBytes;

    /** @param end behind the last entry to check */
    LogScrub(SegmentFiles files, long end) {
        this.files = files;
        this.end = end;
    }

    /**
     * Checks everything once.
     *
     * @param report told of each damaged range, in order
     * @return bytes that were checked
     * @throws java.util.concurrent.CancellationException when the pace says so
     */
    public long run(ReadPace readPace, Consumer<VerifyReport.Fault> report) {
        this.pace = readPace;
        this.report = report;
        this.scanner = new LogScanner(checksum, readPace);
        this.checkedBytes = 0;
        for (Segment segment = nextFrom(0); segment != null; segment = nextFrom(segment.endOffset())) check(segment);
        return checkedBytes;
    }

    /** The first segment that is left of those to check, at or behind an offset. */
    private Segment nextFrom(long offset) {
        for (Segment segment : files.all()) {
            if (segment.baseOffset() >= end) return null;
            if (segment.baseOffset() >= offset) return segment;
        }
        return null;
    }

    private void check(Segment segment) {
        try {
            checkHeader(segment);
            checkEntries(segment, Math.min(segment.endOffset(), end));
        } catch (StoreException e) {
            pace.afterRead(0); // the files are closed after the pace was stopped
            found(segment, segment.baseOffset(), segment.endOffset(), "it cannot be read: " + e.getMessage());
        }
    }

    private void checkHeader(Segment segment) {
        ByteBuffer header = ByteBuffer.allocate(SegmentHeader.HEADER_BYTES);
        segment.read(header, segment.baseOffset());
        boolean valid = !header.hasRemaining() && SegmentHeader.isValid(header.clear(), segment.baseOffset(), checksum);
        if (!valid) {
            found(segment, segment.baseOffset(), segment.firstEntryOffset(), "the header of the segment is damaged");
        }
    }

    private void checkEntries(Segment segment, long stop) {
        long offset = segment.firstEntryOffset();
        while (offset < stop) {
            if (scanner.isEntry(segment, offset)) {
                int sizeBytes = scanner.sizeBytes();
                if (scanner.type() == EntryFormat.FILLER) checkFiller(segment, offset, sizeBytes);
                offset += EntryFormat.aligned(sizeBytes);
                checkedBytes += EntryFormat.aligned(sizeBytes);
            } else {
                long next = scanner.nextEntry(segment, offset + EntryFormat.ALIGNMENT);
                if (next < 0 || next > stop) next = stop;
                found(segment, offset, next, "no valid entry");
                offset = next;
            }
        }
    }

    private void checkFiller(Segment segment, long offset, int sizeBytes) {
        if (segment.isRecycled()) return;
        long bad = firstNonZero(segment, offset + EntryFormat.HEADER_BYTES, offset + sizeBytes, pace);
        if (bad >= 0) found(segment, bad, bad + 1, "space without an entry is not zero");
    }

    private void found(Segment segment, long from, long to, String what) {
        boolean deletedMeanwhile = files.find(segment.baseOffset()) != segment;
        if (deletedMeanwhile) return;
        report.accept(new VerifyReport.Fault(segment.file(), from - segment.baseOffset(), from, to - from, what));
    }

    /** Where the first byte that is not zero stands, as far as the file goes, or -1. */
    static long firstNonZero(Segment segment, long from, long to, ReadPace pace) {
        ByteBuffer block = ByteBuffer.allocate((int) Math.max(0, Math.min(BLOCK_BYTES, to - from)));
        for (long offset = from; offset < to; ) {
            int count = segment.read(block.clear().limit((int) Math.min(block.capacity(), to - offset)), offset);
            pace.afterRead(count);
            for (int i = 0; i < count; i++) if (block.get(i) != 0) return offset + i;
            if (count == 0) return -1;
            offset += count;
        }
        return -1;
    }

    /** Behind the last byte that is not zero, as far as the file goes; {@code from} when all are. */
    static long behindLastNonZero(Segment segment, long from, long to) {
        ByteBuffer block = ByteBuffer.allocate((int) Math.max(0, Math.min(BLOCK_BYTES, to - from)));
        long last = from;
        for (long offset = from; offset < to; ) {
            int count = segment.read(block.clear().limit((int) Math.min(block.capacity(), to - offset)), offset);
            if (count == 0) break;
            for (int i = count - 1; i >= 0; i--) {
                if (block.get(i) == 0) continue;
                last = offset + i + 1;
                break;
            }
            offset += count;
        }
        return last;
    }
}
