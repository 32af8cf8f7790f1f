package org.larchmq.broker.state;

import java.nio.ByteBuffer;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.roaringbitmap.RoaringBitmap;

/**
 * Set of queue offsets: a compressed bitmap for each 2^31 of them that has a member. Its size follows its holes, and it
 * takes every offset that is not negative. Not thread safe.
 */
final class OffsetSet {
    private static final int CHUNK_BITS = 31;
    private static final long CHUNK = 1L << CHUNK_BITS;
    private static final long NONE = -1;

    private final TreeMap<Long, RoaringBitmap> chunks = new TreeMap<>(); // none of them empty
    private long lastNumber = NONE;
    private RoaringBitmap last;

    boolean isEmpty() {
        return chunks.isEmpty();
    }

    long size() {
        long sum = 0;
        for (RoaringBitmap bits : chunks.values()) sum += bits.getLongCardinality();
        return sum;
    }

    /** Members in {@code [from, end)}. */
    long count(long from, long end) {
        long sum = 0;
        for (long at = Math.max(0, from); at < end; ) {
            long chunkEnd = Math.min(end, (at | (CHUNK - 1)) + 1);
            RoaringBitmap bits = find(at >>> CHUNK_BITS);
            long first = within(at);
            if (bits != null) sum += bits.rangeCardinality(first, first + chunkEnd - at);
            at = chunkEnd;
        }
        return sum;
    }

    void add(long offset) {
        made(offset >>> CHUNK_BITS).add(within(offset));
    }

    void add(long from, long count) {
        long end = from + count;
        while (from < end) {
            long chunkEnd = Math.min(end, (from | (CHUNK - 1)) + 1);
            long first = within(from);
            made(from >>> CHUNK_BITS).add(first, first + chunkEnd - from);
            from = chunkEnd;
        }
    }

    boolean contains(long offset) {
        RoaringBitmap bits = find(offset >>> CHUNK_BITS);
        return bits != null && bits.contains(within(offset));
    }

    void remove(long offset) {
        long number = offset >>> CHUNK_BITS;
        RoaringBitmap bits = find(number);
        if (bits == null) return;
        bits.remove(within(offset));
        if (bits.isEmpty()) drop(number);
    }

    void remove(long from, long count) {
        long end = from + count;
        if (count <= 0 || isEmpty()) return;
        var touched = chunks.subMap(from >>> CHUNK_BITS, true, (end - 1) >>> CHUNK_BITS, true)
                .entrySet();
        for (Iterator<Map.Entry<Long, RoaringBitmap>> all = touched.iterator(); all.hasNext(); ) {
            Map.Entry<Long, RoaringBitmap> chunk = all.next();
            long base = chunk.getKey() << CHUNK_BITS;
            chunk.getValue().remove(Math.max(0, from - base), Math.min(CHUNK, end - base));
            if (chunk.getValue().isEmpty()) all.remove();
        }
        forgetLast();
    }

    void removeBelow(long offset) {
        if (offset > 0) remove(0, offset);
    }

    /** Smallest member at or above {@code offset}, -1 when there is none. */
    long firstFrom(long offset) {
        long from = Math.max(0, offset);
        if (isEmpty()) return -1;
        for (Map.Entry<Long, RoaringBitmap> chunk :
                chunks.tailMap(from >>> CHUNK_BITS, true).entrySet()) {
            long base = chunk.getKey() << CHUNK_BITS;
            long next = chunk.getValue().nextValue((int) Math.max(0, from - base));
            if (next >= 0) return base + next;
        }
        return -1;
    }

    /** Smallest offset at or above {@code offset} that is not a member. */
    long firstAbsentFrom(long offset) {
        long from = offset;
        while (true) {
            long number = from >>> CHUNK_BITS;
            RoaringBitmap bits = find(number);
            if (bits == null) return from;
            long absent = bits.nextAbsentValue(within(from));
            if (absent < CHUNK) return (number << CHUNK_BITS) + absent;
            from = (number + 1) << CHUNK_BITS;
        }
    }

    void clear() {
        chunks.clear();
        forgetLast();
    }

    void encode(ByteWriter out) {
        out.putInt(chunks.size());
        chunks.forEach((number, bits) -> {
            bits.runOptimize();
            byte[] bytes = new byte[bits.serializedSizeInBytes()];
            bits.serialize(ByteBuffer.wrap(bytes));
            out.putLong(number).putInt(bytes.length).putBytes(bytes);
        });
    }

    void decode(ByteReader in) {
        clear();
        for (int left = in.getCount(12); left > 0; left--) {
            long number = in.getLong();
            byte[] bytes = in.getBytes(in.getSize());
            RoaringBitmap bits = new RoaringBitmap();
            try {
                bits.deserialize(ByteBuffer.wrap(bytes));
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            chunks.put(number, bits);
        }
    }

    private static int within(long offset) {
        return (int) (offset & (CHUNK - 1));
    }

    /** Null when there is none. */
    private RoaringBitmap find(long number) {
        if (number == lastNumber) return last;
        RoaringBitmap bits = chunks.get(number);
        if (bits == null) return null;
        lastNumber = number;
        return last = bits;
    }

    private RoaringBitmap made(long number) {
        RoaringBitmap bits = find(number);
        if (bits != null) return bits;
        bits = new RoaringBitmap();
        chunks.put(number, bits);
        lastNumber = number;
        return last = bits;
    }

    private void drop(long number) {
        chunks.remove(number);
        forgetLast();
    }

    private void forgetLast() {
        lastNumber = NONE;
        last = null;
    }
}
