package org.larchmq.broker.state;

import java.util.concurrent.TimeUnit;

/**
 * Tells those who want little of a thread's time from those who want much. Everybody earns a part of the time that passes
 * while nothing is done for him, the smaller the more are at work, and may spend it at once; who has spent it takes his
 * turn with the others. All earn together at most half of the time. One thread.
 */
public final class Earnings {
    /** What one can have saved. */
    static final long MOST_NANOS = TimeUnit.MICROSECONDS.toNanos(250);

    private static final int SMALLEST_CROWD = 8;

    private int served;
    private int crowd = SMALLEST_CROWD;

    /** What one has earned and not spent. */
    public static final class Account {
        private long nanos;
        private long asOfNanos = Long.MIN_VALUE;
    }

    /** What an account has when something is wanted for it. */
    public long of(Account account, long nowNanos) {
        if (account.asOfNanos == Long.MIN_VALUE) account.asOfNanos = nowNanos; // new: nothing earned
        long passed = Math.max(0, nowNanos - account.asOfNanos);
        account.nanos = Math.min(MOST_NANOS, account.nanos + passed / (2L * crowd));
        account.asOfNanos = nowNanos;
        return account.nanos;
    }

    /** Something was done. Returns how much of its time was not covered by what had been earned. */
    public long spend(Account account, long usedNanos, long nowNanos) {
        served++;
        account.asOfNanos = nowNanos;
        long covered = Math.min(usedNanos, account.nanos);
        account.nanos -= covered;
        return usedNanos - covered;
    }

    /** Everybody who is at work has been served, or could have been. */
    public void turnEnds() {
        crowd = Math.max(SMALLEST_CROWD, Math.max(served, crowd - (crowd >> 3)));
        served = 0;
    }
}
