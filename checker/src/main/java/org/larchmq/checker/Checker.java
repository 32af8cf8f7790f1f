package org.larchmq.checker;

import java.util.List;

/**
 * One pass over the history, record by record, every invariant beside the others; a second pass only when something is
 * wrong, to fetch the records that show it. The history must be ordered by time as far as one message is concerned.
 */
public final class Checker {
    private Checker() {}

    static List<Invariant> invariants() {
        return List.of(
                new J1ConfirmedIsNotLost(),
                new J2NothingFromNowhere(),
                new J3AcknowledgedStaysGone(),
                new J4RedeliveryIsFlagged(),
                new J5BoundedAmbiguity(),
                new J6NoDuplicatesStored(),
                new J7Order(),
                new J8AtomicTransactions(),
                new J9PreparedBranches(),
                new J10DurableSubscription(),
                new J11NeverAfterExpiry(),
                new J12NeverEarly(),
                new J13DeadLetters(),
                new J14OrderedGroups(),
                new J16NonPersistent(),
                new J18NoSilentDamage());
    }

    /** The history is iterated a second time when there are violations. */
    public static Verdict check(Iterable<HistoryRecord> history, CheckerSettings settings) {
        var findings = new Findings(settings);
        var state = new History(settings, invariants(), findings);
        for (HistoryRecord record : history) state.apply(record);
        state.end();
        return findings.verdict(history);
    }
}
