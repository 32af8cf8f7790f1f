package org.larchmq.checker;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The checker's answer.
 *
 * @param violationCounts per invariant, for the violated ones only
 * @param violations the first of each invariant, described
 */
public record Verdict(Map<String, Long> violationCounts, List<Violation> violations, Counts counts, Set<Mid> missing) {

    /** What the history held. {@code expired}: undelivered, and legally so; {@code reportedLost}: undelivered and reported damaged. */
    public record Counts(
            long records,
            long confirmed,
            long unknown,
            long refused,
            long deliveries,
            long redeliveries,
            long committed,
            long brokerFailures,
            long clientFailures,
            long expired,
            long reportedLost,
            long lostNonPersistent) {}

    public Verdict {
        violationCounts = Map.copyOf(violationCounts);
        violations = List.copyOf(violations);
        missing = Set.copyOf(missing);
    }

    public boolean passed() {
        return violationCounts.isEmpty();
    }

    public long total() {
        return violationCounts.values().stream().mapToLong(Long::longValue).sum();
    }

    public Set<String> violatedInvariants() {
        return new TreeSet<>(violationCounts.keySet());
    }

    /** Readable; with the records of each listed violation. */
    public String report() {
        return report(Integer.MAX_VALUE);
    }

    /** The same with so many violations of each invariant at most. */
    public String report(int perInvariant) {
        var text = new StringBuilder();
        text.append("records %,d   confirmed sends %,d (unknown %,d, refused %,d)   transactions committed %,d%n"
                .formatted(counts.records, counts.confirmed, counts.unknown, counts.refused, counts.committed));
        text.append("deliveries %,d (redelivered %,d)   broker failures %,d   client failures %,d%n"
                .formatted(counts.deliveries, counts.redeliveries, counts.brokerFailures, counts.clientFailures));
        text.append("expired %,d   non-persistent lost with a broker %,d   reported damaged %,d%n"
                .formatted(counts.expired, counts.lostNonPersistent, counts.reportedLost));
        if (passed()) return text.append("verdict: 0 violations\n").toString();
        text.append("verdict: %,d violations %s%n".formatted(total(), new TreeMap<>(violationCounts)));
        Map<String, Integer> shown = new TreeMap<>();
        for (Violation violation : violations) {
            if (shown.merge(violation.invariant(), 1, Integer::sum) <= perInvariant) append(text, violation);
        }
        return text.toString();
    }

    private static void append(StringBuilder text, Violation violation) {
        var codec = new HistoryCodec();
        text.append("  ").append(violation.invariant()).append(": ").append(violation.explanation());
        text.append('\n');
        for (HistoryRecord record : violation.records()) {
            text.append("      ").append(new String(codec.encode(record), StandardCharsets.UTF_8));
        }
    }
}
