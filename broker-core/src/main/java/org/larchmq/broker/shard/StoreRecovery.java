package org.larchmq.broker.shard;

import java.util.Optional;
import java.util.concurrent.Executor;
import org.larchmq.broker.journal.Journal;
import org.larchmq.broker.journal.Replay;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.state.CheckpointCodec;
import org.larchmq.broker.state.MemoryBudget;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.SnapshotWriter;
import org.larchmq.store.catalog.Catalog;
import org.larchmq.store.catalog.CatalogContents;
import org.larchmq.store.catalog.DataDirectory;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.log.CommitLog;
import org.larchmq.store.log.CommitLogSettings;
import org.larchmq.store.log.RecoveryReport;
import org.larchmq.store.log.SegmentHead;
import org.larchmq.store.queue.ConsumeQueueStore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens a shard's store: the last checkpoint plus the log's entries after it, or the log alone when the checkpoint is
 * missing or damaged. Starts a new epoch at the end.
 */
final class StoreRecovery {
    private static final Logger LOG = LoggerFactory.getLogger(StoreRecovery.class);

    private final BrokerSettings settings;
    private final Disk disk;
    private final Clock clock;
    private final Executor background;
    private final LogOpening logs;

    /** @param background where the log prepares space */
    StoreRecovery(BrokerSettings settings, Disk disk, Clock clock, Executor background, LogOpening logs) {
        this.settings = settings;
        this.disk = disk;
        this.clock = clock;
        this.background = background;
        this.logs = logs;
    }

    /** @throws StoreException when the log is damaged, or the disk fails; everything is closed then */
    RecoveredStore open(Catalog catalog) {
        ConsumeQueueStore queues = new ConsumeQueueStore(disk, DataDirectory.QUEUES);
        ShardState restored = restoreCheckpoint(catalog, queues);
        long from = restored == null ? 0 : checkpointOffset;
        if (restored == null) queues.discardAll();
        ShardState state = restored == null ? newState(queues, false) : restored;
        CommitLogSettings logSettings = logSettings();
        LateHead head = new LateHead();
        CommitLog log = logs.open(disk, logSettings, clock, head, background);
        log.acceptMessagesOnlyWhile(queues::hasRoom);
        try {
            Journal journal = new Journal(log, clock::currentTimeMillis, state);
            head.bind(state, journal);
            replay(log, state, from);
            long missing = restored == null ? state.settleMissing() : 0;
            reportMissing(missing + state.emptyPlaces());
            journal.startEpoch(state.epoch() + 1);
            state.recovered();
            log.write();
            log.force();
            return new RecoveredStore(log, logSettings, queues, catalog, state, journal, damage);
        } catch (RuntimeException e) {
            log.close();
            throw e;
        }
    }

    private long checkpointOffset;
    private StoreException damage;

    /** Null when there is no checkpoint that can be used. */
    private ShardState restoreCheckpoint(Catalog catalog, ConsumeQueueStore queues) {
        try {
            Optional<CatalogContents> contents = catalog.load();
            if (contents.isEmpty()) return null;
            checkpointOffset = contents.get().physicalOffset();
            ShardState state = newState(queues, true);
            CheckpointCodec.restore(state, contents.get().records());
            state.verifyQueues();
            return state;
        } catch (StoreException e) {
            if (e.error() != StoreError.DAMAGED_CATALOG && e.error() != StoreError.DAMAGED_QUEUE_FILE) throw e;
            damage = e;
            LOG.error("A derived file is damaged and is rebuilt from the log: {}", e.getMessage());
        }
        catalog.discard();
        catalog.load(); // empty now; a catalog is written to only after it was read
        return null;
    }

    private ShardState newState(ConsumeQueueStore queues, boolean skipSnapshots) {
        return new ShardState(queues, new MemoryBudget(settings.limits().memoryBudgetBytes()), skipSnapshots);
    }

    private CommitLogSettings logSettings() {
        var store = settings.store();
        CommitLogSettings chosen = store.segmentSizeBytes() == 0
                ? CommitLogSettings.defaultsFor(disk)
                : CommitLogSettings.withSegmentSize(store.segmentSizeBytes(), disk.totalBytes());
        return logs.sizes(new CommitLogSettings(
                chosen.segmentSizeBytes(),
                store.tailMemoryBytes(),
                chosen.maxEntryBytes(),
                store.reservedBytes() == 0 ? chosen.reservedBytes() : store.reservedBytes(),
                chosen.allocateAheadBytes(),
                chosen.appendReserveBytes(),
                chosen.readRangeBytes(),
                chosen.readRanges()));
    }

    private void replay(CommitLog log, ShardState state, long from) {
        long startedNanos = clock.nanoTime();
        Replay replay = new Replay(state);
        RecoveryReport report = log.recover(
                from,
                (physicalOffset, sizeBytes, type, epoch, timestampMillis, payload) ->
                        replay.read(physicalOffset, sizeBytes, type, payload));
        long millis = (clock.nanoTime() - startedNanos) / 1_000_000;
        if (report.cutBytes() > 0) {
            LOG.warn(
                    "The log ended in {} bytes that were not written in full; nothing in them was confirmed. They were"
                            + " cut, the log goes on at {}.",
                    report.cutBytes(),
                    report.endOffset());
        }
        if (report.endOffset() > 0) {
            LOG.info(
                    "Read {} log entries after the {} in {} ms, log from {} to {}",
                    report.entries(),
                    from == 0 ? "beginning" : "checkpoint at " + from,
                    millis,
                    report.startOffset(),
                    report.endOffset());
        }
    }

    private static void reportMissing(long missing) {
        if (missing == 0) return;
        LOG.error(
                "{} messages are not in the log any more, their entries were damaged. Of these, unsettled ones are lost.",
                missing);
    }

    /** The log is made before the state that its segment heads describe. */
    private static final class LateHead implements SegmentHead {
        private final SnapshotWriter snapshots = new SnapshotWriter();
        private ShardState state;
        private Journal journal;

        void bind(ShardState boundState, Journal boundJournal) {
            state = boundState;
            journal = boundJournal;
        }

        @Override
        public void write(CommitLog log) {
            snapshots.write(state, journal::writeSnapshot);
        }
    }
}
