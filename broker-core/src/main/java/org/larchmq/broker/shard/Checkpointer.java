package org.larchmq.broker.shard;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.state.CheckpointCodec;
import org.larchmq.store.catalog.CatalogKey;
import org.larchmq.store.catalog.CatalogUpdate;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Takes checkpoints: collects what changed on the shard's loop, waits until the log is flushed that far, has it written
 * beside the loop, and then deletes the segments that nothing needs any more. One at a time. Shard thread, but for what
 * runs on the checkpoint thread.
 */
final class Checkpointer {
    private static final Logger LOG = LoggerFactory.getLogger(Checkpointer.class);

    private static final long WHEN_FULL_MILLIS = 250;
    /** Segments written since the last checkpoint that ask for one at once, so that small disks are not filled by it. */
    private static final int MOST_SEGMENTS = 4;

    private final BrokerSettings.Store settings;
    private final long logBytes;
    private final RecoveredStore store;
    private final Clock clock;
    private final ShardLoop loop;
    private final Executor checkpointThread;
    private final Consumer<RuntimeException> failed;

    private final Map<CatalogKey, byte[]> puts = new HashMap<>();
    private final Set<CatalogKey> deletes = new HashSet<>();
    private Pending pending;
    private boolean writing;
    private boolean timerRunning;
    private boolean soon;
    /** Checkpoints in a row that could not be written. */
    private long failures;

    private Runnable flushRequest = () -> {};
    private Runnable segmentsDeleted = () -> {};
    private long lastOffset;
    private long lastNanos;

    private record Pending(CatalogUpdate update, long oldestNeeded) {}

    Checkpointer(
            BrokerSettings.Store settings,
            RecoveredStore store,
            Clock clock,
            ShardLoop loop,
            Executor checkpointThread,
            Consumer<RuntimeException> failed) {
        this.settings = settings;
        this.store = store;
        this.clock = clock;
        this.loop = loop;
        this.checkpointThread = checkpointThread;
        this.failed = failed;
        this.lastNanos = clock.nanoTime();
        this.lastOffset = store.log().endOffset();
        this.logBytes = Math.min(
                settings.checkpointLogBytes(),
                MOST_SEGMENTS * store.logSettings().segmentSizeBytes());
    }

    /** Whether a checkpoint waits for the log to be flushed. */
    boolean wantsFlush() {
        return pending != null && store.log().flushedOffset() < pending.update.physicalOffset();
    }

    /** Begins a checkpoint when it is time for one. Called in every cycle. */
    void checkpointIfDue() {
        if (pending != null || writing) return;
        long end = store.log().endOffset();
        if (end == lastOffset) return;
        long sinceMillis = (clock.nanoTime() - lastNanos) / 1_000_000;
        long intervalMillis = intervalMillis();
        if (soon || sinceMillis >= intervalMillis || end - lastOffset >= logBytes) {
            begin();
        } else if (!timerRunning) {
            timerRunning = true;
            loop.executeLater(
                    () -> {
                        timerRunning = false;
                        checkpointIfDue();
                        if (wantsFlush()) flushRequest.run();
                    },
                    intervalMillis - sinceMillis);
        }
    }

    /** While the disk is at its high-water mark only a checkpoint can free space. */
    private long intervalMillis() {
        long usual = settings.checkpointIntervalMillis();
        return store.log().acceptsMessages() ? usual : Math.min(usual, WHEN_FULL_MILLIS);
    }

    /** What is to happen after a checkpoint, when the segments that nothing needs any more are gone. */
    void onSegmentsDeleted(Runnable then) {
        segmentsDeleted = then;
    }

    /** What asks the shard for a cycle that flushes. */
    void onFlushWanted(Runnable request) {
        flushRequest = request;
    }

    /** The next cycle takes a checkpoint, which may be the one that frees segments. */
    void takeSoon() {
        soon = true;
        flushRequest.run();
    }

    private void begin() {
        soon = false;
        pending = collect();
        if (!wantsFlush()) flushed(store.log().flushedOffset());
    }

    private Pending collect() {
        store.queues().checkpointBegun();
        long end = store.log().endOffset();
        CheckpointCodec.Changed changed = store.state().drainChanged();
        puts.putAll(changed.puts());
        puts.keySet().removeAll(changed.deletes());
        deletes.removeAll(changed.puts().keySet());
        deletes.addAll(changed.deletes());
        lastOffset = end;
        lastNanos = clock.nanoTime();
        CatalogUpdate update = new CatalogUpdate(end, Map.copyOf(puts), Set.copyOf(deletes));
        return new Pending(update, Math.min(end, store.state().oldestNeeded(end)));
    }

    /** The log is flushed up to here. */
    void flushed(long flushedOffset) {
        if (pending == null || writing || flushedOffset < pending.update.physicalOffset()) return;
        writing = true;
        Pending checkpoint = pending;
        checkpointThread.execute(() -> {
            RuntimeException failure = null;
            try {
                write(checkpoint);
            } catch (RuntimeException e) {
                failure = e;
            } catch (Error e) { // otherwise no other checkpoint would ever begin
                failure = new IllegalStateException("a checkpoint could not be written: " + e, e);
            }
            RuntimeException result = failure;
            loop.execute(() -> written(checkpoint, result));
        });
    }

    private void write(Pending checkpoint) {
        store.queues().force();
        store.catalog().write(checkpoint.update);
    }

    private void written(Pending checkpoint, RuntimeException failure) {
        writing = false;
        pending = null;
        if (failure != null) {
            notWritten(failure);
            return;
        }
        if (failures > 0) LOG.info("Checkpoints are written again, after {} that could not be", failures);
        failures = 0;
        try {
            puts.clear();
            deletes.clear();
            store.queues().checkpointDurable();
            store.log().deleteSegmentsBefore(checkpoint.oldestNeeded);
            segmentsDeleted.run();
        } catch (RuntimeException e) {
            failed.accept(e);
        }
    }

    /** What it should have said goes with the next one; until then the log is kept from the last one on. */
    private void notWritten(RuntimeException failure) {
        if (failures++ == 0) {
            LOG.warn(
                    "A checkpoint could not be written. It is tried again, silently, until it succeeds; meanwhile the log is"
                            + " kept from the last one on: {}",
                    failure.getMessage());
        } else {
            LOG.debug("Checkpoint {} in a row could not be written", failures, failure);
        }
        if (!isPassing(failure)) failed.accept(failure);
    }

    /**
     * Whether the next checkpoint may succeed. After a failed flush a second one says yes to what was never written, and
     * what a disk that reports other errors holds is not known, so nothing is tried again then.
     */
    private static boolean isPassing(RuntimeException failure) {
        return failure instanceof StoreException known && known.error().isPassing();
    }

    /** A checkpoint on the calling thread, when nothing else runs any more and the log is flushed. */
    void last() {
        Pending checkpoint = collect();
        try {
            write(checkpoint);
            store.queues().checkpointDurable();
            store.log().deleteSegmentsBefore(checkpoint.oldestNeeded);
        } catch (StoreException e) {
            LOG.warn(
                    "The last checkpoint could not be written; the next start reads more of the log: {}",
                    e.getMessage());
        }
    }
}
