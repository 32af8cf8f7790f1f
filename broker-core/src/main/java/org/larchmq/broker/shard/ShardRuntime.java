package org.larchmq.broker.shard;

import java.util.concurrent.Executor;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.store.catalog.Catalog;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.Disk;

/** A shard with its store, from recovery to the last flush. */
public final class ShardRuntime implements AutoCloseable {
    private final RecoveredStore store;
    private final Shard shard;
    private final Scrub scrub;

    /**
     * Recovers; on the calling thread, before the loop runs anything of this shard.
     *
     * @param background       where the log prepares space
     * @param checkpointThread where checkpoints are written
     * @throws org.larchmq.store.io.StoreException when the store is damaged or the disk fails
     */
    public ShardRuntime(
            BrokerSettings settings,
            Disk disk,
            Catalog catalog,
            Clock clock,
            ShardLoop loop,
            Flusher flusher,
            Executor background,
            Executor checkpointThread,
            Shard.FailureListener failures) {
        this(settings, disk, catalog, clock, loop, flusher, background, checkpointThread, failures, LogOpening.USUAL);
    }

    ShardRuntime(
            BrokerSettings settings,
            Disk disk,
            Catalog catalog,
            Clock clock,
            ShardLoop loop,
            Flusher flusher,
            Executor background,
            Executor checkpointThread,
            Shard.FailureListener failures,
            LogOpening logs) {
        store = new StoreRecovery(settings, disk, clock, background, logs).open(catalog);
        shard = new Shard(settings, store, clock, loop, flusher, checkpointThread, failures);
        scrub = new Scrub(store, loop, clock, settings.store().scrubRateBytes());
        loop.execute(shard::begin);
    }

    public Shard shard() {
        return shard;
    }

    /** Looks for damage beside the running shard; to be run once, on a thread of its own. */
    public Scrub scrub() {
        return scrub;
    }

    /**
     * Orderly stop on the shard's loop; connections are gone and no flush or checkpoint is running.
     *
     * @return whether everything that such a stop promises was kept
     */
    public boolean stop() {
        return shard.stop();
    }

    /** Closes the files. After {@link #stop} the log is marked as closed in order. */
    @Override
    public void close() {
        try {
            store.log().close();
        } finally {
            store.queues().close();
            store.catalog().close();
        }
    }
}
