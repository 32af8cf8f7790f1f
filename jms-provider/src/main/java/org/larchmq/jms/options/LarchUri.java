package org.larchmq.jms.options;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.larchmq.wire.Protocol;

/**
 * Where the broker is and how to use it: {@code tcp://host:port?option=value&option=value}. The port may be left out;
 * option values may be percent-encoded. Options are those of {@link Option}; user and password may also stand before the
 * host, as in {@code tcp://user:password@host}.
 *
 * <p>{@code failover:(tcp://a:5680,tcp://b:5680)?option=value}, or the same without {@code failover:}, makes connections
 * that are restored when they are lost, with whichever of the brokers answers. Options may stand behind a broker, too;
 * they count for all.
 *
 * @param brokers  at least one, and one alone unless {@code failover}
 * @param failover whether a lost connection is restored
 */
public record LarchUri(List<Address> brokers, boolean failover, ClientOptions options) {
    static final String SCHEME = "tcp://";
    static final String FAILOVER = "failover:";
    private static final int MOST_BROKERS = 100;

    /** Where one broker listens. */
    public record Address(String host, int port) {
        public Address {
            if (host.isEmpty()) throw new IllegalArgumentException("a broker URI has no host");
            if (host.indexOf(':') >= 0 && !host.startsWith("[")) host = "[" + host + "]";
            if (port < 1 || port > 65_535) {
                throw new IllegalArgumentException("port must be from 1 to 65535, is " + port);
            }
        }

        @Override
        public String toString() {
            return SCHEME + host + ":" + port;
        }
    }

    public LarchUri {
        brokers = List.copyOf(brokers);
        if (brokers.isEmpty()) throw new IllegalArgumentException("a broker URI has no broker");
    }

    /** One broker, without failover. */
    public LarchUri(String host, int port, ClientOptions options) {
        this(List.of(new Address(host, port)), false, options);
    }

    /** Of the first broker. */
    public String host() {
        return brokers.get(0).host;
    }

    /** Of the first broker. */
    public int port() {
        return brokers.get(0).port;
    }

    /** The broker on this machine, with every default. */
    public static LarchUri local() {
        return new LarchUri("localhost", Protocol.DEFAULT_PORT, ClientOptions.DEFAULTS);
    }

