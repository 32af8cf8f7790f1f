package org.larchmq.tck.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.Destination;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.ArrayDeque;
import java.util.Deque;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.larchmq.embedded.EmbeddedLarchMQ;
import org.larchmq.embedded.junit.LarchMQExtension;
import org.larchmq.jms.LarchConnectionFactory;

/** A broker for the class, destinations for each test, and everything that a test opened is closed after it. */
@Timeout(60)
public abstract class AgainstBroker {
    /** Longer than anything takes that works. */
    protected static final long SOON = 10_000;

    protected static final String USER = "ann", PASSWORD = "secret";

    @RegisterExtension
    static final LarchMQExtension BROKER =
            new LarchMQExtension(EmbeddedLarchMQ.builder().user(USER, PASSWORD));

    private static int lastName;

    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private Connection connection;
    private Session session;

    @AfterEach
    void closeWhatWasOpened() throws Exception {
        while (!opened.isEmpty()) opened.pop().close();
    }

    protected static LarchConnectionFactory factory() {
        return BROKER.connectionFactory();
    }

    /** Options as in a URI, such as {@code prefetch=0&clientId=x}. */
    protected static ConnectionFactory factory(String options) {
        return new LarchConnectionFactory(BROKER.uri() + "?" + options);
    }

    /** Closes a resource after the test, the last one first. */
    protected <T extends AutoCloseable> T closeLater(T resource) {
        opened.push(resource);
        return resource;
    }

    /** A new connection, started. */
    protected Connection connect() throws JMSException {
        Connection fresh = closeLater(factory().createConnection());
        fresh.start();
        return fresh;
    }

    /** The connection of the test, started. */
    protected Connection connection() throws JMSException {
        if (connection == null) connection = connect();
        return connection;
    }

    /** The AUTO_ACKNOWLEDGE session of the test. */
    protected Session session() throws JMSException {
        if (session == null) session = connection().createSession();
        return session;
    }

    protected JMSContext context() {
        return closeLater(factory().createContext());
    }

    protected JMSContext context(int mode) {
        return closeLater(factory().createContext(mode));
    }

    /** A name that no test has used. */
    protected static synchronized String newName() {
        return "conformance." + ++lastName;
    }

    /** A queue that no test has used. */
    protected Queue newQueue() throws JMSException {
        return session().createQueue(newName());
    }

    /** A topic that no test has used. */
    protected Topic newTopic() throws JMSException {
        return session().createTopic(newName());
    }

    /** Sends texts through a producer that is closed again. */
    protected void sendTexts(Destination destination, String... texts) throws JMSException {
        try (MessageProducer producer = session().createProducer(destination)) {
            for (String text : texts) producer.send(session().createTextMessage(text));
        }
    }

    /** What a consumer sees of a message after it went through a queue of its own. */
    @SuppressWarnings("unchecked")
    protected <M extends Message> M throughBroker(M message) throws JMSException {
        Queue queue = newQueue();
        try (MessageProducer producer = session().createProducer(queue);
                MessageConsumer consumer = session().createConsumer(queue)) {
            producer.send(message);
            Message received = consumer.receive(SOON);
            assertThat(received).as("the message that was sent").isNotNull();
            return (M) received;
        }
    }

    /** The text of the next message, null when there is none in time. */
    protected static String receiveText(MessageConsumer consumer) throws JMSException {
        return text(consumer.receive(SOON));
    }

    protected static String text(Message message) throws JMSException {
        return message == null ? null : ((TextMessage) message).getText();
    }

    /** Checks that a queue holds these texts, in this order, and nothing else; they are consumed. */
    protected void assertHolds(Queue queue, String... texts) throws JMSException {
        try (MessageConsumer consumer = session().createConsumer(queue)) {
            for (String text : texts) assertThat(receiveText(consumer)).isEqualTo(text);
            assertThat(text(consumer.receiveNoWait())).as("a surplus message").isNull();
        }
    }
}
