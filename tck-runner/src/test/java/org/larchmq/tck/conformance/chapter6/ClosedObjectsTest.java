package org.larchmq.tck.conformance.chapter6;

import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.larchmq.tck.conformance.Call.call;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Call;
import org.larchmq.tck.conformance.CompletionRecord;
import org.larchmq.tck.conformance.Section;

/** Every method of a closed object of the classic API is an illegal state, but close is ignored. */
@Section("6.2.15")
class ClosedObjectsTest extends AgainstBroker {
    private static final Queue QUEUE = queueOf("closed");
    private static final Topic TOPIC = topicOf("closed");

    private static Queue queueOf(String name) {
        return new org.larchmq.jms.message.LarchQueue(name);
    }

    private static Topic topicOf(String name) {
        return new org.larchmq.jms.message.LarchTopic(name);
    }

    static Stream<Call<Connection>> connectionCalls() {
        return Stream.of(
                call("createSession()", Connection::createSession),
                call("createSession(int)", c -> c.createSession(Session.CLIENT_ACKNOWLEDGE)),
                call("createSession(boolean, int)", c -> c.createSession(true, 0)),
                call("getClientID", Connection::getClientID),
                call("setClientID", c -> c.setClientID("x")),
                call("getMetaData", Connection::getMetaData),
                call("getExceptionListener", Connection::getExceptionListener),
                call("setExceptionListener", c -> c.setExceptionListener(null)),
                call("start", Connection::start),
                call("stop", Connection::stop),
                call("createConnectionConsumer", c -> c.createConnectionConsumer(QUEUE, null, null, 1)),
                call(
                        "createDurableConnectionConsumer",
                        c -> c.createDurableConnectionConsumer(TOPIC, "s", null, null, 1)),
                call(
                        "createSharedConnectionConsumer",
                        c -> c.createSharedConnectionConsumer(TOPIC, "s", null, null, 1)),
                call(
                        "createSharedDurableConnectionConsumer",
                        c -> c.createSharedDurableConnectionConsumer(TOPIC, "s", null, null, 1)));
    }

    @Section("6.1.8")
    @ParameterizedTest
    @MethodSource("connectionCalls")
    void ofAClosedConnection(Call<Connection> method) throws JMSException {
        Connection connection = connect();
        connection.close();
        connection.close();
        assertThatThrownBy(() -> method.on(connection)).isInstanceOf(IllegalStateException.class);
    }

    @Section("6.1.8")
    @ParameterizedTest
    @MethodSource("queueConnectionCalls")
    void ofAClosedQueueConnection(Call<QueueConnection> method) throws JMSException {
        QueueConnection connection = closeLater(factory().createQueueConnection());
        connection.close();
        assertThatThrownBy(() -> method.on(connection)).isInstanceOf(IllegalStateException.class);
    }

    static Stream<Call<QueueConnection>> queueConnectionCalls() {
        return Stream.of(
                call("createQueueSession", c -> c.createQueueSession(false, Session.AUTO_ACKNOWLEDGE)),
                call("createConnectionConsumer", c -> c.createConnectionConsumer(QUEUE, null, null, 1)),
                call("getMetaData", QueueConnection::getMetaData),
                call("start", QueueConnection::start));
    }

    @Section("6.1.8")
    @ParameterizedTest
    @MethodSource("topicConnectionCalls")
    void ofAClosedTopicConnection(Call<TopicConnection> method) throws JMSException {
        TopicConnection connection = closeLater(factory().createTopicConnection());
        connection.close();
        assertThatThrownBy(() -> method.on(connection)).isInstanceOf(IllegalStateException.class);
    }

    static Stream<Call<TopicConnection>> topicConnectionCalls() {
        return Stream.of(
                call("createTopicSession", c -> c.createTopicSession(false, Session.AUTO_ACKNOWLEDGE)),
                call("createConnectionConsumer", c -> c.createConnectionConsumer(TOPIC, null, null, 1)),
                call("getMetaData", TopicConnection::getMetaData),
                call("start", TopicConnection::start));
    }

