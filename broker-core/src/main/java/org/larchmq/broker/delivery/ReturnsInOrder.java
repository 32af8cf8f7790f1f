package org.larchmq.broker.delivery;

import java.util.Arrays;
import org.larchmq.broker.state.Cursor;

/**
 * What came back ({@link RecentReturns}) and one consumer that picks has not looked at yet: it looks at that by place,
 * whatever the order in which it came back. The first places are kept; those behind them are looked for when the kept ones
 * are used up, so that many returns cost each consumer little memory and few looks. Shard thread only.
 */
final class ReturnsInOrder {
    static final int MOST_KEPT = 256;
    private static final int FIRST_KEPT = 16;
    private static final long[] NONE = {};
    private static final long NOTHING = Long.MAX_VALUE;

    private long[] places = NONE; // rising, from first to end
    private int first;
    private int end;
    private long done;
    private long noted;
    private long leftFrom = NOTHING;

    /** The consumer has looked at all with smaller numbers. */
    long done() {
        return done;
    }

    /** Whether the consumer has looked at everything that came back. */
    boolean isDone(RecentReturns recent) {
        return isEmpty() && !hasLeft() && noted == recent.end();
    }

    /** The consumer looks at everything from the beginning of the queue on, so also at what came back. */
    void forget(RecentReturns recent) {
        first = end = 0;
        leftFrom = NOTHING;
        done = noted = recent.end();
    }

    /**
     * Takes note of what came back since the last call, and keeps the next places when none is kept.
     *
     * @param below places from here on are looked at in their turn
     * @return how many returns it has gone through
     */
    int advance(RecentReturns recent, Cursor cursor, long below) {
        long wentThrough = recent.end() - noted;
        keep(recent, noted, 0, cursor, below);
        noted = recent.end();
        if (isEmpty() && hasLeft()) {
            long from = leftFrom;
            leftFrom = NOTHING;
            wentThrough += noted - done;
            keep(recent, done, from, cursor, below);
        }
        if (isEmpty() && !hasLeft()) {
            done = noted;
            places = NONE;
            first = end = 0;
        }
        return (int) wentThrough;
    }

    private void keep(RecentReturns recent, long fromNumber, long fromPlace, Cursor cursor, long below) {
        for (long number = fromNumber; number < recent.end(); number++) {
            long place = recent.queueOffset(number);
            if (place >= fromPlace && place < below && place < leftFrom && cursor.isAvailable(place)) keep(place);
        }
    }

    private void keep(long place) {
        if (end - first == MOST_KEPT) {
            leftFrom = Math.max(place, places[end - 1]);
            if (leftFrom == place) return;
            end--;
        }
        if (end == places.length) makeRoom();
        int at = Arrays.binarySearch(places, first, end, place);
        if (at >= 0) return; // it came back twice
        at = -at - 1;
        System.arraycopy(places, at, places, at + 1, end++ - at);
        places[at] = place;
    }

    private void makeRoom() {
        long[] larger = end - first > places.length / 2 || places.length == 0
                ? new long[Math.min(2 * MOST_KEPT, Math.max(FIRST_KEPT, 2 * places.length))]
                : places;
        System.arraycopy(places, first, larger, 0, end - first);
        places = larger;
        end -= first;
        first = 0;
    }

    boolean isEmpty() {
        return first == end;
    }

    /** Whether there are others behind the kept ones. */
    boolean hasLeft() {
        return leftFrom != NOTHING;
    }

    /** The first place. */
    long first() {
        return places[first];
    }

    /** The consumer has looked at the first place. */
    void removeFirst() {
        first++;
    }
}
