package org.larchmq.store.io;

/** A clock that stands still until it is told to move. */
public final class SimulatedClock implements Clock {
    private long nanos;

    public SimulatedClock advanceMillis(long millis) {
        nanos += millis * 1_000_000;
        return this;
    }

    @Override
    public long currentTimeMillis() {
        return 1_700_000_000_000L + nanos / 1_000_000;
    }

    @Override
    public long nanoTime() {
        return nanos;
    }
}
