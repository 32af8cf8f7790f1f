package org.larchmq.server.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** What a broker says about itself and about its log, for a person or for a program. */
final class StatusReport {
    private static final Pattern NUMBER = Pattern.compile("\\d{1,18}");
    private static final Pattern BUDGET = Pattern.compile("(\\d{1,18}) of (\\d{1,18})(?: .*)?");

    private final Map<String, String> lines = new LinkedHashMap<>();
    private List<Map<String, String>> space = List.of();
    private String spaceIsMissing = "it was not asked";

    /** A line of its own. */
    void add(String key, String value) {
        lines.put(key, value);
    }

    /** The broker's answer to "status": lines of the form "key: value". */
    void addStatus(String answer) {
        for (String line : answer.split("\n")) {
            int colon = line.indexOf(": ");
            if (colon > 0) lines.put(line.substring(0, colon), line.substring(colon + 2));
        }
    }

    /** The broker's answer to "space": a line with the total, then those that keep most, most first. */
    void addSpace(String answer) {
        space = Listing.rowsOf(answer);
        if (!space.isEmpty()) spaceIsMissing = "";
    }

    /** There is no answer to "space". */
    void spaceIsMissing(String because) {
        spaceIsMissing = because;
    }

    String text() {
        StringBuilder text = new StringBuilder();
        lines.forEach(
                (key, value) -> text.append(key).append(": ").append(value).append('\n'));
        if (!spaceIsMissing.isEmpty()) {
            return text.append("unsettled in the log: not known, ")
                    .append(spaceIsMissing)
                    .append('\n')
                    .toString();
        }
        text.append("unsettled in the log: ").append(total()).append(" bytes");
        text.append(holders().isEmpty() ? "\n" : ", most of it kept by\n");
        for (Map<String, String> holder : holders()) {
            text.append("  %s: %s bytes, %s messages\n"
                    .formatted(holder.get("name"), holder.get("bytes"), holder.get("messages")));
        }
        return text.toString();
    }

    String json() {
        StringBuilder text = new StringBuilder("{");
        lines.forEach(
                (key, value) -> text.append("\n  %s: %s,".formatted(Listing.quoted(camelCase(key)), json(value))));
        if (!spaceIsMissing.isEmpty()) {
            text.append("\n  \"space\": null,\n  \"spaceIsMissing\": ").append(Listing.quoted(spaceIsMissing));
            return text.append("\n}\n").toString();
        }
        text.append("\n  \"space\": {\"unsettledBytes\": ").append(total()).append(", \"holders\": [");
        text.append(holders().stream().map(row -> "\n    " + Listing.json(row)).collect(Collectors.joining(",")));
        return text.append("]}\n}\n").toString();
    }

    private String total() {
        return space.get(0).getOrDefault("unsettledBytes", "0");
    }

    private List<Map<String, String>> holders() {
        return space.subList(1, space.size());
    }

    /** A number where it is one, used and limit where it is a budget, otherwise text. */
    private static String json(String value) {
        if (NUMBER.matcher(value).matches()) return value;
        Matcher budget = BUDGET.matcher(value);
        if (!budget.matches()) return Listing.quoted(value);
        return "{\"used\": " + budget.group(1) + ", \"limit\": " + budget.group(2) + "}";
    }

    private static String camelCase(String words) {
        String[] all = words.split(" ");
        StringBuilder name = new StringBuilder(all[0]);
        for (int i = 1; i < all.length; i++) {
            name.append(all[i].substring(0, 1).toUpperCase(Locale.ROOT)).append(all[i].substring(1));
        }
        return name.toString();
    }
}
