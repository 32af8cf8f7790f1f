package org.larchmq.jms.options;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.larchmq.wire.Units;

/**
 * The closed list of client options, as they stand in a URI: {@code tcp://host:port?prefetch=500&sendTimeout=5s}.
 *
 * <p>Durations and sizes are written as in the broker's file ({@link Units}): {@code 500ms}, {@code 30s}, {@code 5min},
 * {@code 64KiB}, {@code 8MiB}. A plain number is one of milliseconds or bytes.
 */
public enum Option {
    /** User name; empty for none. */
    USER("user", Kind.TEXT, "", 0, 1024, "userName", "username", "jms.userName", "jms.username"),
    /** Password; never shown. */
    PASSWORD("password", Kind.TEXT, "", 0, 1024, "jms.password"),
    /** Client identifier that connections of the factory get; empty for none. */
    CLIENT_ID("clientId", Kind.TEXT, "", 0, 1024, "clientID", "jms.clientID"),
    /** Messages a consumer may have waiting in the client; 0 asks the broker for each one. */
    PREFETCH("prefetch", Kind.NUMBER, "1000", 0, 1_000_000, "jms.prefetchPolicy.all"),
    /** Bytes of messages a consumer may have waiting in the client. */
    PREFETCH_BYTES("prefetchBytes", Kind.BYTES, "8MiB", 1024, 1 << 30),
    /**
     * Messages an AUTO_ACKNOWLEDGE session hands over before the broker has confirmed the acknowledgement of the first
     * of them; 1 confirms each before the next is handed over.
     */
    AUTO_ACK_WINDOW("autoAckWindow", Kind.NUMBER, "1000", 1, 1_000_000),
    /** Until the connection is made and the broker has let us in. */
    CONNECT_TIMEOUT("connectTimeout", Kind.MILLIS, "10s", 1, 3_600_000),
    /** Until the broker answers a request. */
    REQUEST_TIMEOUT("requestTimeout", Kind.MILLIS, "30s", 1, 3_600_000),
    /** Until a send is confirmed, or there is room for it in the send window. */
    SEND_TIMEOUT("sendTimeout", Kind.MILLIS, "60s", 1, 3_600_000),
    /** Until the broker answers an orderly close, and for each thing close waits for. */
    CLOSE_TIMEOUT("closeTimeout", Kind.MILLIS, "10s", 1, 3_600_000),
    /** Longest silence of the connection before the broker is asked whether it is there; 0 for never. */
    HEARTBEAT("heartbeat", Kind.MILLIS, "30s", 0, 3_600_000),
    /**
     * Whether a message that has expired by this machine's clock is not handed over. Otherwise the broker decides alone:
     * it delivers nothing that has expired by its own clock.
     */
    DISCARD_EXPIRED("discardExpired", Kind.FLAG, "false", 0, 0),
    /** Whether send() of a NON_PERSISTENT message returns without the broker's answer. */
    SEND_NON_PERSISTENT_ASYNC("sendNonPersistentAsync", Kind.FLAG, "false", 0, 0),
    /** Packages, comma-separated, whose classes ObjectMessage may deserialize; {@code *} for all. */
    TRUSTED_PACKAGES("trustedPackages", Kind.TEXT, "", 0, 64 * 1024),
    /** Whether an open connection keeps the JVM alive when the application's own threads have ended. */
    KEEP_ALIVE("keepAlive", Kind.FLAG, "false", 0, 0),

    /** How bodies of messages are compressed when they are sent: none, lz4 or zstd. */
    COMPRESSION("compression", "none", List.of("none", "lz4", "zstd")),
    /** Bodies below this size stay as they are. */
    COMPRESSION_MIN_SIZE("compressionMinSize", Kind.BYTES, "1KiB", 0, 1 << 30),

    // Of a connection that fails over.

    /** Longest pause before the first attempt to reconnect. */
    INITIAL_RECONNECT_DELAY("initialReconnectDelay", Kind.MILLIS, "100ms", 1, 3_600_000, "retryInterval"),
    /** Longest pause between two attempts. */
    MAX_RECONNECT_DELAY("maxReconnectDelay", Kind.MILLIS, "10s", 1, 3_600_000, "maxRetryInterval"),
    /** What the longest pause is multiplied with after each attempt. */
    BACK_OFF_MULTIPLIER(
            "backOffMultiplier", Kind.DECIMAL, "2", 1, 100, "reconnectDelayExponent", "retryIntervalMultiplier"),
    /** Whether the pauses grow at all. */
    USE_EXPONENTIAL_BACK_OFF("useExponentialBackOff", Kind.FLAG, "true", 0, 0),
    /** Attempts to reconnect, each with every broker of the URI, after which the connection is at its end; -1: no end. */
    MAX_RECONNECT_ATTEMPTS("maxReconnectAttempts", Kind.NUMBER, "-1", -1, Integer.MAX_VALUE, "reconnectAttempts"),
    /** Further attempts of createConnection while no broker is there; -1: as many as the timeout has time for. */
    STARTUP_MAX_RECONNECT_ATTEMPTS(
            "startupMaxReconnectAttempts", Kind.NUMBER, "-1", -1, Integer.MAX_VALUE, "initialConnectAttempts"),
    /**
     * How long createConnection waits for a broker, and a call for the connection to be restored; -1: as long as it takes.
     * A receive always waits.
     */
    FAILOVER_TIMEOUT("timeout", Kind.MILLIS, "5min", -1, 24 * 3_600_000),
    /** Whether to begin with any of the brokers, or with the first. */
    RANDOMIZE("randomize", Kind.FLAG, "true", 0, 0);

