package org.larchmq.store.queue;

import java.util.BitSet;

/**
 * Which pages are in use. A page that a durable checkpoint may refer to is reused only when a later checkpoint, begun
 * after the page was freed, is durable. A page written since the last checkpoint began is "young": no checkpoint knows
 * it, so it may be overwritten or reused at once.
 */
final class PageAllocator {
    private final BitSet used = new BitSet();
    private final BitSet young = new BitSet();
    private BitSet freedBeforeBegun = new BitSet();
    private BitSet freedSinceBegun = new BitSet();

    int allocate() {
        int page = used.nextClearBit(0);
        used.set(page);
        young.set(page);
        return page;
    }

    /** Marks a page that a checkpoint refers to. False when it is taken already: the checkpoint is wrong. */
    boolean claim(int page) {
        if (used.get(page)) return false;
        used.set(page);
        return true;
    }

    void free(int page) {
        if (young.get(page)) {
            young.clear(page);
            used.clear(page);
        } else {
            freedSinceBegun.set(page);
        }
    }

    /** Whether a queue or a checkpoint may refer to the page. */
    boolean isUsed(int page) {
        return used.get(page);
    }

    boolean isYoung(int page) {
        return young.get(page);
    }

    void checkpointBegun() {
        freedBeforeBegun.or(freedSinceBegun);
        freedSinceBegun = new BitSet();
        young.clear();
    }

    void checkpointDurable() {
        used.andNot(freedBeforeBegun);
        freedBeforeBegun = new BitSet();
    }

    void clear() {
        used.clear();
        young.clear();
        freedBeforeBegun = new BitSet();
        freedSinceBegun = new BitSet();
    }

    /** All pages in use, or waiting to be reused, are below. */
    int end() {
        return used.length();
    }

    int usedPages() {
        return used.cardinality();
    }
}
