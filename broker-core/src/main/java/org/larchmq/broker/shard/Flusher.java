package org.larchmq.broker.shard;

/** Where the log is flushed: on the loop itself, or beside it. One flush at a time. */
public interface Flusher {
    /**
     * Runs {@code force}, then {@code done} on the shard's loop; at once when the flush runs on the loop itself.
     *
     * @param force throws when the flush fails; what {@code done} then gets is the failure, otherwise null
     */
    void flush(Runnable force, java.util.function.Consumer<RuntimeException> done);

    /** Flushes on the calling thread. */
    static Flusher inline() {
        return (force, done) -> {
            RuntimeException failure = null;
            try {
                force.run();
            } catch (RuntimeException e) {
                failure = e;
            }
            done.accept(failure);
        };
    }

    /** Flushes on another thread. */
    static Flusher beside(java.util.concurrent.Executor executor, ShardLoop loop) {
        return (force, done) -> executor.execute(() -> {
            RuntimeException failure = null;
            try {
                force.run();
            } catch (RuntimeException e) {
                failure = e;
            } catch (Error e) { // otherwise the shard would wait for this flush for ever
                failure = new IllegalStateException("the log could not be flushed: " + e, e);
            }
            RuntimeException result = failure;
            loop.execute(() -> done.accept(result));
        });
    }
}
