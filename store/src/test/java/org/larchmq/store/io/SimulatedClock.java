package org.larchmq.store.io;

/** A clock that stands still until it is told to move. */
public final class SimulatedClock implements Clock {
    private long nanos;
    private long setForwardMillis;

    public SimulatedClock advanceMillis(long millis) {
        nanos += millis * 1_000_000;
        return this;
    }

    public SimulatedClock advanceNanos(long more) {
        nanos += more;
        return this;
    }

    /** Sets the wall clock; the monotonic one goes on as before. */
    public SimulatedClock setForwardMillis(long millis) {
        setForwardMillis += millis;
        return this;
    }

    @Override
    public long currentTimeMillis() {
        return 1_700_000_000_000L + setForwardMillis + nanos / 1_000_000;
    }

    @Override
    public long nanoTime() {
        return nanos;
    }
}
