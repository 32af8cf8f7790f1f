package org.larchmq.jms;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** A wire between client and broker that can be cut, or lose what goes one way, or spoil it, at any moment. */
final class CutWire implements AutoCloseable {
    private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
    private volatile int brokerPort;
    private volatile boolean losesRequests;
    private volatile boolean losesAnswers;
    private volatile boolean refuses;
    private volatile CountDownLatch refused = new CountDownLatch(1);
    private volatile byte[] marker;
    private volatile int spoiledBefore;

    CutWire(int brokerPort) throws IOException {
        this.brokerPort = brokerPort;
        start(this::accept);
    }

    int port() {
        return listener.getLocalPort();
    }

    /** New connections reach another broker: two behind one name. */
    void redirect(int toBrokerPort) {
        brokerPort = toBrokerPort;
    }

    /** From now on what the broker says does not arrive. */
    void loseAnswers() {
        losesAnswers = true;
    }

    /** From now on what clients say does not arrive. */
    void loseRequests() {
        losesRequests = true;
    }

    /** From now on the byte so far before this text arrives as 127, wherever clients say it. */
    void spoil(String text, int before) {
        spoiledBefore = before;
        marker = text.getBytes(StandardCharsets.UTF_8);
    }

    private void spoil(byte[] bytes, int count) {
        byte[] wanted = marker;
        if (wanted == null) return;
        for (int at = spoiledBefore; at <= count - wanted.length; at++) {
            if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) bytes[at - spoiledBefore] = 127;
        }
    }

    /** New connections are refused. */
    void refuse() {
        refused = new CountDownLatch(1);
        refuses = true;
    }

    /** A client has been refused, so it knows that it has lost its connection. */
    void awaitRefused() throws InterruptedException {
        if (!refused.await(30, TimeUnit.SECONDS)) throw new AssertionError("nobody was refused");
    }

    /** New connections are taken, and lose nothing. */
    void heal() {
        losesRequests = false;
        losesAnswers = false;
        refuses = false;
    }

    /** Every connection is lost. */
    void cut() throws IOException {
        for (Socket socket : sockets) socket.close();
        sockets.clear();
    }

    private void accept() {
        try {
            while (true) {
                Socket client = listener.accept();
                if (refuses) {
                    client.close();
                    refused.countDown();
                    continue;
                }
                connect(client);
            }
        } catch (IOException e) {
            // closed
        }
    }

    private void connect(Socket client) throws IOException {
        try {
            Socket broker = new Socket(InetAddress.getLoopbackAddress(), brokerPort);
            client.setTcpNoDelay(true);
            broker.setTcpNoDelay(true);
            sockets.add(client);
            sockets.add(broker);
            start(() -> pump(client, broker, true));
            start(() -> pump(broker, client, false));
        } catch (IOException e) {
            client.close(); // no broker there
        }
    }

    private void pump(Socket from, Socket to, boolean requests) {
        byte[] bytes = new byte[8192];
        try (from;
                to;
                InputStream in = from.getInputStream();
                OutputStream out = to.getOutputStream()) {
            int count;
            while ((count = in.read(bytes)) >= 0) {
                if (requests ? losesRequests : losesAnswers) continue;
                if (requests) spoil(bytes, count);
                out.write(bytes, 0, count);
            }
        } catch (IOException e) {
            // cut
        }
    }

    private static void start(Runnable work) {
        Thread thread = new Thread(work, "cut-wire");
        thread.setDaemon(true);
        thread.start();
    }

    @Override
    public void close() throws IOException {
        listener.close();
        cut();
    }
}