    static Stream<Call<Session>> sessionCalls() {
        return Stream.of(
                call("createMessage", Session::createMessage),
                call("createTextMessage", Session::createTextMessage),
                call("createTextMessage(String)", s -> s.createTextMessage("x")),
                call("createBytesMessage", Session::createBytesMessage),
                call("createMapMessage", Session::createMapMessage),
                call("createStreamMessage", Session::createStreamMessage),
                call("createObjectMessage", Session::createObjectMessage),
                call("createObjectMessage(Serializable)", s -> s.createObjectMessage("x")),
                call("createProducer", s -> s.createProducer(QUEUE)),
                call("createProducer without destination", s -> s.createProducer(null)),
                call("createConsumer", s -> s.createConsumer(QUEUE)),
                call("createConsumer with selector", s -> s.createConsumer(QUEUE, "a = 1")),
                call("createConsumer with noLocal", s -> s.createConsumer(TOPIC, null, true)),
                call("createSharedConsumer", s -> s.createSharedConsumer(TOPIC, "n")),
                call("createSharedConsumer with selector", s -> s.createSharedConsumer(TOPIC, "n", "a = 1")),
                call("createDurableConsumer", s -> s.createDurableConsumer(TOPIC, "n")),
                call("createDurableConsumer with selector", s -> s.createDurableConsumer(TOPIC, "n", "a = 1", true)),
                call("createDurableSubscriber", s -> s.createDurableSubscriber(TOPIC, "n")),
                call(
                        "createDurableSubscriber with selector",
                        s -> s.createDurableSubscriber(TOPIC, "n", "a = 1", true)),
                call("createSharedDurableConsumer", s -> s.createSharedDurableConsumer(TOPIC, "n")),
                call(
                        "createSharedDurableConsumer with selector",
                        s -> s.createSharedDurableConsumer(TOPIC, "n", "a = 1")),
                call("createBrowser", s -> s.createBrowser(QUEUE)),
                call("createBrowser with selector", s -> s.createBrowser(QUEUE, "a = 1")),
                call("createQueue", s -> s.createQueue("x")),
                call("createTopic", s -> s.createTopic("x")),
                call("createTemporaryQueue", Session::createTemporaryQueue),
                call("createTemporaryTopic", Session::createTemporaryTopic),
                call("getTransacted", Session::getTransacted),
                call("getAcknowledgeMode", Session::getAcknowledgeMode),
                call("getMessageListener", Session::getMessageListener),
                call("setMessageListener", s -> s.setMessageListener(m -> {})),
                call("commit", Session::commit),
                call("rollback", Session::rollback),
                call("recover", Session::recover),
                call("unsubscribe", s -> s.unsubscribe("n")));
    }

    @ParameterizedTest
    @MethodSource("sessionCalls")
    void ofAClosedSession(Call<Session> method) throws JMSException {
        Session session = connection().createSession();
        session.close();
        session.close();
        assertThatThrownBy(() -> method.on(session)).isInstanceOf(IllegalStateException.class);
    }

    @Section("6.1.8")
    @ParameterizedTest
    @MethodSource("sessionCalls")
    void ofASessionWhoseConnectionIsClosed(Call<Session> method) throws JMSException {
        Connection connection = connect();
        Session session = connection.createSession();
        connection.close();
        session.close();
        assertThatThrownBy(() -> method.on(session)).isInstanceOf(IllegalStateException.class);
    }

    static Stream<Call<MessageProducer>> producerCalls() {
        Message message = aMessage();
        return Stream.of(
                call("getDestination", MessageProducer::getDestination),
                call("getDeliveryMode", MessageProducer::getDeliveryMode),
                call("setDeliveryMode", p -> p.setDeliveryMode(DeliveryMode.NON_PERSISTENT)),
                call("getPriority", MessageProducer::getPriority),
                call("setPriority", p -> p.setPriority(3)),
                call("getTimeToLive", MessageProducer::getTimeToLive),
                call("setTimeToLive", p -> p.setTimeToLive(3)),
                call("getDeliveryDelay", MessageProducer::getDeliveryDelay),
                call("setDeliveryDelay", p -> p.setDeliveryDelay(3)),
                call("getDisableMessageID", MessageProducer::getDisableMessageID),
                call("setDisableMessageID", p -> p.setDisableMessageID(true)),
                call("getDisableMessageTimestamp", MessageProducer::getDisableMessageTimestamp),
                call("setDisableMessageTimestamp", p -> p.setDisableMessageTimestamp(true)),
                call("send", p -> p.send(message)),
                call("send with options", p -> p.send(message, DeliveryMode.PERSISTENT, 4, 0)),
                call("send to a destination", p -> p.send(QUEUE, message)),
                call("send to a destination with options", p -> p.send(QUEUE, message, DeliveryMode.PERSISTENT, 4, 0)),
                call("send asynchronously", p -> p.send(message, new CompletionRecord())),
                call(
                        "send asynchronously with options",
                        p -> p.send(message, DeliveryMode.PERSISTENT, 4, 0, new CompletionRecord())),
                call("send asynchronously to a destination", p -> p.send(QUEUE, message, new CompletionRecord())),
                call(
                        "send asynchronously to a destination with options",
                        p -> p.send(QUEUE, message, DeliveryMode.PERSISTENT, 4, 0, new CompletionRecord())));
    }

