package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
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

/** The client against the real broker over TCP. */
@Timeout(120)
class BrokerEndToEndTest {
    @TempDir
    Path data;

    private Broker broker;
    private Connection connection;

    @BeforeEach
    void start() throws Exception {
        startBroker();
        connection = factory("").createConnection();
        connection.start();
    }

    private void startBroker() throws Exception {
        BrokerSettings settings = BrokerSettings.defaults(data);
        broker = Broker.start(settings.with(settings.network().withPort(0)));
    }

    private LarchConnectionFactory factory(String options) {
        return new LarchConnectionFactory("tcp://localhost:" + broker.port() + "?requestTimeout=20s" + options);
    }

    @AfterEach
    void stop() throws Exception {
        connection.close();
        broker.close();
    }

    private static String text(Message message) throws JMSException {
        return message == null ? null : ((TextMessage) message).getText();
    }

    @Test
    void aConfirmedMessageSurvivesTheBroker() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("orders");
        TextMessage sent = session.createTextMessage("one");
        sent.setStringProperty("customer", "42");
        sent.setJMSCorrelationID("c");
        sent.setJMSReplyTo(session.createTopic("answers"));
        session.createProducer(queue).send(sent);
        connection.close();
        broker.close();
        startBroker();
        connection = factory("").createConnection();
        connection.start();

