package org.larchmq.jms.options;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.larchmq.wire.Protocol;

/** What is said about URIs that are none of ours, but another provider's or nearly ours. Never repeats a password. */
final class Misread {
    static final String UNENCODED =
            "user and password before '@' must be percent-encoded where they have one of / ? # @"
                    + " , ( ) or %: for example %2F for / and %40 for @";

    private static final Pattern ANY_SCHEME = Pattern.compile("\\s*([A-Za-z][A-Za-z0-9+.-]*)://.*", Pattern.DOTALL);
    private static final Pattern TLS_SCHEME = Pattern.compile(".*(?:ssl|tls).*|amqps|https|wss");

    /** Between the colon behind a user and the last '@' of the same broker; a port is no password. */
    private static final Pattern IN_AUTHORITY =
            Pattern.compile("(//[^:@/?,]*:)(?!\\d{1,5}(?:[/?,)]|$))(?:(?!,\\s*[A-Za-z+]+://).)*@", Pattern.DOTALL);

    private static final Pattern OPTION = Pattern.compile("[?&]([^=&?]*)=");

    private static final Pattern CUT_OFF =
            Pattern.compile("[a-z]+://[^:@/?,]*:(?!\\d{1,5}(?:[/?]|$)).*@.*", Pattern.DOTALL);

    private Misread() {}

    static String withoutPassword(String uri) {
        String masked = IN_AUTHORITY.matcher(uri).replaceAll("$1***@");
        StringBuilder shown = new StringBuilder();
        Matcher option = OPTION.matcher(masked);
        int from = 0;
        while (from < masked.length() && option.find(from)) {
            shown.append(masked, from, option.end());
            from = option.end();
            if (Option.isKnown(option.group(1)) && Option.named(option.group(1)) != Option.PASSWORD) continue;
            shown.append("***"); // a misspelt name may be that of a password
            int end = masked.indexOf('&', from);
            from = end < 0 ? masked.length() : end;
        }
        return shown.append(masked, from, masked.length()).toString();
    }

    /** Whether a '/' or '?' stands in what looks like a password. */
    static boolean isPasswordCutOff(String uri) {
        return CUT_OFF.matcher(uri).matches();
    }

    static boolean hasScheme(String uri) {
        return ANY_SCHEME.matcher(uri).matches();
    }

    /** A URI that begins with something else. */
    static String scheme(String uri) {
        String must = "must begin with " + LarchUri.SCHEME + " at character 1";
        Matcher matcher = ANY_SCHEME.matcher(uri);
        if (!matcher.matches()) return must + ", as in " + LarchUri.SCHEME + example(uri) + ", or with failover:";
        String scheme = matcher.group(1).toLowerCase(Locale.ROOT);
        String instead = LarchUri.SCHEME + withoutPassword(uri).substring(matcher.end(1) + "://".length());
        if (TLS_SCHEME.matcher(scheme).matches()) {
            return must + ", not with " + scheme + ": this client has no TLS yet, and the broker listens on loopback"
                    + " addresses only; write " + instead + ", through a tunnel from another machine";
        }
        return must + ", not with " + scheme + ": LarchMQ has a protocol of its own; write " + instead
                + " with the port of a LarchMQ broker, usually " + Protocol.DEFAULT_PORT;
    }

    private static String example(String uri) {
        boolean isHost = uri.matches("[A-Za-z0-9.-]+(:\\d{1,5})?");
        return isHost ? uri : "localhost:" + Protocol.DEFAULT_PORT;
    }

    static String path(String uri, int slash) {
        if (isPasswordCutOff(uri)) return UNENCODED;
        return "behind the port only '?' and options can stand, at character " + (slash + 1);
    }

    static boolean isList(String uri) {
        String shown = withoutPassword(uri);
        int comma = shown.indexOf(',');
        int question = shown.indexOf('?');
        return comma >= 0 && (question < 0 || comma < question);
    }

    /** Several brokers without the word that says what to do with them. */
    static String list(String uri) {
        String shown = withoutPassword(uri);
        int question = shown.indexOf('?');
        String options = question < 0 ? "" : shown.substring(question);
        String brokers = Stream.of(
                        shown.substring(0, shown.length() - options.length()).split(","))
                .map(String::trim)
                .map(broker -> hasScheme(broker) ? broker : LarchUri.SCHEME + broker)
                .collect(Collectors.joining(","));
        return "several brokers are listed as " + LarchUri.FAILOVER + "(" + brokers + ")" + options
                + ", for connections that are restored with whichever of them answers";
    }
}
