package org.larchmq.server.config;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.larchmq.broker.settings.Authenticator;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.settings.BrokerSettings.Flush;
import org.larchmq.broker.settings.BrokerSettings.Limits;
import org.larchmq.broker.settings.BrokerSettings.Network;
import org.larchmq.broker.settings.BrokerSettings.Redelivery;
import org.larchmq.broker.settings.BrokerSettings.Store;

/**
 * The value of every setting and where it came from. The command line beats the environment, which beats the file, which
 * beats the defaults. Every value has been read as its type; ranges are checked when it becomes
 * {@link BrokerSettings}.
 */
public final class Configuration {
    static final String ENVIRONMENT_PREFIX = "LARCHMQ_SET_";

    /**
     * One line of {@code larchmq config}.
     *
     * @param text as it was given
     */
    public record Value(SettingKey key, String text, Origin origin) {}

    /**
     * A setting given on the command line.
     *
     * @param origin {@code --set}, or the option that stands for the setting
     */
    public record Given(String name, String text, Origin origin) {
        public Given {
            Objects.requireNonNull(origin, "origin");
        }

        /** @throws ConfigException unless the argument is key=value */
        public static Given parse(String argument) {
            int equals = argument.indexOf('=');
            if (equals < 1) {
                throw new ConfigException("--set " + argument + ": must be key=value, such as store.flush=async");
            }
            return new Given(
                    argument.substring(0, equals).strip(),
                    argument.substring(equals + 1).strip(),
                    Origin.SET);
        }
    }

    private record Parsed(Value value, Object parsed) {}

    private final Map<SettingKey, Parsed> values = new LinkedHashMap<>();

    private Configuration() {
        for (SettingKey key : SettingKeys.all()) put(key, key.defaultText(), Origin.DEFAULT);
    }

    /**
     * @param file        the configuration file, if there is one
     * @param environment of the process; variables that begin with {@code LARCHMQ_SET_} are settings
     * @param given       from the command line; of two for one setting the later counts
     * @throws ConfigException for an unknown setting or a value that is not of its type
     */
    public static Configuration load(Optional<Path> file, Map<String, String> environment, List<Given> given) {
        Configuration configuration = new Configuration();
        if (file.isPresent()) configuration.takeFile(file.get());
        configuration.takeEnvironment(environment);
        for (Given setting : given) configuration.put(setting.name(), setting.text(), setting.origin());
        return configuration;
    }

    /** All settings, in the order of the documentation. */
    public List<Value> values() {
        return values.values().stream().map(Parsed::value).toList();
    }

    public boolean anonymousAllowed() {
        return isOn(SettingKeys.ANONYMOUS);
    }

    /** Where the users are kept. */
    public Path usersFile(Path dataDirectory) {
        String text = values.get(SettingKeys.USERS_FILE).value().text();
        return dataDirectory.resolve(text.equals(SettingKey.AUTO) ? "users.yaml" : text);
    }

    /**
     * What the broker is told.
     *
     * @throws ConfigException naming the setting, its origin and its range when a value is out of it
     */
    public BrokerSettings brokerSettings(Path dataDirectory, Authenticator authenticator) {
        try {
            return new BrokerSettings(
                    dataDirectory,
                    network(),
                    store(),
                    limits(),
                    redelivery(),
                    isOn(SettingKeys.CREATE_ON_FIRST_USE),
                    authenticator);
        } catch (IllegalArgumentException e) {
            throw outOfRange(e.getMessage());
        }
    }

    private Network network() {
        return new Network(
                text(SettingKeys.HOST),
                wholeNumber(SettingKeys.PORT),
                wholeNumber(SettingKeys.IO_THREADS),
                wholeNumber(SettingKeys.MAX_CONNECTIONS),
                wholeNumber(SettingKeys.HANDSHAKE_TIMEOUT),
                wholeNumber(SettingKeys.HEARTBEAT),
                wholeNumber(SettingKeys.SEND_WINDOW),
                wholeNumber(SettingKeys.COMPRESSION));
    }

