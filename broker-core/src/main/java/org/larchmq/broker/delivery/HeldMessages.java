package org.larchmq.broker.delivery;

/**
 * What a consumer holds, by delivery sequence 1, 2, 3 …: a growing ring of primitive arrays, since there is one entry per
 * message delivered. Shard thread only.
 */
final class HeldMessages {
    private static final long GONE = -1;
    private static final int IN_MEMORY = 0x10;
    private static final int SMALLEST = 16;
    /** A longer ring shrinks when little of it is in use. */
    private static final int KEPT = 1024;

    private long[] queueOffset = new long[SMALLEST];
    private byte[] where = new byte[SMALLEST];
    private long first = 1;
    private long next = 1;
    private int held;

    /** Sequence that the next delivery gets. */
    long nextSequence() {
        return next;
    }

    /** Smallest sequence that may still be held. */
    long firstSequence() {
        return first;
    }

    int size() {
        return held;
    }

    void add(long offset, int priority, boolean inMemory) {
        if (next - first == queueOffset.length) resize(queueOffset.length * 2);
        int index = index(next++);
        queueOffset[index] = offset;
        where[index] = (byte) (inMemory ? priority | IN_MEMORY : priority);
        held++;
    }

    /** A sequence that is used up without anything to hold. */
    void skip() {
        if (held > 0) throw new IllegalStateException("an untracked consumer holds nothing");
        next++;
        first = next;
    }

    boolean isHeld(long sequence) {
        return sequence >= first && sequence < next && queueOffset[index(sequence)] != GONE;
    }

    long queueOffset(long sequence) {
        return queueOffset[index(sequence)];
    }

    int priority(long sequence) {
        return where[index(sequence)] & 0xF;
    }

    boolean inMemory(long sequence) {
        return (where[index(sequence)] & IN_MEMORY) != 0;
    }

    void remove(long sequence) {
        queueOffset[index(sequence)] = GONE;
        held--;
        while (first < next && queueOffset[index(first)] == GONE) first++;
        if (queueOffset.length > KEPT && next - first < queueOffset.length / 8) resize(queueOffset.length / 4);
    }

    /** For tests: what there is room for without growing. */
    int capacity() {
        return queueOffset.length;
    }

    /** Deliveries from the first that is held to the last one: what the ring has room for. */
    long span() {
        return next - first;
    }

    /** Lets go of everything. */
    void clear() {
        held = 0;
        first = next;
        if (queueOffset.length > KEPT) resize(SMALLEST);
    }

    private int index(long sequence) {
        return (int) sequence & (queueOffset.length - 1);
    }

    private void resize(int length) {
        long[] offsets = new long[length];
        byte[] places = new byte[length];
        for (long sequence = first; sequence < next; sequence++) {
            int to = (int) sequence & (length - 1);
            offsets[to] = queueOffset[index(sequence)];
            places[to] = where[index(sequence)];
        }
        queueOffset = offsets;
        where = places;
    }
}
