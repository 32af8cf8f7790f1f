package org.larchmq.jms.net;

import jakarta.jms.JMSException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.ProtocolException;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;

/**
 * Makes the connection to a broker: tries every address of the host's name, one after the other, until a broker has shaken
 * hands. All of it has the connect timeout together; an address that does not answer uses up its share only.
 */
final class Dial {
    private final Resolver resolver;
    private final String peer;
    private final String host;
    private final int port;
    private final Frames.Hello hello;
    private final long deadlineNanos;
    private final int timeoutMillis;
    private final Consumer<? super Socket> dialing;
    private final List<String> failures = new ArrayList<>();

    /** @param dialing is given each socket before it is connected; closing that ends the attempt */
    Dial(String host, int port, Frames.Hello hello, int timeoutMillis, Consumer<? super Socket> dialing) {
        this(host, port, hello, timeoutMillis, dialing, InetAddress::getAllByName);
    }

    Dial(
            String host,
            int port,
            Frames.Hello hello,
            int timeoutMillis,
            Consumer<? super Socket> dialing,
            Resolver resolver) {
        this.resolver = resolver;
        this.dialing = dialing;
        this.host = host;
        this.port = port;
        peer = host + ":" + port;
        this.hello = hello;
        this.timeoutMillis = timeoutMillis;
        deadlineNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
    }

    /** Knows the addresses of a name. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] resolve(String host) throws IOException;
    }

    /** A socket on which a broker has answered the handshake. */
    record Connected(Socket socket, FrameReader frames, Frames.Welcome welcome) {}

    /** @throws JMSException when no broker answers, or as its refusal maps */
    Connected connect() throws JMSException {
        InetAddress[] addresses = addresses();
        Exception failure = null;
        ClientError code = ClientError.CONNECT;
        for (int i = 0; i < addresses.length; i++) {
            try {
                return connect(addresses[i], shareMillis(addresses.length - i));
            } catch (IOException | ProtocolException e) {
                failures.add(e.getMessage());
                if (failure == null || e instanceof NotABroker) failure = e;
                if (e instanceof NotABroker) code = ClientError.NOT_A_BROKER;
            }
        }
        throw failed(code, failure);
    }

    private InetAddress[] addresses() throws JMSException {
        try {
            return resolver.resolve(host);
        } catch (IOException e) {
            failures.add("the name '" + host + "' is not known");
            throw failed(ClientError.CONNECT, e);
        }
    }

    private int shareMillis(int addressesLeft) {
        long left = TimeUnit.NANOSECONDS.toMillis(deadlineNanos - System.nanoTime());
        return (int) Math.max(1, left / addressesLeft);
    }

    private Connected connect(InetAddress address, int millis) throws IOException, JMSException {
        Socket socket = new Socket();
        dialing.accept(socket);
        // A timeout of the socket's own would make every later read three system calls instead of one.
        AtomicBoolean decided = new AtomicBoolean(); // in time, or too late
        Future<?> timeout = SharedTimer.once(millis, () -> {
            if (decided.compareAndSet(false, true)) Transport.closeQuietly(socket);
        });
        boolean connected = false;
        try {
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(address, port));
            FrameReader frames = new FrameReader(socket.getInputStream(), Protocol.MAX_HANDSHAKE_FRAME_BYTES);
            Frames.Welcome welcome = Handshake.run(socket.getOutputStream(), frames, hello);
            frames.setMaxFrameBytes(Protocol.MAX_FRAME_BYTES);
            connected = decided.compareAndSet(false, true);
            if (!connected) throw new SocketTimeoutException();
            return new Connected(socket, frames, welcome);
        } catch (IOException | ProtocolException e) {
            boolean isLate = !connected && !decided.compareAndSet(false, true);
            if (!isLate) throw e;
            throw late(e);
        } finally {
            timeout.cancel(false);
            if (!connected) Transport.closeQuietly(socket);
        }
    }

    private SocketTimeoutException late(Exception closed) {
        var late = new SocketTimeoutException("no answer within " + timeoutMillis + " ms (connectTimeout)");
        late.initCause(closed);
        return late;
    }

    private JMSException failed(ClientError code, Exception failure) {
        String reasons = failures.stream().distinct().collect(Collectors.joining("; "));
        if (code == ClientError.NOT_A_BROKER) {
            return JmsErrors.failed(
                    code,
                    "no connection to " + peer + ": this is not a LarchMQ broker: " + failure.getMessage()
                            + ". Connect to the broker's LarchMQ port, usually " + Protocol.DEFAULT_PORT,
                    failure);
        }
        return JmsErrors.failed(
                code,
                "no connection to the broker at " + peer + " (" + reasons
                        + "); is it running, and is this its LarchMQ port?",
                failure);
    }
}
