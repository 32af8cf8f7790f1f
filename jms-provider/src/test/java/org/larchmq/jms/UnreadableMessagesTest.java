package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.ServerSession;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.Topic;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.broker.Broker;
import org.larchmq.broker.settings.BrokerSettings;

/** Messages of a client that writes them wrong: no consumer can decode them, and none is troubled by them. */
@Timeout(60)
class UnreadableMessagesTest {
    private static final String MARK = "spoil this";
    private static final String REASON = "JMS_LARCH_DEAD_LETTER_REASON";
    private static final long SOON = 20_000;

    @TempDir
    Path data;

    private Broker broker;
    private CutWire wire;
    private Connection connection;

    @BeforeEach
    void start() throws Exception {
        BrokerSettings settings = BrokerSettings.defaults(data);
        broker = Broker.start(settings.with(settings.network().withPort(0)));
        wire = new CutWire(broker.port());
        connection = connect("");
    }

    private Connection connect(String options) throws JMSException {
        Connection made = factory(options).createConnection();
        made.start();
        return made;
    }

    private LarchConnectionFactory factory(String options) {
        return new LarchConnectionFactory("tcp://localhost:" + broker.port() + "?" + options);
    }

    @AfterEach
    void stop() throws Exception {
        connection.close();
        wire.close();
        broker.close();
    }

    /** Sends "1", what nobody can read, and "2". The part is where the text to be spoiled stands. */
    private void send(String part, int deliveryMode, jakarta.jms.Destination to) throws JMSException {
        wire.spoil(MARK, part.equals("headers") ? 4 : 5); // a length, or the type of a value
        try (Connection wrong = new LarchConnectionFactory("tcp://localhost:" + wire.port()).createConnection()) {
            Session session = wrong.createSession();
            MessageProducer producer = session.createProducer(to);
            producer.setDeliveryMode(deliveryMode);
            producer.send(session.createTextMessage("1"));
            StreamMessage message = session.createStreamMessage();
            if (part.equals("headers")) message.setJMSCorrelationID(MARK);
            if (part.equals("properties")) message.setStringProperty("p", MARK);
            if (part.equals("body")) message.writeString(MARK);
            producer.send(message);
            producer.send(session.createTextMessage("2"));
        }
    }

