package org.larchmq.wire;

import java.nio.ByteBuffer;
import org.larchmq.message.BranchId;
import org.larchmq.message.ByteReader;
import org.larchmq.message.Compression;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.ProtocolException;
import org.larchmq.message.Values;

/**
 * Reads every frame and every message to its end, as the Javadoc of {@link FrameType}, the body classes and {@link
 * MessageLayout} says: the documentation as code. Whatever is not laid out so is a {@link ProtocolException}.
 */
final class FrameWalk {
    private FrameWalk() {}

    /** @param frame type and body, without the length */
    static void frame(ByteBuffer frame) {
        ByteReader in = new ByteReader(frame);
        FrameType type = FrameType.of(in.getByte());
        switch (type) {
            case HELLO -> Frames.Hello.decode(in);
            case CREATE_CONSUMER -> Frames.CreateConsumer.decode(in);
            case CLOSE_CONSUMER -> Frames.CloseConsumer.decode(in);
            case OPEN_DESTINATION -> Frames.OpenDestination.decode(in);
            case TRANSACTION_OUTCOME -> Frames.TransactionOutcome.decode(in);
            case RESTORE_DESTINATION -> Frames.RestoreDestination.decode(in);
            case WELCOME -> Frames.Welcome.decode(in);
            case REPLY -> Frames.Reply.decode(in);
            case CREDIT -> in.skip(12);
            case ROLLBACK -> in.skip(12);
            case DELETE_DESTINATION -> in.skip(8);
            case SEEN -> in.skip(12);
            case CLOSE, SEND_WINDOW, PRODUCER, PRODUCER_CLOSED -> in.skip(4);
            case DRAIN -> in.skip(9);
            case PING, PONG -> {}
            case ADMIN, UNSUBSCRIBE, SET_CLIENT_ID -> admin(in);
            case ASK, RECALL -> in.skip(4);
            case BROWSE -> in.skip(16);
            case SEND, RESEND -> send(in);
            case PART -> part(in, 4);
            case DELIVER_PART -> part(in, 16);
            case SEND_LARGE -> {
                in.skip(28);
                head(in);
            }
            case DELIVER_LARGE -> deliverLarge(in);
            case ACK, RETURN -> acknowledge(in);
            case COMMIT -> commit(in);
            case COMMIT_NAMED -> {
                in.getLong();
                commit(in);
            }
            case XA_START -> branch(in).skip(13);
            case XA_END -> {
                branch(in).skip(1);
                groups(in);
                messages(in);
            }
            case XA_COMMIT -> branch(in).skip(1);
            case XA_PREPARE, XA_ROLLBACK, XA_FORGET -> branch(in);
            case XA_RECOVER -> in.skip(12);
            case RECEIPT -> receipt(in);
            case SEND_FAILED -> failure(in, 8);
            case FATAL -> failure(in, 0);
            case DELIVER -> deliver(in);
            default -> throw new AssertionError("no rule for " + type);
        }
        in.end();
    }

    private static void admin(ByteReader in) {
        in.getInt();
        in.getShortString();
    }

    private static void send(ByteReader in) {
        in.getLong();
        in.getLong();
        messages(in);
    }

    private static void acknowledge(ByteReader in) {
        in.getInt();
        in.getByte();
        groups(in);
    }

    private static void commit(ByteReader in) {
        in.getInt();
        in.getLong();
        groups(in);
        messages(in);
    }

    private static ByteReader branch(ByteReader in) {
        in.getInt();
        BranchId.decode(in);
        return in;
    }

    private static void groups(ByteReader in) {
        int groups = in.getUnsignedShort();
        for (int i = 0; i < groups; i++) {
            in.getInt();
            in.getLong();
            in.skip(in.getCount(AckFrame.RANGE_BYTES) * AckFrame.RANGE_BYTES);
        }
    }

    private static void messages(ByteReader in) {
        int count = in.getCount(SendFrame.PER_MESSAGE_BYTES);
        for (int i = 0; i < count; i++) {
            in.getInt();
            sizedMessage(in);
        }
    }

    private static void receipt(ByteReader in) {
        int ranges = in.getUnsignedShort();
        for (int i = 0; i < ranges; i++) in.skip(12);
    }

    private static void failure(ByteReader in, int idBytes) {
        in.skip(idBytes);
        ErrorCode.of(in.getUnsignedShort());
        in.getString();
    }

