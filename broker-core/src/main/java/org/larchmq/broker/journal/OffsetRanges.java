package org.larchmq.broker.journal;

import java.util.Arrays;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;

/** Growing list of ranges of queue offsets; neighbours that follow each other are joined. Not thread safe. */
public final class OffsetRanges {
    static final int RANGE_BYTES = 16;

    private long[] ranges = new long[8];
    private int used;

    /** Joins the last range when {@code queueOffset} follows it. */
    public void add(long queueOffset) {
        add(queueOffset, 1);
    }

    public void add(long from, long count) {
        if (from < 0 || count <= 0) throw new IllegalArgumentException("range " + from + "+" + count);
        if (used > 0 && ranges[used - 2] + ranges[used - 1] == from) {
            ranges[used - 1] += count;
            return;
        }
        if (used == ranges.length) ranges = Arrays.copyOf(ranges, Math.max(8, used * 2));
        ranges[used++] = from;
        ranges[used++] = count;
    }

    /** Number of ranges. */
    public int size() {
        return used / 2;
    }

    public boolean isEmpty() {
        return used == 0;
    }

    public long from(int index) {
        return ranges[index * 2];
    }

    public long count(int index) {
        return ranges[index * 2 + 1];
    }

    /** The ranges from an index on, at most so many; itself when that is all of them. */
    public OffsetRanges slice(int from, int most) {
        if (from == 0 && size() <= most) return this;
        OffsetRanges slice = new OffsetRanges();
        slice.ranges = Arrays.copyOfRange(ranges, from * 2, Math.min(size(), from + most) * 2);
        slice.used = slice.ranges.length;
        return slice;
    }

    /** Number of queue offsets in all ranges. */
    public long offsets() {
        long sum = 0;
        for (int i = 1; i < used; i += 2) sum += ranges[i];
        return sum;
    }

    public void clear() {
        used = 0;
    }

    /** Count 4, then per range queueOffset 8, messages 8. */
    void encode(ByteWriter out) {
        out.putInt(size());
        for (int i = 0; i < used; i++) out.putLong(ranges[i]);
    }

    static OffsetRanges decode(ByteReader in) {
        OffsetRanges read = new OffsetRanges();
        read.readInto(in);
        return read;
    }

    /** Adds what {@link #encode} has written. */
    void readInto(ByteReader in) {
        for (int left = in.getCount(RANGE_BYTES); left > 0; left--) {
            long from = in.getLong();
            long messages = in.getLong();
            if (from < 0 || messages <= 0) {
                throw new ProtocolException(ErrorCode.PROTOCOL, "range " + from + "+" + messages);
            }
            add(from, messages);
        }
    }
}
