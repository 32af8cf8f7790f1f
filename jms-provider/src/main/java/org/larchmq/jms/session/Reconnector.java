package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import java.io.Closeable;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.net.Threads;
import org.larchmq.jms.net.Transport;
import org.larchmq.jms.options.ClientOptions;
import org.larchmq.jms.options.LarchUri;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.Units;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tries the brokers of a URI, one after the other, with pauses that grow and are jittered, so that not all clients of a
 * broker come back at once. When the connection is lost it does so in a thread of its own until the connection is restored
 * or at its end.
 */
final class Reconnector {
    private static final Logger LOG = LoggerFactory.getLogger(Reconnector.class);

    private final LarchUri uri;
    private final ClientOptions options;
    private final Dialer dialer;
    private final Restorer restorer;
    private final AtomicBoolean running = new AtomicBoolean();
    private final long connectionId;
    private volatile Thread thread;
    private volatile Closeable dialing;
    private volatile Transport restoring;
    private volatile boolean stopped;
    private int next;

    /** Connects and logs in. */
    @FunctionalInterface
    interface Dialer {
        Transport dial(LarchUri.Address broker) throws JMSException;
    }

    /** Puts everything that the connection had onto a new transport. */
    @FunctionalInterface
    interface Restorer {
        void restore(Transport to) throws JMSException;
    }

    Reconnector(LarchUri uri, Dialer dialer, Restorer restorer) {
        this.uri = uri;
        this.options = uri.options();
        this.dialer = dialer;
        this.restorer = restorer;
        ThreadLocalRandom random = ThreadLocalRandom.current();
        connectionId = uri.failover() ? random.nextLong() | 1 : 0;
        next = options.randomize() ? random.nextInt(uri.brokers().size()) : 0;
    }

    /** Names the connection to the broker over all its transports; 0 when it is not restored. */
    long connectionId() {
        return connectionId;
    }

    /** The first transport of the connection; a failover URL waits for a broker that is not there yet. */
    Transport first() throws JMSException {
        Pauses pauses = new Pauses(options);
        int most = uri.failover() ? options.startupMaxReconnectAttempts() : 0;
        long waitMillis = options.failoverTimeoutMillis() < 0 ? Long.MAX_VALUE : options.failoverTimeoutMillis();
        long start = System.nanoTime();
        for (int attempt = 0; ; attempt++) {
            JMSException failure;
            try {
                return any();
            } catch (JMSException e) {
                if (!mayCome(e) || most >= 0 && attempt >= most) throw e;
                failure = e;
            }
            long pauseNanos = pauses.nextNanos();
            long waited = System.nanoTime() - start + pauseNanos;
            if (TimeUnit.NANOSECONDS.toMillis(waited) >= waitMillis) throw neverCame(failure);
            if (attempt == 0) LOG.warn("{}; createConnection waits for it ({})", failure.getMessage(), bound(most));
            Pauses.sleep(pauseNanos);
        }
    }

    private String bound(int most) {
        if (most >= 0) return "startupMaxReconnectAttempts=" + most;
        return "timeout="
                + (options.failoverTimeoutMillis() < 0 ? "-1" : Units.duration(options.failoverTimeoutMillis()));
    }

    private JMSException neverCame(JMSException failure) {
        return JmsErrors.failed(
                ClientError.CONNECT,
                "no broker has come within " + options.failoverTimeoutMillis() + " ms (timeout): "
                        + failure.getMessage(),
                failure);
    }

    /** Whether waiting can help: not when a broker, or another kind of server, has said no. */
    private static boolean mayCome(JMSException failure) {
        String code = failure.getErrorCode();
        return ClientError.CONNECT.text().equals(code)
                || ClientError.CONNECTION_LOST.text().equals(code)
                || ErrorCode.STOPPING.text().equals(code)
                || ErrorCode.LIMIT_REACHED.text().equals(code);
    }

