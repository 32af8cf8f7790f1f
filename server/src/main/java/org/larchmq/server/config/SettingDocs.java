package org.larchmq.server.config;

import java.util.List;

/** The table of settings as a commented configuration file and as a page of documentation. */
public final class SettingDocs {
    private static final int LINE_LENGTH = 96;

    private SettingDocs() {}

    /** {@code conf/larchmq.yaml}: every setting with its default, commented out. */
    public static String commentedFile() {
        StringBuilder out = new StringBuilder("""
                # LarchMQ configuration. Every setting stands here with its default, commented out: remove the "# "
                # in front of a line to change it. The command line (--set key=value) beats the environment
                # (LARCHMQ_SET_NETWORK_PORT=5681), which beats this file. `larchmq config` shows what is in effect
                # and where it came from. Sizes have a unit (B, KiB, MiB, GiB, TiB), durations too (ms, s, min, h, d).
                """);
        String section = "";
        for (SettingKey key : SettingKeys.all()) {
            if (!key.section().equals(section)) {
                section = key.section();
                out.append('\n').append(section).append(":\n");
            } else {
                out.append('\n');
            }
            for (String line : wrap(meaningWithAuto(key)))
                out.append("  ## ").append(line).append('\n');
            out.append("  # ")
                    .append(key.shortName())
                    .append(": ")
                    .append(key.defaultText())
                    .append('\n');
        }
        return out.toString();
    }

    /** The table of {@code docs/configuration.md}. */
    public static String markdownTable() {
        StringBuilder out = new StringBuilder("| setting | takes | default | meaning |\n|---|---|---|---|\n");
        for (SettingKey key : SettingKeys.all()) {
            out.append("| `%s` | %s | `%s` | %s |\n"
                    .formatted(key.name(), key.type().words(), key.defaultText(), meaningWithAuto(key)));
        }
        return out.toString();
    }

    private static String meaningWithAuto(SettingKey key) {
        return key.takesAuto() ? key.meaning() + " auto " + key.automatic() + "." : key.meaning();
    }

    private static List<String> wrap(String text) {
        StringBuilder wrapped = new StringBuilder();
        int column = 0;
        for (String word : text.split(" ")) {
            if (column > 0 && column + 1 + word.length() > LINE_LENGTH) {
                wrapped.append('\n');
                column = 0;
            } else if (column > 0) {
                wrapped.append(' ');
                column++;
            }
            wrapped.append(word);
            column += word.length();
        }
        return wrapped.toString().lines().toList();
    }
}
