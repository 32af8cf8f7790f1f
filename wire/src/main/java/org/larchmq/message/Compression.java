package org.larchmq.message;

import java.util.Arrays;
import java.util.stream.Collectors;

/**
 * How the body of a message of version {@link MessageLayout#COMPRESSED_VERSION} is compressed. The number never changes
 * its meaning; sets of algorithms are the sum of their numbers, which are powers of two.
 */
public enum Compression {
    /** One LZ4 block. */
    LZ4(1, "lz4"),
    /** One Zstandard frame. */
    ZSTD(2, "zstd");

    /** The set without any. */
    public static final int NONE = 0;

    /** The set of all that are known here. */
    public static final int ALL = LZ4.number | ZSTD.number;

    private static final int FLAGS_SHIFT = 3;
    private static final String NONE_TEXT = "none";

    private final int number;
    private final String text;

    Compression(int number, String text) {
        this.number = number;
        this.text = text;
    }

    /** In sets, for example in WELCOME. */
    public int number() {
        return number;
    }

    /** For people, for example in options. */
    public String text() {
        return text;
    }

    /** In the flags of a message. */
    public int flag() {
        return number << FLAGS_SHIFT;
    }

    public boolean isIn(int set) {
        return (set & number) != 0;
    }

    /** Of the flags of a message whose body is compressed; null when they name none, or more than one. */
    static Compression ofFlags(int flags) {
        return switch (flags & ALL << FLAGS_SHIFT) {
            case 1 << FLAGS_SHIFT -> LZ4;
            case 2 << FLAGS_SHIFT -> ZSTD;
            default -> null;
        };
    }

    /** @throws IllegalArgumentException when there is none of this name */
    public static Compression named(String text) {
        for (Compression compression : values()) if (compression.text.equals(text)) return compression;
        throw new IllegalArgumentException("no compression '" + text + "', there are lz4 and zstd");
    }

    /** A set as text: {@code lz4,zstd}, or {@code none}. */
    public static String text(int set) {
        if (set == NONE) return NONE_TEXT;
        return Arrays.stream(values())
                .filter(compression -> compression.isIn(set))
                .map(Compression::text)
                .collect(Collectors.joining(","));
    }

    /** @throws IllegalArgumentException when it is not what {@link #text(int)} writes, apart from order and spaces */
    public static int set(String text) {
        if (text.trim().equals(NONE_TEXT)) return NONE;
        int set = NONE;
        for (String name : text.split(",", -1)) set |= named(name.trim()).number;
        return set;
    }
}