    /** How the text of an option is read. */
    enum Kind {
        TEXT,
        NUMBER,
        BYTES,
        MILLIS,
        DECIMAL,
        FLAG,
        CHOICE
    }

    private static final Pattern PLAIN_NUMBER = Pattern.compile("-?\\d{1,18}");

    private final String key;
    private final Kind kind;
    private final String defaultText;
    private final long lowest;
    private final long highest;
    private final List<String> otherNames;
    private final List<String> choices;

    /** @param otherNames under which other providers have the same option */
    Option(String key, Kind kind, String defaultText, long lowest, long highest, String... otherNames) {
        this.key = key;
        this.kind = kind;
        this.defaultText = defaultText;
        this.lowest = lowest;
        this.highest = highest;
        this.otherNames = List.of(otherNames);
        choices = List.of();
    }

    Option(String key, String defaultText, List<String> choices) {
        this.key = key;
        this.kind = Kind.CHOICE;
        this.defaultText = defaultText;
        this.lowest = 0;
        this.highest = 0;
        this.otherNames = List.of();
        this.choices = choices;
    }

    /** The name in a URI. */
    public String key() {
        return key;
    }

    /** The name, and those that other providers have for the same. */
    public List<String> names() {
        return Stream.concat(Stream.of(key), otherNames.stream()).toList();
    }

    public String defaultText() {
        return defaultText;
    }

    /** @throws IllegalArgumentException for an unknown name, naming the nearest known one */
    public static Option named(String key) {
        for (Option option : values()) {
            if (option.key.equals(key) || option.otherNames.contains(key)) return option;
        }
        String answer = ForeignOptions.answer(key);
        if (answer != null) throw new IllegalArgumentException("option '" + key + "' of another provider: " + answer);
        throw new IllegalArgumentException("unknown option '" + key + "', nearest is '" + Nearest.to(key, keys())
                + "'; options are " + String.join(", ", keys()));
    }

    static boolean isKnown(String key) {
        return Arrays.stream(values()).anyMatch(option -> option.names().contains(key));
    }

    static List<String> keys() {
        return Arrays.stream(values()).map(Option::key).collect(Collectors.toList());
    }

    /** @throws IllegalArgumentException naming option, value and what is allowed */
    Object parse(String text) {
        if (text == null) {
            throw new IllegalArgumentException("option '" + key + "' is null"
                    + (kind == Kind.TEXT ? "; an empty text stands for none" : "; leave it out for the default"));
        }
        try {
            return switch (kind) {
                case TEXT -> checkLength(text);
                case NUMBER -> inRange(text, Long.parseLong(text.trim()));
                case BYTES, MILLIS -> inRange(text, quantity(text.trim()));
                case DECIMAL -> decimal(text, Double.parseDouble(text.trim()));
                case FLAG -> flag(text);
                case CHOICE -> choice(text);
            };
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException(describe(text));
        }
    }

    private long quantity(String text) {
        if (PLAIN_NUMBER.matcher(text).matches()) return Long.parseLong(text);
        try {
            return kind == Kind.BYTES ? Units.sizeBytes(text) : Units.durationMillis(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(describe(text) + ", which " + e.getMessage(), e);
        }
    }

    private String checkLength(String text) {
        if (text.length() > highest) {
            throw new IllegalArgumentException(
                    "option '" + key + "' has " + text.length() + " characters, at most " + highest + " are allowed");
        }
        return text;
    }

    private Long inRange(String text, long value) {
        if (value < lowest || value > highest) throw new IllegalArgumentException(describe(text));
        return value;
    }

    private Double decimal(String text, double value) {
        if (!(value >= lowest && value <= highest)) throw new IllegalArgumentException(describe(text));
        return value;
    }

    private Boolean flag(String text) {
        return switch (text.trim().toLowerCase(Locale.ROOT)) {
            case "true" -> true;
            case "false" -> false;
            default ->
                throw new IllegalArgumentException("option '" + key + "' must be true or false, is '" + text + "'");
        };
    }

    private String choice(String text) {
        String wanted = text.trim().toLowerCase(Locale.ROOT);
        if (choices.contains(wanted)) return wanted;
        throw new IllegalArgumentException("option '" + key + "' must be one of " + String.join(", ", choices)
                + ", is '" + text + "', nearest is '" + Nearest.to(text, choices) + "'");
    }

    private String describe(String text) {
        String unit = switch (kind) {
            case BYTES -> " bytes";
            case MILLIS -> " ms";
            default -> "";
        };
        return "option '" + key + "' must be from " + lowest + " to " + highest + unit + ", is '" + text + "'";
    }
}