    private static void deliver(ByteReader in) {
        in.getInt();
        in.getLong();
        int count = in.getCount(DeliverFrame.PER_MESSAGE_BYTES);
        for (int i = 0; i < count; i++) {
            int flags = in.getUnsignedByte();
            in.getUnsignedShort();
            sizedMessage(in);
            if ((flags & DeliverFrame.ORIGIN) == 0) continue;
            DestinationKind.of(in.getUnsignedByte());
            in.getShortString();
            in.getShortString();
        }
    }

    private static void part(ByteReader in, int before) {
        in.skip(before);
        in.skip(in.getSize());
    }

    private static void deliverLarge(ByteReader in) {
        in.skip(12);
        if (in.getInt() != 1) throw ProtocolException.malformed("one large message at a time");
        int flags = in.getUnsignedByte();
        in.getUnsignedShort();
        head(in);
        if ((flags & DeliverFrame.ORIGIN) == 0) return;
        DestinationKind.of(in.getUnsignedByte());
        in.getShortString();
        in.getShortString();
    }

    private static void head(ByteReader in) {
        int size = in.getSize();
        int at = in.position();
        in.skip(size);
        MessageLayout.checkHead(in.buffer(), at, size);
        if (MessageLayout.bodyAt(in.buffer(), at) != at + size) throw ProtocolException.malformed("not a head");
        int properties = MessageLayout.propertiesAt(in.buffer(), at);
        headers(new ByteReader().reset(in.buffer(), MessageLayout.headersAt(at), properties));
        properties(new ByteReader().reset(in.buffer(), properties, at + size));
    }

    private static void sizedMessage(ByteReader in) {
        int size = in.getSize();
        int at = in.position();
        in.skip(size);
        message(in.buffer(), at, size);
    }

    static void message(ByteBuffer buffer, int at, int size) {
        MessageLayout.check(buffer, at, size);
        int properties = MessageLayout.propertiesAt(buffer, at);
        int body = MessageLayout.bodyAt(buffer, at);
        headers(new ByteReader().reset(buffer, MessageLayout.headersAt(at), properties));
        properties(new ByteReader().reset(buffer, properties, body));
        ByteReader in = new ByteReader().reset(buffer, body, at + size);
        if (MessageLayout.isCompressed(buffer, at)) compressed(MessageLayout.compression(buffer, at), in);
        else body(buffer.get(at + MessageLayout.BODY_TYPE), in);
    }

    private static void headers(ByteReader in) {
        int presence = in.getUnsignedByte();
        boolean isBytes = (presence & MessageLayout.CORRELATION_ID_IS_BYTES) != 0;
        if ((presence & MessageLayout.HAS_CORRELATION_ID) != 0) {
            if (isBytes) in.getBytes(in.getSize());
            else in.getString();
        }
        if ((presence & MessageLayout.HAS_REPLY_TO) != 0) {
            DestinationKind.of(in.getUnsignedByte());
            in.getShortString();
        }
        if ((presence & MessageLayout.HAS_TYPE) != 0) in.getString();
        in.end();
    }

    private static void properties(ByteReader in) {
        int count = in.getUnsignedShort();
        for (int i = 0; i < count; i++) {
            in.getShortString();
            value(in);
        }
        in.end();
    }

    private static void compressed(Compression compression, ByteReader in) {
        if (compression == null) throw new AssertionError("check lets messages through that are compressed somehow");
        in.getInt();
        if (in.getBytes(in.remaining()).length == 0) throw new AssertionError("check lets empty bodies through");
    }

    private static void body(int bodyType, ByteReader in) {
        switch (bodyType) {
            case MessageLayout.BODY_MAP -> {
                int count = in.getCount(3);
                for (int i = 0; i < count; i++) {
                    in.getShortString();
                    value(in);
                }
                in.end();
            }
            case MessageLayout.BODY_STREAM -> {
                int count = in.getCount(1);
                for (int i = 0; i < count; i++) value(in);
                in.end();
            }
            case MessageLayout.BODY_TEXT -> in.utf8(in.remaining());
            default -> in.getBytes(in.remaining());
        }
    }

    /** A value, read and skipped: both must end at the same place, or refuse alike. */
    static Object value(ByteReader in) {
        int from = in.position();
        ByteReader skipping = new ByteReader().reset(in.buffer(), from, from + in.remaining());
        Object value = Values.read(in);
        Values.skip(skipping);
        if (skipping.position() != in.position()) throw new AssertionError("skip and read differ at " + from);
        return value;
    }
}
