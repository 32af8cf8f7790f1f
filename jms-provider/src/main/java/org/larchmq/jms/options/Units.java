package org.larchmq.jms.options;

import java.util.Locale;

/** Durations and sizes as people write them. */
final class Units {
    private Units() {}

    /** @throws NumberFormatException when it is none */
    static long millis(String text) {
        String t = text.trim().toLowerCase(Locale.ROOT);
        if (t.endsWith("ms")) return number(t, 2, 1);
        if (t.endsWith("s")) return number(t, 1, 1000);
        if (t.endsWith("m")) return number(t, 1, 60_000);
        return Long.parseLong(t);
    }

    /** @throws NumberFormatException when it is none */
    static long bytes(String text) {
        String t = text.trim().toLowerCase(Locale.ROOT);
        if (t.endsWith("kib")) return number(t, 3, 1024);
        if (t.endsWith("mib")) return number(t, 3, 1 << 20);
        if (t.endsWith("k")) return number(t, 1, 1024);
        if (t.endsWith("m")) return number(t, 1, 1 << 20);
        return Long.parseLong(t);
    }

    private static long number(String text, int suffix, long factor) {
        long value = Long.parseLong(text.substring(0, text.length() - suffix).trim());
        try {
            return Math.multiplyExact(value, factor);
        } catch (ArithmeticException e) {
            throw new NumberFormatException(text);
        }
    }
}
