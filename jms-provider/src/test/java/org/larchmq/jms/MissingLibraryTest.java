package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.ServerSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.nio.file.Path;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.broker.Broker;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.message.Compression;

/** A client whose class path has the four jars and neither lz4-java nor zstd-jni, beside one that has them. */
@Timeout(120)
class MissingLibraryTest {
    private static final int MAX_DELIVERIES = 3;
    private static final String TEXT = "an order of larches ".repeat(500);
    private static final String CODE = "LARCH-120-LIBRARY_MISSING";

    @TempDir
    Path data;

    private Broker broker;
    private Connection with;
    private Connection without;
    private Session session;
    private Queue queue;

    @BeforeEach
    void start() throws Exception {
        broker = Broker.start(BrokerSettings.defaults(data)
                .with(BrokerSettings.Network.DEFAULT.withPort(0))
                .with(new BrokerSettings.Redelivery(MAX_DELIVERIES, "DLQ", 0, 1, 0)));
        with = new LarchConnectionFactory(uri("?compression=zstd")).createConnection();
        with.start();
        session = with.createSession();
        queue = session.createQueue("orders");
        without = new WithoutLibraries().factory(uri("")).createConnection();
        without.start();
    }

    private String uri(String options) {
        return "tcp://localhost:" + broker.port() + options;
    }

    @AfterEach
    void stop() throws Exception {
        without.close();
        with.close();
        broker.close();
    }

    private void send(String text) throws JMSException {
        session.createProducer(queue).send(session.createTextMessage(text));
    }

    private static Queue orders(Session session) throws JMSException {
        return session.createQueue("orders");
    }

    private static String text(Message message) throws JMSException {
        return message == null ? null : ((TextMessage) message).getText();
    }

    private static void assertMissing(ThrowingCallable receive) {
        assertThatThrownBy(receive)
                .isInstanceOf(JMSException.class)
                .hasMessageContainingAll("zstd-jni", "com.github.luben:zstd-jni", "client/compression")
                .extracting(e -> ((JMSException) e).getErrorCode())
                .isEqualTo(CODE);
    }

    @Test
    void nothingIsNoticedUnlessItIsUsed() throws Exception {
        Session plain = without.createSession();
        MessageConsumer consumer = plain.createConsumer(orders(plain));
        plain.createProducer(orders(plain)).send(plain.createTextMessage(TEXT));
        assertThat(text(consumer.receive(20_000))).isEqualTo(TEXT);
        send("too small to be compressed");
        assertThat(text(consumer.receive(20_000))).startsWith("too small");
    }

