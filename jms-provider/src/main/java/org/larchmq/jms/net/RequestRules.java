package org.larchmq.jms.net;

import org.larchmq.message.ByteWriter;
import org.larchmq.wire.FrameType;

/**
 * Which requests may stay without an answer. One that changes something at the broker may not: whether it was carried out
 * is not known, so that client and broker could be of different opinions for as long as the connection lasts. Then the
 * connection is ended, which decides it: what belongs to a connection ends with it, and failover makes it again.
 */
final class RequestRules {
    private static final int DRAIN_FLAGS = FrameType.HEADER_BYTES + Integer.BYTES + Integer.BYTES;
    private static final int OPEN_NAME_LENGTH = FrameType.HEADER_BYTES + Integer.BYTES + Byte.BYTES;

    private RequestRules() {}

    /**
     * Whether a request that is not answered ends its connection.
     *
     * @param out holds the request from {@code at} on
     */
    static boolean mustBeAnswered(ByteWriter out, int at) {
        byte[] bytes = out.array();
        return switch (type(out, at)) {
            case DRAIN -> bytes[at + DRAIN_FLAGS] != 0; // takes credit back; otherwise it only asks
            case OPEN_DESTINATION -> isZero(bytes, at + OPEN_NAME_LENGTH); // makes a temporary one
            case ADMIN, BROWSE, TRANSACTION_OUTCOME, XA_RECOVER -> false; // ask, and can be asked again
            case PRODUCER -> false; // stands before TRANSACTION_OUTCOME, which names it
            default -> true;
        };
    }

    /** The type of the first frame. */
    static FrameType type(ByteWriter out, int at) {
        return FrameType.of(out.array()[at + FrameType.HEADER_BYTES - 1]);
    }

    /** The option of the URL that bounds a request. */
    static String option(FrameType type) {
        return switch (type) {
            case COMMIT, XA_START, XA_END, XA_PREPARE, XA_COMMIT, XA_ROLLBACK, XA_FORGET, XA_RECOVER -> "sendTimeout";
            case CLOSE, CLOSE_CONSUMER -> "closeTimeout";
            default -> "requestTimeout";
        };
    }

    private static boolean isZero(byte[] bytes, int at) {
        return bytes[at] == 0 && bytes[at + 1] == 0;
    }
}
