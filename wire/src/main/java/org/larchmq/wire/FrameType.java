package org.larchmq.wire;

import org.larchmq.message.ByteWriter;
import org.larchmq.message.ProtocolException;

/**
 * The closed list of frames. A frame is
 *
 * <pre>
 * | offset | bytes | field  | meaning                                   |
 * |      0 |     4 | length | bytes that follow, type included          |
 * |      4 |     1 | type   | code of this list                         |
 * |      5 |     … | body   | see the class named with the type         |
 * </pre>
 *
 * All numbers are big-endian. A {@code string} is a 4-byte length and UTF-8; a {@code name} has a 2-byte length.
 * Codes below 0x80 go from client to broker, the others from broker to client.
 */
public enum FrameType {
    /** First frame of a connection. {@link Frames.Hello}. */
    HELLO(0x01),
    /** {@link Frames.CreateConsumer}; answered by REPLY. */
    CREATE_CONSUMER(0x02),
    /** {@link Frames.CloseConsumer}; answered by REPLY. */
    CLOSE_CONSUMER(0x03),
    /** consumerId 4, messages 4, bytes 4: the consumer takes so much more; the last message may exceed the bytes. */
    CREDIT(0x04),
    /** {@link SendFrame}; each message is answered by RECEIPT or SEND_FAILED. */
    SEND(0x05),
    /** {@link AckFrame}; answered by REPLY when its requestId is not 0. */
    ACK(0x06),
    /** {@link AckFrame}: give messages back for redelivery; answered by REPLY when its requestId is not 0. */
    RETURN(0x07),
    /** {@link CommitFrame}; answered by REPLY. */
    COMMIT(0x08),
    /** requestId 4, transactionId 8: forget what was staged. Answered by REPLY. */
    ROLLBACK(0x09),
    /** {@link Frames.OpenDestination}; answered by REPLY, its value is the handle, its name the destination's name. */
    OPEN_DESTINATION(0x0A),
    /** requestId 4, handle 4: delete a temporary destination. Answered by REPLY. */
    DELETE_DESTINATION(0x0B),
    /** Empty; answered by PONG. */
    PING(0x0C),
    /** requestId 4: orderly end of the connection. Answered by REPLY, after which both sides close. */
    CLOSE(0x0D),
    /** requestId 4, command name: one of the fixed administrative commands. Answered by REPLY, name is the result. */
    ADMIN(0x0E),
    /**
     * requestId 4, consumerId 4, flags 1: REPLY follows when all that can be delivered now within the credit has been
     * sent. Flag 1: the credit that is left is taken back.
     */
    DRAIN(0x0F),
    /**
     * requestId 4, subscription name: deletes the durable subscription of this name and the connection's client id.
     * Answered by REPLY.
     */
    UNSUBSCRIBE(0x10),
    /** requestId 4, clientId name: the connection has this client id from now on. Once at most. Answered by REPLY. */
    SET_CLIENT_ID(0x11),
    /**
     * consumerId 4: an application waits for a message of this consumer, and none is buffered. It is served before
     * consumers that have not asked; when nothing is left the broker sends RECALL to one that holds messages.
     */
    ASK(0x12),
    /**
     * requestId 4, consumerId 4, messages 4, bytes 4: a browser's next messages. REPLY follows them; its value is 1 at
     * the end, 0 when there may be more. The first one takes the snapshot.
     */
    BROWSE(0x13),
    /**
     * bodyAt 4, size 4, bytes: the next part of the body of a large message; at 0 a body begins, and one that was under way
     * is forgotten. One at a time on a connection.
     */
    PART(0x14),
    /** {@link SendLargeFrame}: the body was sent before, with PART. Answered by RECEIPT or SEND_FAILED. */
    SEND_LARGE(0x15),
    /**
     * consumerId 4, sequence 8: the application is handed this delivery now. Sent before a message that is redelivered,
     * and before the first one of a consumer; what is acknowledged needs none. When the connection is lost, only what the
     * application had in hand counts as an attempt.
     */
    SEEN(0x16),
    /**
     * index 4: the connection sends as the producer of this index, see {@link ClientIdentity#producerId}. Comes before its
     * first message on each connection.
     */
    PRODUCER(0x17),
    /** index 4: the connection sends as this producer no more. */
    PRODUCER_CLOSED(0x1F),
    /** {@link Frames.TransactionOutcome}; answered by REPLY. */
    TRANSACTION_OUTCOME(0x20),
    /** {@link ResendFrame}; each message is answered as in SEND. */
    RESEND(0x21),
    /** producerId 8, then the body of COMMIT: a commit whose outcome can be asked for. Answered by REPLY. */
    COMMIT_NAMED(0x22),
    /** {@link Frames.RestoreDestination}; answered by REPLY as OPEN_DESTINATION. */
    RESTORE_DESTINATION(0x23),

