package org.larchmq.broker.shard;

/**
 * Whether a batch that could be flushed waits a moment for more: senders that were confirmed with the last batch send
 * again within the time of a round trip, and a flush for all of them costs no more than one for half of them. It learns
 * how many senders to expect: more than came is tried now and then, and fewer when they did not come in time.
 *
 * <p>Shard thread only.
 */
final class BatchDelay {
    private static final int OFTEN = 32;
    private static final int SELDOM = 1024;
    /** However the clock goes: the loop looks for more so often at most. */
    private static final int MOST_LOOKS = 200;

    private final long longestNanos;
    private int expected = 1;
    private int before;
    private int flushesBetweenTries = OFTEN;
    private int flushesToTry = OFTEN;
    private boolean waiting;
    private int looks;
    private long sinceNanos;

    /** @param longestNanos what a flush may be put off; 0 for never */
    BatchDelay(long longestNanos) {
        this.longestNanos = longestNanos;
    }

    /** @param senders who wait for the flush */
    boolean putsOff(int senders, long nowNanos) {
        if (senders >= expected) return false;
        if (!waiting) {
            waiting = true;
            sinceNanos = nowNanos;
            looks = 0;
        }
        return looks++ < MOST_LOOKS && nowNanos - sinceNanos < longestNanos;
    }

    /** The batch is flushed now, with so many who wait for it. */
    void flushed(int senders) {
        if (senders < expected) {
            expected = Math.max(1, senders);
            flushesBetweenTries = Math.min(SELDOM, 2 * flushesBetweenTries);
        } else if (senders > expected || waiting) {
            expected = senders;
            flushesBetweenTries = OFTEN;
        }
        if (--flushesToTry <= 0) {
            flushesToTry = flushesBetweenTries;
            expected = senders + before;
        }
        before = senders;
        waiting = false;
    }
}
