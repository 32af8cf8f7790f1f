package org.larchmq.server.config;

import java.nio.file.Path;

/** Where a value came from, in the words an operator would use. */
public record Origin(String text) {
    public static final Origin DEFAULT = new Origin("default");
    public static final Origin SET = new Origin("--set");

    static Origin line(Path file, int line) {
        return new Origin(file + ":" + line);
    }

    static Origin environment(String variable) {
        return new Origin("environment " + variable);
    }

    /** An option of the command line that stands for a setting, such as {@code --port}. */
    public static Origin option(String option) {
        return new Origin(option);
    }

    @Override
    public String toString() {
        return text;
    }
}