    /** A distributed transaction: work for a branch begins. {@link XaFrames}; answered by REPLY, as are the next ones. */
    XA_START(0x18),
    /** The work is done: with it, what was sent and consumed. {@link XaFrames}. */
    XA_END(0x19),
    /** {@link XaFrames}. */
    XA_PREPARE(0x1A),
    /** {@link XaFrames}. */
    XA_COMMIT(0x1B),
    /** {@link XaFrames}. */
    XA_ROLLBACK(0x1C),
    /** What an administrator decided is known to the transaction manager now. {@link XaFrames}. */
    XA_FORGET(0x1D),
    /** Which branches are prepared. {@link XaFrames}. */
    XA_RECOVER(0x1E),

    /** {@link Frames.Welcome}. */
    WELCOME(0x81),
    /** {@link Frames.Reply}. */
    REPLY(0x82),
    /** count 2, then per range firstSendSequence 8, messages 4: these sends are confirmed. */
    RECEIPT(0x83),
    /** sendSequence 8, code 2, text string: this send was refused. */
    SEND_FAILED(0x84),
    /** {@link DeliverFrame}. */
    DELIVER(0x85),
    /** bytes 4: how many unconfirmed bytes of messages this connection may have under way from now on. */
    SEND_WINDOW(0x87),
    /** code 2, text string: last frame before the broker closes the connection. */
    FATAL(0x88),
    /** Empty. */
    PONG(0x8C),
    /**
     * consumerId 4: another consumer waits for messages that this one may hold unseen, and its credit was taken back. It
     * is answered by RETURN with {@link AckFrame#RECALLED}; what it takes later it asks for with CREDIT.
     */
    RECALL(0x92),
    /** consumerId 4, sequence 8, bodyAt 4, size 4, bytes: the next part of the body of what DELIVER_LARGE began. */
    DELIVER_PART(0x94),
    /**
     * {@link DeliverFrame} with one message, of which the head (all but the body) is there; its bodyBytes say what follows
     * in DELIVER_PART, other frames in between. One at a time on a connection.
     */
    DELIVER_LARGE(0x95);

    /** Bytes before the body. */
    public static final int HEADER_BYTES = 5;

    private static final FrameType[] BY_CODE = new FrameType[256];

    static {
        for (FrameType type : values()) BY_CODE[type.code & 0xFF] = type;
    }

    private final byte code;

    FrameType(int code) {
        this.code = (byte) code;
    }

    public byte code() {
        return code;
    }

    public boolean isFromClient() {
        return code >= 0;
    }

    /** @throws ProtocolException for a code that is not on the list */
    public static FrameType of(int code) {
        FrameType type = BY_CODE[code & 0xFF];
        if (type == null) throw ProtocolException.malformed("no frame type 0x" + Integer.toHexString(code & 0xFF));
        return type;
    }

    /** Begins a frame of this type: leaves room for its length. Returns the mark for {@link #end}. */
    public int begin(ByteWriter out) {
        int mark = out.size();
        out.putInt(0);
        out.putByte(code);
        return mark;
    }

    /** Fills in the length of the frame begun at {@code mark}. */
    public static void end(ByteWriter out, int mark) {
        out.patchInt(mark, out.size() - mark - 4);
    }
}
