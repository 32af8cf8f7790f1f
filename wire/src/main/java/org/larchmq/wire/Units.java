package org.larchmq.wire;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Sizes and durations as text, the same in the broker's file and in a client's URL: whole numbers with a unit; only 0
 * needs none.
 */
public final class Units {
    /** Smallest first, each a whole multiple of the one before. */
    private static final Map<String, Long> SIZES = new LinkedHashMap<>();

    private static final Map<String, Long> DURATIONS = new LinkedHashMap<>();
    private static final Pattern NUMBER_AND_UNIT = Pattern.compile("(\\d{1,18}) ?([A-Za-z]{0,10})");

    static {
        SIZES.put("B", 1L);
        SIZES.put("KiB", 1L << 10);
        SIZES.put("MiB", 1L << 20);
        SIZES.put("GiB", 1L << 30);
        SIZES.put("TiB", 1L << 40);
        DURATIONS.put("ms", 1L);
        DURATIONS.put("s", 1_000L);
        DURATIONS.put("min", 60_000L);
        DURATIONS.put("h", 3_600_000L);
        DURATIONS.put("d", 86_400_000L);
    }

    private Units() {}

    /** @throws IllegalArgumentException saying what is expected */
    public static long sizeBytes(String text) {
        return parse(text, SIZES, "a size such as 16MiB (B, KiB, MiB, GiB or TiB)");
    }

    /** @throws IllegalArgumentException saying what is expected */
    public static long durationMillis(String text) {
        return parse(text, DURATIONS, "a duration such as 100ms (ms, s, min, h or d)");
    }

    public static String size(long bytes) {
        return format(bytes, SIZES);
    }

    public static String duration(long millis) {
        return format(millis, DURATIONS);
    }

    private static long parse(String text, Map<String, Long> units, String expected) {
        Matcher matcher = NUMBER_AND_UNIT.matcher(text);
        if (!matcher.matches()) throw new IllegalArgumentException("must be " + expected);
        long number = Long.parseLong(matcher.group(1));
        String unit = matcher.group(2);
        if (number == 0 && unit.isEmpty()) return 0;
        if (unit.isEmpty()) throw new IllegalArgumentException("has no unit; it must be " + expected);
        Long factor = units.get(unit);
        if (factor == null && unit.equalsIgnoreCase("m")) {
            throw new IllegalArgumentException("has the unit '" + unit + "': min or MiB? It must be " + expected);
        }
        if (factor == null) {
            throw new IllegalArgumentException("has the unknown unit '" + unit + "'; it must be " + expected);
        }
        if (number > Long.MAX_VALUE / factor) throw new IllegalArgumentException("is too large");
        return number * factor;
    }

    private static String format(long value, Map<String, Long> units) {
        if (value == 0) return "0";
        String best = "";
        for (Map.Entry<String, Long> unit : units.entrySet()) {
            if (value % unit.getValue() == 0) best = value / unit.getValue() + unit.getKey();
        }
        return best;
    }
}
