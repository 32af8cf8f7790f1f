package org.larchmq.bench.rig;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.larchmq.bench.support.Jndi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "connections",
        description = "Thousands of idle connections beside active ones; and what a client gets past the limit.")
final class Connections extends Rig {
    private static final int CONNECT_LIMIT_SECONDS = 15;

    @Option(names = "--idle", defaultValue = "5000", description = "idle connections")
    private int idle;

    @Option(names = "--active", defaultValue = "50", description = "active connections, each sending to itself")
    private int active;

    @Option(names = "--measure", defaultValue = "10", description = "seconds of each measurement")
    private int measureSeconds;

    @Option(names = "--keep-rate", defaultValue = "0.8", description = "share of the rate that must remain")
    private double keepRate;

    @Option(names = "--limit", defaultValue = "100", description = "network.maxConnections of the second part")
    private int limit;

    @Override
    void run() throws Exception {
        BrokerProcess broker = startBroker(broker(work.resolve("data")));
        ConnectionFactory factory =
                Jndi.connectionFactory(jndiFactory, broker(work).url(), "ConnectionFactory");
        besideIdleOnes(factory);
        broker.stop(STOP_LIMIT);
        BrokerProcess limited = startBroker(broker(work.resolve("data"), "network.maxConnections=" + limit));
        pastTheLimit(factory);
        limited.stop(STOP_LIMIT);
    }

    // Part one

    private void besideIdleOnes(ConnectionFactory factory) throws Exception {
        try (Active load = new Active(factory)) {
            load.rate(); // warms both sides up
            double before = load.rate();
            double beside;
            try (IdleConnections.Elsewhere idleOnes =
                    IdleConnections.elsewhere(jndiFactory, broker(work).url(), idle)) {
                atEnd(idleOnes::close);
                say("%,d idle connections opened under load in %.1f s", idle, idleOnes.seconds());
                load.rate(); // what opening them has stirred up settles
                beside = load.rate();
            }
            double after = load.rate();
            double alone = (before + after) / 2;
            say(
                    "%,.0f round trips/s before, %,.0f beside %,d idle connections, %,.0f after",
                    before, beside, idle, after);
            say("share kept: %.0f %%", 100 * beside / alone);
            if (beside < keepRate * alone)
                failed("only %.0f %% of the rate beside idle connections", 100 * beside / alone);
        }
    }

    /** Every connection sends to its own queue and receives what it sent. */
    private final class Active implements AutoCloseable {
        private final ExecutorService threads = Executors.newFixedThreadPool(active, this::daemon);
        private final List<Connection> connections = new ArrayList<>();
        private final LongAdder roundTrips = new LongAdder();
        private final AtomicReference<Throwable> error = new AtomicReference<>();
        private volatile boolean stopping;

        Active(ConnectionFactory factory) throws JMSException {
            for (int i = 0; i < active; i++) {
                Connection connection = factory.createConnection();
                connections.add(connection);
                connection.start();
                String queue = "active-" + i;
                threads.execute(() -> work(connection, queue));
            }
        }

        private Thread daemon(Runnable work) {
            var thread = new Thread(work, "active");
            thread.setDaemon(true);
            return thread;
        }

        private void work(Connection connection, String name) {
            try (Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
                Queue queue = session.createQueue(name);
                MessageProducer producer = session.createProducer(queue);
                MessageConsumer consumer = session.createConsumer(queue);
                byte[] body = new byte[256];
                while (!stopping) {
                    BytesMessage message = session.createBytesMessage();
                    message.writeBytes(body);
                    producer.send(message);
                    if (consumer.receive(20_000) == null) throw new JMSException("nothing received within 20 s");
                    roundTrips.increment();
                }
            } catch (JMSException e) {
                if (!stopping) error.compareAndSet(null, e);
            }
        }

        double rate() throws InterruptedException {
            long start = System.nanoTime();
            long before = roundTrips.sum();
            Thread.sleep(TimeUnit.SECONDS.toMillis(measureSeconds));
            if (error.get() != null) throw new RigException("an active connection failed: " + error.get(), error.get());
            return (roundTrips.sum() - before) / ((System.nanoTime() - start) / 1e9);
        }

        @Override
        public void close() throws JMSException, InterruptedException {
            stopping = true;
            threads.shutdown();
            if (!threads.awaitTermination(30, TimeUnit.SECONDS)) failed("active connections hang at the end");
            for (Connection connection : connections) connection.close();
        }
    }

    // Part two

    private void pastTheLimit(ConnectionFactory factory) throws Exception {
        ExecutorService connector = Executors.newCachedThreadPool();
        List<Connection> open = new ArrayList<>();
        String refusal = null;
        int refused = 0;
        try {
            for (int i = 0; i < limit + 20; i++) {
                try {
                    open.add(within(connector, factory));
                } catch (JMSException e) {
                    refused++;
                    refusal = e.getClass().getSimpleName() + ": " + e.getMessage() + " (" + e.getErrorCode() + ")";
                }
            }
            say("limit %d: %d connected, %d refused with %s", limit, open.size(), refused, refusal);
            if (refused < 20) failed("%d connections got past the limit of %d", open.size(), limit);
            if (open.size() < limit) failed("only %d of %d connections were let in", open.size(), limit);
            for (int i = 0; i < 10 && !open.isEmpty(); i++)
                open.remove(open.size() - 1).close();
            open.add(connectAgain(connector, factory));
            say("after ten had left, a new one was let in");
        } finally {
            for (Connection connection : open) connection.close();
            connector.shutdownNow();
        }
    }

    /** The broker may need a moment to notice that others have left. */
    private static Connection connectAgain(ExecutorService connector, ConnectionFactory factory) throws Exception {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(CONNECT_LIMIT_SECONDS);
        while (true) {
            try {
                return within(connector, factory);
            } catch (JMSException e) {
                if (System.nanoTime() > until) throw e;
                Thread.sleep(50);
            }
        }
    }

    private static Connection within(ExecutorService connector, ConnectionFactory factory) throws Exception {
        Future<Connection> connecting = connector.submit(() -> {
            Connection connection = factory.createConnection();
            connection.start();
            return connection;
        });
        try {
            return connecting.get(CONNECT_LIMIT_SECONDS, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new RigException("a client past the limit hangs instead of getting an exception", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof JMSException refused) throw refused;
            throw e;
        }
    }
}
