package org.larchmq.tck.conformance.wrappers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.Topic;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.CompletionRecord;
import org.larchmq.tck.conformance.Section;

/** The core of the suite through a wrapper that knows the standard interfaces only. */
abstract class CoreScenarios extends AgainstBroker {
    private ConnectionFactory wrapped;
    private Connection connection;

    /** A wrapper around the provider's factory. */
    abstract ConnectionFactory wrap(ConnectionFactory factory);

    /** Ends the wrapper. */
    abstract void release(ConnectionFactory wrapper);

    @BeforeEach
    void begin() throws JMSException {
        wrapped = wrap(factory());
        connection = wrapped.createConnection();
        connection.start();
    }

    @AfterEach
    void end() throws JMSException {
        connection.close();
        release(wrapped);
    }

    private Session open(int mode) throws JMSException {
        return connection.createSession(mode == Session.SESSION_TRANSACTED, mode);
    }

    private static void send(Session session, Queue queue, String... texts) throws JMSException {
        try (MessageProducer producer = session.createProducer(queue)) {
            for (String text : texts) producer.send(session.createTextMessage(text));
        }
    }

    @Section("8.5")
    @Test
    void messagesGoThrough() throws JMSException {
        Queue queue = newQueue();
        for (int round = 0; round < 5; round++) { // sessions and producers are used again
            try (Session session = open(Session.AUTO_ACKNOWLEDGE)) {
                send(session, queue, "one", "two");
                try (MessageConsumer consumer = session.createConsumer(queue)) {
                    assertThat(receiveText(consumer)).isEqualTo("one");
                    assertThat(receiveText(consumer)).isEqualTo("two");
                    assertThat(consumer.receiveNoWait()).isNull();
                }
            }
        }
    }

    @Section("3.4.11")
    @Test
    void headersAndPropertiesGoThrough() throws JMSException {
        Queue queue = newQueue();
        try (Session session = open(Session.AUTO_ACKNOWLEDGE);
                MessageProducer producer = session.createProducer(null);
                MessageConsumer consumer = session.createConsumer(queue)) {
            Message message = session.createMapMessage();
            message.setJMSCorrelationID("c");
            message.setJMSReplyTo(queue);
            message.setIntProperty("n", 1);
            message.setStringProperty("JMSXGroupID", "g");
            producer.send(queue, message, DeliveryMode.NON_PERSISTENT, 7, 100_000);
            Message received = consumer.receive(SOON);
            assertThat(received.getJMSMessageID()).isEqualTo(message.getJMSMessageID());
            assertThat(received.getJMSCorrelationID()).isEqualTo("c");
            assertThat(received.getJMSReplyTo()).isEqualTo(queue);
            assertThat(received.getJMSPriority()).isEqualTo(7);
            assertThat(received.getJMSExpiration()).isEqualTo(received.getJMSTimestamp() + 100_000);
            assertThat(received.getIntProperty("n")).isEqualTo(1);
            assertThat(received.getStringProperty("JMSXGroupID")).isEqualTo("g");
        }
    }

    @Section("6.2.10")
    @Test
    void clientAcknowledgementGoesThrough() throws JMSException {
        Queue queue = newQueue();
        try (Session session = open(Session.CLIENT_ACKNOWLEDGE)) {
            send(session, queue, "one", "two");
            try (MessageConsumer consumer = session.createConsumer(queue)) {
                consumer.receive(SOON).acknowledge();
                assertThat(receiveText(consumer)).isEqualTo("two");
                session.recover();
                Message again = consumer.receive(SOON);
                assertThat(text(again)).isEqualTo("two");
                assertThat(again.getJMSRedelivered()).isTrue();
                assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
                again.acknowledge();
            }
        }
        assertHolds(queue);
    }

    @Section("6.2.7")
    @Test
    void transactionsGoThrough() throws JMSException {
        Queue in = newQueue();
        Queue out = newQueue();
        sendTexts(in, "request");
        try (Session session = open(Session.SESSION_TRANSACTED)) {
            try (MessageConsumer consumer = session.createConsumer(in)) {
                assertThat(receiveText(consumer)).isEqualTo("request");
                send(session, out, "never");
                session.rollback();
                Message again = consumer.receive(SOON);
                assertThat(again.getJMSRedelivered()).isTrue();
                send(session, out, "answer");
                session.commit();
            }
        }
        assertHolds(in);
        assertHolds(out, "answer");
    }

    @Section("6.2.15")
    @Test
    void aClosedTransactedSessionLeavesNothingToTheNext() throws JMSException {
        Queue queue = newQueue();
        Queue in = newQueue();
        sendTexts(in, "request");
        try (Session session = open(Session.SESSION_TRANSACTED)) {
            send(session, queue, "never");
            try (MessageConsumer consumer = session.createConsumer(in)) {
                assertThat(receiveText(consumer)).isEqualTo("request");
            }
        }
        try (Session session = open(Session.SESSION_TRANSACTED)) {
            send(session, queue, "committed");
            session.commit();
        }
        assertHolds(queue, "committed");
        release(wrapped); // a pooled session keeps its messages until then
        assertHolds(in, "request");
    }

