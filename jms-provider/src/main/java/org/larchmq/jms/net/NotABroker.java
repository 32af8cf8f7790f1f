package org.larchmq.jms.net;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;

/** What answered the handshake is another kind of server; the message says which. */
final class NotABroker extends IOException {
    private static final int SHOWN_CHARACTERS = 40;
    private static final int TLS_ALERT = 0x15;
    private static final int TLS_HANDSHAKE = 0x16;
    private static final int TLS_MAJOR_VERSION = 3;

    private NotABroker(String what, Exception cause) {
        super(what, cause);
    }

    /**
     * Says what the first bytes of an answer are that is none of ours.
     *
     * @param cause what kept the answer from being read as a frame
     */
    static NotABroker of(byte[] start, Exception cause) {
        return new NotABroker("it answered with " + describe(start), cause);
    }

    private static String describe(byte[] start) {
        String text = new String(start, StandardCharsets.ISO_8859_1);
        String upper = text.toUpperCase(Locale.ROOT);
        if (upper.startsWith("HTTP/") || upper.contains("<HTML") || upper.contains("<!DOCTYPE HTML")) {
            return "an HTTP response, as web servers do (" + firstLine(text) + ")";
        }
        if (isTls(start)) return "TLS, which this client does not speak yet";
        if (text.startsWith("SSH-")) return "an SSH banner (" + firstLine(text) + ")";
        if (text.startsWith("AMQP")) return "AMQP, as RabbitMQ and others do";
        if (text.contains("ActiveMQ")) return "OpenWire, as ActiveMQ does";
        if (text.startsWith("-ERR") || text.startsWith("+OK")) return "a line of text (" + firstLine(text) + ")";
        if (text.startsWith("220 ") || text.startsWith("220-")) return "the greeting of a mail or FTP server";
        return isPrintable(text) ? "a line of text (" + firstLine(text) + ")" : "bytes that are no frame of LarchMQ";
    }

    private static boolean isTls(byte[] start) {
        return start.length >= 2
                && (start[0] == TLS_ALERT || start[0] == TLS_HANDSHAKE)
                && start[1] == TLS_MAJOR_VERSION;
    }

    private static String firstLine(String text) {
        String line = text.lines().findFirst().orElse("");
        StringBuilder shown = new StringBuilder();
        for (int i = 0; i < Math.min(line.length(), SHOWN_CHARACTERS); i++) {
            char c = line.charAt(i);
            shown.append(c >= ' ' && c < 0x7F ? c : '?');
        }
        return shown.toString();
    }

    private static boolean isPrintable(String text) {
        if (text.isEmpty()) return false;
        return text.chars().allMatch(c -> c >= ' ' && c < 0x7F || c == '\r' || c == '\n' || c == '\t');
    }
}
