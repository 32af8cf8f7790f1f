package org.larchmq.server.config;

/** A setting that cannot be used. The message is a sentence that names the setting, where it stands and the remedy. */
public final class ConfigException extends RuntimeException {
    public ConfigException(String message) {
        super(message);
    }
}
