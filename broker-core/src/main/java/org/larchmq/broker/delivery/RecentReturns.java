package org.larchmq.broker.delivery;

/**
 * The messages of one priority that came back lately, one after the other and numbered, so that each consumer that picks
 * looks at each of them once. The oldest are forgotten when there are many: who has not seen them looks at everything again.
 * Shard thread only.
 */
final class RecentReturns {
    private static final int SMALLEST = 64;
    static final int MOST = 1 << 16;

    private long[] ring = new long[SMALLEST];
    private long begin;
    private long end;

    /** Number of the first one that is known. */
    long begin() {
        return begin;
    }

    /** Number that the next one gets. */
    long end() {
        return end;
    }

    long queueOffset(long number) {
        return ring[index(number)];
    }

    /** @param seenByAll everybody has looked at those with smaller numbers */
    void add(long queueOffset, long seenByAll) {
        if (end - begin == ring.length) makeRoom(seenByAll);
        ring[index(end++)] = queueOffset;
    }

    /** Whether {@link #add} will ask who has seen what. */
    boolean isFull() {
        return end - begin == ring.length;
    }

    private void makeRoom(long seenByAll) {
        begin = Math.max(begin, Math.min(seenByAll, end));
        if (end - begin <= ring.length / 2) return;
        if (ring.length == MOST) {
            begin = end - MOST / 2;
            return;
        }
        long[] larger = new long[ring.length * 2];
        for (long number = begin; number < end; number++) {
            larger[(int) number & larger.length - 1] = ring[index(number)];
        }
        ring = larger;
    }

    private int index(long number) {
        return (int) number & ring.length - 1;
    }
}
