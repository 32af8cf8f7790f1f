package org.larchmq.jms.context;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.Destination;
import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.StreamMessage;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.io.Serializable;
import java.util.concurrent.atomic.AtomicBoolean;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.error.Unchecked;
import org.larchmq.jms.session.LarchConnection;
import org.larchmq.jms.session.LarchConsumer;
import org.larchmq.jms.session.LarchSession;

/** A context: a session, and its connection shared with the contexts made from it. */
public class LarchJmsContext implements JMSContext {
    private final SharedConnection shared;
    private final LarchSession session;
    private final AtomicBoolean closed = new AtomicBoolean();
    private volatile boolean autoStart = true;

    LarchJmsContext(SharedConnection shared, LarchSession session) {
        this.shared = shared;
        this.session = session;
        shared.use();
    }

    /** A context with a connection of its own, which is closed when no session can be made. */
    public static LarchJmsContext open(LarchConnection connection, int sessionMode) {
        return Unchecked.get(() -> {
            boolean made = false;
            try {
                SharedConnection shared = new SharedConnection(connection);
                LarchJmsContext context = new LarchJmsContext(shared, connection.createContextSession(sessionMode));
                made = true;
                return context;
            } finally {
                if (!made) connection.close();
            }
        });
    }

    @Override
    public JMSContext createContext(int sessionMode) {
        checkOpen();
        return Unchecked.get(() ->
                new LarchJmsContext(shared, (LarchSession) shared.connection().createSession(sessionMode)));
    }

    private void checkOpen() {
        if (closed.get()) throw Unchecked.of(JmsErrors.closed("context"));
    }

    private Connection connection() {
        checkOpen();
        return shared.connection();
    }

    @Override
    public void close() {
        Unchecked.run(() -> {
            try {
                session.close();
            } finally { // closed in part would keep the connection for ever
                if (session.isClosed()) shared.release(closed);
            }
        });
    }

    // Producing and consuming.

    @Override
    public JMSProducer createProducer() {
        return Unchecked.get(() -> {
            LarchJmsProducer producer = new LarchJmsProducer(session, session.createProducer(null));
            shared.connection().markUsed();
            return producer;
        });
    }

    private JMSConsumer consumer(Unchecked.Call<MessageConsumer> create) {
        return Unchecked.get(() -> {
            LarchConsumer consumer = (LarchConsumer) create.run();
            startIfAutomatic();
            return new LarchJmsConsumer(consumer);
        });
    }

    private void startIfAutomatic() throws JMSException {
        if (autoStart) shared.connection().start();
    }

    @Override
    public JMSConsumer createConsumer(Destination destination) {
        return consumer(() -> session.createConsumer(destination));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, String selector) {
        return consumer(() -> session.createConsumer(destination, selector));
    }

    @Override
    public JMSConsumer createConsumer(Destination destination, String selector, boolean noLocal) {
        return consumer(() -> session.createConsumer(destination, selector, noLocal));
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String name) {
        return consumer(() -> session.createDurableConsumer(topic, name));
    }

    @Override
    public JMSConsumer createDurableConsumer(Topic topic, String name, String selector, boolean noLocal) {
        return consumer(() -> session.createDurableConsumer(topic, name, selector, noLocal));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String name) {
        return consumer(() -> session.createSharedDurableConsumer(topic, name));
    }

    @Override
    public JMSConsumer createSharedDurableConsumer(Topic topic, String name, String selector) {
        return consumer(() -> session.createSharedDurableConsumer(topic, name, selector));
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String name) {
        return consumer(() -> session.createSharedConsumer(topic, name));
    }

    @Override
    public JMSConsumer createSharedConsumer(Topic topic, String name, String selector) {
        return consumer(() -> session.createSharedConsumer(topic, name, selector));
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) {
        return browser(() -> session.createBrowser(queue));
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, String selector) {
        return browser(() -> session.createBrowser(queue, selector));
    }

    private QueueBrowser browser(Unchecked.Call<QueueBrowser> create) {
        return Unchecked.get(() -> {
            QueueBrowser browser = create.run();
            startIfAutomatic();
            return browser;
        });
    }

    @Override
    public void unsubscribe(String name) {
        Unchecked.run(() -> {
            session.unsubscribe(name);
            shared.connection().markUsed();
        });
    }

    // The connection.

    @Override
    public String getClientID() {
        return Unchecked.get(() -> connection().getClientID());
    }

    @Override
    public void setClientID(String clientId) {
        Unchecked.run(() -> connection().setClientID(clientId));
    }

    @Override
    public ConnectionMetaData getMetaData() {
        return Unchecked.get(() -> connection().getMetaData());
    }

    @Override
    public ExceptionListener getExceptionListener() {
        return Unchecked.get(() -> connection().getExceptionListener());
    }

    @Override
    public void setExceptionListener(ExceptionListener listener) {
        Unchecked.run(() -> connection().setExceptionListener(listener));
    }

    @Override
    public void start() {
        Unchecked.run(() -> connection().start());
    }

    @Override
    public void stop() {
        Unchecked.run(() -> connection().stop());
    }

    @Override
    public void setAutoStart(boolean autoStart) {
        checkOpen();
        this.autoStart = autoStart;
    }

    @Override
    public boolean getAutoStart() {
        checkOpen();
        return autoStart;
    }

    // The session.

    @Override
    public boolean getTransacted() {
        return Unchecked.get(session::getTransacted);
    }

    @Override
    public int getSessionMode() {
        return Unchecked.get(session::getAcknowledgeMode);
    }

    @Override
    public void commit() {
        Unchecked.run(session::commit);
    }

    @Override
    public void rollback() {
        Unchecked.run(session::rollback);
    }

    @Override
    public void recover() {
        Unchecked.run(session::recover);
    }

    @Override
    public void acknowledge() {
        Unchecked.run(session::acknowledgeMessages);
    }

    // What is made without the broker, and temporary destinations.

    @Override
    public BytesMessage createBytesMessage() {
        return Unchecked.get(session::createBytesMessage);
    }

    @Override
    public MapMessage createMapMessage() {
        return Unchecked.get(session::createMapMessage);
    }

    @Override
    public Message createMessage() {
        return Unchecked.get(session::createMessage);
    }

    @Override
    public ObjectMessage createObjectMessage() {
        return Unchecked.get(() -> session.createObjectMessage());
    }

    @Override
    public ObjectMessage createObjectMessage(Serializable object) {
        return Unchecked.get(() -> session.createObjectMessage(object));
    }

    @Override
    public StreamMessage createStreamMessage() {
        return Unchecked.get(session::createStreamMessage);
    }

    @Override
    public TextMessage createTextMessage() {
        return Unchecked.get(() -> session.createTextMessage());
    }

    @Override
    public TextMessage createTextMessage(String text) {
        return Unchecked.get(() -> session.createTextMessage(text));
    }

    @Override
    public Queue createQueue(String queueName) {
        return Unchecked.get(() -> session.createQueue(queueName));
    }

    @Override
    public Topic createTopic(String topicName) {
        return Unchecked.get(() -> session.createTopic(topicName));
    }

    @Override
    public TemporaryQueue createTemporaryQueue() {
        return Unchecked.get(session::createTemporaryQueue);
    }

    @Override
    public TemporaryTopic createTemporaryTopic() {
        return Unchecked.get(session::createTemporaryTopic);
    }
}
