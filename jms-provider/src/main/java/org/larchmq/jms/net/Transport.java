package org.larchmq.jms.net;

import jakarta.jms.JMSException;
import java.io.IOException;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;

/**
 * A connection to a broker after its handshake. Ends once, by {@link #close} or by a failure; then everything that waits
 * is failed and everything later refused with the reason.
 */
public final class Transport {
    private final Socket socket;
    private final String peer;
    private final Frames.Welcome welcome;
    private final Outbound outbound;
    private final Requests requests = new Requests();
    private final TransportEvents events;
    private final ReadTurn readTurn;
    private final Heartbeat heartbeat;
    private final Future<?> answerWatch;
    private final WriteWatch writeWatch;
    private final AtomicReference<JMSException> end = new AtomicReference<>();

    private Transport(Dial.Connected made, String peer, Limits limits, TransportEvents events) throws IOException {
        this.socket = made.socket();
        this.peer = peer;
        welcome = made.welcome();
        FrameReader frames = made.frames();
        this.events = events;
        String name = "larchmq-" + peer + "-" + socket.getLocalPort();
        outbound = new Outbound(socket.getOutputStream(), this::writeFailed, limits.requestTimeoutMillis(), name);
        outbound.setWindow(welcome.sendWindowBytes());
        Inbound inbound = new Inbound(frames, outbound, requests, events, welcome.maxMessageBytes());
        readTurn = new ReadTurn(
                inbound, () -> outbound.appendUrgent(FrameType.PING), this::readFailed, ReadTurn.Patience.USUAL, name);
        heartbeat = Heartbeat.start(
                this, frames, outbound, Heartbeat.Intervals.of(limits.heartbeatMillis(), welcome.heartbeatMillis()));
        answerWatch = AnswerWatch.start(this, requests, limits.requestTimeoutMillis());
        writeWatch = WriteWatch.start(outbound, limits, this::fail);
    }

    /**
     * @param requestTimeoutMillis also bounds how long an appender waits for a broker that does not read
     * @param sendTimeoutMillis    bounds it for sends
     * @param heartbeatMillis      as the application has said it; {@link #AS_THE_BROKER_SAYS}
     */
    public record Limits(
            int connectTimeoutMillis, int requestTimeoutMillis, int sendTimeoutMillis, int heartbeatMillis) {
        /** A heartbeat that the application has not said. */
        public static final int AS_THE_BROKER_SAYS = -1;
    }

    /**
     * Connects and shakes hands. Nothing is read after that until {@link #start}.
     *
     * @param dialing is given each socket before it is connected; closing that ends the attempt
     * @throws JMSException when nobody answers, or as the broker's refusal maps
     */
    public static Transport connect(
            String host,
            int port,
            Frames.Hello hello,
            Limits limits,
            TransportEvents events,
            Consumer<? super Socket> dialing)
            throws JMSException {
        String peer = host + ":" + port;
        Dial.Connected made = new Dial(host, port, hello, limits.connectTimeoutMillis(), dialing).connect();
        boolean done = false;
        try {
            Transport transport = new Transport(made, peer, limits, events);
            done = true;
            return transport;
        } catch (IOException e) {
            throw JmsErrors.failed(ClientError.CONNECT, "no connection to the broker at " + peer, e);
        } finally {
            if (!done) closeQuietly(made.socket());
        }
    }

    /** Begins to read. */
    public void start() {
        readTurn.start();
    }

    public Frames.Welcome welcome() {
        return welcome;
    }

    /** Host and port of the broker. */
    public String peer() {
        return peer;
    }

    public Outbound outbound() {
        return outbound;
    }

    /** For threads that wait for what the broker sends. */
    public ReadTurn readTurn() {
        return readTurn;
    }

    /** Null while the connection is usable. */
    public JMSException end() {
        return end.get();
    }

    /**
     * Sends a request and waits for its answer.
     *
     * @param frame given the request's id
     * @return the answer, with whatever code
     */
    public Frames.Reply call(int timeoutMillis, BiConsumer<Integer, ByteWriter> frame) throws JMSException {
        PendingRequest request = ask(frame);
        outbound.flush();
        return request.await(timeoutMillis);
    }

    /** The same, with an answer that is not OK as exception. */
    public Frames.Reply callOrThrow(int timeoutMillis, BiConsumer<Integer, ByteWriter> frame) throws JMSException {
        Frames.Reply reply = call(timeoutMillis, frame);
        if (reply.code() != ErrorCode.OK) throw JmsErrors.refused(reply.code(), reply.text());
        return reply;
    }

