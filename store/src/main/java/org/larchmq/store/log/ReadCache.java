package org.larchmq.store.log;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.larchmq.store.io.StoreError;

/**
 * Reads entries from segment files in ranges: a reader that goes forward costs one read per range, not per entry, and
 * several interleaved readers keep a range each. Every entry is verified each time it is taken. Owner thread only.
 */
final class ReadCache {
    private static final int FIRST_RANGE_BYTES = 64 << 10;

    private final SegmentFiles files;
    private final EntryChecksum checksum;
    private final int rangeBytes;
    private final Range[] ranges;
    private ByteBuffer oversized = ByteBuffer.allocateDirect(0);
    private Range last;
    private long uses;

    ReadCache(SegmentFiles files, EntryChecksum checksum, int rangeBytes, int rangeCount) {
        this.files = files;
        this.checksum = checksum;
        this.rangeBytes = rangeBytes;
        this.ranges = new Range[rangeCount];
    }

    private static final class Range {
        final ByteBuffer memory;
        final ByteBuffer view;
        Segment segment;
        long offset;
        int bytes;
        int loadBytes;
        long lastUse;

        Range(int capacity) {
            memory = ByteBuffer.allocateDirect(capacity);
            view = memory.duplicate();
        }

        boolean holds(long from, int length) {
            return from >= offset && from + length <= offset + bytes;
        }
    }

    /** The payload of a written entry. @throws org.larchmq.store.io.StoreException DAMAGED_ENTRY */
    ByteBuffer read(long offset, int sizeBytes, long writtenOffset) {
        int needed = EntryFormat.aligned(sizeBytes);
        if (last != null && last.holds(offset, needed)) return verified(last, offset, sizeBytes);
        for (Range range : ranges) {
            if (range != null && range.holds(offset, needed)) return verified(use(range), offset, sizeBytes);
        }
        Segment segment = files.find(offset);
        if (segment == null) {
            throw new IllegalArgumentException("no segment holds physicalOffset " + offset);
        }
        if (needed > rangeBytes) return readOversized(segment, offset, sizeBytes);
        return verified(use(load(segment, offset, needed, writtenOffset)), offset, sizeBytes);
    }

    /** Forgets every range. */
    void clear() {
        for (Range range : ranges) if (range != null) range.bytes = 0;
    }

    private Range load(Segment segment, long offset, int needed, long writtenOffset) {
        int continued = 0;
        Range victim = null;
        int free = -1;
        for (int i = 0; i < ranges.length; i++) {
            Range range = ranges[i];
            if (range == null) {
                free = i;
                continue;
            }
            boolean continues = offset > range.offset && offset <= range.offset + range.bytes;
            if (continues) {
                continued = range.loadBytes;
                victim = range; // the reader that had it is the one that goes on
                break;
            }
            if (victim == null || range.lastUse < victim.lastUse) victim = range;
        }
        if (continued == 0 && free >= 0) victim = ranges[free] = new Range(rangeBytes);
        int wanted = continued == 0 ? FIRST_RANGE_BYTES : 2 * continued;
        wanted = Math.max(needed, Math.min(wanted, rangeBytes));
        long limit = Math.min(segment.endOffset(), writtenOffset) - offset;
        victim.segment = segment;
        victim.offset = offset;
        victim.loadBytes = wanted;
        victim.bytes = 0;
        victim.bytes = segment.read(victim.memory.clear().limit((int) Math.min(wanted, limit)), offset);
        victim.memory.clear();
        return victim;
    }

    private Range use(Range range) {
        range.lastUse = ++uses;
        last = range;
        return range;
    }

    private ByteBuffer verified(Range range, long offset, int sizeBytes) {
        int at = (int) (offset - range.offset);
        if (at + EntryFormat.aligned(sizeBytes) > range.bytes) {
            throw range.segment.failure(StoreError.DAMAGED_ENTRY, offset, "the file ends inside the entry");
        }
        verify(range.memory, at, range.segment, offset, sizeBytes);
        return payload(range.view, at, sizeBytes);
    }

    private ByteBuffer readOversized(Segment segment, long offset, int sizeBytes) {
        int needed = EntryFormat.aligned(sizeBytes);
        if (oversized.capacity() < needed) oversized = ByteBuffer.allocateDirect(needed);
        int count = segment.read(oversized.clear().limit(needed), offset);
        oversized.clear();
        if (count < needed) {
            throw segment.failure(StoreError.DAMAGED_ENTRY, offset, "the file ends inside the entry");
        }
        verify(oversized, 0, segment, offset, sizeBytes);
        return payload(oversized, 0, sizeBytes);
    }

    private void verify(ByteBuffer memory, int at, Segment segment, long offset, int sizeBytes) {
        boolean itself = EntryFormat.isPlausible(memory, at, offset, segment.salt(), segment.endOffset())
                && memory.getInt(at + EntryFormat.SIZE_BYTES) == sizeBytes;
        if (!itself) {
            String detail = "no entry of " + sizeBytes + " bytes starts at physicalOffset " + offset;
            throw segment.failure(StoreError.DAMAGED_ENTRY, offset, detail);
        }
        int crc = memory.getInt(at + EntryFormat.CRC);
        if (crc != EntryFormat.crc(memory, at, EntryFormat.aligned(sizeBytes), offset, checksum)) {
            String detail = "the checksum of the entry at physicalOffset " + offset + " differs";
            throw segment.failure(StoreError.DAMAGED_ENTRY, offset, detail);
        }
    }

    private static ByteBuffer payload(ByteBuffer view, int at, int sizeBytes) {
        return view.clear().order(ByteOrder.BIG_ENDIAN).limit(at + sizeBytes).position(at + EntryFormat.HEADER_BYTES);
    }
}
