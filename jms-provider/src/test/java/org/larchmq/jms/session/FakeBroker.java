package org.larchmq.jms.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.DataInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Collections;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;

/**
 * A broker that says what a test tells it to. It answers the requests that no test is about with OK by itself, and keeps
 * every frame for {@link #expect}.
 */
final class FakeBroker implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 10;

    private static final UUID STORE = new UUID(1, 2);

    private final ServerSocket server;
    private final Set<FrameType> answered = Collections.synchronizedSet(EnumSet.of(
            FrameType.OPEN_DESTINATION,
            FrameType.CREATE_CONSUMER,
            FrameType.CLOSE_CONSUMER,
            FrameType.DRAIN,
            FrameType.SET_CLIENT_ID,
            FrameType.UNSUBSCRIBE,
            FrameType.ROLLBACK,
            FrameType.CLOSE));
    private final BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
    private int maxMessageBytes = 1 << 20;
    private int sendWindowBytes = 1 << 20;
    private int heartbeatMillis;
    private int protocolVersion = Protocol.VERSION;
    private int compressions;
    private volatile Socket socket;
    private boolean confirmsSends;
    private FrameType lastRead;
    private volatile boolean welcomes = true;
    private final AtomicInteger lostAtBirth = new AtomicInteger();

    /** One frame from the client. */
    record Frame(FrameType type, ByteBuffer bytes) {
        ByteReader body() {
            return new ByteReader(bytes.duplicate());
        }
    }

    FakeBroker() throws IOException {
        server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    }

    FakeBroker sendWindow(int bytes) {
        sendWindowBytes = bytes;
        return this;
    }

    FakeBroker maxMessage(int bytes) {
        maxMessageBytes = bytes;
        return this;
    }

    FakeBroker heartbeat(int millis) {
        heartbeatMillis = millis;
        return this;
    }

    FakeBroker takesCompressed(int permitted) {
        compressions = permitted;
        return this;
    }

    FakeBroker leavesUnanswered(FrameType type) {
        answered.remove(type);
        return this;
    }

    FakeBroker answers(FrameType type) {
        answered.add(type);
        return this;
    }

    /** So many of the next connections are lost when they have been welcomed. */
    FakeBroker losesAtBirth(int connections) {
        lostAtBirth.set(connections);
        return this;
    }

    /** Threads of clients of this broker that are alive. */
    List<Thread> clientThreads() {
        String peer = "localhost:" + server.getLocalPort();
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().contains(peer))
                .toList();
    }

    /** After the first frame of this type it reads nothing more. */
    FakeBroker readsNothingAfter(FrameType type) {
        lastRead = type;
        return this;
    }

    /** Every SEND is confirmed at once. */
    FakeBroker confirmsSends() {
        confirmsSends = true;
        return this;
    }

    FakeBroker start() {
        Thread thread = new Thread(this::serve, "fake-broker");
        thread.setDaemon(true);
        thread.start();
        return this;
    }

    String plainUri(String options) {
        return "tcp://localhost:" + server.getLocalPort() + "?" + options;
    }

    String failoverUri(String options) {
        return "failover:(tcp://localhost:" + server.getLocalPort() + ")?initialReconnectDelay=1ms&" + options;
    }

    String uri(String options) {
        return "tcp://localhost:" + server.getLocalPort() + "?requestTimeout=5s&closeTimeout=5s" + options;
    }

    private void serve() {
        try {
            while (true) {
                Socket accepted = server.accept();
                accepted.setTcpNoDelay(true);
                socket = accepted;
                Thread reader = new Thread(() -> readFrames(accepted), "fake-broker-reader");
                reader.setDaemon(true);
                reader.start();
            }
        } catch (IOException e) {
            // the test is over
        }
    }

    private void readFrames(Socket from) {
        try {
            DataInputStream in = new DataInputStream(from.getInputStream());
            while (true) {
                byte[] bytes = in.readNBytes(in.readInt());
                FrameType type = FrameType.of(bytes[0]);
                Frame frame = new Frame(
                        type, ByteBuffer.wrap(bytes, 1, bytes.length - 1).slice());
                frames.add(frame);
                answer(frame);
                if (type == lastRead) return;
            }
        } catch (IOException e) {
            // the client has gone
        }
    }

    private void answer(Frame frame) {
        if (frame.type() == FrameType.HELLO && welcomes) {
            send(out -> new Frames.Welcome(
                            protocolVersion,
                            "fake",
                            "0",
                            STORE,
                            maxMessageBytes,
                            sendWindowBytes,
                            heartbeatMillis,
                            0,
                            compressions)
                    .encode(out));
            if (lostAtBirth.getAndUpdate(left -> Math.max(0, left - 1)) > 0) dropQuietly();
        } else if (frame.type() == FrameType.SEND && confirmsSends) {
            ByteReader body = frame.body();
            long first = body.getLong();
            body.getLong();
            confirm(first, body.getInt());
        } else if (answered.contains(frame.type())) {
            reply(frame, ErrorCode.OK, "");
        }
    }

    // What the test does.

    void send(Consumer<ByteWriter> encoder) {
        ByteWriter out = new ByteWriter(256);
        encoder.accept(out);
        try {
            synchronized (this) {
                socket.getOutputStream().write(out.array(), 0, out.size());
            }
        } catch (IOException e) {
            // the client has gone
        }
    }

    void reply(Frame request, ErrorCode code, String text) {
        int id = request.body().getInt();
        send(out -> new Frames.Reply(id, code, text, 77, "name-" + id).encode(out));
    }

    void confirm(long firstSequence, int messages) {
        send(out -> {
            int mark = FrameType.RECEIPT.begin(out);
            out.putShort(1).putLong(firstSequence).putInt(messages);
            FrameType.end(out, mark);
        });
    }

    void refuse(long sequence, ErrorCode code, String text) {
        send(out -> {
            int mark = FrameType.SEND_FAILED.begin(out);
            out.putLong(sequence).putShort(code.number()).putString(text);
            FrameType.end(out, mark);
        });
    }

    void fatal(ErrorCode code, String text) {
        send(out -> {
            int mark = FrameType.FATAL.begin(out);
            out.putShort(code.number()).putString(text);
            FrameType.end(out, mark);
        });
    }

    /** Sends the messages to a consumer in one frame. */
    void deliver(int consumerId, long firstSequence, int deliveryCount, byte[]... messages) {
        send(out -> {
            int mark = FrameType.DELIVER.begin(out);
            out.putInt(consumerId).putLong(firstSequence).putInt(messages.length);
            for (byte[] message : messages) {
                out.putByte(deliveryCount > 1 ? 1 : 0)
                        .putShort(deliveryCount)
                        .putInt(message.length)
                        .putBytes(message);
            }
            FrameType.end(out, mark);
        });
    }

    private void dropQuietly() {
        try {
            socket.close();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    void dropConnection() throws IOException {
        socket.setSoLinger(true, 0);
        socket.close();
    }

    /** The next frame of a type; others before it are passed over. */
    Frame expect(FrameType type) throws InterruptedException {
        while (true) {
            Frame frame = frames.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(frame).as("a frame " + type).isNotNull();
            if (frame.type() == type) return frame;
        }
    }

    /** Whether a frame of the type is there now, or comes before the one that is expected. */
    boolean cameBefore(FrameType type, FrameType expected) throws InterruptedException {
        boolean came = false;
        while (true) {
            Frame frame = frames.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
            assertThat(frame).as("a frame " + expected).isNotNull();
            if (frame.type() == expected) return came;
            came |= frame.type() == type;
        }
    }

    /** How many frames of the type have come and were not expected. */
    long count(FrameType type) {
        return frames.stream().filter(frame -> frame.type() == type).count();
    }

    /** From now on a HELLO is not answered. */
    void welcomesNobody() {
        welcomes = false;
    }

    /** Whether a frame of the type came at all on a connection that is at its end. */
    boolean cameBeforeTheEnd(FrameType type) {
        return frames.stream().anyMatch(frame -> frame.type() == type);
    }

    @Override
    public void close() throws IOException {
        server.close();
        if (socket != null) socket.close();
    }
}
