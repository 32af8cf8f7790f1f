package org.larchmq.store.io;

import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * So many bytes per second at most, and at least three quarters of the time at rest: a disk that is slow, or busy, is
 * left to the others even when it cannot give the rate. One thread reads; any thread may {@link #stop}.
 */
public final class RatePace implements ReadPace {
    private static final int REST_PER_WORK = 3;

    private final long bytesPerSecond;
    private final Clock clock;
    private volatile boolean stopped;
    private volatile Thread reader;
    private long resumedAtNanos;

    /** @param bytesPerSecond positive */
    public RatePace(long bytesPerSecond, Clock clock) {
        if (bytesPerSecond <= 0)
            throw new IllegalArgumentException("bytesPerSecond must be positive: " + bytesPerSecond);
        this.bytesPerSecond = bytesPerSecond;
        this.clock = clock;
        this.resumedAtNanos = clock.nanoTime();
    }

    @Override
    public void afterRead(int bytes) {
        reader = Thread.currentThread();
        long worked = clock.nanoTime() - resumedAtNanos;
        long due = clock.nanoTime() + restNanos(bytes, worked);
        for (long left = due - clock.nanoTime(); left > 0 && !stopped; left = due - clock.nanoTime()) {
            LockSupport.parkNanos(left);
        }
        if (stopped) throw new CancellationException("stopped");
        resumedAtNanos = clock.nanoTime();
    }

    /** How long to rest after so many bytes that took so long. */
    long restNanos(int bytes, long workedNanos) {
        long perRate = (long) ((double) bytes / bytesPerSecond * TimeUnit.SECONDS.toNanos(1)) - workedNanos;
        return Math.max(perRate, REST_PER_WORK * workedNanos);
    }

    /** Ends the job: it reads no more once its current read is over. */
    public void stop() {
        stopped = true;
        Thread waiting = reader;
        if (waiting != null) LockSupport.unpark(waiting);
    }
}
