package org.larchmq.jms.options;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import org.larchmq.wire.Protocol;

/**
 * Where the broker is and how to use it: {@code tcp://host:port?option=value&option=value}. The port may be left out;
 * option values may be percent-encoded. Options are those of {@link Option}.
 */
public record LarchUri(String host, int port, ClientOptions options) {
    private static final String SCHEME = "tcp://";

    public LarchUri {
        if (host.isEmpty()) throw new IllegalArgumentException("a broker URI has no host");
        if (port < 1 || port > 65_535) throw new IllegalArgumentException("port must be from 1 to 65535, is " + port);
    }

    /** The broker on this machine, with every default. */
    public static LarchUri local() {
        return new LarchUri("localhost", Protocol.DEFAULT_PORT, ClientOptions.DEFAULTS);
    }

    /** @throws IllegalArgumentException saying what is wrong and where; the password is never repeated */
    public static LarchUri parse(String text) {
        try {
            return parseUnnamed(text.trim());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "broker URI '" + withoutPassword(text.trim()) + "': " + e.getMessage(), e);
        }
    }

    private static LarchUri parseUnnamed(String text) {
        if (text.startsWith("failover:") || text.startsWith("(")) {
            throw new IllegalArgumentException("failover to several brokers is not available in this version");
        }
        if (!text.startsWith(SCHEME)) {
            throw new IllegalArgumentException("must begin with " + SCHEME + " at character 1, as in " + SCHEME
                    + "localhost:" + Protocol.DEFAULT_PORT);
        }
        int question = text.indexOf('?');
        String authority = text.substring(SCHEME.length(), question < 0 ? text.length() : question);
        if (authority.endsWith("/")) authority = authority.substring(0, authority.length() - 1);
        int bracket = authority.indexOf(']');
        if (authority.startsWith("[") && bracket < 0) {
            throw new IllegalArgumentException("'[' at character " + (SCHEME.length() + 1) + " is not closed");
        }
        int colon = authority.indexOf(':', Math.max(bracket, 0));
        if (bracket < 0 && colon >= 0 && authority.indexOf(':', colon + 1) >= 0) {
            throw new IllegalArgumentException(
                    "an IPv6 address stands in brackets, as in " + SCHEME + "[::1]:" + Protocol.DEFAULT_PORT);
        }
        String host = colon < 0 ? authority : authority.substring(0, colon);
        int port =
                colon < 0 ? Protocol.DEFAULT_PORT : port(authority.substring(colon + 1), SCHEME.length() + colon + 2);
        Map<String, String> options = question < 0 ? Map.of() : options(text, question + 1);
        return new LarchUri(checkHost(host), port, ClientOptions.DEFAULTS.with(options));
    }

    private static String checkHost(String host) {
        if (host.isEmpty()) {
            throw new IllegalArgumentException("the host is missing at character " + (SCHEME.length() + 1));
        }
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (Character.isWhitespace(c) || Character.isISOControl(c) || "@/#\\".indexOf(c) >= 0) {
                throw new IllegalArgumentException(
                        "'" + c + "' at character " + (SCHEME.length() + i + 1) + " cannot be in a host name");
            }
        }
        return host;
    }

    private static int port(String text, int at) {
        int port = -1;
        try {
            port = Integer.parseInt(text);
        } catch (NumberFormatException e) {
            // said below
        }
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException(
                    "the port at character " + at + " must be a number from 1 to 65535, is '" + text + "'");
        }
        return port;
    }

    private static Map<String, String> options(String text, int from) {
        Map<String, String> options = new LinkedHashMap<>();
        int at = from;
        while (at < text.length()) {
            int end = text.indexOf('&', at);
            if (end < 0) end = text.length();
            int equals = text.indexOf('=', at);
            if (equals < 0 || equals >= end) {
                throw new IllegalArgumentException("option '" + text.substring(at, end) + "' at character " + (at + 1)
                        + " has no value; write option=value");
            }
            String key = percentDecoded(text.substring(at, equals), at);
            Option.named(key);
            if (options.put(key, percentDecoded(text.substring(equals + 1, end), equals + 1)) != null) {
                throw new IllegalArgumentException("option '" + key + "' stands there twice");
            }
            at = end + 1;
        }
        return options;
    }

    private static String percentDecoded(String text, int offset) {
        if (text.indexOf('%') < 0) return text;
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        byte[] raw = text.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < raw.length; i++) {
            if (raw[i] != '%') {
                bytes.write(raw[i]);
                continue;
            }
            int high = i + 2 < raw.length ? Character.digit(raw[i + 1], 16) : -1;
            int low = i + 2 < raw.length ? Character.digit(raw[i + 2], 16) : -1;
            if (high < 0 || low < 0) {
                throw new IllegalArgumentException(
                        "'%' at character " + (offset + i + 1) + " is not followed by two hexadecimal digits");
            }
            bytes.write(high << 4 | low);
            i += 2;
        }
        return bytes.toString(StandardCharsets.UTF_8);
    }

    private static String withoutPassword(String text) {
        return text.replaceAll("(?i)([?&]password=)[^&]*", "$1***");
    }

    public LarchUri withOptions(ClientOptions changed) {
        return new LarchUri(host, port, changed);
    }

    /** For messages to people: the password is left out. */
    @Override
    public String toString() {
        return text(options.toString());
    }

    /**
     * The URI in full, which {@link #parse} reads again.
     *
     * @param withPassword whether the password is to be part of it
     */
    public String text(boolean withPassword) {
        return text(options.query(withPassword));
    }

    private String text(String query) {
        return SCHEME + host + ":" + port + (query.isEmpty() ? "" : "?" + query);
    }
}
