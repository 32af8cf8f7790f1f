package org.larchmq.broker.delivery;

import java.util.Arrays;
import org.larchmq.broker.state.Cursor;

/**
 * The next messages that came back and that one consumer has not looked at, by place: at most so many at once. Used for one
 * consumer after the other, so that their number costs no memory. Shard thread only.
 */
final class ReturnsInOrder {
    private static final int MOST = 2048;

    private long[] places = new long[64];
    private int count;
    private int next;
    private boolean isAll;
    private long end;

    /**
     * Collects them.
     *
     * @param recent null when nothing ever came back
     * @param below  places from here on will be looked at in their turn
     */
    void collect(RecentReturns recent, ReturnsSeen seen, Cursor cursor, long below) {
        count = 0;
        next = 0;
        isAll = true;
        end = recent == null ? 0 : recent.end();
        long limit = below;
        for (long number = seen.allBelow(); number < end; number++) {
            long place = recent.queueOffset(number);
            if (place >= limit || seen.contains(number, place) || !cursor.isAvailable(place)) continue;
            if (count == 2 * MOST) limit = keepTheFirst();
            if (place >= limit) continue;
            if (count == places.length) places = Arrays.copyOf(places, 2 * count);
            places[count++] = place;
        }
        Arrays.sort(places, 0, count);
        if (count > MOST) {
            count = MOST;
            isAll = false;
        }
    }

    private long keepTheFirst() {
        Arrays.sort(places, 0, count);
        count = MOST;
        isAll = false;
        return places[MOST];
    }

    boolean isEmpty() {
        return next == count;
    }

    /** Whether there may be more behind the last one. */
    boolean isUsedUp() {
        return isEmpty() && !isAll;
    }

    /** The first place. */
    long first() {
        return places[next];
    }

    /** The first one was looked at. */
    void removeFirst() {
        next++;
    }

    /** Notes what was looked at. */
    void mark(ReturnsSeen seen) {
        if (next < count) seen.below(places[next], end);
        else if (isAll) seen.all(end);
        else seen.below(places[count - 1] + 1, end);
    }
}
