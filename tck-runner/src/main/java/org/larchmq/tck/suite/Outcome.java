package org.larchmq.tck.suite;

/**
 * What came of one test; one line of the file of results, its parts separated by tabs.
 *
 * @param group    see {@link Selection#groupOf}
 * @param test     simple class name and method
 * @param message  why it failed, in one line; empty when it passed
 */
public record Outcome(String group, String test, Kind kind, long millis, String message) {
    /** How a test ended. */
    public enum Kind {
        PASSED,
        FAILED,
        SKIPPED
    }

    private static final int PARTS = 5;

    public String toLine() {
        return String.join("\t", group, test, kind.name(), Long.toString(millis), oneLine(message));
    }

    /** @throws IllegalArgumentException for a line that is none, such as the last one of a killed process */
    public static Outcome ofLine(String line) {
        String[] parts = line.split("\t", -1);
        if (parts.length != PARTS) throw new IllegalArgumentException("not a line of results: " + line);
        return new Outcome(parts[0], parts[1], Kind.valueOf(parts[2]), Long.parseLong(parts[3]), parts[4]);
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s+", " ").trim();
    }
}
