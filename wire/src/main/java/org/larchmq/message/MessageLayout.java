package org.larchmq.message;

import java.nio.ByteBuffer;

/**
 * An encoded message, as the client writes it, the broker stores it and the consumer gets it: never re-encoded on the
 * way. Big-endian.
 *
 * <pre>
 * | offset | bytes | field          | meaning                                                                |
 * |      0 |     1 | version        | 1; 2 when the body is compressed                                       |
 * |      1 |     1 | bodyType       | 0 none, 1 text, 2 bytes, 3 map, 4 stream, 5 object                     |
 * |      2 |     1 | flags          | 1 persistent, 2 no message id, 4 null body,                            |
 * |        |       |                | in version 2 one of: 8 compressed with LZ4, 16 with Zstandard,         |
 * |        |       |                | 64 tracked: its producer may send it again, and it is stored once      |
 * |      3 |     1 | priority       | 0 to 9                                                                 |
 * |      4 |     8 | timestamp      | JMSTimestamp, ms since 1970, 0 when disabled                           |
 * |     12 |     8 | expiration     | JMSExpiration, ms since 1970, 0 for never                              |
 * |     20 |     8 | deliveryTime   | JMSDeliveryTime, ms since 1970, 0 for at once                          |
 * |     28 |     8 | producerId     | with sequence the message's identity (JMSMessageID)                    |
 * |     36 |     8 | sequence       | increasing per producerId                                              |
 * |     44 |     4 | tagHash        | {@link #tagHash} of JMS_LARCH_TAG, 0 without a tag                     |
 * |     48 |     4 | headerBytes    | size of the optional headers                                           |
 * |     52 |     4 | propertyBytes  | size of the properties                                                 |
 * |     56 |     4 | bodyBytes      | size of the body                                                       |
 * |     60 |     … | headers        | presence 1: 1 correlation id, 2 correlation id is bytes, 4 reply-to, 8 type; |
 * |        |       |                | then those present: string or bytes, kind 1 and name, string           |
 * |      … |     … | properties     | count 2, then per property: name, {@link Values} value                 |
 * |      … |     … | body           | text UTF-8; bytes; map: count 4, then name and value each;             |
 * |        |       |                | stream: count 4, then values; object: serialized bytes;                |
 * |        |       |                | in version 2: size 4 of the body, compressed body ({@link Compression}) |
 * </pre>
 */
public final class MessageLayout {
    public static final int VERSION = 0;
    public static final int BODY_TYPE = 1;
    public static final int FLAGS = 2;
    public static final int PRIORITY = 3;
    public static final int TIMESTAMP = 4;
    public static final int EXPIRATION = 12;
    public static final int DELIVERY_TIME = 20;
    public static final int PRODUCER_ID = 28;
    public static final int SEQUENCE = 36;
    public static final int TAG_HASH = 44;
    public static final int HEADER_SIZE = 48;
    public static final int PROPERTY_SIZE = 52;
    public static final int BODY_SIZE = 56;
    /** Bytes before the optional headers. */
    public static final int FIXED_BYTES = 60;

    public static final int CURRENT_VERSION = 1;
    /** The same layout, with a compressed body. */
    public static final int COMPRESSED_VERSION = 2;
    /** In front of a compressed body: its size before. */
    public static final int COMPRESSED_PREFIX_BYTES = 4;

    public static final int FLAG_PERSISTENT = 1;
    public static final int FLAG_NO_MESSAGE_ID = 2;
    public static final int FLAG_NULL_BODY = 4;
    /** In the broker only, never on the wire: in place of the body stands where its parts are. */
    public static final int FLAG_LARGE = 32;

    /** The broker remembers producer and sequence: a RESEND stores it once. */
    public static final int FLAG_TRACKED = 64;

    public static final int HAS_CORRELATION_ID = 1;
    public static final int CORRELATION_ID_IS_BYTES = 2;
    public static final int HAS_REPLY_TO = 4;
    public static final int HAS_TYPE = 8;

    public static final int BODY_NONE = 0;
    public static final int BODY_TEXT = 1;
    public static final int BODY_BYTES = 2;
    public static final int BODY_MAP = 3;
    public static final int BODY_STREAM = 4;
    public static final int BODY_OBJECT = 5;

    /** Name of the property that carries a message's tag. */
    public static final String TAG_PROPERTY = "JMS_LARCH_TAG";

    private MessageLayout() {}

    /**
     * Checks that {@code buffer[at, at + size)} is laid out as a message: sizes add up, version and fixed fields are in
     * range. Does not look into headers, properties and body, whose readers check for themselves.
     *
     * @throws ProtocolException when not
     */
    public static void check(ByteBuffer buffer, int at, int size) {
        checkHead(buffer, at, size);
        int body = buffer.getInt(at + BODY_SIZE);
        if (bodyAt(buffer, at) - at + (long) body != size) {
            throw ProtocolException.malformed("the parts of a message do not add up to its " + size + " bytes");
        }
    }

