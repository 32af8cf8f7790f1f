package org.larchmq.jms.compression;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import java.nio.ByteBuffer;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.Compression;
import org.larchmq.message.MessageLayout;

/** Reads the compressed bodies of received messages, whose layout was checked. Nothing they say is believed. */
public final class CompressedBody {
    private CompressedBody() {}

    /**
     * Whether a message's body can be read here, as far as its beginning tells: cheap, and allocates nothing.
     *
     * @param maxBodyBytes what a message can have at most
     * @return null when it can
     */
    public static JMSException whyUnreadable(ByteBuffer buffer, int at, int maxBodyBytes) {
        if (!MessageLayout.isCompressed(buffer, at)) return null;
        try {
            Codecs.of(MessageLayout.compression(buffer, at));
            bodyBytes(buffer, at, maxBodyBytes);
            return null;
        } catch (JMSException why) {
            return why;
        }
    }

    /**
     * The body of the message in {@code buffer[at, at + size)}, which has an array, as it was before it was compressed.
     *
     * @throws MessageFormatException when it is damaged
     * @throws JMSException           when it would be larger than {@code maxBodyBytes}, or its library is missing
     */
    public static byte[] decompress(ByteBuffer buffer, int at, int size, int maxBodyBytes) throws JMSException {
        Compression compression = MessageLayout.compression(buffer, at);
        BodyCodec codec = Codecs.of(compression);
        int bodyBytes = bodyBytes(buffer, at, maxBodyBytes);
        byte[] array = buffer.array();
        int bodyAt = MessageLayout.bodyAt(buffer, at) + MessageLayout.COMPRESSED_PREFIX_BYTES;
        int compressedBytes = at + size - bodyAt;
        int from = buffer.arrayOffset() + bodyAt;
        try {
            if (!codec.canBe(array, from, compressedBytes, bodyBytes)) {
                throw damaged(
                        compression,
                        compressedBytes + " bytes of it cannot be a body of " + bodyBytes + " bytes",
                        null);
            }
            byte[] body = new byte[bodyBytes];
            int written = codec.decompress(array, from, compressedBytes, body);
            if (written == bodyBytes) return body;
            throw damaged(compression, "it says " + bodyBytes + " bytes and has " + written, null);
        } catch (RuntimeException e) {
            throw damaged(compression, e.getMessage(), e);
        }
    }

    private static int bodyBytes(ByteBuffer buffer, int at, int maxBodyBytes) throws JMSException {
        int bodyBytes = buffer.getInt(MessageLayout.bodyAt(buffer, at));
        if (bodyBytes < 1) {
            throw damaged(MessageLayout.compression(buffer, at), "it says " + bodyBytes + " bytes", null);
        }
        if (bodyBytes > maxBodyBytes) {
            throw JmsErrors.exhausted(
                    ClientError.MESSAGE_TOO_LARGE,
                    "the body of the message has " + bodyBytes + " bytes when it is decompressed, at most "
                            + maxBodyBytes + " are taken (limits.maxMessage of the broker)");
        }
        return bodyBytes;
    }

    private static MessageFormatException damaged(Compression compression, String why, Throwable cause) {
        return JmsErrors.withCause(
                JmsErrors.messageFormat("the body, compressed with " + compression.text() + ", is damaged: " + why),
                cause);
    }
}
