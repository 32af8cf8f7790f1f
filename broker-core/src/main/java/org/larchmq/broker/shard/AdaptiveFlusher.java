package org.larchmq.broker.shard;

import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.larchmq.store.io.Clock;

/**
 * Flushes on the loop itself while that is quicker than two hand-overs between threads: small batches on a quick disk.
 * Otherwise beside it, so that the next batch fills and consumers are served meanwhile. Shard thread only.
 *
 * <p>Measured on 2 cores with a flush of 150 to 200 µs: on the loop 7 to 18 % more blocking sends, with one producer and
 * with eight (docs/decisions/0006).
 */
final class AdaptiveFlusher implements Flusher {
    private static final long SMALL_BATCH_BYTES = 64 * 1024;
    private static final long QUICK_NANOS = 1_000_000;
    /** A disk that was slow is given another chance after so many flushes. */
    private static final int FLUSHES_BESIDE = 64;

    private final Flusher onLoop;
    private final Flusher beside;
    private final LongSupplier unflushedBytes;
    private final Clock clock;
    private int besideLeft;

    /** @param unflushedBytes size of the batch to be flushed */
    AdaptiveFlusher(Flusher onLoop, Flusher beside, LongSupplier unflushedBytes, Clock clock) {
        this.onLoop = onLoop;
        this.beside = beside;
        this.unflushedBytes = unflushedBytes;
        this.clock = clock;
    }

    @Override
    public void flush(Runnable force, Consumer<RuntimeException> done) {
        if (besideLeft > 0 || unflushedBytes.getAsLong() > SMALL_BATCH_BYTES) {
            if (besideLeft > 0) besideLeft--;
            beside.flush(force, done);
            return;
        }
        onLoop.flush(
                () -> {
                    long started = clock.nanoTime();
                    force.run();
                    if (clock.nanoTime() - started > QUICK_NANOS) besideLeft = FLUSHES_BESIDE;
                },
                done);
    }
}
