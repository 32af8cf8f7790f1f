package org.larchmq.bench.rig;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/**
 * Clients that do their work at a steady pace and are watched: half of them send persistent messages to a queue of their own
 * and receive them, a quarter do so in transactions, and a quarter ask a responder and wait for its answer in a temporary
 * queue. Latency counts from when a message was due to be sent until it was received; each client's messages must arrive
 * once and in order.
 */
final class HonestClients implements AutoCloseable {
    private static final int RECEIVE_MILLIS = 30_000;
    private static final long MAX_MICROS = 120_000_000;

    private final ConnectionFactory factory;
    private final int perSecond;
    private final List<Thread> threads = new ArrayList<>();
    private final ConcurrentLinkedQueue<String> troubles = new ConcurrentLinkedQueue<>();
    private final Recorder latencies = new Recorder(MAX_MICROS, 3);
    private volatile boolean stopping;

    private interface Work {
        /** Does one round trip; throws when it fails. */
        void once(int number) throws JMSException;
    }

    private interface Opening {
        Work open(Session session, Queue queue) throws JMSException;
    }

    HonestClients(ConnectionFactory factory, int clients, int perSecond) {
        this.factory = factory;
        this.perSecond = perSecond;
        for (int i = 0; i < clients; i++) {
            int number = i;
            boolean transacted = i % 4 == 2;
            boolean asks = i % 4 == 3;
            threads.add(new Thread(
                    () -> work(number, transacted, asks ? this::asking : this::sending), "honest-" + number));
            if (asks) threads.add(new Thread(() -> answer(number), "honest-responder-" + number));
        }
        threads.forEach(thread -> thread.setDaemon(true));
        threads.forEach(Thread::start);
    }

    /** Latencies in µs since the last call. */
    Histogram takeLatencies() {
        return latencies.getIntervalHistogram();
    }

    /** What went wrong so far, a sentence each. */
    List<String> troubles() {
        return List.copyOf(troubles);
    }

    private void work(int number, boolean transacted, Opening opening) {
        try (Connection connection = factory.createConnection()) {
            connection.start();
            Session session = connection.createSession(transacted, Session.AUTO_ACKNOWLEDGE);
            Work work = opening.open(session, session.createQueue("honest." + number));
            long period = 1_000_000_000L / perSecond;
            long due = System.nanoTime();
            for (int i = 0; !stopping; i++) {
                LockSupport.parkNanos(due - System.nanoTime());
                work.once(i);
                latencies.recordValue(Math.max(0, Math.min(MAX_MICROS, (System.nanoTime() - due) / 1000)));
                due += period;
            }
        } catch (JMSException | IllegalStateException e) {
            if (!stopping) troubles.add("client " + number + ": " + e);
        }
    }

    private Work sending(Session session, Queue queue) throws JMSException {
        MessageProducer producer = session.createProducer(queue);
        MessageConsumer consumer = session.createConsumer(queue);
        return number -> {
            producer.send(session.createTextMessage(Integer.toString(number)));
            if (session.getTransacted()) session.commit();
            expect(consumer.receive(RECEIVE_MILLIS), number, queue);
            if (session.getTransacted()) session.commit();
        };
    }

    private Work asking(Session session, Queue queue) throws JMSException {
        Queue inbox = session.createTemporaryQueue();
        MessageProducer producer = session.createProducer(queue);
        MessageConsumer consumer = session.createConsumer(inbox);
        return number -> {
            TextMessage question = session.createTextMessage(Integer.toString(number));
            question.setJMSReplyTo(inbox);
            producer.send(question);
            expect(consumer.receive(RECEIVE_MILLIS), number, queue);
        };
    }

    private void answer(int number) {
        try (Connection connection = factory.createConnection()) {
            connection.start();
            Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
            MessageConsumer questions = session.createConsumer(session.createQueue("honest." + number));
            MessageProducer answers = session.createProducer(null);
            while (!stopping) {
                Message question = questions.receive(500);
                if (question == null) continue;
                answers.send(question.getJMSReplyTo(), session.createTextMessage(((TextMessage) question).getText()));
            }
        } catch (JMSException e) {
            if (!stopping) troubles.add("responder " + number + ": " + e);
        }
    }

    private static void expect(Message message, int number, Queue queue) throws JMSException {
        if (message == null) throw new IllegalStateException("message " + number + " did not arrive at " + queue);
        String text = ((TextMessage) message).getText();
        if (Integer.parseInt(text) != number)
            throw new IllegalStateException("at " + queue + " " + text + " arrived in place of " + number);
        if (message.getJMSRedelivered()) throw new IllegalStateException(text + " was redelivered at " + queue);
    }

    @Override
    public void close() throws InterruptedException {
        stopping = true;
        for (Thread thread : threads) thread.join(RECEIVE_MILLIS + 5_000);
    }
}
