package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.broker.Broker;
import org.larchmq.broker.settings.BrokerSettings;

/** Messages larger than a frame, against the real broker over TCP. */
@Timeout(120)
class LargeMessagesTest {
    private static final int LARGE_BYTES = 3_000_000;

    @TempDir
    Path data;

    private Broker broker;
    private Connection connection;
    private Session session;

    @BeforeEach
    void start() throws Exception {
        BrokerSettings settings = BrokerSettings.defaults(data);
        broker = Broker.start(settings.with(settings.network().withPort(0)));
        connection = new LarchConnectionFactory("tcp://localhost:" + broker.port() + "?requestTimeout=20s")
                .createConnection();
        connection.start();
        session = connection.createSession();
    }

    @AfterEach
    void stop() throws Exception {
        connection.close();
        broker.close();
    }

    private static byte[] content(int seed, int size) {
        byte[] content = new byte[size];
        new Random(seed).nextBytes(content);
        return content;
    }

    private static BytesMessage message(Session session, int seed) throws JMSException {
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(content(seed, LARGE_BYTES));
        message.setIntProperty("seed", seed);
        return message;
    }

    private static int seedOf(jakarta.jms.Message message) throws JMSException {
        assertThat(message).isNotNull();
        int seed = message.getIntProperty("seed");
        assertThat(message.getBody(byte[].class)).isEqualTo(content(seed, LARGE_BYTES));
        return seed;
    }

    @Test
    void largeAndSmallMessagesArriveWholeInTheOrderOfSendingAlsoAfterARestart() throws Exception {
        Queue queue = session.createQueue("orders");
        MessageProducer producer = session.createProducer(queue);
        producer.send(message(session, 1));
        producer.send(session.createTextMessage("small"));
        TextMessage text = session.createTextMessage("é".repeat(400_000));
        text.setJMSCorrelationID("c");
        text.setStringProperty("customer", "42");
        producer.send(text);
        MapMessage map = session.createMapMessage();
        map.setBytes("b", content(9, 500_000));
        producer.send(map, DeliveryMode.NON_PERSISTENT, 4, 60_000);
        stop();
        start();
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(seedOf(consumer.receive(20_000))).isEqualTo(1);
        assertThat(((TextMessage) consumer.receive(20_000)).getText()).isEqualTo("small");
        TextMessage received = (TextMessage) consumer.receive(20_000);
        assertThat(received.getText()).isEqualTo(text.getText());
        assertThat(received.getJMSMessageID()).isEqualTo(text.getJMSMessageID());
        assertThat(received.getJMSCorrelationID()).isEqualTo("c");
        assertThat(received.getStringProperty("customer")).isEqualTo("42");
        assertThat(((MapMessage) consumer.receive(20_000)).getBytes("b")).isEqualTo(content(9, 500_000));
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void receiveNoWaitFindsALargeMessage_8_6() throws Exception {
        Queue queue = session.createQueue("orders");
        MessageConsumer consumer = session.createConsumer(queue);
        MessageProducer producer = session.createProducer(queue);
        for (int i = 0; i < 5; i++) {
            producer.send(message(session, i));
            assertThat(seedOf(consumer.receiveNoWait())).isEqualTo(i);
        }
    }

    @Test
    void transactionsWithLargeMessagesAreAtomicAndARollbackRedelivers_6_2_7() throws Exception {
        Queue queue = session.createQueue("orders");
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        MessageProducer producer = transacted.createProducer(queue);
        producer.send(transacted.createTextMessage("first"));
        producer.send(message(transacted, 1));
        producer.send(message(transacted, 2));
        transacted.rollback();
        producer.send(transacted.createTextMessage("first"));
        producer.send(message(transacted, 3));
        producer.send(transacted.createTextMessage("last"));
        MessageConsumer consumer = transacted.createConsumer(queue);
        assertThat(consumer.receiveNoWait()).isNull();
        transacted.commit();
        for (int attempt = 1; attempt <= 2; attempt++) {
            assertThat(((TextMessage) consumer.receive(20_000)).getText()).isEqualTo("first");
            var large = consumer.receive(20_000);
            assertThat(seedOf(large)).isEqualTo(3);
            assertThat(large.getJMSRedelivered()).isEqualTo(attempt == 2);
            assertThat(((TextMessage) consumer.receive(20_000)).getText()).isEqualTo("last");
            if (attempt == 1) transacted.rollback();
            else transacted.commit();
        }
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void manySendersAndSubscribersOfOneConnectionGetEachMessageWhole() throws Exception {
        Topic topic = session.createTopic("prices");
        int senders = 4;
        int each = 5;
        CountDownLatch received = new CountDownLatch(3 * senders * each);
        AtomicInteger wrong = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            Session listening = connection.createSession();
            listening.createConsumer(topic).setMessageListener(message -> {
                try {
                    seedOf(message);
                } catch (JMSException | AssertionError e) {
                    wrong.incrementAndGet();
                }
                received.countDown();
            });
        }
        Thread[] threads = new Thread[senders];
        for (int i = 0; i < senders; i++) {
            int sender = i;
            threads[i] = new Thread(() -> {
                try {
                    Session own = connection.createSession();
                    for (int m = 0; m < each; m++) own.createProducer(topic).send(message(own, sender * 100 + m));
                } catch (JMSException e) {
                    wrong.incrementAndGet();
                }
            });
            threads[i].start();
        }
        for (Thread thread : threads) thread.join();
        assertThat(received.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(wrong).hasValue(0);
    }

    @Test
    void aMessageOverTheLimitIsRefusedAndNamesTheLimit() throws Exception {
        MessageProducer producer = session.createProducer(session.createQueue("orders"));
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(new byte[101 << 20]);
        assertThatThrownBy(() -> producer.send(message))
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessageContaining("limits.maxMessage");
        TextMessage heavy = session.createTextMessage("x");
        heavy.setStringProperty("p", "x".repeat(300_000));
        assertThatThrownBy(() -> producer.send(heavy))
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessageContaining("properties");
        producer.send(session.createTextMessage("goes on"));
    }
}
