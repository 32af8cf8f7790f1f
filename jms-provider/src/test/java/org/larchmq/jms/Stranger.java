package org.larchmq.jms;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.Compression;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.MessageLayout;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;

/** A client that sends compressed bodies which are none. */
final class Stranger {
    private Stranger() {}

    /** Returns when the broker has confirmed the message. */
    static void send(int port, String queue, Compression compression, int bodyBytes, byte[] compressed)
            throws IOException {
        send(port, queue, MessageLayout.BODY_BYTES, compression, bodyBytes, compressed);
    }

    static void send(int port, String queue, int bodyType, Compression compression, int bodyBytes, byte[] compressed)
            throws IOException {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            socket.setSoTimeout(10_000);
            DataInputStream in = new DataInputStream(socket.getInputStream());
            ByteWriter out = new ByteWriter(512);
            Frames.Hello.once("", "", "", "stranger", 0).encode(out);
            flush(socket, out);
            Frames.Welcome.decode(read(in, FrameType.WELCOME));
            new Frames.OpenDestination(1, DestinationKind.QUEUE, queue).encode(out);
            flush(socket, out);
            int handle = (int) Frames.Reply.decode(read(in, FrameType.REPLY)).value();
            int mark = FrameType.SEND.begin(out);
            out.putLong(1)
                    .putLong(0)
                    .putInt(1)
                    .putInt(handle)
                    .putInt(MessageLayout.FIXED_BYTES + 7 + compressed.length);
            message(out, bodyType, compression, bodyBytes, compressed);
            FrameType.end(out, mark);
            flush(socket, out);
            read(in, FrameType.RECEIPT);
        }
    }

    private static void message(
            ByteWriter out, int bodyType, Compression compression, int bodyBytes, byte[] compressed) {
        out.putByte(MessageLayout.COMPRESSED_VERSION).putByte(bodyType);
        out.putByte(MessageLayout.FLAG_PERSISTENT | compression.flag()).putByte(4);
        out.putLong(0).putLong(0).putLong(0).putLong(7).putLong(1);
        out.putInt(0).putInt(1).putInt(2).putInt(Integer.BYTES + compressed.length);
        out.putByte(0).putShort(0).putInt(bodyBytes).putBytes(compressed);
    }

    private static void flush(Socket socket, ByteWriter out) throws IOException {
        socket.getOutputStream().write(out.array(), 0, out.size());
        out.clear();
    }

    private static ByteReader read(DataInputStream in, FrameType expected) throws IOException {
        byte[] frame = in.readNBytes(in.readInt());
        FrameType type = FrameType.of(frame[0]);
        if (type != expected) throw new AssertionError("expected " + expected + ", got " + type);
        return new ByteReader().reset(ByteBuffer.wrap(frame), 1, frame.length);
    }
}
