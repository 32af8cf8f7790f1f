package org.larchmq.broker.state;

import java.nio.ByteBuffer;
import org.larchmq.wire.WireReader;
import org.larchmq.wire.WireWriter;
import org.roaringbitmap.RoaringBitmap;

/**
 * Set of queue offsets that lie within 2^31 of each other: a compressed bitmap relative to a base. Its size follows its
 * holes. Not thread safe.
 */
final class OffsetSet {
    private static final long REACH = 1L << 31;

    private RoaringBitmap bits = new RoaringBitmap();
    private long base;

    boolean isEmpty() {
        return bits.isEmpty();
    }

    long size() {
        return bits.getLongCardinality();
    }

    void add(long offset) {
        int relative = relative(offset); // may replace the bitmap
        bits.add(relative);
    }

    void add(long from, long count) {
        long first = Integer.toUnsignedLong(relative(from));
        if (first + count > REACH) {
            throw new IllegalStateException(count + " offsets from " + from + " are too far from " + base);
        }
        bits.add(first, first + count);
    }

    boolean contains(long offset) {
        long relative = offset - base;
        return relative >= 0 && relative < REACH && bits.contains((int) relative);
    }

    void remove(long offset) {
        long relative = offset - base;
        if (relative >= 0 && relative < REACH) bits.remove((int) relative);
    }

    void remove(long from, long count) {
        long low = Math.max(0, from - base);
        long high = Math.min(REACH, from + count - base);
        if (low < high) bits.remove(low, high);
    }

    void removeBelow(long offset) {
        long high = Math.min(REACH, offset - base);
        if (high > 0) bits.remove(0L, high);
    }

    /** Smallest member at or above {@code offset}, -1 when there is none. */
    long firstFrom(long offset) {
        long next = bits.nextValue((int) Math.max(0, Math.min(REACH - 1, offset - base)));
        return next < 0 ? -1 : base + next;
    }

    /** Smallest offset at or above {@code offset} that is not a member. */
    long firstAbsentFrom(long offset) {
        long relative = offset - base;
        if (relative < 0 || relative >= REACH) return offset;
        return base + bits.nextAbsentValue((int) relative);
    }

    void clear() {
        bits = new RoaringBitmap();
    }

    void encode(WireWriter out) {
        bits.runOptimize();
        int size = bits.serializedSizeInBytes();
        byte[] bytes = new byte[size];
        bits.serialize(ByteBuffer.wrap(bytes));
        out.putLong(base).putInt(size).putBytes(bytes);
    }

    void decode(WireReader in) {
        base = in.getLong();
        byte[] bytes = in.getBytes(in.getSize());
        bits = new RoaringBitmap();
        try {
            bits.deserialize(ByteBuffer.wrap(bytes));
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    private int relative(long offset) {
        if (bits.isEmpty()) base = offset & ~0xFFFFL;
        long relative = offset - base;
        if (relative < 0 || relative >= REACH) {
            rebase(Math.min(offset, base + Integer.toUnsignedLong(bits.first())) & ~0xFFFFL);
            relative = offset - base;
            if (relative >= REACH) {
                throw new IllegalStateException("offsets " + base + " and " + offset + " are too far apart");
            }
        }
        return (int) relative;
    }

    private void rebase(long newBase) {
        bits = RoaringBitmap.addOffset(bits, base - newBase);
        base = newBase;
    }
}
