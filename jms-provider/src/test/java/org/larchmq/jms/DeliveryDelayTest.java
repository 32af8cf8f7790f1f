package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.broker.Broker;
import org.larchmq.broker.settings.BrokerSettings;

/** Delivery delay over TCP, Jakarta Messaging 3.1 section 7.9: never early, at most a second late. */
@Timeout(120)
class DeliveryDelayTest {
    private static final long MOST_LATE_MILLIS = 1_000;

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

    private void restart() throws Exception {
        stop();
        start();
    }

    /** Receives a message and checks when it came. */
    private static Message receiveInTime(MessageConsumer consumer) throws JMSException {
        Message message = consumer.receive(20_000);
        long now = System.currentTimeMillis();
        assertThat(message).isNotNull();
        assertThat(now - message.getJMSDeliveryTime()).isBetween(0L, MOST_LATE_MILLIS);
        return message;
    }

    @Test
    void theDeliveryTimeIsTheTimeOfSendingAndTheDelayOnBothSides_3_4_13() throws Exception {
        Queue queue = session.createQueue("orders");
        MessageConsumer consumer = session.createConsumer(queue);
        MessageProducer producer = session.createProducer(queue);
        producer.setDeliveryDelay(700);
        assertThat(producer.getDeliveryDelay()).isEqualTo(700);
        for (int mode : new int[] {DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT}) {
            TextMessage sent = session.createTextMessage("later");
            long before = System.currentTimeMillis();
            producer.send(sent, mode, 4, 60_000);
            long after = System.currentTimeMillis();
            assertThat(sent.getJMSDeliveryTime()).isBetween(before + 700, after + 700);
            assertThat(sent.getJMSExpiration()).isBetween(before + 60_000, after + 60_000);
            assertThat(consumer.receiveNoWait()).isNull();
            Message received = receiveInTime(consumer);
            assertThat(received.getJMSDeliveryTime()).isEqualTo(sent.getJMSDeliveryTime());
            assertThat(received.getJMSExpiration()).isEqualTo(sent.getJMSExpiration());
            assertThat(received.getJMSRedelivered()).isFalse();
        }
    }

    @Test
    void anEndlessDelayNeverEndsAndAMessageSentAfterwardsOvertakes() throws Exception {
        Queue queue = session.createQueue("orders");
        MessageProducer producer = session.createProducer(queue);
        producer.setDeliveryDelay(Long.MAX_VALUE);
        TextMessage sent = session.createTextMessage("never");
        producer.send(sent);
        assertThat(sent.getJMSDeliveryTime()).isEqualTo(Long.MAX_VALUE);
        producer.setDeliveryDelay(0);
        producer.send(session.createTextMessage("now"));
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(((TextMessage) consumer.receive(10_000)).getText()).isEqualTo("now");
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void delayedMessagesSurviveARestartAmongManyOthersAndComeInTime() throws Exception {
        Queue queue = session.createQueue("orders");
        MessageProducer producer = session.createProducer(queue);
        int backlog = 20_000;
        CountDownLatch stored = new CountDownLatch(backlog);
        producer.setDeliveryDelay(TimeUnit.HOURS.toMillis(10));
        for (int i = 0; i < backlog; i++) {
            producer.send(session.createTextMessage("far"), counting(stored));
        }
        assertThat(stored.await(60, TimeUnit.SECONDS)).isTrue();
        for (int i = 0; i < 100; i++) {
            producer.setDeliveryDelay(6_000 - i * 20L);
            producer.send(session.createTextMessage("near"));
        }
        restart();
        MessageConsumer consumer = session.createConsumer(queue);
        long last = 0;
        for (int i = 0; i < 100; i++) {
            Message received = receiveInTime(consumer);
            assertThat(((TextMessage) received).getText()).isEqualTo("near");
            assertThat(received.getJMSDeliveryTime()).isGreaterThanOrEqualTo(last);
            last = received.getJMSDeliveryTime();
        }
        assertThat(consumer.receiveNoWait()).isNull();
    }

    private static CompletionListener counting(CountDownLatch stored) {
        return new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                stored.countDown();
            }

            @Override
            public void onException(Message message, Exception exception) {}
        };
    }

    @Test
    void inATransactionTheDelayCountsFromTheSend_7_9() throws Exception {
        Queue queue = session.createQueue("orders");
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        MessageProducer producer = transacted.createProducer(queue);
        producer.setDeliveryDelay(800);
        TextMessage sent = transacted.createTextMessage("later");
        long before = System.currentTimeMillis();
        producer.send(sent);
        producer.setDeliveryDelay(0);
        producer.send(transacted.createTextMessage("at once"));
        transacted.commit();
        assertThat(sent.getJMSDeliveryTime()).isBetween(before + 800, before + 800 + MOST_LATE_MILLIS);
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(((TextMessage) consumer.receive(10_000)).getText()).isEqualTo("at once");
        assertThat(receiveInTime(consumer).getJMSDeliveryTime()).isEqualTo(sent.getJMSDeliveryTime());
        producer.setDeliveryDelay(1);
        producer.send(transacted.createTextMessage("rolled back"));
        transacted.rollback();
        assertThat(consumer.receive(300)).isNull();
    }

    @Test
    void aTopicsDelayedMessageIsForThoseWhoHadSubscribedWhenItWasSent_7_9() throws Exception {
        try (JMSContext context = new LarchConnectionFactory("tcp://localhost:" + broker.port()).createContext()) {
            Topic topic = context.createTopic("prices");
            CompletableFuture<Message> early = new CompletableFuture<>();
            CompletableFuture<Message> late = new CompletableFuture<>();
            context.createConsumer(topic).setMessageListener(early::complete);
            JMSProducer producer = context.createProducer().setDeliveryDelay(600);
            assertThat(producer.getDeliveryDelay()).isEqualTo(600);
            TextMessage sent = context.createTextMessage("p");
            producer.send(topic, sent);
            session.createConsumer(topic).setMessageListener(late::complete);
            Message message = early.get(10, TimeUnit.SECONDS);
            assertThat(System.currentTimeMillis() - message.getJMSDeliveryTime())
                    .isBetween(0L, MOST_LATE_MILLIS);
            assertThat(message.getJMSDeliveryTime()).isEqualTo(sent.getJMSDeliveryTime());
            producer.setDeliveryDelay(0).send(topic, "for both");
            assertThat(late.get(10, TimeUnit.SECONDS).getBody(String.class)).isEqualTo("for both");
        }
    }
}
