package org.larchmq.bench.perf;

import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/** One producer: its connection, and the loop of its thread. */
final class Producing implements Runnable {
    private static final int BODIES = 16;
    private static final int COMPLETION_TIMEOUT_SECONDS = 60;
    private static final int MAX_ERRORS = 1000;

    private final PerfSettings settings;
    private final Meters meters;
    private final AtomicLong budget;
    private final Connection connection;
    private final Session session;
    private final List<MessageProducer> producers = new ArrayList<>();
    private final byte[][] bodies = new byte[BODIES][];
    private final Semaphore inFlight;
    private final List<String> tags;
    private volatile boolean stopping;
    private long sends;
    private int errors;

    /** {@code budget}: messages that may still be sent by all producers together. */
    Producing(PerfSettings settings, Meters meters, AtomicLong budget, Connection connection) throws JMSException {
        this.settings = settings;
        this.meters = meters;
        this.budget = budget;
        this.connection = connection;
        this.inFlight = new Semaphore(Math.max(1, settings.asyncWindow()));
        this.tags = settings.tagList();
        boolean transacted = settings.transactionSize() > 0;
        session = connection.createSession(
                transacted, transacted ? Session.SESSION_TRANSACTED : Session.AUTO_ACKNOWLEDGE);
        for (String name : settings.destinationNames()) producers.add(producer(name));
        var random = new Random(42);
        for (int i = 0; i < BODIES; i++) random.nextBytes(bodies[i] = new byte[settings.sizeBytes()]);
    }

    private MessageProducer producer(String name) throws JMSException {
        MessageProducer producer =
                session.createProducer(settings.topic() ? session.createTopic(name) : session.createQueue(name));
        producer.setDeliveryMode(settings.persistent() ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT);
        producer.setPriority(settings.priority());
        producer.setTimeToLive(settings.timeToLive().toMillis());
        producer.setDisableMessageTimestamp(false);
        return producer;
    }

    void stop() {
        stopping = true;
    }

    @Override
    public void run() {
        int batch = Math.max(1, settings.transactionSize());
        var pacer = new Pacer((double) settings.ratePerSecond() / settings.producers() / batch, System.nanoTime());
        try {
            while (!stopping && errors < MAX_ERRORS && takeBudget(batch)) {
                long dueNanos = pacer.nextDueNanos(System.nanoTime());
                Pacer.waitUntil(dueNanos);
                if (settings.transactionSize() > 0) transaction(batch, dueNanos);
                else if (settings.asyncWindow() > 0) sendAsync(dueNanos);
                else send(dueNanos);
            }
            awaitCompletions();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt(); // the load is over
        }
    }

    private boolean takeBudget(int messages) {
        return budget.addAndGet(-messages) >= 0;
    }

    private void send(long dueNanos) {
        try {
            next().send(message(dueNanos));
            meters.sent(System.nanoTime() - dueNanos);
        } catch (JMSException e) {
            failed(e);
        }
    }

    private void transaction(int messages, long dueNanos) {
        try {
            for (int i = 0; i < messages; i++) next().send(message(System.nanoTime()));
            long before = settings.ratePerSecond() > 0 ? dueNanos : System.nanoTime();
            session.commit();
            meters.committed(messages, System.nanoTime() - before);
        } catch (JMSException e) {
            failed(e);
        }
    }

    private void sendAsync(long dueNanos) throws InterruptedException {
        if (!inFlight.tryAcquire(COMPLETION_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
            failed(new JMSException("no completion within " + COMPLETION_TIMEOUT_SECONDS + " s"));
            return;
        }
        try {
            next().send(message(dueNanos), new CompletionListener() {
                @Override
                public void onCompletion(Message message) {
                    meters.sent(System.nanoTime() - dueNanos);
                    inFlight.release();
                }

                @Override
                public void onException(Message message, Exception exception) {
                    meters.error(exception);
                    inFlight.release();
                }
            });
        } catch (JMSException e) {
            inFlight.release();
            failed(e);
        }
    }

    private void awaitCompletions() throws InterruptedException {
        int window = Math.max(1, settings.asyncWindow());
        boolean all = inFlight.tryAcquire(window, COMPLETION_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        if (!all) meters.error(new JMSException("sends without completion at the end"));
    }

    private void failed(JMSException e) {
        errors++;
        meters.error(e);
        Pacer.waitUntil(System.nanoTime() + 10_000_000); // a broker that refuses everything is not hammered
    }

    private MessageProducer next() {
        return producers.get((int) (sends++ % producers.size()));
    }

    private Message message(long timeNanos) throws JMSException {
        byte[] body = bodies[(int) (sends % BODIES)];
        ByteBuffer.wrap(body).putLong(0, timeNanos).putLong(Long.BYTES, meters.run);
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(body);
        if (!tags.isEmpty()) message.setStringProperty("JMS_LARCH_TAG", tags.get((int) (sends % tags.size())));
        return message;
    }

    void close() throws JMSException {
        connection.close();
    }
}
