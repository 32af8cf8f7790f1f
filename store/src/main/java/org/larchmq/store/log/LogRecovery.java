package org.larchmq.store.log;

import java.nio.ByteBuffer;
import org.larchmq.store.io.ReadPace;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Walks the log entry by entry and, where the entries end, decides between a torn tail and damage.
 *
 * <p>Bytes at P are a torn tail when nothing proves that P had been flushed: P is not below the flushed offset that the
 * caller knows, and no valid entry behind P, in this segment or a later one, carries a flushedOffset above P. A batch
 * that was not synced may be on disk in part and out of order, so valid entries behind P alone prove nothing. An entry
 * whose epoch is lower than that of the entry before it is a rest of an earlier life, and not valid. A torn
 * tail is cut: later segments are deleted and everything from P on that could pass for an entry is zeroed and synced,
 * so that it cannot come back behind new entries. Damage is refused; cutting it would cost the entries behind it.
 */
final class LogRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(LogRecovery.class);

    private final SegmentFiles files;
    private final LogScanner scanner;
    private final String where;

    private long entries;
    private long watermark;
    private int lastEpoch;
    private boolean sawEntry;
    private boolean lastWasInHead;

    LogRecovery(SegmentFiles files, LogScanner scanner, String where) {
        this.files = files;
        this.scanner = scanner;
        this.where = where;
    }

    /** Where appending continues, and what was cut. */
    record Outcome(long endOffset, long entries, long cutBytes, boolean headComplete, int lastEpoch) {}

    /**
     * @param from         where the walk starts; older than the log means its first entry
     * @param knownFlushed everything below is known to have been flushed
     * @param closedAt     where the log ended when it was closed in order, or -1
     * @throws StoreException DAMAGED_LOG
     */
    Outcome run(long from, long knownFlushed, long closedAt, EntryVisitor visitor) {
        watermark = knownFlushed;
        checkSegmentsBefore(from);
        long bad = walk(from, closedAt, visitor);
        if (bad == closedAt) {
            reportRest(bad);
            discardBehind(bad);
            return new Outcome(bad, entries, 0, true, lastEpoch);
        }
        long flushedBelow = watermark;
        Behind behind = lookBehind(bad);
        if (knownFlushed > bad || behind.watermark > bad) throw damaged(bad, behind);
        boolean headComplete = isHeadComplete(bad);
        cut(bad, behind);
        makeDurable(Math.min(flushedBelow, bad), bad);
        return new Outcome(bad, entries, Math.max(0, behind.plausibleEnd - bad), headComplete, lastEpoch);
    }

    /** A missing or unreadable segment below the start of the walk is damage: the caller knows that it was flushed. */
    private void checkSegmentsBefore(long from) {
        Segment[] segments = files.all();
        if (segments.length == 0 && from > 0) throw damaged(from, lookBehind(from));
        long reached = from;
        for (int i = 0; i < segments.length && segments[i].baseOffset() < from; i++) {
            reached = segments[i].endOffset();
            if (!files.hasValidHeader(segments[i])) throw damaged(segments[i].baseOffset(), lookBehind(from));
            boolean gap = i > 0 && segments[i - 1].endOffset() != segments[i].baseOffset();
            if (gap) throw damaged(segments[i - 1].endOffset(), lookBehind(from));
        }
        if (reached < from) throw damaged(reached, lookBehind(from));
    }

    /**
     * Visits entries until one is not valid, or until where the log was closed in order: nothing was appended behind that,
     * whatever stands there. Returns where that is.
     */
    private long walk(long from, long closedAt, EntryVisitor visitor) {
        Segment[] segments = files.all();
        if (segments.length == 0) return from;
        long offset = Math.max(from, firstBase(segments));
        while (true) {
            if (offset == closedAt) return offset;
            Segment segment = files.find(offset);
            if (segment == null || !files.hasValidHeader(segment)) return offset;
            if (offset < segment.firstEntryOffset()) {
                offset = segment.firstEntryOffset();
            }
            if (!scanner.isEntry(segment, offset)) {
                boolean begun = offset > segment.firstEntryOffset();
                return begun ? offset : segment.baseOffset();
            }
            offset = visit(offset, visitor);
        }
    }

    /** Segments before the first that begins with a head are what a deletion left that was cut short: nothing needs them. */
    private static long firstBase(Segment[] segments) {
        for (Segment segment : segments) if (segment.mayBeFirst()) return segment.baseOffset();
        return segments[0].baseOffset();
    }

    private long visit(long offset, EntryVisitor visitor) {
        byte type = scanner.type();
        int sizeBytes = scanner.sizeBytes();
        sawEntry = true;
        lastWasInHead = scanner.isInHead() || type == EntryFormat.HOLE; // of which nobody knows what it was
        if (type != EntryFormat.HOLE) {
            watermark = Math.max(watermark, scanner.flushedOffset());
            scanner.expectEpochFrom(scanner.epoch());
            lastEpoch = scanner.epoch();
        }
        if (type > 0) {
            entries++;
            visitor.onEntry(offset, sizeBytes, type, scanner.epoch(), scanner.timestampMillis(), scanner.payload());
        }
        return offset + EntryFormat.aligned(sizeBytes);
    }

    /** What can be found behind bad bytes. */
    private record Behind(long entries, long firstEntry, long watermark, long plausibleEnd) {}

    private Behind lookBehind(long bad) {
        scanner.resetPlausibleEnd(bad);
        long count = 0, first = -1, highest = 0, plausibleEnd = bad;
        for (Segment segment : files.all()) {
            if (segment.endOffset() <= bad) continue;
            long offset = Math.max(bad, segment.firstEntryOffset());
            while ((offset = scanner.nextEntry(segment, offset)) >= 0) {
                if (first < 0) first = offset;
                if (scanner.type() > 0) count++;
                if (scanner.type() != EntryFormat.HOLE) highest = Math.max(highest, scanner.flushedOffset());
                offset += EntryFormat.aligned(scanner.sizeBytes());
            }
            plausibleEnd = Math.max(plausibleEnd, scanner.plausibleEnd());
        }
        return new Behind(count, first, highest, plausibleEnd);
    }

    /** After a close in order the space prepared behind the end is zero: found and mended when it is not. */
    private void reportRest(long end) {
        for (Segment segment : files.all()) {
            if (segment.endOffset() <= end) continue;
            if (!files.hasValidHeader(segment)) {
                warnOfRest(segment, segment.baseOffset(), SegmentHeader.HEADER_BYTES);
            } else if (!segment.isRecycled()) {
                long from = Math.max(end, segment.firstEntryOffset());
                long first = LogScrub.firstNonZero(segment, from, segment.allocatedTo(), ReadPace.NONE);
                if (first < 0) continue;
                long behind = LogScrub.behindLastNonZero(segment, first, segment.allocatedTo());
                warnOfRest(segment, first, behind - first);
                if (segment.contains(end)) writeZeros(segment, first, behind);
            }
        }
    }

    private static void warnOfRest(Segment segment, long from, long bytes) {
        LOG.warn(
                "Space prepared behind the end of the log is damaged; no entry was there, nothing is lost, and it is"
                        + " prepared again [file={} offset={} bytes={}]",
                segment.file(),
                from - segment.baseOffset(),
                bytes);
    }

    /**
     * Zeroes what was torn: everything that is not zero, or, where old bytes of a recycled file stand anyway, as far as
     * it could pass for an entry.
     */
    private void cut(long bad, Behind behind) {
        discardBehind(bad);
        Segment segment = files.find(bad);
        if (segment == null) return;
        long end = Math.min(behind.plausibleEnd, Math.min(segment.endOffset(), segment.allocatedTo()));
        if (!segment.isRecycled()) {
            end = Math.max(end, LogScrub.behindLastNonZero(segment, bad, segment.allocatedTo()));
        }
        writeZeros(segment, bad, end);
    }

    private void writeZeros(Segment segment, long bad, long end) {
        ByteBuffer zeros = ByteBuffer.allocateDirect((int) Math.max(0, Math.min(1 << 20, end - bad)));
        for (long offset = bad; offset < end; offset += zeros.capacity()) {
            segment.write(zeros.clear().limit((int) Math.min(zeros.capacity(), end - offset)), offset);
        }
        scanner.forget();
    }

    /** Deletes every segment that begins at or behind an offset. */
    private void discardBehind(long offset) {
        Segment[] segments = files.all();
        int keep = segments.length;
        while (keep > 0 && segments[keep - 1].baseOffset() >= offset) keep--;
        if (keep == segments.length) return;
        files.deleteFrom(keep);
        files.sync();
    }

    /**
     * Writes again what may be in the page cache only, then syncs: after a failed flush the kernel calls such pages
     * clean, and a flush without a write would report success for bytes that the disk never took.
     */
    private void makeDurable(long from, long to) {
        ByteBuffer buffer = ByteBuffer.allocateDirect((int) Math.max(0, Math.min(1 << 20, to - from)));
        for (Segment segment : files.all()) {
            long end = Math.min(to, Math.min(segment.endOffset(), segment.allocatedTo()));
            long offset = Math.max(from, segment.baseOffset());
            if (segment.endOffset() <= from) continue;
            while (offset < end) {
                int count = segment.read(buffer.clear().limit((int) Math.min(buffer.capacity(), end - offset)), offset);
                segment.write(buffer.flip(), offset);
                offset += count;
            }
            segment.force(true);
        }
    }

    /** Whether no head is left half written at the end of the log. */
    private boolean isHeadComplete(long end) {
        if (sawEntry) return !lastWasInHead;
        Segment segment = end == 0 ? null : files.find(end - 1);
        if (segment == null) return true;
        scanner.expectAnyEpoch();
        boolean inHead = false;
        for (long offset = segment.firstEntryOffset();
                offset < end;
                offset += EntryFormat.aligned(scanner.sizeBytes())) {
            if (!scanner.isEntry(segment, offset)) return false;
            inHead = scanner.isInHead();
        }
        return !inHead;
    }

    private StoreException damaged(long bad, Behind behind) {
        String detail = behind.entries == 0
                ? "the log ends here although more of it had been flushed"
                : "%d valid entries lie behind it, the first at physicalOffset %d"
                        .formatted(behind.entries, behind.firstEntry);
        detail = "bad bytes at physicalOffset " + bad + ", " + detail;
        Segment segment = files.find(bad);
        if (segment != null) return segment.failure(StoreError.DAMAGED_LOG, bad, detail);
        return new StoreException(StoreError.DAMAGED_LOG, where + "/" + Segment.fileName(bad), 0, detail, null);
    }
}
