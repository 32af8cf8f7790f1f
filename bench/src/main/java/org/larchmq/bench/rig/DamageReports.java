package org.larchmq.bench.rig;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Finds in the broker's words which file it called damaged, and where. */
final class DamageReports {
    private static final Pattern FILE = Pattern.compile("file[=: ]+'?([^\\s,;'\\]]+)");
    private static final Pattern OFFSET = Pattern.compile("offset[=: ]+(\\d+)");

    record Report(String file, long offset, String line) {}

    private DamageReports() {}

    /** A line counts when it names both. */
    static List<Report> in(List<String> lines) {
        List<Report> reports = new ArrayList<>();
        for (String line : lines) {
            Matcher file = FILE.matcher(line);
            Matcher offset = OFFSET.matcher(line);
            if (!offset.find()) continue;
            // "the file is damaged [file=...]": the word alone names nothing, so each of its places is a report
            while (file.find()) {
                reports.add(new Report(file.group(1), Long.parseLong(offset.group(1)), line.strip()));
            }
        }
        return reports;
    }
}
