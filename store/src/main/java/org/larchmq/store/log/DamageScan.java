package org.larchmq.store.log;

import java.util.ArrayList;
import java.util.List;

/** Finds every range of a log that is not a valid entry although valid ones follow or a known flush covers it. */
final class DamageScan {
    private final SegmentFiles files;
    private final LogScanner scanner;
    private final String where;

    private final List<Damage> damages = new ArrayList<>();
    private long entries;
    private long validBytes;

    DamageScan(SegmentFiles files, LogScanner scanner, String where) {
        this.files = files;
        this.scanner = scanner;
        this.where = where;
    }

    /**
     * Bad bytes from..to, within one segment.
     *
     * @param segment    null when its file is missing
     * @param headerOnly whether the header of the segment file is bad, and nothing else is known to be
     */
    record Damage(Segment segment, String file, long from, long to, boolean headerOnly) {}

    record Result(long entries, long validBytes, long endOffset, List<Damage> damages) {}

    /** Scans everything; bad bytes with nothing behind them are damage only below knownFlushed. */
    Result run(long knownFlushed) {
        long end = 0;
        Segment[] segments = files.all();
        for (int i = 0; i < segments.length; i++) {
            Segment segment = segments[i];
            boolean more = i + 1 < segments.length && hasEntries(segments, i + 1);
            boolean gap = i > 0 && segments[i - 1].endOffset() != segment.baseOffset() && (more || hasEntry(segment));
            if (gap) addMissing(segments[i - 1].endOffset(), segment.baseOffset());
            end = Math.max(end, scan(segment, more, knownFlushed));
        }
        return new Result(entries, validBytes, end, List.copyOf(damages));
    }

    /** Returns behind the last valid entry of the segment, or 0 when it has none. */
    private long scan(Segment segment, boolean moreFollows, long knownFlushed) {
        long end = 0;
        long offset = segment.firstEntryOffset();
        boolean headerBad = !files.hasValidHeader(segment);
        if (headerBad && (moreFollows || hasEntry(segment) || segment.baseOffset() < knownFlushed)) {
            damages.add(new Damage(segment, file(segment), segment.baseOffset(), offset, true));
        }
        while (offset < segment.endOffset()) {
            if (scanner.isEntry(segment, offset)) {
                if (scanner.type() > 0) entries++;
                if (scanner.type() != EntryFormat.HOLE) scanner.expectEpochFrom(scanner.epoch());
                int aligned = EntryFormat.aligned(scanner.sizeBytes());
                validBytes += aligned;
                offset += aligned;
                end = offset;
                continue;
            }
            long next = nextAfterGap(segment, offset);
            if (next < 0 && moreFollows) next = segment.endOffset();
            if (next < 0 && offset < knownFlushed) next = Math.min(knownFlushed, segment.endOffset());
            if (next < 0) break;
            damages.add(new Damage(segment, file(segment), offset, next, false));
            offset = next;
        }
        return end;
    }

    /** The next valid entry that leaves room for a hole before it, or -1. */
    private long nextAfterGap(Segment segment, long bad) {
        long next = scanner.nextEntry(segment, bad + EntryFormat.ALIGNMENT);
        while (next >= 0 && next - bad < EntryFormat.HEADER_BYTES) {
            next = scanner.nextEntry(segment, next + EntryFormat.ALIGNMENT);
        }
        return next;
    }

    private boolean hasEntries(Segment[] segments, int from) {
        for (int i = from; i < segments.length; i++) if (hasEntry(segments[i])) return true;
        return false;
    }

    private boolean hasEntry(Segment segment) {
        return scanner.nextEntry(segment, segment.firstEntryOffset()) >= 0;
    }

    private void addMissing(long from, long to) {
        damages.add(new Damage(null, where + "/" + Segment.fileName(from), from, to, true));
    }

    private String file(Segment segment) {
        return where + "/" + Segment.fileName(segment.baseOffset());
    }
}
