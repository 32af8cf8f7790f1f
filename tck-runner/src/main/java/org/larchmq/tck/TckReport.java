package org.larchmq.tck;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.larchmq.tck.suite.Outcome;
import org.larchmq.tck.suite.Suite;

/** What came of a run, from the lines that it has written. */
final class TckReport {
    static final String SUMMARY_FILE = "summary.txt";

    private final List<Outcome> outcomes;
    private final int expected;
    private final boolean complete;

    /**
     * @param expected how many tests there should be; 0 when that is not known
     * @param complete whether the process with the tests came to its end
     */
    TckReport(List<Outcome> outcomes, int expected, boolean complete) {
        this.outcomes = outcomes;
        this.expected = expected;
        this.complete = complete;
    }

    static TckReport read(Path results, int expected, boolean complete) throws IOException {
        List<Outcome> outcomes = new ArrayList<>();
        Path file = results.resolve(Suite.RESULTS_FILE);
        if (Files.exists(file)) {
            for (String line : Files.readAllLines(file)) outcomes.add(Outcome.ofLine(line));
        }
        return new TckReport(outcomes, expected, complete);
    }

    private long count(Outcome.Kind kind) {
        return outcomes.stream().filter(outcome -> outcome.kind() == kind).count();
    }

    boolean isPassed() {
        boolean allThere = expected == 0 || outcomes.size() == expected;
        return complete && allThere && !outcomes.isEmpty() && count(Outcome.Kind.PASSED) == outcomes.size();
    }

    /** Counts per group, every failure, and the verdict. */
    List<String> lines() {
        List<String> lines = new ArrayList<>();
        lines.add(String.format("%-55s %6s %6s %6s", "group", "passed", "failed", "skipped"));
        Map<String, List<Outcome>> groups = new TreeMap<>();
        for (Outcome outcome : outcomes) {
            groups.computeIfAbsent(outcome.group(), group -> new ArrayList<>()).add(outcome);
        }
        groups.forEach((group, ofGroup) -> lines.add(row(group, ofGroup)));
        lines.add(row("all", outcomes));
        lines.add("");
        for (Outcome outcome : outcomes) {
            if (outcome.kind() == Outcome.Kind.PASSED) continue;
            lines.add(outcome.kind() + " " + outcome.group() + " " + outcome.test() + ": " + outcome.message());
        }
        lines.add(verdict());
        return lines;
    }

    private static String row(String name, List<Outcome> of) {
        return String.format(
                "%-55s %6d %6d %6d",
                name,
                of.stream().filter(o -> o.kind() == Outcome.Kind.PASSED).count(),
                of.stream().filter(o -> o.kind() == Outcome.Kind.FAILED).count(),
                of.stream().filter(o -> o.kind() == Outcome.Kind.SKIPPED).count());
    }

    private String verdict() {
        StringBuilder verdict = new StringBuilder(isPassed() ? "PASSED" : "FAILED");
        verdict.append(": ").append(count(Outcome.Kind.PASSED)).append(" of ");
        verdict.append(expected == 0 ? outcomes.size() : expected).append(" tests passed");
        if (!complete) verdict.append("; the process with the tests did not come to its end");
        if (expected != 0 && outcomes.size() != expected) {
            verdict.append("; ")
                    .append(outcomes.size())
                    .append(" were run, this TCK should have ")
                    .append(expected);
        }
        return verdict.toString();
    }

    void write(Path results) throws IOException {
        Files.write(results.resolve(SUMMARY_FILE), lines());
    }
}
