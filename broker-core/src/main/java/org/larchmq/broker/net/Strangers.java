package org.larchmq.broker.net;

import java.nio.charset.StandardCharsets;
import java.util.Map;

/** Names the protocol of a peer that does not speak this one, by the first four bytes that it sent. */
final class Strangers {
    private static final Map<String, String> BY_BEGINNING = Map.ofEntries(
            Map.entry("GET ", "an HTTP request"),
            Map.entry("POST", "an HTTP request"),
            Map.entry("PUT ", "an HTTP request"),
            Map.entry("HEAD", "an HTTP request"),
            Map.entry("DELE", "an HTTP request"),
            Map.entry("OPTI", "an HTTP request"),
            Map.entry("PATC", "an HTTP request"),
            Map.entry("TRAC", "an HTTP request"),
            Map.entry("CONN", "an HTTP or STOMP request"),
            Map.entry("PRI ", "an HTTP/2 connection"),
            Map.entry("AMQP", "an AMQP connection"),
            Map.entry("STOM", "a STOMP connection"),
            Map.entry("SSH-", "an SSH connection"),
            Map.entry("PROX", "a PROXY header of a load balancer"));
    private static final int TLS_HANDSHAKE_VERSION_3 = 0x1603;

    private Strangers() {}

    /** Says what to do about it, for example as the reason of a refusal; null when the protocol is not known. */
    static String describe(int firstFourBytes) {
        if (firstFourBytes >>> 16 == TLS_HANDSHAKE_VERSION_3) {
            return "this is a TLS handshake, and this broker listens without TLS; connect with tcp:// instead";
        }
        byte[] beginning = {
            (byte) (firstFourBytes >>> 24),
            (byte) (firstFourBytes >>> 16),
            (byte) (firstFourBytes >>> 8),
            (byte) firstFourBytes
        };
        String protocol = BY_BEGINNING.get(new String(beginning, StandardCharsets.ISO_8859_1));
        if (protocol == null) return null;
        return "this is " + protocol + ", and this port is of a LarchMQ broker; connect with a LarchMQ client,"
                + " or to another port";
    }
}
