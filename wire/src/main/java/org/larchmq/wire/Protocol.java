package org.larchmq.wire;

import java.nio.charset.StandardCharsets;

/** Numbers that both ends of a connection agree on. */
public final class Protocol {
    /** First four bytes of a HELLO body, "LRCH". */
    public static final int MAGIC = 0x4C524348;

    /**
     * Version 3: HELLO has the client's secret, WELCOME the store's id; clients declare their producers and say how far
     * the application has got.
     */
    public static final int VERSION = 3;

    /** The lowest that is still spoken. */
    public static final int LOWEST_VERSION = 3;

    /** Port a broker listens on unless told otherwise. */
    public static final int DEFAULT_PORT = 5680;

    /** Largest frame before the handshake is complete, length field included. */
    public static final int MAX_HANDSHAKE_FRAME_BYTES = 64 * 1024;

    /** Largest frame after the handshake, length field included: larger messages come and go in parts. */
    public static final int MAX_FRAME_BYTES = 4 * 1024 * 1024;

    /** A message above this size, encoded, is sent in parts: PART and SEND_LARGE, DELIVER_LARGE and DELIVER_PART. */
    public static final int LARGE_MESSAGE_BYTES = 192 * 1024;

    /** Usual size of a part of a large message's body. */
    public static final int PART_BYTES = 192 * 1024;

    /** Each part of a large message's body but the last has at least so many bytes. */
    public static final int SMALLEST_PART_BYTES = 16 * 1024;

    /** A batch frame (SEND, COMMIT) is closed when it holds this much, unless one message alone is larger. */
    public static final int BATCH_BYTES = 256 * 1024;

    /** Above this size the messages of a transaction are staged in the broker before the commit. */
    public static final int TRANSACTION_STAGE_BYTES = 1024 * 1024;

    /** Longest destination, client id, subscription or user name in encoded bytes. */
    public static final int MAX_NAME_BYTES = 1024;

    /** Longest selector in encoded bytes. */
    public static final int MAX_SELECTOR_BYTES = 32 * 1024;

    private static final String HALF_A_CHARACTER =
            "half of a character (an unpaired surrogate), which cannot be encoded; leave it out";

    private Protocol() {}

    /**
     * Checks that both ends have a version in common.
     *
     * @param peer who speaks the given versions: "client" or "broker"
     * @param here who this is
     * @throws ProtocolException VERSION when they have none
     */
    public static void checkVersions(String peer, int lowest, int highest, String here) {
        if (lowest <= VERSION && highest >= LOWEST_VERSION) return;
        throw new ProtocolException(
                ErrorCode.VERSION,
                "the " + peer + " speaks protocol version " + range(lowest, highest) + ", this " + here + " speaks "
                        + range(LOWEST_VERSION, VERSION) + "; use the same release of LarchMQ for both");
    }

    private static String range(int lowest, int highest) {
        return lowest == highest ? "" + lowest : lowest + " to " + highest;
    }

    /** @throws ProtocolException INVALID_CLIENT_ID when it cannot be one */
    public static String checkClientId(String clientId) {
        if (!fits(clientId)) {
            throw new ProtocolException(
                    ErrorCode.INVALID_CLIENT_ID, "a client id is longer than " + MAX_NAME_BYTES + " encoded bytes");
        }
        int control = firstControl(clientId);
        if (control >= 0) {
            throw new ProtocolException(
                    ErrorCode.INVALID_CLIENT_ID, "a client id has a control character at " + control);
        }
        if (!isText(clientId)) {
            throw new ProtocolException(ErrorCode.INVALID_CLIENT_ID, "a client id has " + HALF_A_CHARACTER);
        }
        return clientId;
    }

    private static boolean fits(String name) {
        return name.length() <= MAX_NAME_BYTES && name.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES;
    }

    private static int firstControl(String name) {
        for (int i = 0; i < name.length(); i++) if (Character.isISOControl(name.charAt(i))) return i;
        return -1;
    }

    /** @throws ProtocolException INVALID_DESTINATION when the name cannot be one */
    public static String checkName(String name) {
        if (name.isEmpty()) throw new ProtocolException(ErrorCode.INVALID_DESTINATION, "a destination name is empty");
        if (!fits(name)) {
            throw new ProtocolException(
                    ErrorCode.INVALID_DESTINATION,
                    "a destination name is longer than " + MAX_NAME_BYTES + " encoded bytes");
        }
        int control = firstControl(name);
        if (control >= 0) {
            throw new ProtocolException(
                    ErrorCode.INVALID_DESTINATION, "a destination name has a control character at " + control);
        }
        if (!isText(name)) {
            throw new ProtocolException(ErrorCode.INVALID_DESTINATION, "a destination name has " + HALF_A_CHARACTER);
        }
        return name;
    }

    /** Whether it can be encoded: a Java string can have unpaired surrogates, which are no characters. */
    public static boolean isText(String name) {
        for (int i = 0; i < name.length(); i++) {
            char c = name.charAt(i);
            if (!Character.isSurrogate(c)) continue;
            boolean isPair = i + 1 < name.length() && Character.isSurrogatePair(c, name.charAt(i + 1));
            if (!isPair) return false;
            i++;
        }
        return true;
    }
}
