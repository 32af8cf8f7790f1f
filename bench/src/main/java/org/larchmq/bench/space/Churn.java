package org.larchmq.bench.space;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;

/** Traffic that is consumed at once and only fills the log, at a steady rate; threads of its own, failing over by itself. */
public final class Churn {
    static final String QUEUE = "churn";
    /** Messages with this property are left to others. */
    static final String PASSED_OVER = "passedOver";

    private static final int BATCH = 50;

    private final ConnectionFactory factory;
    private final int bodyBytes;
    private final long bytesPerSecond;
    private final LongAdder sentBytes = new LongAdder();
    private final LongAdder receivedBytes = new LongAdder();
    private final Thread producer = new Thread(() -> run(this::produce), "churn-producer");
    private final Thread consumer = new Thread(() -> run(this::consume), "churn-consumer");
    private volatile boolean stopping;

    private interface Role {
        void play(Session session) throws JMSException;
    }

    public Churn(ConnectionFactory factory, int bodyBytes, long bytesPerSecond) {
        this.factory = factory;
        this.bodyBytes = bodyBytes;
        this.bytesPerSecond = bytesPerSecond;
        producer.setDaemon(true);
        consumer.setDaemon(true);
    }

    public void start() {
        consumer.start();
        producer.start();
    }

    public long sentBytes() {
        return sentBytes.sum();
    }

    /** Bytes sent and not yet received. */
    public long underWayBytes() {
        return Math.max(0, sentBytes.sum() - receivedBytes.sum());
    }

    public void stop() throws InterruptedException {
        stopping = true;
        producer.join(30_000);
        consumer.join(30_000);
    }

    private void run(Role role) {
        while (!stopping) {
            try (Connection connection = factory.createConnection()) {
                connection.start();
                Session session = connection.createSession(Session.SESSION_TRANSACTED);
                while (!stopping) role.play(session);
            } catch (JMSException e) {
                LockSupport.parkNanos(100_000_000); // the broker is down for a moment
            }
        }
    }

    private void produce(Session session) throws JMSException {
        MessageProducer to = session.createProducer(session.createQueue(QUEUE));
        byte[] body = new byte[bodyBytes];
        long due = System.nanoTime();
        while (!stopping) {
            for (int i = 0; i < BATCH; i++) {
                BytesMessage message = session.createBytesMessage();
                message.writeBytes(body);
                to.send(message);
            }
            session.commit();
            sentBytes.add((long) BATCH * bodyBytes);
            due = Math.max(due, System.nanoTime() - 1_000_000_000L)
                    + 1_000_000_000L * BATCH * bodyBytes / bytesPerSecond;
            LockSupport.parkNanos(due - System.nanoTime());
        }
    }

    private void consume(Session session) throws JMSException {
        MessageConsumer from = session.createConsumer(session.createQueue(QUEUE), PASSED_OVER + " IS NULL");
        while (!stopping) {
            int received = 0;
            while (received < BATCH) {
                Message message = from.receive(200);
                if (message == null) break;
                received++;
            }
            session.commit();
            receivedBytes.add((long) received * bodyBytes);
        }
    }
}
