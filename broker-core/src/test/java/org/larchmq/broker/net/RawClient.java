package org.larchmq.broker.net;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.function.Consumer;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.wire.ClientSecret;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;

/** A client that speaks the protocol byte by byte over a real socket. */
final class RawClient implements AutoCloseable {
    private static final ClientSecret SECRET = ClientSecret.random();

    private final Socket socket;
    private final DataInputStream in;
    private Frames.Welcome welcome;

    /** A received frame. */
    record Frame(FrameType type, ByteReader body) {
        /** Text of a FATAL frame, with its code. */
        String fatal() {
            if (type != FrameType.FATAL) throw new AssertionError("expected FATAL, got " + type);
            int code = body.getUnsignedShort();
            return code + " " + body.getString();
        }
    }

    RawClient(int port) throws IOException {
        socket = new Socket(InetAddress.getLoopbackAddress(), port);
        socket.setSoTimeout(10_000);
        in = new DataInputStream(socket.getInputStream());
    }

    static RawClient loggedIn(int port) throws IOException {
        RawClient client = new RawClient(port);
        client.hello("", "", "");
        client.awaitWelcome();
        return client;
    }

    private void awaitWelcome() throws IOException {
        Frame frame = read();
        if (frame.type() != FrameType.WELCOME) throw new AssertionError(frame.fatal());
        welcome = Frames.Welcome.decode(frame.body());
    }

    Frames.Welcome welcome() {
        return welcome;
    }

    void hello(String clientId, String user, String password) throws IOException {
        hello(clientId, user, password, 0);
    }

    void hello(String clientId, String user, String password, long connectionId) throws IOException {
        hello(clientId, user, password, connectionId, SECRET);
    }

    void hello(String clientId, String user, String password, long connectionId, ClientSecret secret)
            throws IOException {
        send(out -> new Frames.Hello(
                        Protocol.VERSION, Protocol.VERSION, clientId, user, password, "raw", 0, connectionId, secret)
                .encode(out));
    }

    void send(Consumer<ByteWriter> encode) throws IOException {
        ByteWriter out = new ByteWriter(256);
        encode.accept(out);
        bytes(out.toByteArray());
    }

    void bytes(byte[] bytes) throws IOException {
        socket.getOutputStream().write(bytes);
    }

    Frame read() throws IOException {
        byte[] frame = new byte[in.readInt()];
        in.readFully(frame);
        return new Frame(FrameType.of(frame[0]), new ByteReader().reset(ByteBuffer.wrap(frame), 1, frame.length));
    }

    Frame read(FrameType type) throws IOException {
        Frame frame = read();
        if (frame.type != type) throw new AssertionError("expected " + type + ", got " + frame.type);
        return frame;
    }

    /** Whether the peer has closed the connection. */
    boolean isClosedByPeer() throws IOException {
        return in.read() < 0;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
