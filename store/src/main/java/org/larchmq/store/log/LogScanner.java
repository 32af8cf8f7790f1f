package org.larchmq.store.log;

import java.nio.ByteBuffer;
import java.util.OptionalLong;
import org.larchmq.store.io.ReadPace;

/**
 * Reads entries straight from segment files, trusting nothing: an entry counts only when its place, length and checksum
 * agree. Holds one window of the file; allocates at most one entry's length more, bounded by what the file holds.
 */
final class LogScanner {
    private static final int WINDOW_BYTES = 1 << 20;
    private static final int LARGEST_EPOCH_STEP = 1 << 16;
    private static final int SALT_SEARCH_FACTOR = 4;

    private final EntryChecksum checksum;
    private final ReadPace pace;
    private ByteBuffer window = ByteBuffer.allocateDirect(0);
    private Segment windowSegment;
    private long windowOffset;
    private int windowBytes;
    private int at;
    private long plausibleEnd;
    private int lowestEpoch;
    private int highestEpoch = Integer.MAX_VALUE;

    LogScanner(EntryChecksum checksum) {
        this(checksum, ReadPace.NONE);
    }

    LogScanner(EntryChecksum checksum, ReadPace pace) {
        this.checksum = checksum;
        this.pace = pace;
    }

    /**
     * From now on an entry counts only when its epoch is not lower than this one, and not so much higher that no log gets
     * there: what follows an entry was written after it.
     */
    void expectEpochFrom(int epoch) {
        lowestEpoch = epoch;
        highestEpoch = (int) Math.min(Integer.MAX_VALUE, (long) epoch + LARGEST_EPOCH_STEP);
    }

    /** From now on entries of all epochs count. */
    void expectAnyEpoch() {
        lowestEpoch = 0;
        highestEpoch = Integer.MAX_VALUE;
    }

    /** Whether a valid entry starts there; the methods below then describe it, until the next call. */
    boolean isEntry(Segment segment, long offset) {
        return isWholeEntry(segment, offset) && isEpochExpected();
    }

    /** A HOLE, made by repair, belongs to no epoch. */
    private boolean isEpochExpected() {
        return type() == EntryFormat.HOLE || epoch() >= lowestEpoch && epoch() <= highestEpoch;
    }

    private boolean isWholeEntry(Segment segment, long offset) {
        if (!segment.hasSalt()) return false;
        if (offset + EntryFormat.HEADER_BYTES > segment.endOffset()) return false;
        if (!load(segment, offset, EntryFormat.HEADER_BYTES)) return false;
        if (!EntryFormat.isPlausible(window, at, offset, segment.salt(), segment.endOffset())) return false;
        return isChecksumRight(segment, offset);
    }

    private boolean isChecksumRight(Segment segment, long offset) {
        int checkedBytes = EntryFormat.checkedBytes(type(), sizeBytes());
        if (!load(segment, offset, checkedBytes)) return false;
        return window.getInt(at + EntryFormat.CRC) == EntryFormat.crc(window, at, checkedBytes, offset, checksum);
    }

    /**
     * The salt of a segment whose header is damaged, as its first whole entry has it. Reads each byte a few times at most,
     * whatever they are.
     */
    OptionalLong findSalt(Segment segment) {
        long budget = SALT_SEARCH_FACTOR * (segment.allocatedTo() - segment.baseOffset());
        long last = Math.min(segment.endOffset(), segment.allocatedTo()) - EntryFormat.HEADER_BYTES;
        for (long offset = segment.firstEntryOffset(); offset <= last; offset += EntryFormat.ALIGNMENT) {
            if (!load(segment, offset, EntryFormat.HEADER_BYTES)) break;
            if (!EntryFormat.hasPossibleSize(window, at, offset, segment.endOffset())) continue;
            budget -= EntryFormat.checkedBytes(type(), sizeBytes());
            if (budget < 0) break;
            if (isChecksumRight(segment, offset)) {
                return OptionalLong.of(window.getLong(at + EntryFormat.PLACE) ^ offset);
            }
        }
        return OptionalLong.empty();
    }

    /** The first valid entry at or behind an offset of the segment, or -1; see {@link #plausibleEnd}. */
    long nextEntry(Segment segment, long from) {
        if (!segment.hasSalt()) return -1;
        long offset = from;
        long last = Math.min(segment.endOffset(), segment.allocatedTo()) - EntryFormat.HEADER_BYTES;
        while (offset <= last) {
            if (!load(segment, offset, EntryFormat.HEADER_BYTES)) return -1;
            long candidate = nextSelfNamed(offset, segment.salt());
            if (candidate < 0) {
                offset = windowOffset + ((windowBytes - EntryFormat.HEADER_BYTES) & -EntryFormat.ALIGNMENT) + 8;
                continue;
            }
            load(segment, candidate, EntryFormat.HEADER_BYTES);
            if (EntryFormat.isPlausible(window, at, candidate, segment.salt(), segment.endOffset())) {
                plausibleEnd = Math.max(plausibleEnd, candidate + EntryFormat.aligned(sizeBytes()));
                if (isEntry(segment, candidate)) return candidate;
            }
            offset = candidate + EntryFormat.ALIGNMENT;
        }
        return -1;
    }

    /** Behind the last thing that {@link #nextEntry} took for an entry, valid or not, since the last reset. */
    long plausibleEnd() {
        return plausibleEnd;
    }

    void resetPlausibleEnd(long offset) {
        plausibleEnd = offset;
    }

    /** Forgets what was read; needed after the files were changed. */
    void forget() {
        windowSegment = null;
    }

    int sizeBytes() {
        return window.getInt(at + EntryFormat.SIZE_BYTES);
    }

    byte type() {
        return window.get(at + EntryFormat.TYPE);
    }

    boolean isInHead() {
        return (window.getShort(at + EntryFormat.FLAGS) & EntryFormat.IN_HEAD) != 0;
    }

    int epoch() {
        return window.getInt(at + EntryFormat.EPOCH);
    }

    long timestampMillis() {
        return window.getLong(at + EntryFormat.TIMESTAMP_MILLIS);
    }

    long flushedOffset() {
        return window.getLong(at + EntryFormat.FLUSHED_OFFSET);
    }

    ByteBuffer payload() {
        return window.slice(at + EntryFormat.HEADER_BYTES, sizeBytes() - EntryFormat.HEADER_BYTES);
    }

    private long nextSelfNamed(long from, long salt) {
        int end = windowBytes - EntryFormat.HEADER_BYTES;
        long offset = from;
        for (int i = (int) (from - windowOffset); i <= end; i += EntryFormat.ALIGNMENT) {
            if (window.getLong(i + EntryFormat.PLACE) == EntryFormat.place(offset, salt)) return offset;
            offset += EntryFormat.ALIGNMENT;
        }
        return -1;
    }

    /** Makes the bytes available in the window and points {@code at} there; false when the file ends before. */
    private boolean load(Segment segment, long offset, int bytes) {
        boolean there =
                segment == windowSegment && offset >= windowOffset && offset + bytes <= windowOffset + windowBytes;
        if (!there) {
            long available = segment.allocatedTo() - offset;
            if (available < bytes) return false;
            int wanted = (int) Math.min(available, Math.max(bytes, WINDOW_BYTES));
            if (window.capacity() < wanted) window = ByteBuffer.allocateDirect(wanted);
            windowBytes = segment.read(window.clear().limit(wanted), offset);
            window.clear();
            windowSegment = segment;
            windowOffset = offset;
            pace.afterRead(windowBytes);
        }
        at = (int) (offset - windowOffset);
        return windowBytes - at >= bytes;
    }
}
