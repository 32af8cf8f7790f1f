package org.larchmq.checker;

import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A prepared branch of a distributed transaction waits for its decision, and gets it (6.2.8 and the XA protocol): a scan
 * lists each undecided one exactly once, whatever failed before; nobody sees what it sent or gets what it consumed; its
 * commit and its rollback succeed; in the end none is left. What a decided one does is judged by J1, J2, J3 and J8.
 */
final class J9PreparedBranches extends Invariant {
    private static final class Branch {
        Phase prepared;
        boolean decided;
        boolean ended;
        boolean endInDoubt;
        List<Mid> about = List.of();

        Mid[] mids() {
            return about.toArray(Mid[]::new);
        }
    }

    private final Map<String, Branch> branches = new LinkedHashMap<>();
    private final Set<String> listed = new HashSet<>();

    J9PreparedBranches() {
        super("J9");
    }

    @Override
    void delivered(Delivery delivery, History history, Findings findings) {
        CopyState copy = delivery.copy();
        boolean waits = copy != null && copy.tx != null && copy.tx.outcome == TransactionState.Outcome.PREPARED;
        if (!waits) return;
        findings.violation(
                code,
                "%s was delivered although the prepared branch %s has consumed it"
                        .formatted(delivery.mid(), copy.tx.id),
                delivery.mid());
    }

    @Override
    void other(HistoryRecord r, History history, Findings findings) {
        switch (r.op()) {
            case PREPARE -> prepared(r, history);
            case COMMIT, ROLLBACK -> ended(r, findings);
            case XA_LISTED -> listed(r, findings);
            case XA_SCAN -> scanned(findings);
            default -> {}
        }
    }

    private void prepared(HistoryRecord r, History history) {
        Branch branch = branches.computeIfAbsent(r.tx(), tx -> new Branch());
        if (branch.about.isEmpty()) branch.about = history.oneMessageOf(r.tx());
        branch.prepared = r.phase();
    }

    private void ended(HistoryRecord r, Findings findings) {
        Branch branch = r.tx() == null ? null : branches.get(r.tx());
        if (branch == null) return;
        branch.decided = true;
        switch (r.phase()) {
            case INVOKE -> {}
            case OK -> branch.ended = true;
            case INFO -> branch.endInDoubt = true;
            case FAIL -> {
                boolean waited = branch.prepared == Phase.OK && !branch.endInDoubt && !branch.ended;
                branch.ended = true;
                if (!waited) return;
                findings.violation(
                        code,
                        "%s of the prepared branch %s failed: %s".formatted(r.op().code(), r.tx(), r.note()),
                        branch.mids());
            }
        }
    }

    private void listed(HistoryRecord r, Findings findings) {
        Branch branch = branches.get(r.tx());
        boolean first = listed.add(r.tx());
        String wrong = null;
        if (branch == null) wrong = "was never prepared";
        else if (branch.prepared == Phase.FAIL) wrong = "was rolled back by its prepare";
        else if (branch.ended) wrong = "has ended";
        else if (!first) wrong = "is listed already";
        if (wrong == null) return;
        Mid[] mids = branch == null ? new Mid[0] : branch.mids();
        findings.violation(code, "a scan lists branch %s, which %s".formatted(r.tx(), wrong), mids);
    }

    private void scanned(Findings findings) {
        branches.forEach((tx, branch) -> {
            boolean waits = branch.prepared == Phase.OK && !branch.decided;
            if (!waits || listed.contains(tx)) return;
            findings.violation(
                    code,
                    "a scan does not list branch %s, which is prepared and undecided".formatted(tx),
                    branch.mids());
        });
        listed.clear();
    }

    @Override
    void end(History history, Findings findings) {
        if (!history.settings.drained()) return;
        branches.forEach((tx, branch) -> {
            if (branch.prepared != Phase.OK || branch.ended) return;
            findings.violation(code, "the prepared branch %s never ended".formatted(tx), branch.mids());
        });
    }
}
