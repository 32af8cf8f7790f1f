package org.larchmq.embedded.faults;

import java.io.DataInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.larchmq.wire.FrameType;

/**
 * The name that a client connects to, and behind it a broker, or another one after a fault. It passes frames on as they
 * are until it strikes, once: at a frame of a given type or at once.
 *
 * <p>Two threads per connection, one for each direction. Safe from any thread.
 */
final class FaultProxy implements AutoCloseable {
    /** How a new connection is met. */
    private enum Network {
        OPEN,
        DARK,
        GONE
    }

    private static final int HEADER_BYTES = 4;

    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Wire> wires = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Strike> armed = new AtomicReference<>();
    private final CountDownLatch struck = new CountDownLatch(1);
    private final ExecutorService threads;
    private final int otherBrokerPort;
    private volatile int brokerPort;
    private volatile Network network = Network.OPEN;

    private record Strike(Fault fault, Set<FrameType> at) {}

    FaultProxy(ExecutorService threads, int brokerPort, int otherBrokerPort) throws IOException {
        this.threads = threads;
        this.brokerPort = brokerPort;
        this.otherBrokerPort = otherBrokerPort;
        threads.execute(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** Strikes at the next frame of one of these types; at once when there are none. */
    void arm(Fault fault, Set<FrameType> at) throws IOException {
        if (!at.isEmpty()) {
            armed.set(new Strike(fault, at));
            return;
        }
        changeNetwork(fault);
        for (Wire wire : wires) {
            if (fault.isBlackHole()) wire.stalled = true;
            else wire.cut();
        }
        struck.countDown();
    }

    /** Waits for the fault. False when it does not happen. */
    boolean awaitStruck(long millis) throws InterruptedException {
        return struck.await(millis, TimeUnit.MILLISECONDS);
    }

    /** Passes on the answer that is late. */
    void release() throws IOException {
        armed.set(null);
        for (Wire wire : wires) wire.release();
    }

    /** Waits until every client has closed its sockets. */
    boolean awaitClientsGone(long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (Wire wire : wires) {
            if (!wire.clientGone.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) return false;
        }
        return true;
    }

    /** Waits until the broker has closed every connection. */
    boolean awaitBrokersGone(long millis) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        for (Wire wire : wires) {
            if (!wire.brokerGone.await(deadline - System.nanoTime(), TimeUnit.NANOSECONDS)) return false;
        }
        return true;
    }

    private void changeNetwork(Fault fault) {
        if (fault == Fault.DARK) network = Network.DARK;
        if (fault == Fault.GONE) network = Network.GONE;
        if (fault.isOtherStore()) brokerPort = otherBrokerPort;
    }

    private void accept() {
        try {
            while (true) connect(listener.accept());
        } catch (IOException e) {
            // closed
        }
    }

    private void connect(Socket client) throws IOException {
        if (network == Network.GONE) {
            client.close();
            return;
        }
        try {
            client.setTcpNoDelay(true);
            boolean dark = network == Network.DARK;
            Wire wire = new Wire(client, dark ? null : new Socket(InetAddress.getLoopbackAddress(), brokerPort));
            wires.add(wire);
            threads.execute(wire::passRequests);
            if (!dark) threads.execute(wire::passAnswers);
        } catch (IOException e) {
            client.close(); // there is no broker
        }
    }

    @Override
    public void close() throws IOException {
        listener.close();
        for (Wire wire : wires) wire.cut();
    }

    /** One connection of the client. */
    private final class Wire {
        private final Socket client;
        private final Socket broker;
        private final CountDownLatch clientGone = new CountDownLatch(1);
        private final CountDownLatch brokerGone = new CountDownLatch(1);
        private final Object toClient = new Object();
        private volatile boolean stalled;
        private volatile Awaited awaited;
        private byte[] held;

        /** An answer that the fault waits for. @param requestId 0 for an answer that names none */
        private record Awaited(Fault fault, FrameType request, int requestId) {
            boolean isAnsweredBy(FrameType type, byte[] frame) {
                return switch (request) {
                    case HELLO -> type == FrameType.WELCOME;
                    case SEND, RESEND, SEND_LARGE -> type == FrameType.RECEIPT || type == FrameType.SEND_FAILED;
                    default -> type == FrameType.REPLY && intAt(frame, FrameType.HEADER_BYTES) == requestId;
                };
            }
        }

        /** @param broker null for a black hole */
        Wire(Socket client, Socket broker) throws IOException {
            this.client = client;
            this.broker = broker;
            stalled = broker == null;
            if (broker == null) brokerGone.countDown();
            else broker.setTcpNoDelay(true);
        }

        void passRequests() {
            try {
                DataInputStream in = new DataInputStream(client.getInputStream());
                OutputStream out = broker == null ? null : broker.getOutputStream();
                while (true) passRequest(nextFrame(in), out);
            } catch (IOException e) {
                // the client is gone, or the connection is cut
            }
            clientGone.countDown();
            closeQuietly(client);
            if (!stalled) closeQuietly(broker);
        }

        private void passRequest(byte[] frame, OutputStream out) throws IOException {
            if (stalled) return;
            FrameType type = FrameType.of(frame[HEADER_BYTES]);
            Strike strike = strikeAt(type, frame);
            if (strike == null) {
                out.write(frame);
                return;
            }
            if (strike.fault.isAtAnswer()) {
                awaited = new Awaited(strike.fault, type, requestId(type, frame));
                out.write(frame);
                return;
            }
            changeNetwork(strike.fault);
            struck.countDown();
            if (strike.fault.isBlackHole()) {
                stalled = true;
                return;
            }
            if (strike.fault == Fault.CUT_INSIDE_REQUEST) out.write(frame, 0, half(frame));
            cut();
        }

        private Strike strikeAt(FrameType type, byte[] frame) {
            Strike strike = armed.get();
            if (strike == null || !strike.at.contains(type)) return null;
            if (strike.fault.isAtAnswer() && type.isFromClient() && !isAnswered(type, frame)) return null;
            return armed.compareAndSet(strike, null) ? strike : null;
        }

        void passAnswers() {
            try {
                DataInputStream in = new DataInputStream(broker.getInputStream());
                OutputStream out = client.getOutputStream();
                while (true) passAnswer(nextFrame(in), out);
            } catch (IOException e) {
                // the broker is gone, or the connection is cut
            }
            brokerGone.countDown();
            closeQuietly(broker);
            if (!stalled) closeQuietly(client);
        }

        private void passAnswer(byte[] frame, OutputStream out) throws IOException {
            if (stalled) return;
            FrameType type = FrameType.of(frame[HEADER_BYTES]);
            Awaited waits = awaited;
            if (waits != null && waits.isAnsweredBy(type, frame)) {
                awaited = null;
                struck.countDown();
                strikeAnswer(waits.fault, frame, out);
                return;
            }
            Strike strike = strikeAt(type, frame);
            if (strike != null) {
                changeNetwork(strike.fault);
                struck.countDown();
                strikeDelivery(strike.fault, frame, out);
                return;
            }
            write(frame, frame.length, out);
        }

        private void strikeAnswer(Fault fault, byte[] frame, OutputStream out) throws IOException {
            changeNetwork(fault);
            switch (fault) {
                case CUT_BEFORE_ANSWER, OTHER_STORE_AFTER -> cut();
                case CUT_INSIDE_ANSWER -> {
                    write(frame, half(frame), out);
                    cut();
                }
                case STALL_AT_ANSWER -> stalled = true;
                case LATE -> hold(frame);
                case SWALLOW -> {}
                default -> throw new AssertionError("no rule for " + fault);
            }
        }

        /** For a frame that the broker sends by itself. */
        private void strikeDelivery(Fault fault, byte[] frame, OutputStream out) throws IOException {
            if (fault.isBlackHole()) {
                stalled = true;
                return;
            }
            if (fault == Fault.CUT_INSIDE_REQUEST) write(frame, half(frame), out);
            cut();
        }

        private void hold(byte[] frame) {
            synchronized (toClient) {
                held = frame;
            }
        }

        void release() {
            byte[] late;
            synchronized (toClient) {
                late = held;
                held = null;
            }
            try {
                if (late != null) write(late, late.length, client.getOutputStream());
            } catch (IOException e) {
                // the client has given the connection up
            }
        }

        private void write(byte[] frame, int bytes, OutputStream out) throws IOException {
            synchronized (toClient) {
                out.write(frame, 0, bytes);
            }
        }

        void cut() {
            closeQuietly(client);
            closeQuietly(broker);
        }
    }

    /** The next frame, with its length. */
    private static byte[] nextFrame(DataInputStream in) throws IOException {
        int length = in.readInt();
        byte[] frame = new byte[HEADER_BYTES + length];
        ByteBuffer.wrap(frame).putInt(length);
        in.readFully(frame, HEADER_BYTES, length);
        return frame;
    }

    private static int half(byte[] frame) {
        return Math.max(1, frame.length / 2);
    }

    private static boolean isAnswered(FrameType type, byte[] frame) {
        return switch (type) {
            case HELLO, SEND, RESEND, SEND_LARGE -> true;
            case CREDIT, ASK, SEEN, PART, PRODUCER, PRODUCER_CLOSED, PING -> false;
            default -> requestId(type, frame) != 0;
        };
    }

    private static int requestId(FrameType type, byte[] frame) {
        return switch (type) {
            case HELLO, SEND, RESEND, SEND_LARGE -> 0;
            case COMMIT_NAMED -> intAt(frame, FrameType.HEADER_BYTES + Long.BYTES);
            default -> intAt(frame, FrameType.HEADER_BYTES);
        };
    }

    private static int intAt(byte[] frame, int at) {
        return ByteBuffer.wrap(frame).getInt(at);
    }

    private static void closeQuietly(Socket socket) {
        try {
            if (socket != null) socket.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }
}
