package org.larchmq.broker.shard;

import java.util.concurrent.Executor;
import org.larchmq.store.catalog.DataDirectory;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.Disk;
import org.larchmq.store.log.CommitLog;
import org.larchmq.store.log.CommitLogSettings;
import org.larchmq.store.log.SegmentHead;

/** How recovery opens a shard's log. Simulations choose smaller sizes than settings permit, and salts of their own. */
interface LogOpening {
    /** As a broker does it. */
    LogOpening USUAL = new LogOpening() {};

    /** The sizes to use in place of what the settings lead to. */
    default CommitLogSettings sizes(CommitLogSettings chosen) {
        return chosen;
    }

    /** Opens the files; nothing is recovered yet. */
    default CommitLog open(Disk disk, CommitLogSettings sizes, Clock clock, SegmentHead head, Executor background) {
        return new CommitLog(disk, DataDirectory.COMMIT_LOG, sizes, clock, head, background);
    }
}
