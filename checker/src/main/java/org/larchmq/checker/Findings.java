package org.larchmq.checker;

import java.util.ArrayList;
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
        var evidence = new Evidence();
        for (Found found : listed) evidence.lookFor(found.mids);
        for (HistoryRecord record : history) evidence.see(record);
        return listed.stream()
                .map(found -> new Violation(
                        found.invariant, found.explanation, found.mids, evidence.about(found.mids, MAX_RECORDS)))
                .toList();
    }
}
