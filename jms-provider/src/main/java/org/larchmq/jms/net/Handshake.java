package org.larchmq.jms.net;

import jakarta.jms.JMSException;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.Names;
import org.larchmq.message.ProtocolException;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;

/** The first two frames of a connection. */
final class Handshake {
    private Handshake() {}

    /** @throws JMSException as the broker's refusal maps, for example JMSSecurityException */
    static Frames.Welcome run(OutputStream out, FrameReader in, Frames.Hello hello) throws IOException, JMSException {
        ByteWriter frame = new ByteWriter(512);
        checkNames(hello);
        try {
            hello.encode(frame);
        } catch (IllegalArgumentException e) {
            throw JmsErrors.failed(ClientError.ILLEGAL_ARGUMENT, "user, password or client id: " + e.getMessage(), e);
        }
        out.write(frame.array(), 0, frame.size());
        FrameType type = first(in);
        if (type == FrameType.FATAL) {
            Inbound.FatalFrame fatal = Inbound.FatalFrame.read(in.body());
            throw JmsErrors.refused(fatal.code(), fatal.getMessage());
        }
        Frames.Welcome welcome = decode(in);
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

    private static Frames.Welcome decode(FrameReader in) throws JMSException {
        try {
            return Frames.Welcome.decode(in.body());
        } catch (ProtocolException e) {
            if (e.code() != ErrorCode.VERSION) throw e;
            throw JmsErrors.refused(e.code(), e.getMessage());
        }
    }

    private static void checkNames(Frames.Hello hello) throws JMSException {
        try {
            Names.checkClientId(hello.clientId());
        } catch (ProtocolException e) {
            throw JmsErrors.refused(e.code(), e.getMessage());
        }
        checkText("user name", hello.user());
        checkText("password", hello.password());
    }

    private static void checkText(String what, String text) throws JMSException {
        if (Names.isText(text)) return;
        throw JmsErrors.illegalArgument("the " + what + " has half of a character (an unpaired surrogate)");
    }

    /** @throws NotABroker when what comes begins like no broker's answer */
    private static FrameType first(FrameReader in) throws IOException {
        FrameType type;
        try {
            type = in.next();
        } catch (ProtocolException e) {
            throw NotABroker.of(in.received(), e);
        } catch (EOFException e) {
            byte[] received = in.received();
            if (isBeginningOfAnswer(received)) throw e; // a broker whose connection was lost half-way
            throw NotABroker.of(received, e);
        }
        if (type != FrameType.WELCOME && type != FrameType.FATAL) throw NotABroker.of(in.received(), null);
        return type;
    }

    /** Whether more of it could have become a WELCOME or FATAL: a short length, and the type if it has come. */
    private static boolean isBeginningOfAnswer(byte[] received) {
        if (received.length == 0) return true;
        if (received[0] != 0) return false;
        if (received.length < FrameType.HEADER_BYTES) return true;
        byte type = received[FrameType.HEADER_BYTES - 1];
        return type == FrameType.WELCOME.code() || type == FrameType.FATAL.code();
    }
}
