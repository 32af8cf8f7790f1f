package org.larchmq.bench.perf;

import java.util.concurrent.locks.LockSupport;

/**
 * When each send is due. Open loop: a slow send delays nothing in the plan, and its delay counts as latency of those
 * that had to wait behind it.
 */
final class Pacer {
    private final double intervalNanos;
    private final long startNanos;
    private long sends;

    /** A rate of 0 is flat out: every send is due when it is asked for. */
    Pacer(double sendsPerSecond, long startNanos) {
        this.intervalNanos = sendsPerSecond > 0 ? 1e9 / sendsPerSecond : 0;
        this.startNanos = startNanos;
    }

    long nextDueNanos(long nowNanos) {
        if (intervalNanos == 0) return nowNanos;
        return startNanos + (long) (sends++ * intervalNanos);
    }

    static void waitUntil(long dueNanos) {
        long left;
        while ((left = dueNanos - System.nanoTime()) > 0) {
            LockSupport.parkNanos(left);
            if (Thread.currentThread().isInterrupted()) return;
        }
    }
}
