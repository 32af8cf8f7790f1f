package org.larchmq.server.config;

import java.util.Locale;
import org.larchmq.broker.settings.BrokerSettings.Flush;
import org.larchmq.message.Compression;
import org.larchmq.wire.Units;

/** What a setting's value may be, and how its text is read. */
public enum SettingType {
    TEXT("text"),
    WHOLE_NUMBER("whole number"),
    DECIMAL("number"),
    SWITCH("true or false"),
    SIZE("size"),
    DURATION("duration"),
    FLUSH("sync or async"),
    COMPRESSIONS("none, lz4, zstd or lz4,zstd");

    private final String words;

    SettingType(String words) {
        this.words = words;
    }

    /** For documentation. */
    public String words() {
        return words;
    }

    /**
     * @return String, Long, Double, Boolean, Long of bytes, Long of milliseconds, {@link Flush}, or Long of a set, by type
     * @throws IllegalArgumentException saying what is expected, without a subject
     */
    Object parse(String text) {
        switch (this) {
            case TEXT:
                if (text.isBlank()) throw new IllegalArgumentException("must not be empty");
                return text;
            case WHOLE_NUMBER:
                if (!text.matches("-?\\d{1,18}")) throw new IllegalArgumentException("must be a whole number");
                return Long.parseLong(text);
            case DECIMAL:
                if (!text.matches("\\d{1,15}(\\.\\d{1,15})?")) {
                    throw new IllegalArgumentException("must be a number such as 2 or 1.5");
                }
                return Double.parseDouble(text);
            case SWITCH:
                if (!text.equals("true") && !text.equals("false")) {
                    throw new IllegalArgumentException("must be true or false");
                }
                return text.equals("true");
            case SIZE:
                return Units.sizeBytes(text);
            case DURATION:
                return Units.durationMillis(text);
            case FLUSH:
                for (Flush flush : Flush.values()) {
                    if (flush.name().toLowerCase(Locale.ROOT).equals(text)) return flush;
                }
                throw new IllegalArgumentException("must be sync or async");
            case COMPRESSIONS:
                try {
                    return (long) Compression.set(text);
                } catch (IllegalArgumentException e) {
                    throw new IllegalArgumentException("must be none, lz4, zstd, or lz4,zstd", e);
                }
            default:
                throw new AssertionError("no rule for " + this);
        }
    }

    /** The text that {@link #parse} reads as this value. */
    String format(Object value) {
        if (this == SIZE) return Units.size(((Number) value).longValue());
        if (this == DURATION) return Units.duration(((Number) value).longValue());
        if (this == FLUSH) return ((Flush) value).name().toLowerCase(Locale.ROOT);
        if (this == COMPRESSIONS) return Compression.text(((Number) value).intValue());
        if (this == DECIMAL && (Double) value == Math.rint((Double) value))
            return Long.toString(((Double) value).longValue());
        return value.toString();
    }
}