        MessageConsumer consumer = connection.createSession().createConsumer(queue);
        TextMessage received = (TextMessage) consumer.receive(10_000);
        assertThat(received.getText()).isEqualTo("one");
        assertThat(received.getStringProperty("customer")).isEqualTo("42");
        assertThat(received.getJMSMessageID()).isEqualTo(sent.getJMSMessageID());
        assertThat(received.getJMSCorrelationID()).isEqualTo("c");
        assertThat(received.getJMSReplyTo()).isEqualTo(sent.getJMSReplyTo());
        assertThat(received.getJMSDestination()).isEqualTo(queue);
        assertThat(received.getJMSTimestamp()).isEqualTo(sent.getJMSTimestamp());
        assertThat(received.getJMSDeliveryTime()).isEqualTo(sent.getJMSDeliveryTime());
        assertThat(received.getJMSRedelivered()).isFalse();
        assertThat(received.getIntProperty("JMSXDeliveryCount")).isEqualTo(1);
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void receiveNoWaitFindsWhatIsThere_8_6() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("q");
        MessageConsumer consumer = session.createConsumer(queue);
        MessageProducer producer = session.createProducer(queue);
        for (int i = 0; i < 50; i++) {
            producer.send(session.createTextMessage("m" + i));
            assertThat(text(consumer.receiveNoWait())).isEqualTo("m" + i);
        }
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void aRolledBackTransactionIsDeliveredAgainInOrderAndCounted_6_2_7() throws Exception {
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        MessageConsumer consumer = session.createConsumer(queue);
        for (int i = 0; i < 100; i++) producer.send(session.createTextMessage("m" + i));
        assertThat(consumer.receiveNoWait()).as("before the commit").isNull();
        session.commit();
        for (int attempt = 1; attempt <= 3; attempt++) {
            for (int i = 0; i < 30; i++) {
                Message message = consumer.receive(10_000);
                assertThat(text(message)).isEqualTo("m" + i);
                assertThat(message.getJMSRedelivered()).isEqualTo(attempt > 1);
                assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(attempt);
            }
            session.rollback();
        }
        for (int i = 0; i < 100; i++) assertThat(text(consumer.receive(10_000))).isEqualTo("m" + i);
        session.commit();
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void aStagedTransactionIsAllOrNothing_6_2_7() throws Exception {
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        byte[] body = new byte[50_000];
        for (int round = 0; round < 2; round++) {
            for (int i = 0; i < 60; i++) {
                BytesMessage message = session.createBytesMessage();
                message.writeBytes(body);
                producer.send(message);
            }
            if (round == 0) session.rollback();
            else session.commit();
        }
        MessageConsumer consumer = session.createConsumer(queue);
        for (int i = 0; i < 60; i++) {
            assertThat(((BytesMessage) consumer.receive(10_000)).getBodyLength())
                    .isEqualTo(50_000);
        }
        assertThat(consumer.receiveNoWait()).isNull();
        session.commit();
    }

    @Test
    void recoverRedeliversWhatIsNotAcknowledgedAndNothingElse_6_2_11() throws Exception {
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        for (int i = 0; i < 5; i++) producer.send(session.createTextMessage("m" + i));
        MessageConsumer consumer = session.createConsumer(queue);
        consumer.receive(10_000);
        consumer.receive(10_000).acknowledge();
        assertThat(text(consumer.receive(10_000))).isEqualTo("m2");
        session.recover();
        Message again = consumer.receive(10_000);
        assertThat(text(again)).isEqualTo("m2");
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(text(consumer.receive(10_000))).isEqualTo("m3");
        session.close();

        MessageConsumer other = connection.createSession().createConsumer(queue);
        for (String expected : new String[] {"m2", "m3", "m4"}) {
            assertThat(text(other.receive(10_000))).isEqualTo(expected);
        }
    }

    @Test
    void aMessageThatItsListenerNeverTakesGoesToTheDeadLetterQueueAndBlocksNobody() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        AtomicInteger attempts = new AtomicInteger();
        CountDownLatch good = new CountDownLatch(2);
        session.createConsumer(queue).setMessageListener(message -> {
            try {
                if (text(message).equals("bad")) {
                    attempts.incrementAndGet();
                    throw new IllegalArgumentException("bad");
                }
                good.countDown();
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        Session sending = connection.createSession();
        for (String text : new String[] {"a", "bad", "b"}) {
            sending.createProducer(queue).send(sending.createTextMessage(text));
        }
        assertThat(good.await(30, TimeUnit.SECONDS)).isTrue();
        Message dead = sending.createConsumer(sending.createQueue("DLQ")).receive(30_000);
        assertThat(text(dead)).isEqualTo("bad");
        assertThat(attempts).hasValue(10);
        assertThat(dead.getStringProperty("JMS_LARCH_ORIGINAL_DESTINATION")).isEqualTo("queue://q");
    }

    @Test
    void everySubscriberOfATopicGetsEveryMessageInOrder_4_2() throws Exception {
        Topic topic = connection.createSession().createTopic("news");
        int messages = 5000;
        List<LinkedBlockingQueue<String>> received = new ArrayList<>();
        for (int i = 0; i < 3; i++) {
            LinkedBlockingQueue<String> own = new LinkedBlockingQueue<>();
            received.add(own);
            connection.createSession().createConsumer(topic).setMessageListener(message -> {
                try {
                    own.add(text(message));
                } catch (JMSException e) {
                    throw new AssertionError(e);
                }
            });
        }
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(topic);
        CountDownLatch completed = new CountDownLatch(messages);
        for (int i = 0; i < messages; i++) {
            producer.send(session.createTextMessage("m" + i), new CompletionListener() {
                @Override
                public void onCompletion(Message message) {
                    completed.countDown();
                }

                @Override
                public void onException(Message message, Exception exception) {}
            });
        }
        assertThat(completed.await(30, TimeUnit.SECONDS)).isTrue();
        for (LinkedBlockingQueue<String> own : received) {
            for (int i = 0; i < messages; i++)
                assertThat(own.poll(30, TimeUnit.SECONDS)).isEqualTo("m" + i);
        }
    }

    @Test
    void consumersOfAQueueShareItsMessagesWithoutLossOrDuplicate() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("q");
        int messages = 20_000;
        CountDownLatch left = new CountDownLatch(messages);
        AtomicInteger received = new AtomicInteger();
        for (int i = 0; i < 3; i++) {
            connection
                    .createSession(i == 2 ? Session.DUPS_OK_ACKNOWLEDGE : Session.AUTO_ACKNOWLEDGE)
                    .createConsumer(queue)
                    .setMessageListener(message -> {
                        received.incrementAndGet();
                        left.countDown();
                    });
        }
        MessageProducer producer = session.createProducer(queue);
        CountDownLatch completed = new CountDownLatch(messages);
        for (int i = 0; i < messages; i++) {
            producer.send(session.createTextMessage("m" + i), new CompletionListener() {
                @Override
                public void onCompletion(Message message) {
                    completed.countDown();
                }

                @Override
                public void onException(Message message, Exception exception) {}
            });
        }
        assertThat(completed.await(60, TimeUnit.SECONDS)).isTrue();
        assertThat(left.await(60, TimeUnit.SECONDS)).isTrue();
        connection.close();
        connection = factory("").createConnection();
        connection.start();
        assertThat(connection.createSession().createConsumer(queue).receiveNoWait())
                .isNull();
        assertThat(received).hasValue(messages);
    }

    @Test
    void higherPrioritiesComeFirstAndSelectorsChoose_3_4_10() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        for (int priority = 0; priority < 10; priority++) {
            TextMessage message = session.createTextMessage("p" + priority);
            message.setIntProperty("n", priority);
            producer.send(message, DeliveryMode.PERSISTENT, priority, 0);
        }
        MessageConsumer odd = session.createConsumer(queue, "n = 3 OR n = 5");
        assertThat(text(odd.receive(10_000))).isEqualTo("p5");
        assertThat(text(odd.receive(10_000))).isEqualTo("p3");
        odd.close();
        MessageConsumer rest = session.createConsumer(queue);
        for (int priority : new int[] {9, 8, 7, 6, 4, 2, 1, 0}) {
            assertThat(text(rest.receive(10_000))).isEqualTo("p" + priority);
        }
        assertThatThrownBy(() -> session.createConsumer(queue, "n = = 3")).isInstanceOf(InvalidSelectorException.class);
    }

    @Test
    void withoutPrefetchTwoConsumersTakeTurnsAsTheyAsk() throws Exception {
        try (Connection pulling = factory("&prefetch=0").createConnection()) {
            pulling.start();
            Session session = pulling.createSession();
            Queue queue = session.createQueue("q");
            MessageConsumer first = session.createConsumer(queue);
            MessageConsumer second = pulling.createSession().createConsumer(queue);
            MessageProducer producer = session.createProducer(queue);
            for (int i = 0; i < 6; i++) producer.send(session.createTextMessage("m" + i));
            for (int i = 0; i < 6; i += 3) {
                assertThat(text(first.receive(10_000))).isEqualTo("m" + i);
                assertThat(text(second.receiveNoWait())).isEqualTo("m" + (i + 1));
                assertThat(text(second.receive())).isEqualTo("m" + (i + 2));
            }
            assertThat(first.receive(50)).isNull();
            assertThat(second.receiveNoWait()).isNull();
        }
    }

    @Test
    void aConsumerOfAStoppedConnectionHoldsNoMessages() throws Exception {
        try (Connection stopped = factory("").createConnection()) {
            Queue queue = connection.createSession().createQueue("q");
            stopped.createSession().createConsumer(queue);
            try (JMSContext context = factory("").createContext()) {
                context.createProducer().send(queue, "x");
                JMSConsumer consumer = context.createConsumer(queue);
                assertThat(consumer.receiveBody(String.class, 10_000)).isEqualTo("x");
            }
        }
    }

    @Test
    void requestAndReplyOverATemporaryQueue() throws Exception {
        try (JMSContext client = factory("").createContext();
                JMSContext server = factory("").createContext()) {
            Queue requests = client.createQueue("requests");
            TemporaryQueue answers = client.createTemporaryQueue();
            client.createProducer()
                    .setJMSReplyTo(answers)
                    .setJMSCorrelationID("7")
                    .send(requests, "question");

            Message request = server.createConsumer(requests).receive(10_000);
            server.createProducer()
                    .setJMSCorrelationID(request.getJMSCorrelationID())
                    .send(request.getJMSReplyTo(), "answer");

            JMSConsumer consumer = client.createConsumer(answers);
            Message answer = consumer.receive(10_000);
            assertThat(answer.getBody(String.class)).isEqualTo("answer");
            assertThat(answer.getJMSCorrelationID()).isEqualTo("7");
            consumer.close();
            answers.delete();
            assertThatThrownBy(() -> server.createProducer().send(answers, "late"))
                    .hasCauseInstanceOf(InvalidDestinationException.class);
        }
    }

    @Test
    void anExpiredMessageIsNotDelivered_3_4_9() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        TextMessage shortLived = session.createTextMessage("short");
        producer.send(shortLived, DeliveryMode.PERSISTENT, 4, 1);
        producer.send(session.createTextMessage("long"), DeliveryMode.NON_PERSISTENT, 4, 60_000);
        while (System.currentTimeMillis() <= shortLived.getJMSExpiration()) Thread.onSpinWait();
        assertThat(text(session.createConsumer(queue).receive(10_000))).isEqualTo("long");
    }

