package org.larchmq.jms.compression;

import jakarta.jms.JMSException;
import java.nio.ByteBuffer;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.Compression;
import org.larchmq.message.MessageLayout;

/** Compresses the bodies of encoded messages. Not thread safe. */
public final class BodyCompressor {
    private static final int KEEP_BYTES = 256 * 1024;

    private final Compression compression;
    private final BodyCodec codec;
    private final int minBodyBytes;
    private byte[] compressed = {};

    /**
     * @param minBodyBytes smaller bodies stay as they are
     * @throws JMSException when its library is missing
     */
    public BodyCompressor(Compression compression, int minBodyBytes) throws JMSException {
        this.compression = compression;
        this.codec = Codecs.of(compression);
        this.minBodyBytes = minBodyBytes;
    }

    /** Replaces the body of the message that is all of {@code message}, if it is large enough and gets smaller so. */
    public void compress(ByteWriter message) {
        int bodyAt = MessageLayout.bodyAt(message.toByteBuffer(), 0);
        int bodyBytes = message.size() - bodyAt;
        if (bodyBytes < minBodyBytes || bodyBytes == 0) return;
        int bound = codec.bound(bodyBytes);
        if (compressed.length < bound) compressed = new byte[bound];
        int bytes = codec.compress(message.array(), bodyAt, bodyBytes, compressed);
        if (MessageLayout.COMPRESSED_PREFIX_BYTES + bytes < bodyBytes) {
            message.truncate(bodyAt);
            message.putInt(bodyBytes).putBytes(compressed, 0, bytes);
            message.patchByte(MessageLayout.VERSION, MessageLayout.COMPRESSED_VERSION);
            message.patchByte(MessageLayout.FLAGS, message.array()[MessageLayout.FLAGS] | compression.flag());
            message.patchInt(MessageLayout.BODY_SIZE, message.size() - bodyAt);
        }
        if (compressed.length > KEEP_BYTES) compressed = new byte[0];
    }

    /** The same message as it was before, for a broker that does not take compressed ones. */
    public static byte[] undo(byte[] message) throws JMSException {
        ByteBuffer buffer = ByteBuffer.wrap(message);
        if (!MessageLayout.isCompressed(buffer, 0)) return message;
        byte[] body = CompressedBody.decompress(buffer, 0, message.length, Integer.MAX_VALUE);
        int bodyAt = MessageLayout.bodyAt(buffer, 0);
        ByteWriter plain = new ByteWriter(bodyAt + body.length);
        plain.putBytes(message, 0, bodyAt).putBytes(body);
        int flags = message[MessageLayout.FLAGS]
                & ~MessageLayout.compression(buffer, 0).flag();
        plain.patchByte(MessageLayout.VERSION, MessageLayout.CURRENT_VERSION);
        plain.patchByte(MessageLayout.FLAGS, flags);
        plain.patchInt(MessageLayout.BODY_SIZE, body.length);
        return plain.toByteArray();
    }
}
