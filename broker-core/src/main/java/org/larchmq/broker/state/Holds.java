package org.larchmq.broker.state;

import java.util.TreeMap;

/**
 * Places in the log that somebody is reading, or has written and not made use of yet: the log is kept from the first of
 * them on. Gone with the process. Shard thread only.
 */
public final class Holds {
    private final TreeMap<Long, Integer> places = new TreeMap<>();

    public void hold(long physicalOffset) {
        places.merge(physicalOffset, 1, Integer::sum);
    }

    public void release(long physicalOffset) {
        places.computeIfPresent(physicalOffset, (place, count) -> count == 1 ? null : count - 1);
    }

    /** {@link Long#MAX_VALUE} when nothing is held. */
    long oldest() {
        return places.isEmpty() ? Long.MAX_VALUE : places.firstKey();
    }

    public boolean isEmpty() {
        return places.isEmpty();
    }
}
