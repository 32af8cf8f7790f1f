package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.ServerSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.broker.Broker;
import org.larchmq.broker.settings.BrokerSettings;

/** Connection consumers and server sessions against the real broker: specification 11.2. */
@Timeout(120)
class ConnectionConsumerTest {
    private static final int SECONDS = 20;

    @TempDir
    private Path data;

    private Broker broker;
    private Connection connection;
    private Session sender;
    private final ExecutorService server = Executors.newCachedThreadPool();

    @BeforeEach
    void start() throws Exception {
        BrokerSettings settings = BrokerSettings.defaults(data);
        broker = Broker.start(settings.with(settings.network().withPort(0)));
        connection = new LarchConnectionFactory("tcp://localhost:" + broker.port()).createConnection();
        connection.start();
        sender = connection.createSession();
    }

    @AfterEach
    void stop() throws Exception {
        connection.close();
        server.shutdownNow();
        broker.close();
    }

    /** What a server does with a message; may commit or roll back. */
    private interface Work {
        void on(Session session, Message message) throws Exception;
    }

    /** A pool of sessions as an application server has one: a session that is started runs in a thread of the server's. */
    private final class Pool implements ServerSessionPool {
        private final BlockingQueue<ServerSession> free = new LinkedBlockingQueue<>();
        private final AtomicInteger inRun = new AtomicInteger();
        private final Set<Integer> runLengths = ConcurrentHashMap.newKeySet();

        Pool(int sessions, int mode, Work work) throws JMSException {
            for (int i = 0; i < sessions; i++) free.add(serverSession(connection.createSession(mode), work));
        }

        @Override
        public ServerSession getServerSession() throws JMSException {
            try {
                return free.take();
            } catch (InterruptedException e) {
                throw new JMSException("interrupted");
            }
        }

        private ServerSession serverSession(Session session, Work work) throws JMSException {
            AtomicInteger length = new AtomicInteger();
            session.setMessageListener(message -> {
                length.incrementAndGet();
                try {
                    work.on(session, message);
                } catch (Exception e) {
                    throw new RuntimeException(e);
                }
            });
            return new ServerSession() {
                @Override
                public Session getSession() {
                    return session;
                }

                @Override
                public void start() {
                    server.execute(() -> {
                        inRun.incrementAndGet();
                        session.run();
                        inRun.decrementAndGet();
                        runLengths.add(length.getAndSet(0));
                        free.add(this);
                    });
                }
            };
        }
    }

    private void send(jakarta.jms.Destination to, int count) throws JMSException {
        MessageProducer producer = sender.createProducer(to);
        for (int i = 0; i < count; i++) producer.send(sender.createTextMessage("m" + i));
    }

    private static String text(Message message) throws JMSException {
        return ((TextMessage) message).getText();
    }

    private List<String> remaining(Queue queue) throws JMSException {
        List<String> texts = new ArrayList<>();
        try (MessageConsumer consumer = sender.createConsumer(queue)) {
            for (Message m = consumer.receiveNoWait(); m != null; m = consumer.receiveNoWait()) texts.add(text(m));
        }
        return texts;
    }

    @Test
    void everyMessageIsProcessedOnceBySessionsAtTheSameTime() throws Exception {
        Queue queue = sender.createQueue("q");
        BlockingQueue<String> processed = new LinkedBlockingQueue<>();
        CountDownLatch together = new CountDownLatch(2);
        Pool pool = new Pool(3, Session.AUTO_ACKNOWLEDGE, (session, message) -> {
            together.countDown();
            together.await(SECONDS, TimeUnit.SECONDS);
            processed.add(text(message));
        });
        ConnectionConsumer consumer = connection.createConnectionConsumer(queue, null, pool, 10);
        assertThat(consumer.getServerSessionPool()).isSameAs(pool);

        send(queue, 200);

        Set<String> all = new TreeSet<>();
        for (int i = 0; i < 200; i++)
            assertThat(all.add(processed.poll(SECONDS, TimeUnit.SECONDS))).isTrue();
        assertThat(together.getCount()).isZero();
        consumer.close();
        assertThat(processed).isEmpty();
        assertThat(pool.runLengths).allMatch(length -> length <= 10);
        assertThat(remaining(queue)).isEmpty();
    }

    @Test
    void whatASessionRollsBackIsDeliveredAgain() throws Exception {
        Queue queue = sender.createQueue("q");
        BlockingQueue<String> committed = new LinkedBlockingQueue<>();
        Set<String> redelivered = ConcurrentHashMap.newKeySet();
        Pool pool = new Pool(2, Session.SESSION_TRANSACTED, (session, message) -> {
            if (message.getJMSRedelivered()) {
                redelivered.add(text(message));
                committed.add(text(message));
                session.commit();
            } else {
                session.rollback();
            }
        });
        ConnectionConsumer consumer = connection.createConnectionConsumer(queue, null, pool, 1);
        send(queue, 20);

        Set<String> all = new TreeSet<>();
        for (int i = 0; i < 20; i++)
            assertThat(all.add(committed.poll(SECONDS, TimeUnit.SECONDS))).isTrue();
        assertThat(redelivered).hasSize(20);
        consumer.close();
        assertThat(remaining(queue)).isEmpty();
    }

