package org.larchmq.message;

import java.nio.ByteBuffer;

/**
 * Looks whether the parts of a message can be read that {@link MessageLayout#check} lets through unread: the optional
 * headers, the properties, and the values of a map or stream. A text can be read whatever its bytes are, and serialized
 * objects only their receiver can judge. Makes nothing of what it sees. Not thread safe.
 */
public final class MessageParts {
    /** A body that anything else is said about is not as it was written. */
    private static final int FLAGS_OF_A_PLAIN_BODY =
            MessageLayout.FLAG_PERSISTENT | MessageLayout.FLAG_NO_MESSAGE_ID | MessageLayout.FLAG_TRACKED;

    private static final int SHORTEST_HEADERS = 1;
    private static final int SHORTEST_PROPERTIES = 2;

    private final ByteReader in = new ByteReader();

    /**
     * What cannot be read, and why, in words; null when everything can.
     *
     * @param size of the message; its body may be elsewhere
     */
    public String damage(ByteBuffer message, int at, int size) {
        int propertiesAt = MessageLayout.propertiesAt(message, at);
        int bodyAt = MessageLayout.bodyAt(message, at);
        String part = "headers";
        try {
            int headersAt = MessageLayout.headersAt(at);
            if (propertiesAt - headersAt > SHORTEST_HEADERS || message.get(headersAt) != 0) {
                skipHeaders(in.reset(message, headersAt, propertiesAt));
            }
            part = "properties";
            if (bodyAt - propertiesAt > SHORTEST_PROPERTIES || message.getShort(propertiesAt) != 0) {
                skipProperties(in.reset(message, propertiesAt, bodyAt));
            }
            part = "body";
            boolean isPlain = (message.get(at + MessageLayout.FLAGS) & ~FLAGS_OF_A_PLAIN_BODY) == 0;
            if (isPlain) skipBody(message.get(at + MessageLayout.BODY_TYPE), in.reset(message, bodyAt, at + size));
            return null;
        } catch (ProtocolException e) {
            return describe(part, e);
        }
    }

    /** Whether bodies of this type have values that are looked at. */
    public static boolean hasValues(int bodyType) {
        return bodyType == MessageLayout.BODY_MAP || bodyType == MessageLayout.BODY_STREAM;
    }

    /** The same for a body alone, which was compressed in its message. */
    public String bodyDamage(int bodyType, byte[] body) {
        try {
            skipBody(bodyType, in.reset(ByteBuffer.wrap(body), 0, body.length));
            return null;
        } catch (ProtocolException e) {
            return describe("body", e);
        }
    }

    private static String describe(String part, ProtocolException e) {
        return "the " + part + " of the message cannot be read: " + e.getMessage();
    }

    private static void skipHeaders(ByteReader in) {
        int presence = in.getUnsignedByte();
        if ((presence & MessageLayout.HAS_CORRELATION_ID) != 0) in.skip(in.getSize());
        if ((presence & MessageLayout.HAS_REPLY_TO) != 0) {
            DestinationKind.of(in.getUnsignedByte());
            in.skip(in.getUnsignedShort());
        }
        if ((presence & MessageLayout.HAS_TYPE) != 0) in.skip(in.getSize());
    }

    private static void skipProperties(ByteReader in) {
        for (int left = in.getUnsignedShort(); left > 0; left--) skipNamed(in);
    }

    private static void skipNamed(ByteReader in) {
        in.skip(in.getUnsignedShort());
        Values.skip(in);
    }

    private static void skipBody(int type, ByteReader in) {
        if (type == MessageLayout.BODY_MAP) {
            for (int left = in.getCount(3); left > 0; left--) skipNamed(in);
            in.end();
        } else if (type == MessageLayout.BODY_STREAM) {
            for (int left = in.getCount(1); left > 0; left--) Values.skip(in);
            in.end();
        }
    }
}
