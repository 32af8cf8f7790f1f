package org.larchmq.wire;

import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;

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

    /** Longest selector in encoded bytes. */
    public static final int MAX_SELECTOR_BYTES = 32 * 1024;

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
}