    /**
     * The same for a head without its body: {@code size} is of the head, or more.
     *
     * @throws ProtocolException when not
     */
    public static void checkHead(ByteBuffer buffer, int at, int size) {
        if (size < FIXED_BYTES) throw ProtocolException.malformed("a message of " + size + " bytes is too short");
        if (at < 0 || size > buffer.limit() - at) {
            throw ProtocolException.malformed("a message of " + size + " bytes exceeds its buffer");
        }
        int version = buffer.get(at + VERSION);
        if (version != CURRENT_VERSION) checkCompressed(version, buffer, at);
        int bodyType = buffer.get(at + BODY_TYPE);
        if (bodyType < BODY_NONE || bodyType > BODY_OBJECT) {
            throw ProtocolException.malformed("no body type " + bodyType);
        }
        int priority = buffer.get(at + PRIORITY);
        if (priority < 0 || priority > 9) throw ProtocolException.malformed("priority " + priority);
        int headers = buffer.getInt(at + HEADER_SIZE);
        int properties = buffer.getInt(at + PROPERTY_SIZE);
        int body = buffer.getInt(at + BODY_SIZE);
        if (headers < 1 || properties < 2 || body < 0 || (long) FIXED_BYTES + headers + properties > size) {
            throw ProtocolException.malformed("the parts of a message do not add up to its " + size + " bytes");
        }
        if (isLarge(buffer, at)) throw ProtocolException.malformed("only the broker marks messages as large");
    }

    private static void checkCompressed(int version, ByteBuffer buffer, int at) {
        if (version != COMPRESSED_VERSION) {
            throw new ProtocolException(ErrorCode.VERSION, "message version " + version + " is not supported");
        }
        if (Compression.ofFlags(buffer.get(at + FLAGS)) == null) {
            throw ProtocolException.malformed("a compressed message with the flags " + buffer.get(at + FLAGS));
        }
        if (buffer.getInt(at + BODY_SIZE) <= COMPRESSED_PREFIX_BYTES) {
            throw ProtocolException.malformed("a compressed body of " + buffer.getInt(at + BODY_SIZE) + " bytes");
        }
    }

    public static boolean isCompressed(ByteBuffer buffer, int at) {
        return buffer.get(at + VERSION) == COMPRESSED_VERSION;
    }

    /** Of a compressed message that was checked. */
    public static Compression compression(ByteBuffer buffer, int at) {
        return Compression.ofFlags(buffer.get(at + FLAGS));
    }

    public static boolean isPersistent(ByteBuffer buffer, int at) {
        return (buffer.get(at + FLAGS) & FLAG_PERSISTENT) != 0;
    }

    /** Whether the body is elsewhere: in the broker only. */
    public static boolean isLarge(ByteBuffer buffer, int at) {
        return (buffer.get(at + FLAGS) & FLAG_LARGE) != 0;
    }

    public static boolean isTracked(ByteBuffer buffer, int at) {
        return (buffer.get(at + FLAGS) & FLAG_TRACKED) != 0;
    }

    public static int priority(ByteBuffer buffer, int at) {
        return buffer.get(at + PRIORITY);
    }

    public static long timestampMillis(ByteBuffer buffer, int at) {
        return buffer.getLong(at + TIMESTAMP);
    }

    public static long expirationMillis(ByteBuffer buffer, int at) {
        return buffer.getLong(at + EXPIRATION);
    }

    public static long deliveryTimeMillis(ByteBuffer buffer, int at) {
        return buffer.getLong(at + DELIVERY_TIME);
    }

    public static long producerId(ByteBuffer buffer, int at) {
        return buffer.getLong(at + PRODUCER_ID);
    }

    public static long sequence(ByteBuffer buffer, int at) {
        return buffer.getLong(at + SEQUENCE);
    }

    public static int tagHash(ByteBuffer buffer, int at) {
        return buffer.getInt(at + TAG_HASH);
    }

    /** Where the optional headers begin. */
    public static int headersAt(int at) {
        return at + FIXED_BYTES;
    }

    /** Where the properties begin. */
    public static int propertiesAt(ByteBuffer buffer, int at) {
        return at + FIXED_BYTES + buffer.getInt(at + HEADER_SIZE);
    }

    /** Where the body begins. */
    public static int bodyAt(ByteBuffer buffer, int at) {
        return propertiesAt(buffer, at) + buffer.getInt(at + PROPERTY_SIZE);
    }

    /** Never 0, so that 0 can mean "no tag". */
    public static int tagHash(String tag) {
        int hash = tag.hashCode();
        return hash == 0 ? 1 : hash;
    }

    /** JMSMessageID of an identity. */
    public static String messageId(long producerId, long sequence) {
        return "ID:" + Long.toHexString(producerId) + "-" + sequence;
    }
}
