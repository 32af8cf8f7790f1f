package org.larchmq.jms.message;

import java.nio.ByteBuffer;
import org.larchmq.wire.MessageLayout;
import org.larchmq.wire.WireReader;

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

    /** The bytes must have been checked to be laid out as a message. */
    Encoded(ByteBuffer frame, int at, int size) {
        this.frame = frame;
        this.at = at;
        propertiesAt = MessageLayout.propertiesAt(frame, at);
        bodyAt = MessageLayout.bodyAt(frame, at);
        end = at + size;
    }

    ByteBuffer frame() {
        return frame;
    }

    int at() {
        return at;
    }

    int bodyAt() {
        return bodyAt;
    }

    int bodyBytes() {
        return end - bodyAt;
    }

    WireReader headers() {
        return new WireReader().reset(frame, MessageLayout.headersAt(at), propertiesAt);
    }

    WireReader properties() {
        return new WireReader().reset(frame, propertiesAt, bodyAt);
    }

    WireReader body() {
        return new WireReader().reset(frame, bodyAt, end);
    }
}
