package org.larchmq.store.io;

/**
 * Slows a long job that only reads, so that it never takes the disk from those who wait for it. Called after each read
 * on the thread that reads; waits as long as it likes there.
 */
@FunctionalInterface
public interface ReadPace {
    /** Never waits. */
    ReadPace NONE = bytes -> {};

    /**
     * @param bytes how much was read since the last call
     * @throws java.util.concurrent.CancellationException when the job is to end
     */
    void afterRead(int bytes);
}