    /** @throws IllegalArgumentException saying what is wrong and where; the password is never repeated */
    public static LarchUri parse(String text) {
        if (text == null) {
            throw new IllegalArgumentException(
                    "the broker URI is null; write " + SCHEME + "localhost:" + Protocol.DEFAULT_PORT);
        }
        try {
            return parseUnnamed(text.trim());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "broker URI '" + Misread.withoutPassword(text.trim()) + "': " + e.getMessage(), e);
        }
    }

    private static LarchUri parseUnnamed(String text) {
        if (text.startsWith(FAILOVER) || text.startsWith("(")) return parseFailover(text);
        if (!text.startsWith(SCHEME)) throw new IllegalArgumentException(Misread.scheme(text));
        if (Misread.isList(text)) throw new IllegalArgumentException(Misread.list(text));
        int slash = text.indexOf('/', SCHEME.length());
        int question = text.indexOf('?', SCHEME.length());
        int end = question < 0 ? text.length() : question;
        if (slash >= 0 && slash < end - 1) throw new IllegalArgumentException(Misread.path(text, slash));
        if (slash >= 0 && slash < end) end = slash;
        int at = text.lastIndexOf('@', end);
        if (at < SCHEME.length() && Misread.isPasswordCutOff(text)) {
            throw new IllegalArgumentException(Misread.UNENCODED);
        }
        int hostAt = Math.max(at + 1, SCHEME.length());
        String where = text.substring(hostAt, end);
        ClientOptions options = ClientOptions.DEFAULTS;
        if (question >= 0) options = options.with(options(text, question + 1));
        if (at >= SCHEME.length()) options = options.merged(credentials(text, at));
        return new LarchUri(List.of(address(where, hostAt)), false, options);
    }

    /** @param from where the text stands in the URI */
    private static Address address(String text, int from) {
        int bracket = text.indexOf(']');
        if (text.startsWith("[") && bracket < 0) {
            throw new IllegalArgumentException("'[' at character " + (from + 1) + " is not closed");
        }
        int colon = text.indexOf(':', Math.max(bracket, 0));
        if (bracket < 0 && colon >= 0 && text.indexOf(':', colon + 1) >= 0) {
            throw new IllegalArgumentException(
                    "an IPv6 address stands in brackets, as in " + SCHEME + "[::1]:" + Protocol.DEFAULT_PORT);
        }
        String host = checkHost(colon < 0 ? text : text.substring(0, colon), from);
        int port = colon < 0 ? Protocol.DEFAULT_PORT : port(text.substring(colon + 1), from + colon + 1);
        return new Address(host, port);
    }

    /** {@code user:password@} before the host; both may be percent-encoded. */
    private static ClientOptions credentials(String text, int at) {
        int from = SCHEME.length();
        int colon = text.indexOf(':', from);
        boolean hasPassword = colon >= 0 && colon < at;
        int userEnd = hasPassword ? colon : at;
        ClientOptions user =
                ClientOptions.DEFAULTS.with(Option.USER, percentDecoded(text.substring(from, userEnd), from));
        if (!hasPassword) return user;
        return user.with(Option.PASSWORD, percentDecoded(text.substring(colon + 1, at), colon + 1));
    }

    /** {@code failover:(uri,uri)?options}; the parentheses may be left out when no broker has options of its own. */
    private static LarchUri parseFailover(String text) {
        int from = text.startsWith(FAILOVER) ? FAILOVER.length() : 0;
        if (text.startsWith("//", from)) from += 2;
        int inside = from;
        int end = text.indexOf('?', from);
        if (end < 0) end = text.length();
        int question = end;
        if (text.startsWith("(", from)) {
            inside = from + 1;
            end = text.indexOf(')', from);
            if (end < 0) throw new IllegalArgumentException("'(' at character " + (from + 1) + " is not closed");
            question = end + 1;
        }
        if (question < text.length() && text.charAt(question) != '?') {
            throw new IllegalArgumentException(
                    "behind ')' at character " + (end + 1) + " only '?' and options can stand");
        }
        ClientOptions options = ClientOptions.DEFAULTS;
        if (question < text.length()) options = options.with(options(text, question + 1));
        List<Address> brokers = new ArrayList<>();
        checkMembers(text, inside, end);
        for (int at = inside; at <= end; ) {
            int comma = text.indexOf(',', at);
            if (comma < 0 || comma > end) comma = end;
            LarchUri broker = parseMember(text.substring(at, comma).trim(), at + 1);
            brokers.addAll(broker.brokers);
            options = options.merged(broker.options);
            at = comma + 1;
        }
        if (brokers.size() > MOST_BROKERS) {
            throw new IllegalArgumentException("at most " + MOST_BROKERS + " brokers can be listed");
        }
        return new LarchUri(brokers, true, options);
    }

    /** A comma in a password would show half of it in an error about a port. */
    private static void checkMembers(String text, int from, int end) {
        String members = text.substring(from, end);
        if (members.indexOf('@') < 0) return;
        for (String member : members.split(",")) {
            if (!Misread.hasScheme(member)) throw new IllegalArgumentException(Misread.UNENCODED);
        }
    }

    private static LarchUri parseMember(String text, int at) {
        if (!text.startsWith(SCHEME) && !Misread.hasScheme(text)) {
            throw new IllegalArgumentException("each broker must begin with " + SCHEME + ", at character " + at);
        }
        try {
            return parseUnnamed(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("the broker at character " + at + ": " + e.getMessage(), e);
        }
    }

    private static String checkHost(String host, int from) {
        if (host.isEmpty()) throw new IllegalArgumentException("the host is missing at character " + (from + 1));
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (Character.isWhitespace(c) || Character.isISOControl(c) || "@/#\\".indexOf(c) >= 0) {
                throw new IllegalArgumentException(
                        "'" + c + "' at character " + (from + i + 1) + " cannot be in a host name");
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
                    "the port at character " + (at + 1) + " must be a number from 1 to 65535, is '" + text + "'");
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
            String key =
                    Option.named(percentDecoded(text.substring(at, equals), at)).key();
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

    /** The text of a URI, which may be wrong, for messages to people. */
    public static String withoutPassword(String text) {
        return Misread.withoutPassword(text);
    }

    public LarchUri withOptions(ClientOptions changed) {
        return new LarchUri(brokers, failover, changed);
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
        String where = brokers.stream().map(Address::toString).collect(Collectors.joining(","));
        return (failover ? FAILOVER + "(" + where + ")" : where) + (query.isEmpty() ? "" : "?" + query);
    }
}
