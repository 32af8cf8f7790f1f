package org.larchmq.embedded.faults;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.XAConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import javax.transaction.xa.Xid;
import org.larchmq.jms.LarchConnectionFactory;
import org.larchmq.jms.LarchXAConnectionFactory;
import org.larchmq.jms.message.LarchQueue;
import org.larchmq.jms.message.LarchTopic;

/** What one combination has: its names, its client's objects, and what must be at the brokers in the end. */
final class Stage {
    /** Longer than anything takes that goes well, the loss of a silent connection included. */
    static final long PATIENCE_MILLIS = 6_000;

    /** The durable subscription that a combination has. */
    enum Subscription {
        NONE,
        DURABLE,
        SHARED
    }

    private static final String SUBSCRIPTION = "sub";

    private final String name;
    private final String uri;
    private final Store store;
    private final Ledger ledger = new Ledger();
    private final Deque<AutoCloseable> opened = new ArrayDeque<>();
    private final CompletableFuture<JMSException> told = new CompletableFuture<>();
    private Subscription subscription = Subscription.NONE;
    private boolean distributed;

    /** @param uri of the proxy, with options */
    Stage(String name, String uri, Store store) {
        this.name = name;
        this.uri = uri;
        this.store = store;
    }

    Ledger ledger() {
        return ledger;
    }

    String clientId() {
        return "client-" + name;
    }

    Queue queue() {
        return new LarchQueue("queue-" + name);
    }

    /** Another queue, to send to. */
    Queue target() {
        return new LarchQueue("target-" + name);
    }

    Topic topic() {
        return new LarchTopic("topic-" + name);
    }

    /** From here on the combination has a durable subscription of this name. */
    String durable() {
        subscription = Subscription.DURABLE;
        return SUBSCRIPTION;
    }

    String sharedDurable() {
        subscription = Subscription.SHARED;
        return SUBSCRIPTION;
    }

    Subscription subscription() {
        return subscription;
    }

    String subscriptionName() {
        return SUBSCRIPTION;
    }

    byte[] globalId() {
        return name.getBytes(StandardCharsets.US_ASCII);
    }

    boolean isDistributed() {
        return distributed;
    }

    Xid xid() {
        byte[] global = globalId();
        return new Xid() {
            @Override
            public int getFormatId() {
                return 7;
            }

            @Override
            public byte[] getGlobalTransactionId() {
                return global.clone();
            }

            @Override
            public byte[] getBranchQualifier() {
                return new byte[] {1};
            }
        };
    }

    // What is at the broker before.

    /** Puts messages into the queue, not through the proxy. */
    void seed(String... texts) {
        try (JMSContext context = store.open("seed-" + name)) {
            for (String text : texts) {
                context.createProducer().send(queue(), text);
                ledger.must(text);
            }
        }
    }

    /** Makes the durable subscription, with a message in it, not through the proxy. */
    void seedDurable(String text) {
        try (JMSContext context = store.open(clientId())) {
            JMSConsumer consumer = context.createDurableConsumer(topic(), durable());
            context.createProducer().send(topic(), text);
            ledger.must(text);
            consumer.close();
        }
    }

    // The client's objects.

    ConnectionFactory factory() {
        return new LarchConnectionFactory(uri + "&clientId=" + clientId());
    }

    /** Of connections without a client id. */
    ConnectionFactory anonymousFactory() {
        return new LarchConnectionFactory(uri);
    }

    LarchXAConnectionFactory xaFactory() {
        distributed = true;
        return new LarchXAConnectionFactory(uri + "&clientId=" + clientId());
    }

    <T extends AutoCloseable> T closeLater(T resource) {
        opened.push(resource);
        return resource;
    }

    Connection connection() throws JMSException {
        return started(closeLater(factory().createConnection()));
    }

    private <C extends Connection> C started(C connection) throws JMSException {
        connection.setExceptionListener(told::complete);
        connection.start();
        return connection;
    }

    Session session(int mode) throws JMSException {
        return connection().createSession(mode);
    }

    Session session() throws JMSException {
        return session(Session.AUTO_ACKNOWLEDGE);
    }

    JMSContext context(int mode) {
        return closeLater(factory().createContext(mode));
    }

    JMSContext context() {
        return context(JMSContext.AUTO_ACKNOWLEDGE);
    }

    XAConnection xaConnection() throws JMSException {
        return started(closeLater(xaFactory().createXAConnection()));
    }

    /** Closes everything, the last first. */
    void close() throws Exception {
        while (!opened.isEmpty()) opened.pop().close();
    }

    // What steps do.

    /** @throws Endings.NothingReceived for null */
    Message received(Message message) throws JMSException, Endings.NothingReceived {
        if (message == null) throw new Endings.NothingReceived();
        ledger.may(Store.text(message));
        return message;
    }

    /** Waits for a completion listener, which is called whatever happens. */
    void completed(CompletableFuture<?> completion) throws Exception {
        try {
            completion.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new Endings.NothingReceived();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
    }

    /** Waits for something that a listener completes, or for the end of the connection, which is thrown. */
    <T> T await(CompletableFuture<T> something) throws Exception {
        CompletableFuture<Object> either = CompletableFuture.anyOf(something, told);
        Object first;
        try {
            first = either.get(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            throw new Endings.NothingReceived();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof Exception cause ? cause : e;
        }
        if (!something.isDone() && first instanceof JMSException lost) throw lost;
        return something.get(0, TimeUnit.MILLISECONDS);
    }
}