    /** Appends a request; somebody flushes and awaits it. Several can be under way so. */
    public PendingRequest ask(BiConsumer<Integer, ByteWriter> frame) throws JMSException {
        Requests.Request request = new Requests.Request(null);
        int id = requests.register(request);
        boolean[] mustBeAnswered = new boolean[1];
        FrameType[] type = new FrameType[1];
        try {
            outbound.append(out -> {
                int at = out.size();
                frame.accept(id, out);
                mustBeAnswered[0] = RequestRules.mustBeAnswered(out, at);
                type[0] = RequestRules.type(out, at);
            });
        } catch (JMSException | RuntimeException e) {
            requests.forget(id);
            throw e;
        }
        return new PendingRequest(request, id, type[0], mustBeAnswered[0]);
    }

    /**
     * An id for a request that nobody waits for. The reading thread tells {@code whenConfirmed} that the answer is OK;
     * another answer ends the connection, see {@link PendingRequest#awaitConfirmation}.
     *
     * @param what was asked, for the text of the exception
     */
    public int expectConfirmation(String what, Runnable whenConfirmed) {
        return requests.register(new Requests.Request(reply -> {
            if (reply.code() == ErrorCode.OK) whenConfirmed.run();
            else end(refused(what, reply));
        }));
    }

    private JMSException refused(String what, Frames.Reply reply) {
        return JmsErrors.refused(
                reply.code(),
                "the broker at " + peer + " has refused " + what + ", and the connection is ended, so that it delivers"
                        + " again what it holds: " + reply.text());
    }

    /** A request under way. */
    public final class PendingRequest {
        private final Requests.Request request;
        private final int id;
        private final FrameType type;
        private final boolean mustBeAnswered;

        private PendingRequest(Requests.Request request, int id, FrameType type, boolean mustBeAnswered) {
            this.type = type;
            this.request = request;
            this.id = id;
            this.mustBeAnswered = mustBeAnswered;
        }

        /** Without an answer in time the connection ends if {@link RequestRules} say so. */
        public Frames.Reply await(int timeoutMillis) throws JMSException {
            if (!request.await(readTurn, TimeUnit.MILLISECONDS.toNanos(timeoutMillis))) {
                requests.forget(id);
                JMSException late = JmsErrors.failed(
                        ClientError.TIMEOUT,
                        "the broker at " + peer + " has not answered a " + type + " request within " + timeoutMillis
                                + " ms (" + RequestRules.option(type)
                                + "); raise that option if the broker is only slow");
                if (mustBeAnswered) fail(late);
                throw late;
            }
            if (request.failure() != null) throw JmsErrors.again(request.failure());
            return request.reply();
        }

        /**
         * Waits for OK. A refusal ends the connection, as a missing answer does: broker and client would otherwise disagree
         * about who holds what as long as it lasts.
         */
        public void awaitConfirmation(String what, int timeoutMillis) throws JMSException {
            Frames.Reply reply = await(timeoutMillis);
            if (reply.code() == ErrorCode.OK) return;
            JMSException why = refused(what, reply);
            end(why);
            throw why;
        }
    }

    /** Waits for a send's answer. @return false when the time is over */
    public boolean await(PendingSend send, int timeoutMillis) {
        return send.await(readTurn, TimeUnit.MILLISECONDS.toNanos(timeoutMillis));
    }

    private void readFailed(Exception e) {
        if (e instanceof Inbound.FatalFrame fatal) {
            end(JmsErrors.refused(
                    fatal.code(), "the broker at " + peer + " ended the connection: " + fatal.getMessage()));
        } else {
            fail(e);
        }
    }

    /** The reading thread may find the broker's last words, which say more than a write that failed. */
    private void writeFailed(IOException e) {
        join(readTurn.standby());
        fail(e);
    }

    /** The connection is of no more use. */
    public void fail(Exception cause) {
        end(JmsErrors.failed(
                ClientError.CONNECTION_LOST,
                "the connection to the broker at " + peer + " is lost: " + cause.getMessage(),
                cause));
    }

    /** Ends the connection without a word. Waits for the threads, unless called by one of them. */
    public void close() {
        end(JmsErrors.closed("connection to the broker at " + peer));
        join(readTurn.standby());
        join(outbound.flusher().thread());
    }

    private void end(JMSException why) {
        if (!end.compareAndSet(null, why)) return;
        heartbeat.stop();
        answerWatch.cancel(false);
        writeWatch.stop();
        closeQuietly(socket);
        readTurn.end();
        List<PendingSend> orphans = outbound.fail(why);
        for (PendingSend send : orphans) send.setFailure(why);
        Inbound.complete(orphans);
        requests.fail(why);
        events.lost(why);
    }

    /** The interrupt of whoever waits is kept for later. */
    private static void join(Thread thread) {
        if (thread == null || thread == Thread.currentThread()) return;
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(1);
        boolean interrupted = Thread.interrupted();
        for (long left = 1; thread.isAlive() && left > 0; left = end - System.nanoTime()) {
            try {
                TimeUnit.NANOSECONDS.timedJoin(thread, Math.max(1, end - System.nanoTime()));
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }

    static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }
}