    @ParameterizedTest
    @EnumSource
    void aConnectionThatIsToCompressIsNotMade(Compression compression) throws Exception {
        var factory = new WithoutLibraries().factory(uri("?compression=" + compression.text()));
        assertThatThrownBy(factory::createConnection)
                .isInstanceOf(JMSException.class)
                .hasMessageContainingAll(compression.text(), "class path", "client/compression")
                .extracting(e -> ((JMSException) e).getErrorCode())
                .isEqualTo(CODE);
        assertThatThrownBy(factory::createContext)
                .isInstanceOf(JMSRuntimeException.class)
                .extracting(e -> ((JMSRuntimeException) e).getErrorCode())
                .isEqualTo(CODE);
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.CLIENT_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE, 0})
    void aReceiverIsToldWhatIsMissingAndTheMessageGoesBackAsAnAttempt(int mode) throws Exception {
        send("first");
        send(TEXT);
        send("last");
        Session receiving = without.createSession(mode);
        MessageConsumer consumer = receiving.createConsumer(orders(receiving));
        assertThat(text(consumer.receive(20_000))).isEqualTo("first");
        assertMissing(() -> consumer.receive(20_000));
        Message last = consumer.receive(20_000);
        assertThat(text(last)).isEqualTo("last");
        // what is acknowledged now is what was received, and nothing else
        if (mode == Session.CLIENT_ACKNOWLEDGE) last.acknowledge();
        if (mode == 0) receiving.commit();
        receiving.close();

        Message received = session.createConsumer(queue).receive(20_000);
        assertThat(text(received)).isEqualTo(TEXT);
        assertThat(received.getJMSRedelivered()).isTrue();
        assertThat(received.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        assertThat(session.createConsumer(queue).receiveNoWait()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000})
    void whatNobodyCanReadIsInTheDeadLetterQueueInTheEnd(int prefetch) throws Exception {
        send(TEXT);
        send("TEXT ".repeat(100_000)); // large: 500 KB
        try (Connection own =
                new WithoutLibraries().factory(uri("?prefetch=" + prefetch)).createConnection()) {
            own.start();
            Session receiving = own.createSession();
            MessageConsumer consumer = receiving.createConsumer(orders(receiving));
            for (int i = 0; i < 2 * MAX_DELIVERIES; i++) assertMissing(() -> consumer.receive(20_000));
            assertThat(consumer.receiveNoWait()).isNull();
        }
        MessageConsumer dead = session.createConsumer(session.createQueue("DLQ"));
        assertThat(text(dead.receive(20_000))).isEqualTo(TEXT);
        assertThat(text(dead.receive(20_000))).isEqualTo("TEXT ".repeat(100_000));
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.CLIENT_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE, 0})
    void aListenerIsPassedOverAndTheExceptionListenerIsTold(int mode) throws Exception {
        LinkedBlockingQueue<JMSException> told = new LinkedBlockingQueue<>();
        LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
        without.setExceptionListener(told::add);
        Session listening = without.createSession(mode);
        listening.createConsumer(orders(listening)).setMessageListener(message -> {
            try {
                heard.add(text(message));
                if (mode == Session.CLIENT_ACKNOWLEDGE) message.acknowledge();
                if (mode == 0) listening.commit();
            } catch (JMSException e) {
                heard.add(e.toString());
            }
        });
        send("first");
        send(TEXT);
        send("last");
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("first");
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo("last");
        for (int i = 0; i < MAX_DELIVERIES; i++) {
            assertThat(told.poll(20, TimeUnit.SECONDS).getErrorCode()).isEqualTo(CODE);
        }
        MessageConsumer dead = session.createConsumer(session.createQueue("DLQ"));
        assertThat(text(dead.receive(20_000))).isEqualTo(TEXT);
        assertThat(heard).isEmpty();
    }

    @Test
    void aSubscriberForWhomNothingIsKeptIsTold() throws Exception {
        Topic topic = session.createTopic("prices");
        Session receiving = without.createSession();
        MessageConsumer consumer = receiving.createConsumer(receiving.createTopic("prices"));
        var producer = session.createProducer(topic);
        producer.send(session.createTextMessage(TEXT));
        producer.send(session.createTextMessage("small"));
        assertMissing(() -> consumer.receive(20_000));
        assertThat(text(consumer.receive(20_000))).isEqualTo("small");
    }

    @Test
    void aBrowserShowsTheMessageAndReadingItsBodySaysWhatIsMissing() throws Exception {
        TextMessage sent = session.createTextMessage(TEXT);
        sent.setStringProperty("colour", "blue");
        session.createProducer(queue).send(sent);
        Session browsing = without.createSession();
        Message browsed = (Message)
                browsing.createBrowser(orders(browsing)).getEnumeration().nextElement();
        assertThat(browsed.getStringProperty("colour")).isEqualTo("blue");
        assertMissing(() -> browsed.getBody(String.class));
        assertMissing(() -> ((TextMessage) browsed).getText());
        assertThat(text(session.createConsumer(queue).receive(20_000))).isEqualTo(TEXT);
    }

    @Test
    void receiveBodyOfTheSimplifiedApiSaysTheSame() throws Exception {
        send(TEXT);
        try (JMSContext context = new WithoutLibraries().factory(uri("")).createContext()) {
            var consumer = context.createConsumer(context.createQueue("orders"));
            for (int i = 0; i < MAX_DELIVERIES; i++) {
                assertThatThrownBy(() -> consumer.receiveBody(String.class, 20_000))
                        .isInstanceOf(JMSRuntimeException.class)
                        .hasMessageContaining("zstd-jni");
            }
            assertThat(consumer.receiveBodyNoWait(String.class)).isNull();
        }
        MessageConsumer dead = session.createConsumer(session.createQueue("DLQ"));
        assertThat(text(dead.receive(20_000))).isEqualTo(TEXT);
    }

    @Test
    void anApplicationServersSessionGivesItBackToo() throws Exception {
        LinkedBlockingQueue<JMSException> told = new LinkedBlockingQueue<>();
        without.setExceptionListener(told::add);
        AtomicInteger heard = new AtomicInteger();
        Session serving = without.createSession();
        serving.setMessageListener(message -> heard.incrementAndGet());
        ServerSession server = new ServerSession() {
            @Override
            public Session getSession() {
                return serving;
            }

            @Override
            public void start() {
                serving.run();
            }
        };
        ServerSessionPool pool = () -> server;
        without.createConnectionConsumer(orders(serving), null, pool, 10);
        send("first");
        send(TEXT);
        for (int i = 0; i < MAX_DELIVERIES; i++) {
            assertThat(told.poll(20, TimeUnit.SECONDS).getErrorCode()).isEqualTo(CODE);
        }
        MessageConsumer dead = session.createConsumer(session.createQueue("DLQ"));
        assertThat(text(dead.receive(20_000))).isEqualTo(TEXT);
        assertThat(heard).hasValue(1);
    }
}