    @Test
    void aMessageAboveTheLimitIsRefusedAndTheConnectionGoesOn() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(new byte[101 << 20]);
        assertThatThrownBy(() -> producer.send(message)).isInstanceOf(ResourceAllocationException.class);
        BytesMessage large = session.createBytesMessage();
        large.writeBytes(new byte[12 << 20]);
        producer.send(large);
        BytesMessage received = (BytesMessage) session.createConsumer(queue).receive(20_000);
        assertThat(received.getBodyLength()).isEqualTo(12 << 20);
    }

    @Test
    void wrongCredentialsAreRefusedWhenTheConnectionIsMade_6_1_2() {
        assertThatThrownBy(() -> factory("").createConnection("somebody", "x"))
                .isInstanceOf(JMSSecurityException.class);
        assertThatThrownBy(() -> factory("").createContext("somebody", "x"))
                .isInstanceOf(jakarta.jms.JMSSecurityRuntimeException.class);
    }

    @Test
    void theSimplifiedProducerSetsItsPropertiesAndHeadersOnEveryMessage_7_4() throws Exception {
        try (JMSContext context = factory("").createContext()) {
            Queue queue = context.createQueue("q");
            JMSProducer producer = context.createProducer();
            producer.setProperty("n", 5)
                    .setProperty("s", "x")
                    .setJMSType("t")
                    .setPriority(7)
                    .setTimeToLive(60_000);
            assertThat(producer.getIntProperty("n")).isEqualTo(5);
            assertThat(producer.getPropertyNames()).containsExactly("n", "s");
            producer.send(queue, "text")
                    .send(queue, Map.of("k", 1))
                    .send(queue, new byte[] {1})
                    .send(queue, 42L);

            JMSConsumer consumer = context.createConsumer(queue, "n = 5 AND s = 'x' AND JMSType = 't'");
            Message first = consumer.receive(10_000);
            assertThat(first.getJMSPriority()).isEqualTo(7);
            assertThat(first.getJMSExpiration()).isEqualTo(first.getJMSTimestamp() + 60_000);
            assertThat(consumer.receiveBody(Map.class, 10_000)).isEqualTo(Map.of("k", 1));
            assertThat(consumer.receiveBody(byte[].class, 10_000)).containsExactly(1);
            Message last = consumer.receive(10_000);
            assertThat(last.getBody(Long.class)).isEqualTo(42L);
            assertThatThrownBy(() -> producer.send(queue, last))
                    .isInstanceOf(jakarta.jms.MessageNotWriteableRuntimeException.class);
            assertThatThrownBy(() -> producer.send(queue, (Message) null))
                    .isInstanceOf(jakarta.jms.MessageFormatRuntimeException.class);
            assertThatThrownBy(() -> producer.send(null, "x"))
                    .isInstanceOf(jakarta.jms.InvalidDestinationRuntimeException.class);
            assertThatThrownBy(() -> producer.setPriority(-1)).isInstanceOf(jakarta.jms.JMSRuntimeException.class);
            assertThatThrownBy(() -> producer.setProperty("o", new Object()))
                    .isInstanceOf(jakarta.jms.MessageFormatRuntimeException.class);
        }
    }

    @Test
    void aListenerThatTakesItsTimeHoldsUpNoOtherSessionOfTheConnection() throws Exception {
        CountDownLatch inListener = new CountDownLatch(1);
        CountDownLatch mayReturn = new CountDownLatch(1);
        LinkedBlockingQueue<String> others = new LinkedBlockingQueue<>();
        Session slow = connection.createSession();
        slow.createConsumer(slow.createQueue("slow")).setMessageListener(message -> {
            inListener.countDown();
            awaitQuietly(mayReturn);
        });
        Session quick = connection.createSession();
        quick.createConsumer(quick.createQueue("quick")).setMessageListener(message -> others.add("quick"));
        Session sending = connection.createSession();
        try {
            sending.createProducer(sending.createQueue("slow")).send(sending.createMessage());
            assertThat(inListener.await(30, TimeUnit.SECONDS)).isTrue();
            for (int i = 0; i < 20; i++) {
                sending.createProducer(sending.createQueue("quick")).send(sending.createMessage());
                assertThat(others.poll(30, TimeUnit.SECONDS)).isEqualTo("quick");
            }
        } finally {
            mayReturn.countDown();
        }
    }

    @Test
    void aListenerMaySendAndGetsItsConfirmation() throws Exception {
        LinkedBlockingQueue<String> answers = new LinkedBlockingQueue<>();
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(session.createQueue("answers"));
        session.createConsumer(session.createQueue("questions")).setMessageListener(message -> {
            try {
                producer.send(session.createTextMessage("answer to " + text(message)));
            } catch (JMSException e) {
                answers.add(e.toString());
            }
        });
        Session other = connection.createSession();
        MessageConsumer consumer = other.createConsumer(other.createQueue("answers"));
        for (int i = 0; i < 20; i++) {
            other.createProducer(other.createQueue("questions")).send(other.createTextMessage("q" + i));
            assertThat(text(consumer.receive(30_000))).isEqualTo("answer to q" + i);
        }
        assertThat(answers).isEmpty();
    }

    @Test
    void aClosedSessionLeavesNoThreadBehindOnAConnectionThatGoesOn_6_2_15() throws Exception {
        LinkedBlockingQueue<Thread> dispatching = new LinkedBlockingQueue<>();
        for (int i = 0; i < 5; i++) {
            Session session = connection.createSession();
            Queue queue = session.createQueue("q");
            session.createConsumer(queue).setMessageListener(message -> dispatching.add(Thread.currentThread()));
            session.createProducer(queue).send(session.createMessage());
            Thread thread = dispatching.poll(30, TimeUnit.SECONDS);
            session.close();
            thread.join(30_000);
            assertThat(thread.isAlive()).isFalse();
        }
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await(30, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
