package org.larchmq.tck.conformance.chapter4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueRequestor;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicRequestor;
import jakarta.jms.TopicSession;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.embedded.EmbeddedLarchMQ;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Section;

/** What queues and topics are, and the requestors. */
@Section("4.1.2")
class QueueTest extends AgainstBroker {
    @Test
    void eachMessageIsDeliveredToOneConsumer() throws JMSException {
        Queue queue = newQueue();
        MessageConsumer[] consumers = new MessageConsumer[3];
        for (int i = 0; i < 3; i++) consumers[i] = connect().createSession().createConsumer(queue);
        List<String> sent = new ArrayList<>();
        for (int i = 0; i < 30; i++) sent.add("m" + i);
        sendTexts(queue, sent.toArray(new String[0]));
        List<String> seen = new ArrayList<>();
        while (seen.size() < 30) {
            int before = seen.size();
            for (MessageConsumer consumer : consumers) {
                Message message = consumer.receive(seen.size() == before ? 200 : 1);
                if (message != null) seen.add(text(message));
            }
            assertThat(seen).hasSizeGreaterThan(before);
        }
        assertThat(seen).containsExactlyInAnyOrderElementsOf(sent);
    }

    @Test
    void whatOneConsumerDoesNotSelectAnotherGets() throws JMSException {
        Queue queue = newQueue();
        MessageConsumer even = session().createConsumer(queue, "even = TRUE");
        MessageConsumer odd = session().createConsumer(queue, "even = FALSE");
        for (int i = 0; i < 10; i++) {
            Message message = session().createTextMessage("m" + i);
            message.setBooleanProperty("even", i % 2 == 0);
            session().createProducer(queue).send(message);
        }
        for (int i = 0; i < 10; i += 2) {
            assertThat(receiveText(even)).isEqualTo("m" + i);
            assertThat(receiveText(odd)).isEqualTo("m" + (i + 1));
        }
    }

    @Test
    void aSelectorFindsAMessageBehindManyThatItDoesNotSelect() throws JMSException {
        Queue queue = newQueue();
        try (var producer = session().createProducer(queue)) {
            producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
            for (int i = 0; i <= 3_000; i++) {
                Message message = session().createTextMessage("m" + i);
                message.setIntProperty("n", i);
                producer.send(message);
            }
        }
        try (MessageConsumer consumer = session().createConsumer(queue, "n = 3000")) {
            assertThat(receiveText(consumer)).isEqualTo("m3000");
        }
        try (MessageConsumer rest = session().createConsumer(queue)) {
            for (int i = 0; i < 3_000; i++) assertThat(receiveText(rest)).isEqualTo("m" + i);
        }
    }

    @Section("4.1.8")
    @Test
    void aQueueKeepsMessagesWhileNobodyConsumes() throws JMSException {
        Queue queue = newQueue();
        Connection connection = connect();
        Session session = connection.createSession();
        session.createProducer(queue).send(session.createTextMessage("one"));
        connection.close();
        assertHolds(queue, "one");
    }

    @Section("4.1.8")
    @Test
    void aPersistentMessageOutlivesTheBroker(@org.junit.jupiter.api.io.TempDir java.nio.file.Path directory)
            throws JMSException {
        try (EmbeddedLarchMQ broker = EmbeddedLarchMQ.inDirectory(directory);
                Connection connection = broker.connectionFactory().createConnection()) {
            Session session = connection.createSession();
            session.createProducer(session.createQueue("q")).send(session.createTextMessage("one"));
        }
        try (EmbeddedLarchMQ broker = EmbeddedLarchMQ.inDirectory(directory);
                Connection connection = broker.connectionFactory().createConnection()) {
            connection.start();
            Session session = connection.createSession();
            assertThat(receiveText(session.createConsumer(session.createQueue("q"))))
                    .isEqualTo("one");
        }
    }

    @Section("4.2.2")
    @Test
    void theCopiesOfAMessageAreIndependent() throws JMSException {
        Topic topic = newTopic();
        Session acknowledging = connection().createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer one = acknowledging.createConsumer(topic);
        Session recovering = connection().createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer two = recovering.createConsumer(topic);
        sendTexts(topic, "m");
        one.receive(SOON).acknowledge();
        assertThat(receiveText(two)).isEqualTo("m");
        recovering.recover();
        Message again = two.receive(SOON);
        assertThat(again.getJMSRedelivered()).isTrue();
        acknowledging.recover();
        assertThat(one.receiveNoWait()).isNull();
    }

    @Section("4.2.2")
    @Test
    void aMessageToATopicWithoutSubscribersGoesNowhere() throws JMSException {
        Topic topic = newTopic();
        sendTexts(topic, "one");
        assertThat(session().createConsumer(topic).receiveNoWait()).isNull();
    }

    @Section("4.1.7")
    @Test
    void aQueueRequestorGetsItsAnswer() throws Exception {
        Queue queue = newQueue();
        Session answering = connect().createSession();
        answering.createConsumer(queue).setMessageListener(request -> {
            try {
                answering
                        .createProducer(request.getJMSReplyTo())
                        .send(answering.createTextMessage("answer to " + text(request)));
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        QueueConnection connection = closeLater(factory().createQueueConnection());
        connection.start();
        QueueSession session = connection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        QueueRequestor requestor = new QueueRequestor(session, queue);
        for (String text : new String[] {"a", "b"}) {
            TextMessage answer = (TextMessage) requestor.request(session.createTextMessage(text));
            assertThat(answer.getText()).isEqualTo("answer to " + text);
        }
        requestor.close();
    }

    @Section("4.2.10")
    @Test
    void aTopicRequestorGetsItsAnswer() throws Exception {
        Topic topic = newTopic();
        Session answering = connect().createSession();
        answering.createConsumer(topic).setMessageListener(request -> {
            try {
                answering
                        .createProducer(request.getJMSReplyTo())
                        .send(answering.createTextMessage("answer to " + text(request)));
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        TopicConnection connection = closeLater(factory().createTopicConnection());
        connection.start();
        TopicSession session = connection.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        TopicRequestor requestor = new TopicRequestor(session, topic);
        TextMessage answer = (TextMessage) requestor.request(session.createTextMessage("a"));
        assertThat(answer.getText()).isEqualTo("answer to a");
        requestor.close();
    }

    @Section("4.1.7")
    @Test
    void aQueueRequestorNeedsAQueue() throws JMSException {
        QueueSession session =
                closeLater(factory().createQueueConnection()).createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        assertThatThrownBy(() -> new QueueRequestor(session, null)).isInstanceOf(InvalidDestinationException.class);
    }

    @Section("4.1.4")
    @ParameterizedTest
    @ValueSource(strings = {"simple", "with.dots", "with/slashes", "with spaces", "ünï", "UPPER", "a:b", "x?y=z"})
    void aQueueMayHaveManyNames(String name) throws JMSException {
        Queue queue = session().createQueue(name);
        assertThat(queue.getQueueName()).isEqualTo(name);
        sendTexts(queue, "one");
        assertHolds(session().createQueue(name), "one");
    }
}
