package org.larchmq.jms.net;

import jakarta.jms.JMSException;
import java.io.IOException;
import java.io.OutputStream;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.wire.ErrorCode;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;
import org.larchmq.wire.WireWriter;

/** The first two frames of a connection. */
final class Handshake {
    private Handshake() {}

    /** @throws JMSException as the broker's refusal maps, for example JMSSecurityException */
    static Frames.Welcome run(OutputStream out, FrameReader in, Frames.Hello hello) throws IOException, JMSException {
        WireWriter frame = new WireWriter(512);
        try {
            hello.encode(frame);
        } catch (IllegalArgumentException e) {
            throw JmsErrors.failed(ClientError.ILLEGAL_ARGUMENT, "user, password or client id: " + e.getMessage(), e);
        }
        out.write(frame.array(), 0, frame.size());
        FrameType type = in.next();
        if (type == FrameType.FATAL) {
            Inbound.FatalFrame fatal = Inbound.FatalFrame.read(in.body());
            throw JmsErrors.refused(fatal.code(), fatal.getMessage());
        }
        if (type != FrameType.WELCOME) {
            throw JmsErrors.refused(ErrorCode.PROTOCOL, "the broker answered the handshake with " + type);
        }
        Frames.Welcome welcome = Frames.Welcome.decode(in.body());
        if (welcome.version() < Protocol.LOWEST_VERSION || welcome.version() > Protocol.VERSION) {
            throw JmsErrors.refused(
                    ErrorCode.VERSION,
                    "the broker chose protocol version " + welcome.version() + ", this client knows "
                            + Protocol.LOWEST_VERSION + " to " + Protocol.VERSION);
        }
        if (welcome.maxMessageBytes() < 1 || welcome.maxMessageBytes() > 1 << 30) {
            throw JmsErrors.refused(ErrorCode.PROTOCOL, "maxMessageBytes " + welcome.maxMessageBytes());
        }
        return welcome;
    }
}
