package org.larchmq.checker;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The records that show a violation: what happened to the messages, to their transactions, to the sessions that had
 * them (the next acknowledgement or end after a delivery), and the failures meanwhile.
 */
final class Evidence {
    private static final int PER_MESSAGE = 40;

    private final Map<Mid, Set<HistoryRecord>> byMid = new HashMap<>();
    private final Map<String, List<HistoryRecord>> byTx = new HashMap<>();
    /** Messages whose session has not settled them yet. */
    private final Map<String, Set<Mid>> unsettled = new HashMap<>();

    private final List<HistoryRecord> failures = new ArrayList<>();

    void lookFor(List<Mid> mids) {
        for (Mid mid : mids) byMid.putIfAbsent(mid, new LinkedHashSet<>());
    }

    void see(HistoryRecord r) {
        switch (r.op()) {
            case BROKER_KILL, CLIENT_KILL, DAMAGE -> failures.add(r);
            case BROKER_START -> {
                if (r.phase() == Phase.INVOKE) failures.add(r);
            }
            case ACK, RECOVER, CLOSE, LOST -> seeSession(r);
            case COMMIT, ROLLBACK, PREPARE, XA_LISTED -> seeTransaction(r);
            default -> seeMessage(r);
        }
    }

    private void seeMessage(HistoryRecord r) {
        Set<HistoryRecord> about = r.mid() == null ? null : byMid.get(r.mid());
        if (about == null || about.size() >= PER_MESSAGE) return;
        about.add(r);
        if (r.tx() != null) byTx.putIfAbsent(r.tx(), new ArrayList<>());
        if (r.op() == Op.DELIVER)
            unsettled.computeIfAbsent(r.session(), s -> new HashSet<>()).add(r.mid());
    }

    private void seeTransaction(HistoryRecord r) {
        List<HistoryRecord> ends = r.tx() == null ? null : byTx.get(r.tx());
        if (ends != null) ends.add(r);
    }

    private void seeSession(HistoryRecord r) {
        if (r.mid() != null) {
            seeMessage(r);
            return;
        }
        Set<Mid> mids = unsettled.get(r.session());
        if (mids == null) return;
        for (Mid mid : mids) byMid.get(mid).add(r);
        if (r.phase() != Phase.INVOKE) unsettled.remove(r.session());
    }

    List<HistoryRecord> about(List<Mid> mids, int atMost) {
        Set<HistoryRecord> involved = new LinkedHashSet<>();
        for (Mid mid : mids) {
            for (HistoryRecord r : byMid.get(mid)) {
                involved.add(r);
                if (r.tx() != null) involved.addAll(byTx.getOrDefault(r.tx(), List.of()));
            }
        }
        addFailuresMeanwhile(involved);
        return involved.stream()
                .sorted(Comparator.comparingLong(HistoryRecord::tMonoNanos))
                .limit(atMost)
                .toList();
    }

    private void addFailuresMeanwhile(Set<HistoryRecord> involved) {
        long first =
                involved.stream().mapToLong(HistoryRecord::tMonoNanos).min().orElse(0);
        long last = involved.stream().mapToLong(HistoryRecord::tMonoNanos).max().orElse(0);
        for (HistoryRecord failure : failures) {
            if (failure.tMonoNanos() >= first && failure.tMonoNanos() <= last) involved.add(failure);
        }
    }
}
