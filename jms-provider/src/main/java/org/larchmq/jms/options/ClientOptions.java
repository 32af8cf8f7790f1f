package org.larchmq.jms.options;

import java.nio.charset.StandardCharsets;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.larchmq.message.Compression;

/** A value for every {@link Option}, checked. Immutable. */
public final class ClientOptions {
    /** Nothing set: every option has its default. */
    public static final ClientOptions DEFAULTS = new ClientOptions(new EnumMap<>(Option.class));

    private final EnumMap<Option, Object> set;

    private ClientOptions(EnumMap<Option, Object> set) {
        this.set = set;
    }

    /** @throws IllegalArgumentException naming option, value and what is allowed */
    public ClientOptions with(Option option, String text) {
        EnumMap<Option, Object> changed = new EnumMap<>(set);
        changed.put(option, option.parse(text));
        return new ClientOptions(changed);
    }

    /** @throws IllegalArgumentException also for an unknown option, naming the nearest one */
    public ClientOptions with(Map<String, String> texts) {
        ClientOptions changed = this;
        for (Map.Entry<String, String> entry : texts.entrySet()) {
            changed = changed.with(Option.named(entry.getKey()), entry.getValue());
        }
        return changed;
    }

    /** What either has set. @throws IllegalArgumentException when both have set an option, and differently */
    ClientOptions merged(ClientOptions other) {
        EnumMap<Option, Object> all = new EnumMap<>(set);
        other.set.forEach((option, value) -> {
            Object before = all.putIfAbsent(option, value);
            if (before != null && !before.equals(value)) {
                throw new IllegalArgumentException(
                        "option '" + option.key() + "' has two values; options count for all brokers");
            }
        });
        return new ClientOptions(all);
    }

    /** Whether a value was given, so that the default does not count. */
    public boolean isSet(Option option) {
        return set.containsKey(option);
    }

    public String user() {
        return (String) value(Option.USER);
    }

    public String password() {
        return (String) value(Option.PASSWORD);
    }

    public String clientId() {
        return (String) value(Option.CLIENT_ID);
    }

    public int prefetch() {
        return number(Option.PREFETCH);
    }

    public int prefetchBytes() {
        return number(Option.PREFETCH_BYTES);
    }

    public int autoAckWindow() {
        return number(Option.AUTO_ACK_WINDOW);
    }

    public int connectTimeoutMillis() {
        return number(Option.CONNECT_TIMEOUT);
    }

    public int requestTimeoutMillis() {
        return number(Option.REQUEST_TIMEOUT);
    }

    public int sendTimeoutMillis() {
        return number(Option.SEND_TIMEOUT);
    }

    public int closeTimeoutMillis() {
        return number(Option.CLOSE_TIMEOUT);
    }

    public int heartbeatMillis() {
        return number(Option.HEARTBEAT);
    }

    public boolean discardExpired() {
        return (Boolean) value(Option.DISCARD_EXPIRED);
    }

    public boolean sendNonPersistentAsync() {
        return (Boolean) value(Option.SEND_NON_PERSISTENT_ASYNC);
    }

    /** Null for none. */
    public Compression compression() {
        String name = (String) value(Option.COMPRESSION);
        return name.equals(Option.COMPRESSION.defaultText()) ? null : Compression.named(name);
    }

    public int compressionMinBytes() {
        return number(Option.COMPRESSION_MIN_SIZE);
    }

    public int initialReconnectDelayMillis() {
        return number(Option.INITIAL_RECONNECT_DELAY);
    }

    public int maxReconnectDelayMillis() {
        return number(Option.MAX_RECONNECT_DELAY);
    }

    /** 1 when the pauses do not grow. */
    public double backOffMultiplier() {
        return useExponentialBackOff() ? configuredBackOffMultiplier() : 1;
    }

    public double configuredBackOffMultiplier() {
        return (Double) value(Option.BACK_OFF_MULTIPLIER);
    }

    public boolean useExponentialBackOff() {
        return (Boolean) value(Option.USE_EXPONENTIAL_BACK_OFF);
    }

    /** -1 for no end. */
    public int maxReconnectAttempts() {
        return number(Option.MAX_RECONNECT_ATTEMPTS);
    }

    /** -1 for no end. */
    public int startupMaxReconnectAttempts() {
        return number(Option.STARTUP_MAX_RECONNECT_ATTEMPTS);
    }

    /** -1 for as long as it takes. */
    public int failoverTimeoutMillis() {
        return number(Option.FAILOVER_TIMEOUT);
    }

    public boolean randomize() {
        return (Boolean) value(Option.RANDOMIZE);
    }

    public boolean keepAlive() {
        return (Boolean) value(Option.KEEP_ALIVE);
    }

    public List<String> trustedPackages() {
        return Stream.of(((String) value(Option.TRUSTED_PACKAGES)).split(","))
                .map(String::trim)
                .filter(name -> !name.isEmpty())
                .collect(Collectors.toUnmodifiableList());
    }

    private int number(Option option) {
        return (int) (long) (Long) value(option);
    }

    private Object value(Option option) {
        Object value = set.get(option);
        return value != null ? value : option.parse(option.defaultText());
    }

    /** What was set, as it stands in a URI after the question mark; the password only as a sign that there is one. */
    @Override
    public String toString() {
        return set.entrySet().stream()
                .map(e -> e.getKey() == Option.PASSWORD ? e.getKey().key() + "=***" : text(e))
                .collect(Collectors.joining("&"));
    }

    /**
     * What was set, as it stands in a URI after the question mark; can be read again.
     *
     * @param withPassword whether the password is to be part of it
     */
    public String query(boolean withPassword) {
        return set.entrySet().stream()
                .filter(e -> withPassword || e.getKey() != Option.PASSWORD)
                .map(ClientOptions::text)
                .collect(Collectors.joining("&"));
    }

    private static String text(Map.Entry<Option, Object> entry) {
        return entry.getKey().key() + "=" + percentEncoded(entry.getValue().toString());
    }

    /** Encodes what would end a value or the URI; everything else stays readable. */
    private static String percentEncoded(String value) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            if (b > ' ' && b < 0x7F && "%&#()".indexOf(b) < 0) encoded.append((char) b);
            else encoded.append(String.format("%%%02X", b));
        }
        return encoded.toString();
    }
}