    @Test
    void aListenerThatFailsGetsItsMessageAgain() throws Exception {
        Queue queue = sender.createQueue("q");
        BlockingQueue<Integer> counts = new LinkedBlockingQueue<>();
        Pool pool = new Pool(1, Session.AUTO_ACKNOWLEDGE, (session, message) -> {
            int count = message.getIntProperty("JMSXDeliveryCount");
            counts.add(count);
            if (count == 1) throw new RuntimeException("the first attempt fails");
        });
        ConnectionConsumer consumer = connection.createConnectionConsumer(queue, null, pool, 5);

        send(queue, 1);

        assertThat(counts.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo(1);
        assertThat(counts.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo(2);
        consumer.close();
        assertThat(remaining(queue)).isEmpty();
    }

    @Test
    void aTopicsMessageGoesToOneSessionOnly() throws Exception {
        Topic topic = sender.createTopic("t");
        BlockingQueue<String> processed = new LinkedBlockingQueue<>();
        Pool pool = new Pool(3, Session.AUTO_ACKNOWLEDGE, (session, message) -> processed.add(text(message)));
        ConnectionConsumer consumer = connection.createConnectionConsumer(topic, null, pool, 1);

        send(topic, 50);

        Set<String> all = new TreeSet<>();
        for (int i = 0; i < 50; i++)
            assertThat(all.add(processed.poll(SECONDS, TimeUnit.SECONDS))).isTrue();
        consumer.close();
        assertThat(processed).isEmpty();
    }

    @Test
    void theSelectorIsApplied() throws Exception {
        Queue queue = sender.createQueue("q");
        BlockingQueue<String> processed = new LinkedBlockingQueue<>();
        Pool pool = new Pool(1, Session.AUTO_ACKNOWLEDGE, (session, message) -> processed.add(text(message)));
        ConnectionConsumer consumer = connection.createConnectionConsumer(queue, "c = 'red'", pool, 1);
        MessageProducer producer = sender.createProducer(queue);
        for (String colour : List.of("blue", "red")) {
            Message message = sender.createTextMessage(colour);
            message.setStringProperty("c", colour);
            producer.send(message);
        }

        assertThat(processed.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo("red");
        consumer.close();
        assertThat(remaining(queue)).containsExactly("blue");
    }

    @Test
    void whatNoSessionHasTakenGoesBackWhenItIsClosed() throws Exception {
        Queue queue = sender.createQueue("q");
        CountDownLatch first = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        Pool pool = new Pool(1, Session.AUTO_ACKNOWLEDGE, (session, message) -> {
            first.countDown();
            goOn.await(SECONDS, TimeUnit.SECONDS);
        });
        ConnectionConsumer consumer = connection.createConnectionConsumer(queue, null, pool, 2);
        send(queue, 10);
        assertThat(first.await(SECONDS, TimeUnit.SECONDS)).isTrue();

        consumer.close();
        goOn.countDown();

        assertThat(pool.free.poll(SECONDS, TimeUnit.SECONDS))
                .as("the session has run")
                .isNotNull();
        assertThat(remaining(queue)).hasSizeBetween(8, 9).endsWith("m9");
        assertThatThrownBy(consumer::getServerSessionPool).isInstanceOf(IllegalStateException.class);
        consumer.close();
    }

    @Test
    void stoppingTheConnectionWaitsForRunningSessionsAndHoldsTheRest() throws Exception {
        Queue queue = sender.createQueue("q");
        CountDownLatch inListener = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        AtomicInteger done = new AtomicInteger();
        BlockingQueue<String> processed = new LinkedBlockingQueue<>();
        Pool pool = new Pool(1, Session.AUTO_ACKNOWLEDGE, (session, message) -> {
            inListener.countDown();
            goOn.await(SECONDS, TimeUnit.SECONDS);
            done.incrementAndGet();
            processed.add(text(message));
        });
        connection.createConnectionConsumer(queue, null, pool, 10);
        send(queue, 3);
        assertThat(inListener.await(SECONDS, TimeUnit.SECONDS)).isTrue();
        Thread release = new Thread(goOn::countDown);
        release.start();

        connection.stop();
        int whenStopped = done.get();

        assertThat(whenStopped).isPositive();
        release.join();
        assertThat(done).hasValue(whenStopped);
        connection.start();
        for (int i = 0; i < 3; i++)
            assertThat(processed.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo("m" + i);
    }

    @Test
    void aPoolThatFailsIsReportedAndLosesNothing() throws Exception {
        Queue queue = sender.createQueue("q");
        BlockingQueue<JMSException> reported = new LinkedBlockingQueue<>();
        connection.setExceptionListener(reported::add);
        ConnectionConsumer consumer = connection.createConnectionConsumer(
                queue,
                null,
                () -> {
                    throw new JMSException("no session to be had");
                },
                1);
        send(queue, 1);

        assertThat(reported.poll(SECONDS, TimeUnit.SECONDS)).hasMessageContaining("no session to be had");
        consumer.close();
        assertThat(remaining(queue)).containsExactly("m0");
    }

    @Test
    void aSessionOfAnotherConnectionIsReported() throws Exception {
        Queue queue = sender.createQueue("q");
        BlockingQueue<JMSException> reported = new LinkedBlockingQueue<>();
        connection.setExceptionListener(reported::add);
        try (Connection other = new LarchConnectionFactory("tcp://localhost:" + broker.port()).createConnection()) {
            Session foreign = other.createSession();
            Pool pool = new Pool(0, Session.AUTO_ACKNOWLEDGE, (session, message) -> {});
            pool.free.add(pool.serverSession(foreign, (session, message) -> {}));
            connection.createConnectionConsumer(queue, null, pool, 1);
            send(queue, 1);

            assertThat(reported.poll(SECONDS, TimeUnit.SECONDS)).hasMessageContaining("another connection");
        }
    }

    @Test
    void wrongArgumentsAreRefusedAndLeaveNothingBehind() throws Exception {
        Queue queue = sender.createQueue("q");
        Pool pool = new Pool(1, Session.AUTO_ACKNOWLEDGE, (session, message) -> {});

        assertThatThrownBy(() -> connection.createConnectionConsumer(queue, "no selector !", pool, 1))
                .isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> connection.createConnectionConsumer((Queue) null, null, pool, 1))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> connection.createConnectionConsumer(queue, null, null, 1))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("ServerSessionPool");
        assertThatThrownBy(() -> connection.createConnectionConsumer(queue, null, pool, 0))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("maxMessages");
        connection.close();
        assertThatThrownBy(() -> connection.createConnectionConsumer(queue, null, pool, 1))
                .isInstanceOf(IllegalStateException.class);
    }

    @Test
    void subscriptionsHaveConnectionConsumersToo() throws Exception {
        Topic topic = sender.createTopic("t");
        BlockingQueue<String> processed = new LinkedBlockingQueue<>();
        Pool pool = new Pool(3, Session.AUTO_ACKNOWLEDGE, (session, message) -> processed.add(text(message)));
        assertThatThrownBy(() -> connection.createDurableConnectionConsumer(topic, "d", null, pool, 1))
                .isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("client id");
        ConnectionConsumer shared = connection.createSharedConnectionConsumer(topic, "s", null, pool, 1);
        ConnectionConsumer durable = connection.createSharedDurableConnectionConsumer(topic, "sd", null, pool, 1);

        send(topic, 1);

        for (int i = 0; i < 2; i++)
            assertThat(processed.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo("m0");
        shared.close();
        durable.close();
        send(topic, 1);
        connection.createSharedDurableConnectionConsumer(topic, "sd", null, pool, 1);
        assertThat(processed.poll(SECONDS, TimeUnit.SECONDS)).isEqualTo("m0");
        assertThat(processed).isEmpty();
    }

    /** Javadoc of Connection: IllegalStateException "if called on a QueueConnection". */
    @Test
    void aQueueConnectionHasNoSubscriptions() throws Exception {
        Topic topic = sender.createTopic("t");
        Pool pool = new Pool(1, Session.AUTO_ACKNOWLEDGE, (session, message) -> {});
        try (QueueConnection queues =
                new LarchConnectionFactory("tcp://localhost:" + broker.port()).createQueueConnection()) {
            assertThatThrownBy(() -> queues.createDurableConnectionConsumer(topic, "d", null, pool, 1))
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("QueueConnection");
            assertThatThrownBy(() -> queues.createSharedConnectionConsumer(topic, "d", null, pool, 1))
                    .isInstanceOf(IllegalStateException.class);
            assertThatThrownBy(() -> queues.createSharedDurableConnectionConsumer(topic, "d", null, pool, 1))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void theListenerOfASessionCanBeAskedForUntilItIsClosed() throws Exception {
        Session session = connection.createSession();
        assertThat(session.getMessageListener()).isNull();
        session.setMessageListener(message -> {});
        assertThat(session.getMessageListener()).isNotNull();
        session.run();
        session.close();
        assertThatThrownBy(session::getMessageListener).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> session.setMessageListener(null)).isInstanceOf(IllegalStateException.class);
    }
}
