package org.larchmq.jms.message;

import jakarta.jms.JMSException;
import java.nio.ByteBuffer;
import org.larchmq.jms.compression.CompressedBody;
import org.larchmq.message.ByteReader;
import org.larchmq.message.MessageLayout;

/**
 * The bytes of a received message inside the frame it came in. As long as a message is kept its frame is, which may
 * hold other messages too.
 */
final class Encoded {
    private final ByteBuffer frame;
    private final int at;
    private final int propertiesAt;
    private final int bodyAt;
    private final int end;
    private final int maxMessageBytes;

    /**
     * The bytes must have been checked to be laid out as a message.
     *
     * @param maxMessageBytes what a compressed body may become
     */
    Encoded(ByteBuffer frame, int at, int size, int maxMessageBytes) {
        this.frame = frame;
        this.at = at;
        propertiesAt = MessageLayout.propertiesAt(frame, at);
        bodyAt = MessageLayout.bodyAt(frame, at);
        end = at + size;
        this.maxMessageBytes = maxMessageBytes;
    }

    ByteBuffer frame() {
        return frame;
    }

    int at() {
        return at;
    }

    ByteReader headers() {
        return new ByteReader().reset(frame, MessageLayout.headersAt(at), propertiesAt);
    }

    ByteReader properties() {
        return new ByteReader().reset(frame, propertiesAt, bodyAt);
    }

    /** In the frame; decompressed elsewhere if need be. */
    ByteReader body() throws JMSException {
        if (!MessageLayout.isCompressed(frame, at)) return new ByteReader().reset(frame, bodyAt, end);
        return new ByteReader(ByteBuffer.wrap(CompressedBody.decompress(frame, at, end - at, maxMessageBytes)));
    }
}