    /** One broker after the other, beginning with the one that answered last. */
    private Transport any() throws JMSException {
        List<LarchUri.Address> brokers = uri.brokers();
        JMSException failure = null;
        for (int i = 0; i < brokers.size(); i++) {
            try {
                return dialer.dial(brokers.get(next));
            } catch (JMSSecurityException e) {
                throw e; // the next broker would not let us in either
            } catch (JMSException e) {
                if (failure == null || mayCome(e) || !mayCome(failure)) failure = e;
                next = (next + 1) % brokers.size();
            }
        }
        throw failure;
    }

    /**
     * Begins to restore the connection, unless that is under way.
     *
     * @param giveUp told when there is no more hope
     */
    void start(Link link, Consumer<JMSException> giveUp) {
        if (!running.compareAndSet(false, true)) return;
        String name = "larchmq-" + link.transport().peer() + "-reconnect";
        Thread made = Threads.daemon(() -> run(link, giveUp), name);
        made.start();
        thread = made;
    }

    /** A socket is about to be connected. */
    void isDialing(Closeable socket) {
        dialing = socket;
        if (stopped) closeQuietly(socket);
    }

    /** With the link at its end: nothing is restored any more, and what waits for a broker in vain is released. */
    void stop() {
        stopped = true;
        closeQuietly(dialing);
        Transport unfinished = restoring;
        if (unfinished != null) unfinished.close();
        Thread running = thread;
        if (running == null || running == Thread.currentThread()) return;
        try {
            running.join(TimeUnit.SECONDS.toMillis(1));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // it ends by itself
        }
    }

    private static void closeQuietly(Closeable socket) {
        try {
            if (socket != null) socket.close();
        } catch (IOException e) {
            // it is gone either way
        }
    }

    private void run(Link link, Consumer<JMSException> giveUp) {
        do {
            try {
                while (link.isDown() && link.end() == null) restore(link);
            } catch (JMSException e) {
                giveUp.accept(e);
            } catch (RuntimeException e) { // top of the thread
                LOG.error("Restoring the connection failed", e);
                giveUp.accept(JmsErrors.failed(
                        ClientError.CONNECTION_LOST, "the connection could not be restored: " + e.getMessage(), e));
            }
            running.set(false); // it may have been lost again just before
        } while (link.isDown() && link.end() == null && running.compareAndSet(false, true));
    }

    /** @throws JMSException when the attempts are used up, or the broker does not let us in any more */
    private void restore(Link link) throws JMSException {
        Pauses pauses = new Pauses(options);
        JMSException failure = link.transport().end();
        int most = options.maxReconnectAttempts();
        for (int attempt = 1; most < 0 || attempt <= most; attempt++) {
            if (!link.pause(pauses.nextNanos())) return;
            try {
                if (restored(link)) return;
            } catch (JMSSecurityException e) {
                throw e;
            } catch (JMSException e) {
                failure = e;
                LOG.debug("Attempt {} to restore the connection failed", attempt, e);
            }
        }
        throw JmsErrors.failed(
                ClientError.CONNECTION_LOST,
                "the connection is lost and could not be restored in " + most
                        + " attempts (maxReconnectAttempts), the last failed with: " + failure.getMessage(),
                failure);
    }

    private boolean restored(Link link) throws JMSException {
        Transport made = any();
        boolean done = false;
        restoring = made;
        try {
            if (stopped || link.end() != null) return false;
            restorer.restore(made);
            done = link.end() == null;
            return done;
        } finally {
            restoring = null;
            if (!done) made.close();
        }
    }

    /** Growing pauses; each is anything between half of its size and the whole. */
    private static final class Pauses {
        private final ClientOptions options;
        private double millis;

        Pauses(ClientOptions options) {
            this.options = options;
            millis = options.initialReconnectDelayMillis();
        }

        long nextNanos() {
            double now = Math.min(millis, options.maxReconnectDelayMillis());
            millis = Math.min(millis * options.backOffMultiplier(), options.maxReconnectDelayMillis());
            double jittered = now * (0.5 + ThreadLocalRandom.current().nextDouble() / 2);
            return (long) (jittered * TimeUnit.MILLISECONDS.toNanos(1));
        }

        static void sleep(long nanos) throws JMSException {
            try {
                TimeUnit.NANOSECONDS.sleep(nanos);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw JmsErrors.failed(ClientError.INTERRUPTED, "the thread was interrupted while it connected", e);
            }
        }
    }
}
