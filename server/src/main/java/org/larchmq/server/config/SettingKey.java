package org.larchmq.server.config;

import java.util.Objects;

/**
 * One setting.
 *
 * @param name        section and name, {@code network.port}
 * @param type        what it takes
 * @param automatic   what "auto" chooses, as a clause for documentation; empty when the setting does not take "auto"
 * @param defaultText what it is when nobody says anything
 * @param meaning     one or two sentences for documentation
 */
public record SettingKey(String name, SettingType type, String automatic, String defaultText, String meaning) {
    static final String AUTO = "auto";

    public SettingKey {
        Objects.requireNonNull(type, "type");
        if (!name.matches("[a-z]+\\.[a-zA-Z]+")) throw new IllegalArgumentException("not section.name: " + name);
        if (meaning.isBlank()) throw new IllegalArgumentException(name + " has no meaning");
    }

    public String section() {
        return name.substring(0, name.indexOf('.'));
    }

    /** The name within its section. */
    public String shortName() {
        return name.substring(name.indexOf('.') + 1);
    }

    /** {@code network.ioThreads} is {@code LARCHMQ_SET_NETWORK_IO_THREADS} in the environment. */
    public String environmentVariable() {
        String words = name.replace('.', '_').replaceAll("([a-z])([A-Z])", "$1_$2");
        return Configuration.ENVIRONMENT_PREFIX + words.toUpperCase(java.util.Locale.ROOT);
    }

    boolean takesAuto() {
        return !automatic.isEmpty();
    }
}
