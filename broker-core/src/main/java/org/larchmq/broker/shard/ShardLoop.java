package org.larchmq.broker.shard;

/** The one thread of a shard. An event loop implements it, and so does a simulation. */
public interface ShardLoop {
    /** Runs a task on the loop, after what it is doing now. Any thread. */
    void execute(Runnable task);

    /** Runs a task on the loop, not before the delay is over. Any thread. */
    void executeLater(Runnable task, long delayMillis);
}
