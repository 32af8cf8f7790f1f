package org.larchmq.broker.shard;

import org.larchmq.broker.journal.Journal;
import org.larchmq.broker.state.ShardState;
import org.larchmq.store.catalog.Catalog;
import org.larchmq.store.log.CommitLog;
import org.larchmq.store.log.CommitLogSettings;
import org.larchmq.store.queue.ConsumeQueueStore;

/** A shard's store after recovery, with the state that it led to. */
record RecoveredStore(
        CommitLog log,
        CommitLogSettings logSettings,
        ConsumeQueueStore queues,
        Catalog catalog,
        ShardState state,
        Journal journal) {}
