package org.larchmq.broker.shard;

import org.larchmq.broker.state.PreparedBranch;
import org.larchmq.broker.state.ShardState;
import org.larchmq.store.log.CommitLog;

/**
 * Numbers under which the messages of transactions are staged in the log. No two transactions get the same one, not even
 * when the log had no room for the first entry of one of them. Shard thread only.
 */
final class TransactionNumbers {
    private final CommitLog log;
    private long last;

    /** @param state says which numbers prepared branches of earlier runs have */
    TransactionNumbers(CommitLog log, ShardState state) {
        this.log = log;
        for (PreparedBranch branch : state.branches().all()) last = Math.max(last, branch.transactionId());
    }

    long next() {
        last = Math.max(last, log.endOffset()) + 1;
        return last;
    }
}