    private Store store() {
        return new Store(
                (Flush) parsed(SettingKeys.STORE_FLUSH),
                wholeNumber(SettingKeys.FLUSH_INTERVAL),
                number(SettingKeys.SEGMENT_SIZE, Store.DEFAULT.segmentSizeBytes()),
                wholeNumber(SettingKeys.TAIL_MEMORY),
                number(SettingKeys.RESERVED, Store.DEFAULT.reservedBytes()),
                wholeNumber(SettingKeys.CHECKPOINT_INTERVAL),
                number(SettingKeys.CHECKPOINT_LOG),
                number(SettingKeys.SCRUB_RATE));
    }

    private Limits limits() {
        return new Limits(
                wholeNumber(SettingKeys.MAX_MESSAGE),
                number(SettingKeys.MAX_TRANSACTION),
                wholeNumber(SettingKeys.MAX_TRANSACTION_MESSAGES),
                number(SettingKeys.MEMORY_BUDGET, Limits.DEFAULT.memoryBudgetBytes()),
                wholeNumber(SettingKeys.MAX_DESTINATIONS),
                wholeNumber(SettingKeys.MAX_CONSUMERS),
                wholeNumber(SettingKeys.MAX_UNSETTLED));
    }

    private Redelivery redelivery() {
        return new Redelivery(
                wholeNumber(SettingKeys.MAX_DELIVERIES),
                text(SettingKeys.DEAD_LETTER_QUEUE),
                number(SettingKeys.REDELIVERY_DELAY),
                (Double) parsed(SettingKeys.DELAY_MULTIPLIER),
                number(SettingKeys.MAX_DELAY));
    }

    private void takeFile(Path file) {
        ConfigFile.read(file).forEach((name, entry) -> put(name, entry.text(), entry.origin()));
    }

    private void takeEnvironment(Map<String, String> environment) {
        environment.keySet().stream()
                .filter(variable -> variable.startsWith(ENVIRONMENT_PREFIX))
                .sorted()
                .forEach(variable -> put(keyOf(variable), environment.get(variable), Origin.environment(variable)));
    }

    private static SettingKey keyOf(String variable) {
        return SettingKeys.all().stream()
                .filter(key -> key.environmentVariable().equals(variable))
                .findFirst()
                .orElseThrow(() -> SettingKeys.unknown(
                        variable.substring(ENVIRONMENT_PREFIX.length())
                                .replaceFirst("_", ".")
                                .replace("_", ""),
                        Origin.environment(variable)));
    }

    private void put(String name, String text, Origin origin) {
        put(SettingKeys.find(name).orElseThrow(() -> SettingKeys.unknown(name, origin)), text, origin);
    }

    private void put(SettingKey key, String text, Origin origin) {
        boolean automatic = key.takesAuto() && text.equals(SettingKey.AUTO);
        try {
            Object parsed = automatic ? SettingKey.AUTO : key.type().parse(text);
            values.put(key, new Parsed(new Value(key, text, origin), parsed));
        } catch (IllegalArgumentException e) {
            String orAuto = key.takesAuto() ? ", or auto" : "";
            throw new ConfigException(
                    "%s: %s %s%s; it is '%s'".formatted(origin, key.name(), e.getMessage(), orAuto, text));
        }
    }

    private Object parsed(SettingKey key) {
        return values.get(key).parsed();
    }

    private String text(SettingKey key) {
        return (String) parsed(key);
    }

    private boolean isOn(SettingKey key) {
        return (Boolean) parsed(key);
    }

    private long number(SettingKey key) {
        return (Long) parsed(key);
    }

    private long number(SettingKey key, long automatic) {
        return parsed(key).equals(SettingKey.AUTO) ? automatic : number(key);
    }

    /** A number that the broker keeps in an int. */
    private int wholeNumber(SettingKey key) {
        long number = number(key);
        if (number != (int) number) throw new IllegalArgumentException(key.name() + " must be less than 2147483648");
        return (int) number;
    }

    /** broker-core's message begins with the name of the setting and has its numbers in bytes and milliseconds. */
    private ConfigException outOfRange(String message) {
        for (Parsed candidate : values.values()) {
            Value value = candidate.value();
            if (!message.startsWith(value.key().name() + " ")) continue;
            String unit = "";
            if (value.key().type() == SettingType.SIZE) unit = " (in bytes)";
            if (value.key().type() == SettingType.DURATION) unit = " (in milliseconds)";
            return new ConfigException(
                    "%s: %s%s; it is given as '%s'".formatted(value.origin(), message, unit, value.text()));
        }
        return new ConfigException(message);
    }
}
