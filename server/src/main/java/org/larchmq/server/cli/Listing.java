package org.larchmq.server.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.larchmq.server.process.AdminClient.Answer;

/** What a broker lists, page by page, as a table or as JSON. */
final class Listing {
    enum Format {
        text,
        json
    }

    /** Fields that are text in JSON; an id is one because not every reader has numbers so large. The others are numbers, or true or false. */
    private static final Set<String> TEXT = Set.of(
            "id",
            "name",
            "client",
            "user",
            "from",
            "topic",
            "queue",
            "selector",
            "destination",
            "kind",
            "message",
            "sent",
            "properties",
            "body");

    private static final int WIDEST_COLUMN = 60;

    private final PrintWriter out;
    private final Format format;
    private int rows;
    private List<Integer> widths;

    Listing(PrintWriter out, Format format) {
        this.out = out;
        this.format = format;
    }

    /** Asks for a page. */
    interface Pages {
        /** @param after id of the last row before; empty for the first page */
        Answer behind(String after) throws IOException;
    }

    /** Prints what follows an id, at most so many rows. Returns the id where the next listing begins; empty at the end. */
    String print(Pages pages, String after, int most) throws IOException {
        String last = after;
        boolean more = true;
        begin();
        while (more && rows < most) {
            Answer answer = pages.behind(last);
            List<Map<String, String>> page = rowsOf(answer.text());
            List<Map<String, String>> shown = page.subList(0, Math.min(page.size(), most - rows));
            show(shown);
            more = answer.hasMore() || shown.size() < page.size();
            if (!shown.isEmpty()) last = shown.get(shown.size() - 1).get("id");
            else if (answer.hasMore()) throw new IOException("the broker announced a page that is empty");
        }
        end();
        return more ? last : "";
    }

    /** Before the first rows. */
    void begin() {
        if (format == Format.json) out.print("[");
    }

    /** After the last ones. */
    void end() {
        if (format == Format.json) out.println(rows == 0 ? "]" : "\n]");
        out.flush();
    }

    int rows() {
        return rows;
    }

    static List<Map<String, String>> rowsOf(String text) {
        List<Map<String, String>> rows = new ArrayList<>();
        for (String line : text.split("\n")) {
            if (line.isEmpty()) continue;
            Map<String, String> row = new LinkedHashMap<>();
            for (String field : line.split("\t")) {
                int equals = field.indexOf('=');
                if (equals > 0) row.put(field.substring(0, equals), field.substring(equals + 1));
            }
            rows.add(row);
        }
        return rows;
    }

    void show(List<Map<String, String>> page) {
        if (format == Format.text && widths == null && !page.isEmpty()) {
            List<String> names = List.copyOf(page.get(0).keySet());
            widths = widths(names, page);
            line(names);
        }
        for (Map<String, String> row : page) {
            if (format == Format.json) out.print((rows == 0 ? "\n  " : ",\n  ") + json(row));
            else line(List.copyOf(row.values()));
            rows++;
        }
    }

    private static List<Integer> widths(List<String> names, List<Map<String, String>> page) {
        List<Integer> widths = new ArrayList<>();
        for (int column = 0; column < names.size(); column++) {
            int width = names.get(column).length();
            for (Map<String, String> row : page) {
                List<String> values = List.copyOf(row.values());
                if (column < values.size())
                    width = Math.max(width, values.get(column).length());
            }
            widths.add(Math.min(width, WIDEST_COLUMN));
        }
        return widths;
    }

    private void line(List<String> values) {
        StringBuilder line = new StringBuilder();
        for (int column = 0; column < values.size(); column++) {
            if (column > 0) line.append("  ");
            line.append(values.get(column));
            int width = column < widths.size() ? widths.get(column) : 0;
            for (int i = values.get(column).length(); i < width; i++) line.append(' ');
        }
        out.println(line.toString().stripTrailing());
    }

    static String json(Map<String, String> row) {
        StringBuilder text = new StringBuilder("{");
        row.forEach((name, value) -> {
            if (text.length() > 1) text.append(", ");
            text.append(quoted(name)).append(": ").append(TEXT.contains(name) ? quoted(value) : value);
        });
        return text.append('}').toString();
    }

    static String quoted(String text) {
        StringBuilder quoted = new StringBuilder("\"");
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') quoted.append('\\').append(c);
            else if (c < ' ') quoted.append("\\u%04x".formatted((int) c));
            else quoted.append(c);
        }
        return quoted.append('"').toString();
    }
}