    private static Message aMessage() {
        try (Connection connection = factory().createConnection()) {
            return connection.createSession().createMessage();
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    @Section("7.1")
    @ParameterizedTest
    @MethodSource("producerCalls")
    void ofAClosedProducer(Call<MessageProducer> method) throws JMSException {
        MessageProducer producer = session().createProducer(newQueue());
        producer.close();
        producer.close();
        assertThatThrownBy(() -> method.on(producer)).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @MethodSource("producerCalls")
    void ofAProducerWhoseSessionIsClosed(Call<MessageProducer> method) throws JMSException {
        Session session = connection().createSession();
        MessageProducer producer = session.createProducer(newQueue());
        session.close();
        producer.close();
        assertThatThrownBy(() -> method.on(producer)).isInstanceOf(IllegalStateException.class);
    }

    @Section("6.1.8")
    @ParameterizedTest
    @MethodSource("producerCalls")
    void ofAProducerWhoseConnectionIsClosed(Call<MessageProducer> method) throws JMSException {
        Connection connection = connect();
        MessageProducer producer = connection.createSession().createProducer(newQueue());
        connection.close();
        producer.close();
        assertThatThrownBy(() -> method.on(producer)).isInstanceOf(IllegalStateException.class);
    }

    static Stream<Call<MessageConsumer>> consumerCalls() {
        return Stream.of(
                call("getMessageSelector", MessageConsumer::getMessageSelector),
                call("getMessageListener", MessageConsumer::getMessageListener),
                call("setMessageListener", c -> c.setMessageListener(m -> {})),
                call("receive", MessageConsumer::receive),
                call("receive(long)", c -> c.receive(1)),
                call("receiveNoWait", MessageConsumer::receiveNoWait));
    }

    @Section("8.8")
    @ParameterizedTest
    @MethodSource("consumerCalls")
    void ofAClosedConsumer(Call<MessageConsumer> method) throws JMSException {
        MessageConsumer consumer = session().createConsumer(newQueue());
        consumer.close();
        consumer.close();
        assertThatThrownBy(() -> method.on(consumer)).isInstanceOf(IllegalStateException.class);
    }

    @ParameterizedTest
    @MethodSource("consumerCalls")
    void ofAConsumerWhoseSessionIsClosed(Call<MessageConsumer> method) throws JMSException {
        Session session = connection().createSession();
        MessageConsumer consumer = session.createConsumer(newTopic());
        session.close();
        consumer.close();
        assertThatThrownBy(() -> method.on(consumer)).isInstanceOf(IllegalStateException.class);
    }

    @Section("6.1.8")
    @ParameterizedTest
    @MethodSource("consumerCalls")
    void ofAConsumerWhoseConnectionIsClosed(Call<MessageConsumer> method) throws JMSException {
        Connection connection = connect();
        MessageConsumer consumer = connection.createSession().createConsumer(newQueue());
        connection.close();
        consumer.close();
        assertThatThrownBy(() -> method.on(consumer)).isInstanceOf(IllegalStateException.class);
    }

    static Stream<Call<QueueSession>> queueSessionCalls() {
        return Stream.of(
                call("createSender", s -> s.createSender(QUEUE)),
                call("createReceiver", s -> s.createReceiver(QUEUE)),
                call("createReceiver with selector", s -> s.createReceiver(QUEUE, "a = 1")),
                call("createQueue", s -> s.createQueue("x")),
                call("createTemporaryQueue", QueueSession::createTemporaryQueue),
                call("createBrowser", s -> s.createBrowser(QUEUE)));
    }

    @ParameterizedTest
    @MethodSource("queueSessionCalls")
    void ofAClosedQueueSession(Call<QueueSession> method) throws JMSException {
        QueueSession session =
                closeLater(factory().createQueueConnection()).createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        session.close();
        assertThatThrownBy(() -> method.on(session)).isInstanceOf(IllegalStateException.class);
    }

    static Stream<Call<TopicSession>> topicSessionCalls() {
        return Stream.of(
                call("createPublisher", s -> s.createPublisher(TOPIC)),
                call("createSubscriber", s -> s.createSubscriber(TOPIC)),
                call("createSubscriber with selector", s -> s.createSubscriber(TOPIC, "a = 1", false)),
                call("createTopic", s -> s.createTopic("x")),
                call("createTemporaryTopic", TopicSession::createTemporaryTopic),
                call("createDurableSubscriber", s -> s.createDurableSubscriber(TOPIC, "n")),
                call("unsubscribe", s -> s.unsubscribe("n")));
    }

    @ParameterizedTest
    @MethodSource("topicSessionCalls")
    void ofAClosedTopicSession(Call<TopicSession> method) throws JMSException {
        TopicSession session =
                closeLater(factory().createTopicConnection()).createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        session.close();
        assertThatThrownBy(() -> method.on(session)).isInstanceOf(IllegalStateException.class);
    }

    static Stream<Call<QueueSender>> senderCalls() {
        Message message = aMessage();
        return Stream.of(
                call("getQueue", QueueSender::getQueue),
                call("send", s -> s.send(message)),
                call("send with options", s -> s.send(message, DeliveryMode.PERSISTENT, 4, 0)),
                call("send to a queue", s -> s.send(QUEUE, message)),
                call("send to a queue with options", s -> s.send(QUEUE, message, DeliveryMode.PERSISTENT, 4, 0)));
    }

    @ParameterizedTest
    @MethodSource("senderCalls")
    void ofAClosedSender(Call<QueueSender> method) throws JMSException {
        QueueSender sender = closeLater(factory().createQueueConnection())
                .createQueueSession(false, Session.AUTO_ACKNOWLEDGE)
                .createSender(QUEUE);
        sender.close();
        assertThatThrownBy(() -> method.on(sender)).isInstanceOf(IllegalStateException.class);
    }

    static Stream<Call<TopicPublisher>> publisherCalls() {
        Message message = aMessage();
        return Stream.of(
                call("getTopic", TopicPublisher::getTopic),
                call("publish", p -> p.publish(message)),
                call("publish with options", p -> p.publish(message, DeliveryMode.PERSISTENT, 4, 0)),
                call("publish to a topic", p -> p.publish(TOPIC, message)),
                call("publish to a topic with options", p -> p.publish(TOPIC, message, DeliveryMode.PERSISTENT, 4, 0)));
    }

    @ParameterizedTest
    @MethodSource("publisherCalls")
    void ofAClosedPublisher(Call<TopicPublisher> method) throws JMSException {
        TopicPublisher publisher = closeLater(factory().createTopicConnection())
                .createTopicSession(false, Session.AUTO_ACKNOWLEDGE)
                .createPublisher(TOPIC);
        publisher.close();
        assertThatThrownBy(() -> method.on(publisher)).isInstanceOf(IllegalStateException.class);
    }

    static Stream<Call<QueueReceiver>> receiverCalls() {
        return Stream.of(
                call("getQueue", QueueReceiver::getQueue),
                call("receive(long)", r -> r.receive(1)),
                call("receiveNoWait", QueueReceiver::receiveNoWait));
    }

    @ParameterizedTest
    @MethodSource("receiverCalls")
    void ofAClosedReceiver(Call<QueueReceiver> method) throws JMSException {
        QueueReceiver receiver = closeLater(factory().createQueueConnection())
                .createQueueSession(false, Session.AUTO_ACKNOWLEDGE)
                .createReceiver(QUEUE);
        receiver.close();
        assertThatThrownBy(() -> method.on(receiver)).isInstanceOf(IllegalStateException.class);
    }

    static Stream<Call<TopicSubscriber>> subscriberCalls() {
        return Stream.of(
                call("getTopic", TopicSubscriber::getTopic),
                call("getNoLocal", TopicSubscriber::getNoLocal),
                call("receive(long)", s -> s.receive(1)),
                call("receiveNoWait", TopicSubscriber::receiveNoWait));
    }

    @ParameterizedTest
    @MethodSource("subscriberCalls")
    void ofAClosedSubscriber(Call<TopicSubscriber> method) throws JMSException {
        TopicSubscriber subscriber = closeLater(factory().createTopicConnection())
                .createTopicSession(false, Session.AUTO_ACKNOWLEDGE)
                .createSubscriber(TOPIC);
        subscriber.close();
        assertThatThrownBy(() -> method.on(subscriber)).isInstanceOf(IllegalStateException.class);
    }
}
