package org.larchmq.checker;

import java.util.ArrayList;
import java.util.List;

/** A transaction: what it produced and consumed, as long as that is needed. */
final class TransactionState {
    enum Outcome {
        OPEN,
        /** Asked to prepare, answer unknown: prepared, or rolled back. */
        PREPARING,
        PREPARED,
        IN_DOUBT,
        COMMITTED,
        ROLLED_BACK
    }

    final String id;
    Outcome outcome = Outcome.OPEN;
    long endedAt;
    List<MessageState> produced = new ArrayList<>(4);
    List<CopyState> consumed = new ArrayList<>(4);
    /** Messages of queues that it consumed, if they were there. */
    List<MessageState> consumedInDoubt = new ArrayList<>(0);

    TransactionState(String id) {
        this.id = id;
    }

    boolean mayBeCommitted() {
        return outcome == Outcome.COMMITTED || outcome == Outcome.IN_DOUBT;
    }

    /** Whether nobody has asked for its commit. */
    boolean isUndecided() {
        return outcome == Outcome.OPEN || outcome == Outcome.PREPARING || outcome == Outcome.PREPARED;
    }

    void forget() {
        produced = List.of();
        consumed = List.of();
        consumedInDoubt = List.of();
    }
}
