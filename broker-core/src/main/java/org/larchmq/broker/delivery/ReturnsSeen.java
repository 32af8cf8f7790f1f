package org.larchmq.broker.delivery;

/**
 * How far a consumer that picks has looked at what came back ({@link RecentReturns}): it looks at those that are there in
 * the order of their places, whatever the order in which they came back. Shard thread only.
 */
final class ReturnsSeen {
    private long allBelow;
    private long someBelow;
    private long place;

    /** All that came back with a smaller number were looked at. */
    long allBelow() {
        return allBelow;
    }

    /** Whether the one with a number, which is the message at a place, was looked at. */
    boolean contains(long number, long queueOffset) {
        return number < allBelow || number < someBelow && queueOffset < place;
    }

    /** All with numbers below {@code end} were looked at. */
    void all(long end) {
        allBelow = end;
        someBelow = end;
    }

    /** Of those with numbers below {@code end}, all were looked at whose places are below one. */
    void below(long queueOffset, long end) {
        someBelow = end;
        place = queueOffset;
    }
}
