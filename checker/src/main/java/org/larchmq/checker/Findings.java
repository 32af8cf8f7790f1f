package org.larchmq.checker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** Collects violations and counts while the history is read; fetches the records involved afterwards. */
final class Findings {
    private static final int MAX_RECORDS = 40;
    private static final int MAX_MISSING = 1_000_000;

    private record Found(String invariant, String explanation, List<Mid> mids) {}

    private final CheckerSettings settings;
    private final Map<String, Long> violationCounts = new TreeMap<>();
    private final List<Found> listed = new ArrayList<>();
    private final Set<Mid> missing = new HashSet<>();
    long records, confirmed, unknown, refused, deliveries, redeliveries, committed;
    long brokerFailures, clientFailures, expired, reportedLost, lostNonPersistent;

    Findings(CheckerSettings settings) {
        this.settings = settings;
    }

    void violation(String invariant, String explanation, Mid... mids) {
        long count = violationCounts.merge(invariant, 1L, Long::sum);
        if (count <= settings.maxListed()) listed.add(new Found(invariant, explanation, List.of(mids)));
    }

    /** A message that should have arrived and did not, whatever the verdict on it. */
    void missing(Mid mid) {
        if (missing.size() < MAX_MISSING) missing.add(mid);
    }

    Verdict verdict(Iterable<HistoryRecord> history) {
        var counts = new Verdict.Counts(
                records,
                confirmed,
                unknown,
                refused,
                deliveries,
                redeliveries,
                committed,
                brokerFailures,
                clientFailures,
                expired,
                reportedLost,
                lostNonPersistent);
        return new Verdict(violationCounts, listed.isEmpty() ? List.of() : explained(history), counts, missing);
    }

    private List<Violation> explained(Iterable<HistoryRecord> history) {
        Map<Mid, List<HistoryRecord>> byMid = new HashMap<>();
        Map<String, List<HistoryRecord>> byTx = new HashMap<>();
        for (Found found : listed) found.mids.forEach(mid -> byMid.put(mid, new ArrayList<>()));
        List<HistoryRecord> failures = new ArrayList<>();
        for (HistoryRecord r : history) {
            List<HistoryRecord> about = r.mid() == null ? null : byMid.get(r.mid());
            if (about != null && about.size() < MAX_RECORDS) {
                about.add(r);
                if (r.tx() != null) byTx.putIfAbsent(r.tx(), new ArrayList<>());
            } else if (r.mid() == null && r.tx() != null && byTx.containsKey(r.tx())) {
                byTx.get(r.tx()).add(r);
            } else if (r.op() == Op.BROKER_KILL || r.op() == Op.CLIENT_KILL || r.op() == Op.DAMAGE) {
                failures.add(r);
            }
        }
        return listed.stream()
                .map(found -> explained(found, byMid, byTx, failures))
                .toList();
    }

    private static Violation explained(
            Found found,
            Map<Mid, List<HistoryRecord>> byMid,
            Map<String, List<HistoryRecord>> byTx,
            List<HistoryRecord> failures) {
        Set<HistoryRecord> involved = new HashSet<>();
        Set<String> txs = new HashSet<>();
        for (Mid mid : found.mids) {
            for (HistoryRecord r : byMid.get(mid)) {
                involved.add(r);
                if (r.tx() != null && txs.add(r.tx())) involved.addAll(byTx.get(r.tx()));
            }
        }
        long first =
                involved.stream().mapToLong(HistoryRecord::tMonoNanos).min().orElse(0);
        long last = involved.stream().mapToLong(HistoryRecord::tMonoNanos).max().orElse(0);
        for (HistoryRecord failure : failures) {
            if (failure.tMonoNanos() >= first && failure.tMonoNanos() <= last) involved.add(failure);
        }
        List<HistoryRecord> records = involved.stream()
                .sorted(java.util.Comparator.comparingLong(HistoryRecord::tMonoNanos))
                .limit(MAX_RECORDS)
                .toList();
        return new Violation(found.invariant, found.explanation, found.mids, records);
    }
}
