package org.larchmq.store.io;

/** Time as the store sees it, so that a test can own it. Safe from any thread. */
public interface Clock {
    /** Wall-clock time in milliseconds since 1970; may jump either way. */
    long currentTimeMillis();

    /** Monotonic time in nanoseconds from an arbitrary origin. */
    long nanoTime();

    /** The clock of this machine. */
    static Clock system() {
        return new Clock() {
            @Override
            public long currentTimeMillis() {
                return System.currentTimeMillis();
            }

            @Override
            public long nanoTime() {
                return System.nanoTime();
            }
        };
    }
}