    private void assertDeadLettered(String part) throws JMSException {
        Session session = connection.createSession();
        try (MessageConsumer consumer = session.createConsumer(session.createQueue("DLQ"))) {
            Message dead = consumer.receive(SOON);
            assertThat(dead).isInstanceOf(StreamMessage.class);
            assertThat(dead.getStringProperty(REASON)).contains("the " + part + " of the message cannot be read");
            assertThat(dead.getStringProperty("JMS_LARCH_ORIGINAL_DESTINATION")).isEqualTo("queue://q");
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    @ParameterizedTest
    @CsvSource({"headers,1", "properties,1", "body,1", "headers,2", "properties,2", "body,2"})
    void aReceiverGetsTheOthersAndTheDeadLetterSaysWhy(String part, int deliveryMode) throws JMSException {
        for (int mode = 0; mode <= Session.DUPS_OK_ACKNOWLEDGE; mode++) {
            Session session = connection.createSession(mode);
            Queue queue = session.createQueue("q");
            send(part, deliveryMode, queue);
            MessageConsumer consumer = session.createConsumer(queue);
            assertThat(consumer.receive(SOON).getBody(String.class)).isEqualTo("1");
            Message second = consumer.receive(SOON);
            assertThat(second.getBody(String.class)).isEqualTo("2");
            assertThat(consumer.receive(100)).isNull();
            if (mode == Session.SESSION_TRANSACTED) session.commit();
            else second.acknowledge();
            session.close();
            assertDeadLettered(part);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"prefetch=0", "prefetch=1", "prefetch=1000"})
    void itIsSoWhateverThePrefetch(String options) throws JMSException {
        try (Connection other = connect(options)) {
            Session session = other.createSession();
            Queue queue = session.createQueue("q");
            send("body", DeliveryMode.PERSISTENT, queue);
            MessageConsumer consumer = session.createConsumer(queue);
            assertThat(consumer.receive().getBody(String.class)).isEqualTo("1");
            assertThat(consumer.receive().getBody(String.class)).isEqualTo("2");
            assertThat(consumer.receive(100)).isNull();
        }
        assertDeadLettered("body");
    }

    @Test
    void receiveBodyGetsTheOthers() throws JMSException {
        try (JMSContext context = factory("").createContext()) {
            Queue queue = context.createQueue("q");
            send("body", DeliveryMode.PERSISTENT, queue);
            JMSConsumer consumer = context.createConsumer(queue);
            assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("1");
            assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("2");
            assertThat(consumer.receiveBody(String.class, 100)).isNull();
        }
        assertDeadLettered("body");
    }

    @ParameterizedTest
    @CsvSource({
        "0,prefetch=1000",
        "1,prefetch=1000",
        "2,prefetch=1000",
        "3,prefetch=1000",
        "1,prefetch=0",
        "2,prefetch=1"
    })
    void aListenerHearsTheOthers(int mode, String options) throws Exception {
        LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
        try (Connection other = connect(options)) {
            Session session = other.createSession(mode);
            Queue queue = session.createQueue("q");
            session.createConsumer(queue).setMessageListener(message -> {
                try {
                    heard.add(message.getBody(String.class));
                    message.acknowledge();
                    if (mode == Session.SESSION_TRANSACTED) session.commit();
                } catch (JMSException e) {
                    heard.add(e.toString());
                }
            });
            send("properties", DeliveryMode.PERSISTENT, queue);
            assertThat(heard.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("1");
            assertThat(heard.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("2");
            assertDeadLettered("properties");
            assertThat(heard).isEmpty();
        }
    }

    @Test
    void anApplicationServersSessionGetsTheOthersAndIsNotStartedForNothing() throws Exception {
        LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
        AtomicInteger starts = new AtomicInteger();
        Session serving = connection.createSession();
        serving.setMessageListener(message -> {
            try {
                heard.add(message.getBody(String.class));
            } catch (JMSException e) {
                heard.add(e.toString());
            }
        });
        ServerSession server = new ServerSession() {
            @Override
            public Session getSession() {
                return serving;
            }

            @Override
            public void start() {
                starts.incrementAndGet();
                serving.run();
            }
        };
        Queue queue = serving.createQueue("q");
        connection.createConnectionConsumer(queue, null, () -> server, 1);
        send("body", DeliveryMode.PERSISTENT, queue);
        assertThat(heard.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("1");
        assertThat(heard.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("2");
        assertDeadLettered("body");
        assertThat(starts).hasValue(2);
    }

    @Test
    void subscribersOfATopicGetTheOthers() throws JMSException {
        Session session = connection.createSession();
        Topic topic = session.createTopic("t");
        List<MessageConsumer> all = new ArrayList<>();
        all.add(session.createConsumer(topic));
        all.add(session.createSharedConsumer(topic, "shared"));
        all.add(session.createSharedDurableConsumer(topic, "durable"));
        send("headers", DeliveryMode.PERSISTENT, topic);
        for (MessageConsumer consumer : all) {
            assertThat(consumer.receive(SOON).getBody(String.class)).isEqualTo("1");
            assertThat(consumer.receive(SOON).getBody(String.class)).isEqualTo("2");
            assertThat(consumer.receive(100)).isNull();
        }
    }

    @Test
    void whatIsNeverGivenUpIsHandedOverAtLast() throws JMSException {
        Session session = connection.createSession();
        Queue queue = session.createQueue("DLQ");
        send("properties", DeliveryMode.PERSISTENT, queue);
        MessageConsumer consumer = session.createConsumer(queue);
        List<Boolean> readable = new ArrayList<>();
        for (int i = 0; i < 3; i++) readable.add(!(consumer.receive(SOON) instanceof StreamMessage));
        assertThat(readable).containsExactlyInAnyOrder(true, true, false);
    }
}
