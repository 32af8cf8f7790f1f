package org.larchmq.broker.state;

import java.util.List;
import org.larchmq.broker.journal.AckList;
import org.larchmq.broker.journal.BranchEntry.BranchPrepared;
import org.larchmq.message.BranchId;

/** A branch of a distributed transaction that waits for its decision, or whose administrator's decision is remembered. */
public final class PreparedBranch {
    private final BranchPrepared prepared;
    private final List<StagedMessage> staged;
    private Outcome outcome;

    /** What has become of it. */
    public enum Outcome {
        /** Not decided. */
        PREPARED,
        /** An administrator has committed it. */
        HEURISTICALLY_COMMITTED,
        /** An administrator has rolled it back. */
        HEURISTICALLY_ROLLED_BACK
    }

    PreparedBranch(BranchPrepared prepared, Outcome outcome, List<StagedMessage> staged) {
        this.prepared = prepared;
        this.outcome = outcome;
        this.staged = staged;
    }

    /** The number in the log under which its messages are staged. */
    public long transactionId() {
        return prepared.transactionId();
    }

    public BranchId id() {
        return prepared.branch();
    }

    /** Who has prepared it and may decide it; empty for nobody in particular. */
    public String user() {
        return prepared.user();
    }

    /** Ms since 1970. */
    public long preparedAtMillis() {
        return prepared.preparedAtMillis();
    }

    public Outcome outcome() {
        return outcome;
    }

    /** What it acknowledges when it commits; empty when it is decided. */
    public AckList acknowledged() {
        return prepared.acknowledged();
    }

    /** Messages that become visible when it commits. */
    public int messages() {
        return staged.size();
    }

    /** What those messages take in the log. */
    public long messageBytes() {
        long sum = 0;
        for (StagedMessage message : staged) sum += message.entryBytes();
        return sum;
    }

    List<StagedMessage> staged() {
        return staged;
    }

    /** What remains until it is forgotten. */
    void decided(Outcome how) {
        outcome = how;
        staged.clear();
        prepared.acknowledged().parts().clear();
    }
}
