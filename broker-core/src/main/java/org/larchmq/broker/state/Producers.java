package org.larchmq.broker.state;

import java.util.Arrays;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

/**
 * The producers that were heard of last, by id, at most so many; with one too many the quarter that was heard of longest
 * ago is forgotten. Which one that is follows from the log alone. Open addressing without boxing, since every tracked
 * message comes here. Shard thread only.
 */
final class Producers {
    /** Producers that are remembered. */
    static final int MOST = 10_000;

    private Producer[] slots = new Producer[64];
    private final int most;
    private int count;
    private long forgottenBefore;
    private Producer last = new Producer(0);

    Producers(int most) {
        this.most = most;
    }

    int size() {
        return count;
    }

    /** Null when there is none of this id. */
    Producer find(long id) {
        if (last.id == id && id != 0) return last;
        int mask = slots.length - 1;
        for (int at = spread(id) & mask; slots[at] != null; at = at + 1 & mask) {
            if (slots[at].id == id) return last = slots[at];
        }
        return null;
    }

    /** The producer of an id, made when missing, of which was heard at {@code physicalOffset}. */
    Producer heard(long id, long physicalOffset) {
        Producer producer = find(id);
        if (producer == null) {
            if (count >= most) forgetOldest();
            producer = new Producer(id);
            if (forgottenBefore > 0) producer.mayHaveBeenForgotten();
            add(producer);
        }
        producer.heard(physicalOffset);
        return producer;
    }

    /** @param since position in the log since when the producer may have stored it */
    Memory remembers(long id, long sequence, long since) {
        Producer producer = find(id);
        if (producer != null) return producer.remembers(sequence);
        return forgottenSince(since) ? Memory.FORGOTTEN : Memory.NOT_STORED;
    }

    /** Whether a producer that is not known may have been there since a position of the log. */
    boolean forgottenSince(long since) {
        return since < forgottenBefore;
    }

    private void add(Producer producer) {
        if (++count > slots.length / 2) rebuild(slots.length * 2, Long.MIN_VALUE);
        put(producer);
    }

    private void put(Producer producer) {
        int mask = slots.length - 1;
        int at = spread(producer.id) & mask;
        while (slots[at] != null) at = at + 1 & mask;
        slots[at] = producer;
    }

    private void forgetOldest() {
        long[] offsets = new long[count];
        int next = 0;
        for (Producer producer : slots) if (producer != null) offsets[next++] = producer.lastOffset();
        Arrays.sort(offsets);
        forgottenBefore = Math.max(forgottenBefore, offsets[(count - 1) / 4] + 1);
        rebuild(slots.length, forgottenBefore);
        count = 0;
        for (Producer producer : slots) if (producer != null) count++;
        last = new Producer(0);
    }

    private void rebuild(int size, long keepFrom) {
        Producer[] old = slots;
        slots = new Producer[size];
        for (Producer producer : old) if (producer != null && producer.lastOffset() >= keepFrom) put(producer);
    }

    private static int spread(long id) {
        long mixed = id * 0x9E3779B97F4A7C15L;
        return (int) (mixed >>> 32);
    }

    void encode(ByteWriter out) {
        out.putLong(forgottenBefore).putInt(count);
        for (Producer producer : slots) if (producer != null) producer.encode(out);
    }

    void decode(ByteReader in) {
        forgottenBefore = in.getLong();
        int producers = in.getCount(42);
        for (int i = 0; i < producers; i++) add(Producer.decode(in));
    }
}
