package org.larchmq.jms.error;

/** Errors that the client finds itself; the broker's are {@link org.larchmq.message.ErrorCode}. Numbers never change. */
public enum ClientError {
    /** The object, or the connection it belongs to, is closed. */
    CLOSED(101),
    /** No answer in time. */
    TIMEOUT(102),
    /** The connection to the broker is gone. */
    CONNECTION_LOST(103),
    /** The broker may or may not have done it: its answer was lost. */
    OUTCOME_UNKNOWN(104),
    /** An argument that cannot be. */
    ILLEGAL_ARGUMENT(106),
    /** Not allowed in this state or from this callback. */
    ILLEGAL_STATE(107),
    /** More unconfirmed messages than the broker or the client allows. */
    WINDOW_FULL(108),
    /** A message larger than the broker takes. */
    MESSAGE_TOO_LARGE(109),
    /** A message that cannot be encoded or decoded, or a value that cannot be converted. */
    MESSAGE_FORMAT(110),
    /** The broker could not be reached. */
    CONNECT(111),
    /** A class that is not on the list of trusted packages. */
    UNTRUSTED_CLASS(112),
    /** The waiting thread was interrupted. */
    INTERRUPTED(113),
    /** What listens there is another kind of server. */
    NOT_A_BROKER(114),
    /** The library that an option or a message needs is not on the class path. */
    LIBRARY_MISSING(120);

    private final int number;

    ClientError(int number) {
        this.number = number;
    }

    /** What {@code JMSException.getErrorCode()} answers, for example {@code LARCH-101-CLOSED}. */
    public String text() {
        return "LARCH-" + number + "-" + name();
    }
}
