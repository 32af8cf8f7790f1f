package org.larchmq.broker.shard;

import org.larchmq.broker.journal.Journal;
import org.larchmq.broker.state.ShardState;
import org.larchmq.store.catalog.Catalog;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.log.CommitLog;
import org.larchmq.store.log.CommitLogSettings;
import org.larchmq.store.queue.ConsumeQueueStore;

/**
 * A shard's store after recovery, with the state that it led to.
 *
 * @param damage what was wrong with the derived files, so that they were rebuilt from the log; null for nothing
 */
record RecoveredStore(
        CommitLog log,
        CommitLogSettings logSettings,
        ConsumeQueueStore queues,
        Catalog catalog,
        ShardState state,
        Journal journal,
        StoreException damage) {}
