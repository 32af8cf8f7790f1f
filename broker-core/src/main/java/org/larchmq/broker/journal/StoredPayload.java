package org.larchmq.broker.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageRef;

/**
 * Payload of an entry that carries a whole message, see {@link MessageEntry}. Its fields can be read one by one, without
 * the others.
 *
 * @param transactionId in a MESSAGE_MOVED entry the id of who holds it
 * @param place         queueOffset, or what stands in its place
 * @param publisher     null when the entry does not say
 */
public record StoredPayload(
        int destinationId, boolean isVolatile, long transactionId, long place, String publisher, MessageRef message) {
    private static final int FLAG_VOLATILE = 1;
    private static final int FLAG_PUBLISHER = 2;
    private static final int FLAGS_AT = 4;
    /** Bytes before the message, or before its publisher. */
    private static final int MESSAGE_AT = 21;

    static void encode(
            ByteWriter out, int destinationId, boolean isVolatile, String publisher, long transactionId, long place) {
        int flags = (isVolatile ? FLAG_VOLATILE : 0) | (publisher == null ? 0 : FLAG_PUBLISHER);
        out.putInt(destinationId).putByte(flags).putLong(transactionId).putLong(place);
        if (publisher != null) out.putShortString(publisher);
    }

    static StoredPayload decode(ByteReader in) {
        int destinationId = in.getInt();
        int flags = in.getByte();
        long transactionId = in.getLong();
        long place = in.getLong();
        String publisher = (flags & FLAG_PUBLISHER) == 0 ? null : in.getShortString();
        MessageRef message = new MessageRef(in.buffer(), in.position(), in.remaining());
        in.skip(message.size());
        return new StoredPayload(destinationId, (flags & FLAG_VOLATILE) != 0, transactionId, place, publisher, message);
    }

    /** Reads a whole payload, which is between position and limit. */
    public static StoredPayload of(ByteBuffer payload) {
        return decode(new ByteReader().reset(payload, payload.position(), payload.limit()));
    }

    /** Destination that a payload names; {@code at} is where the payload begins. */
    public static int destinationId(ByteBuffer payload, int at) {
        return payload.getInt(at);
    }

    /** Where the message begins; {@code at} is where the payload begins. */
    public static int messageAt(ByteBuffer payload, int at) {
        int messageAt = at + MESSAGE_AT;
        if ((payload.get(at + FLAGS_AT) & FLAG_PUBLISHER) == 0) return messageAt;
        return messageAt + Short.BYTES + Short.toUnsignedInt(payload.getShort(messageAt));
    }

    /** Whether the entry says that an unclean stop loses the message; {@code at} is where the payload begins. */
    public static boolean isVolatile(ByteBuffer payload, int at) {
        return (payload.get(at + FLAGS_AT) & FLAG_VOLATILE) != 0;
    }

    /** Who published the message, null when the entry does not say; {@code at} is where the payload begins. */
    public static String publisher(ByteBuffer payload, int at) {
        if ((payload.get(at + FLAGS_AT) & FLAG_PUBLISHER) == 0) return null;
        int lengthAt = at + MESSAGE_AT;
        byte[] name = new byte[Short.toUnsignedInt(payload.getShort(lengthAt))];
        payload.get(lengthAt + Short.BYTES, name);
        return new String(name, StandardCharsets.UTF_8);
    }
}
