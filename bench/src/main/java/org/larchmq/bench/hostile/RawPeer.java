package org.larchmq.bench.hostile;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;

/** A connection whose frames are made by hand. Blocking, with time-outs; one thread. */
final class RawPeer implements AutoCloseable {
    static final int HELLO = 0x01,
            CREATE_CONSUMER = 0x02,
            CLOSE_CONSUMER = 0x03,
            CREDIT = 0x04,
            SEND = 0x05,
            ACK = 0x06,
            RETURN = 0x07,
            COMMIT = 0x08,
            ROLLBACK = 0x09,
            OPEN_DESTINATION = 0x0A,
            DELETE_DESTINATION = 0x0B,
            PING = 0x0C,
            ADMIN = 0x0E,
            DRAIN = 0x0F,
            BROWSE = 0x13,
            PART = 0x14,
            PRODUCER = 0x17,
            XA_START = 0x18,
            TRANSACTION_OUTCOME = 0x20,
            RESEND = 0x21,
            COMMIT_NAMED = 0x22,
            RESTORE_DESTINATION = 0x23;
    private static final int WELCOME = 0x81, REPLY = 0x82, FATAL = 0x88, CREATE_SEQUENCE = 1;
    private static final int TIMEOUT_MILLIS = 15_000;
    private static final int MAX_FRAME_BYTES = 8 << 20;

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final byte[] secret = new byte[32];
    private int requests = CREATE_SEQUENCE;

    /** What REPLY says. */
    record Reply(int code, String text, long value, String name) {
        boolean isOk() {
            return code == 0;
        }
    }

    /** The broker ended the connection and said why. */
    static final class Refused extends IOException {
        private static final long serialVersionUID = 1;

        Refused(String text) {
            super(text);
        }
    }

    /** @param receiveBufferBytes of the socket; 0 for the usual */
    RawPeer(int port, int receiveBufferBytes) throws IOException {
        new SecureRandom().nextBytes(secret);
        if (receiveBufferBytes > 0) socket.setReceiveBufferSize(receiveBufferBytes);
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress("127.0.0.1", port), TIMEOUT_MILLIS);
        socket.setSoTimeout(TIMEOUT_MILLIS);
        in = new DataInputStream(new java.io.BufferedInputStream(socket.getInputStream(), 1 << 16));
    }

    static RawPeer loggedIn(int port) throws IOException {
        RawPeer peer = new RawPeer(port, 0);
        peer.logIn();
        return peer;
    }

    void logIn() throws IOException {
        send(hello("", ""));
        while (true) {
            ByteBuffer frame = read();
            if (frame.get() == (byte) WELCOME) return;
        }
    }

    byte[] hello(String user, String password) {
        return new FrameBytes(HELLO)
                .i32(0x4C524348)
                .u16(3)
                .u16(3)
                .name("")
                .name(user)
                .name(password)
                .name("hostile")
                .i32(0)
                .i64(0)
                .raw(secret)
                .end();
    }

    void send(byte[] frame) throws IOException {
        socket.getOutputStream().write(frame);
    }

    /** Type and body of the next frame. @throws Refused when it is FATAL */
    ByteBuffer read() throws IOException {
        int length = in.readInt();
        if (length < 1 || length > MAX_FRAME_BYTES) throw new IOException("a frame of " + length + " bytes");
        ByteBuffer frame = ByteBuffer.wrap(in.readNBytes(length));
        if (frame.limit() < length) throw new IOException("the connection ended");
        if (frame.get(0) == (byte) FATAL) {
            frame.position(3);
            throw new Refused(string(frame));
        }
        return frame;
    }

    /** Skips what else comes. */
    Reply reply() throws IOException {
        while (true) {
            ByteBuffer frame = read();
            if (frame.get() != (byte) REPLY) continue;
            frame.getInt();
            int code = frame.getShort();
            String text = string(frame);
            long value = frame.getLong();
            return new Reply(code, text, value, string(frame));
        }
    }

    private static String string(ByteBuffer from) {
        byte[] text = new byte[from.getInt()];
        from.get(text);
        return new String(text, StandardCharsets.UTF_8);
    }

    int nextRequest() {
        return requests++;
    }

    /** @param kind 0 queue, 1 topic, 2 temporary queue, 3 temporary topic */
    Reply open(int kind, String name) throws IOException {
        send(new FrameBytes(OPEN_DESTINATION)
                .i32(nextRequest())
                .u8(kind)
                .name(name)
                .end());
        return reply();
    }

    /** Declares producer 0 and returns its id. */
    long declareProducer() throws IOException {
        send(new FrameBytes(PRODUCER).i32(0).end());
        return producerId("");
    }

    private long producerId(String user) {
        try {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            byte[] name = user.getBytes(StandardCharsets.UTF_8);
            digest.update("larchmq-producer".getBytes(StandardCharsets.US_ASCII));
            digest.update(ByteBuffer.allocate(4).putInt(name.length).flip());
            digest.update(name);
            digest.update(secret);
            digest.update(new byte[4]);
            return ByteBuffer.wrap(digest.digest()).getLong();
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    byte[] createConsumer(int consumerId, int kind, String destination, String selector, int flags, int credit) {
        return new FrameBytes(CREATE_CONSUMER)
                .i32(nextRequest())
                .i32(consumerId)
                .u8(kind)
                .name(destination)
                .string(selector)
                .u8(flags)
                .name("")
                .i32(credit)
                .i32(1 << 28)
                .end();
    }

    /** Encodes a message without headers and properties. */
    static byte[] message(long producerId, long sequence, int flags, int tagHash, int bodyBytes) {
        return ByteBuffer.allocate(63 + bodyBytes)
                .put(new byte[] {1, 2, (byte) flags, 4})
                .putLong(0)
                .putLong(0)
                .putLong(0)
                .putLong(producerId)
                .putLong(sequence)
                .putInt(tagHash)
                .putInt(1)
                .putInt(2)
                .putInt(bodyBytes)
                .put((byte) 0)
                .putShort((short) 0)
                .array();
    }

    /** A SEND frame with the same message so many times, or RESEND. */
    static byte[] sendFrame(int type, long firstSequence, long transactionId, int handle, byte[] message, int count) {
        FrameBytes frame =
                new FrameBytes(type).i64(firstSequence).i64(transactionId).i32(count);
        for (int i = 0; i < count; i++) frame.i32(handle).i32(message.length).raw(message);
        return frame.end();
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