    @Section("8.7")
    @Test
    void listenersGoThrough() throws Exception {
        Queue queue = newQueue();
        LinkedBlockingQueue<Message> heard = new LinkedBlockingQueue<>();
        try (Session session = open(Session.AUTO_ACKNOWLEDGE);
                MessageConsumer consumer = session.createConsumer(queue)) {
            consumer.setMessageListener(heard::add);
            sendTexts(queue, "one", "two");
            assertThat(text(heard.poll(SOON, TimeUnit.MILLISECONDS))).isEqualTo("one");
            assertThat(text(heard.poll(SOON, TimeUnit.MILLISECONDS))).isEqualTo("two");
        }
    }

    @Section("8.3.1")
    @Test
    void topicsGoThrough() throws JMSException {
        Topic topic = newTopic();
        try (Session session = open(Session.AUTO_ACKNOWLEDGE);
                MessageConsumer one = session.createConsumer(topic);
                MessageConsumer two = session.createConsumer(topic, "n = 1");
                MessageProducer producer = session.createProducer(topic)) {
            Message message = session.createTextMessage("m");
            producer.send(message);
            message.setIntProperty("n", 1);
            producer.send(message);
            assertThat(one.receive(SOON)).isNotNull();
            assertThat(one.receive(SOON)).isNotNull();
            assertThat(two.receive(SOON).getIntProperty("n")).isEqualTo(1);
            assertThat(two.receiveNoWait()).isNull();
        }
    }

    @Section("6.2.2")
    @Test
    void requestsAndAnswersGoThroughTemporaryQueues() throws JMSException {
        Queue queue = newQueue();
        try (Session session = open(Session.AUTO_ACKNOWLEDGE)) {
            TemporaryQueue answers = session.createTemporaryQueue();
            Message request = session.createTextMessage("request");
            request.setJMSReplyTo(answers);
            try (MessageProducer producer = session.createProducer(queue)) {
                producer.send(request);
            }
            try (MessageConsumer consumer = session.createConsumer(queue);
                    MessageConsumer answered = session.createConsumer(answers)) {
                Message received = consumer.receive(SOON);
                try (MessageProducer producer = session.createProducer(null)) {
                    producer.send(received.getJMSReplyTo(), session.createTextMessage("answer"));
                }
                assertThat(receiveText(answered)).isEqualTo("answer");
            }
            answers.delete();
        }
    }

    @Section("7.3")
    @Test
    void asynchronousSendsGoThrough() throws Exception {
        Queue queue = newQueue();
        try (Session session = open(Session.AUTO_ACKNOWLEDGE);
                MessageProducer producer = session.createProducer(queue)) {
            CompletionRecord record = new CompletionRecord();
            for (int i = 0; i < 10; i++) producer.send(session.createTextMessage("m" + i), record);
            for (int i = 0; i < 10; i++) assertThat(record.next().exception()).isNull();
        }
        try (MessageConsumer consumer = session().createConsumer(queue)) {
            for (int i = 0; i < 10; i++) assertThat(receiveText(consumer)).isEqualTo("m" + i);
        }
    }

    @Section("7.9")
    @Test
    void delaysGoThrough() throws JMSException {
        Queue queue = newQueue();
        try (Session session = open(Session.AUTO_ACKNOWLEDGE);
                MessageProducer producer = session.createProducer(queue)) {
            producer.setDeliveryDelay(100);
            producer.send(session.createTextMessage("later"));
        }
        Message received = session().createConsumer(queue).receive(SOON);
        assertThat(received.getJMSDeliveryTime()).isGreaterThanOrEqualTo(received.getJMSTimestamp() + 100);
        assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(received.getJMSDeliveryTime());
    }

    @Section("8.3.4")
    @Test
    void sharedDurableSubscriptionsGoThrough() throws JMSException {
        Topic topic = newTopic();
        String name = newName();
        try (Session session = open(Session.AUTO_ACKNOWLEDGE)) {
            session.createSharedDurableConsumer(topic, name).close();
            sendTexts(topic, "one");
            try (MessageConsumer consumer = session.createSharedDurableConsumer(topic, name)) {
                assertThat(receiveText(consumer)).isEqualTo("one");
            }
        }
        wrappedUnsubscribe(name);
    }

    private void wrappedUnsubscribe(String name) throws JMSException {
        release(wrapped); // wrappers may keep consumers open
        session().unsubscribe(name);
    }

    @Section("3.8.1.1")
    @Test
    void aWrongSelectorIsRefused() throws JMSException {
        Queue queue = newQueue();
        try (Session session = open(Session.AUTO_ACKNOWLEDGE)) {
            assertThatThrownBy(() -> session.createConsumer(queue, "a =")).isInstanceOf(InvalidSelectorException.class);
        }
    }

    @Section("6.1")
    @ParameterizedTest
    @ValueSource(ints = {JMSContext.AUTO_ACKNOWLEDGE, JMSContext.CLIENT_ACKNOWLEDGE, JMSContext.SESSION_TRANSACTED})
    void contextsGoThrough(int mode) throws JMSException {
        Queue queue = newQueue();
        try (JMSContext context = wrapped.createContext(mode)) {
            context.createProducer().setProperty("n", 1).send(queue, "one");
            if (mode == JMSContext.SESSION_TRANSACTED) context.commit();
            var consumer = context.createConsumer(queue, "n = 1");
            Message received = consumer.receive(SOON);
            assertThat(text(received)).isEqualTo("one");
            if (mode == JMSContext.SESSION_TRANSACTED) context.commit();
            else received.acknowledge();
            consumer.close();
        }
        assertHolds(queue);
    }
}
