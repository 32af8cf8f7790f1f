package org.larchmq.message;

/** A peer's bytes, or its request, cannot be accepted. Carries the code that goes back to the peer. */
public final class ProtocolException extends RuntimeException {
    private final ErrorCode code;

    public ProtocolException(ErrorCode code, String message) {
        super(message, null, false, false);
        this.code = code;
    }

    /** What the peer is told. */
    public ErrorCode code() {
        return code;
    }

    public static ProtocolException malformed(String message) {
        return new ProtocolException(ErrorCode.PROTOCOL, message);
    }
}
