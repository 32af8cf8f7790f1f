package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.lang.reflect.Proxy;
import java.nio.file.Path;
import java.util.Enumeration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
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
import org.larchmq.message.MessageLayout;

/** Compressed messages against the real broker over TCP: like any other message, only smaller. */
@Timeout(120)
class CompressionTest {
    private static final int THRESHOLD = 200;

    @TempDir
    Path data;

    private Broker broker;
    private Connection connection;
    private Session session;
    private Queue queue;

    @BeforeEach
    void start() throws Exception {
        startBroker(Compression.ALL);
    }

    private void startBroker(int permitted) throws Exception {
        BrokerSettings settings = BrokerSettings.defaults(data)
                .with(new BrokerSettings.Redelivery(3, "DLQ", 0, 1, 0))
                .with(BrokerSettings.Network.DEFAULT.withPort(0).withCompression(permitted));
        broker = Broker.start(settings);
    }

    private void connect(Compression compression) throws JMSException {
        connection = factory("&compression=" + compression.text()).createConnection();
        connection.start();
        session = connection.createSession();
        queue = session.createQueue("orders");
    }

    private LarchConnectionFactory factory(String options) {
        return new LarchConnectionFactory(
                "tcp://localhost:" + broker.port() + "?requestTimeout=20s&compressionMinSize=" + THRESHOLD + options);
    }

    @AfterEach
    void stop() throws Exception {
        if (connection != null) connection.close();
        broker.close();
    }

    /** Bytes of UTF-8 that get much smaller. */
    private static String text(int bytes) {
        return "an order of larches ".repeat(bytes / 20 + 1).substring(0, bytes);
    }

    private static byte[] bytes(int size) {
        byte[] bytes = new byte[size];
        for (int i = 0; i < size; i++) bytes[i] = (byte) (i / 50);
        return bytes;
    }

    private static String textOf(Message message) throws JMSException {
        return message == null ? null : ((TextMessage) message).getText();
    }

    private static Message first(QueueBrowser browser) throws JMSException {
        Enumeration<?> all = browser.getEnumeration();
        return all.hasMoreElements() ? (Message) all.nextElement() : null;
    }

    private static Object firstValue(Message message) throws JMSException {
        return message instanceof MapMessage map
                ? map.getMapNames().nextElement()
                : ((StreamMessage) message).readObject();
    }

    /** The log has nothing of a message but what was sent. */
    private long logBytes() {
        return broker.status().logEndOffset();
    }

    @ParameterizedTest
    @EnumSource
    void everyTypeOfMessageComesBackWhateverItsSize(Compression compression) throws Exception {
        connect(compression);
        MessageProducer producer = session.createProducer(queue);
        MessageConsumer consumer = session.createConsumer(queue);
        int large = 3_000_000;
        for (int size : new int[] {0, 1, THRESHOLD - 1, THRESHOLD, THRESHOLD + 1, 5000, 196_000, 200_000, large}) {
            producer.send(session.createTextMessage(text(size)));
            BytesMessage bytes = session.createBytesMessage();
            bytes.writeBytes(bytes(size));
            producer.send(bytes);
            MapMessage map = session.createMapMessage();
            map.setBytes("bytes", bytes(size));
            map.setString("text", text(size));
            producer.send(map);
            StreamMessage stream = session.createStreamMessage();
            stream.writeString(text(size));
            stream.writeInt(size);
            producer.send(stream);
            producer.send(session.createObjectMessage(text(size)));
            producer.send(session.createMessage());

            assertThat(textOf(consumer.receive(20_000))).isEqualTo(text(size));
            BytesMessage receivedBytes = (BytesMessage) consumer.receive(20_000);
            assertThat(receivedBytes.getBodyLength()).isEqualTo(size);
            byte[] read = new byte[size];
            assertThat(receivedBytes.readBytes(read)).isEqualTo(size == 0 ? 0 : size);
            assertThat(read).isEqualTo(bytes(size));
            MapMessage receivedMap = (MapMessage) consumer.receive(20_000);
            assertThat(receivedMap.getBytes("bytes")).isEqualTo(bytes(size));
            assertThat(receivedMap.getString("text")).isEqualTo(text(size));
            StreamMessage receivedStream = (StreamMessage) consumer.receive(20_000);
            assertThat(receivedStream.readString()).isEqualTo(text(size));
            assertThat(receivedStream.readInt()).isEqualTo(size);
            assertThat(((ObjectMessage) consumer.receive(20_000)).getObject()).isEqualTo(text(size));
            assertThat(consumer.receive(20_000)).isNotInstanceOf(TextMessage.class);
        }
        producer.send(session.createTextMessage(null));
        producer.send(session.createObjectMessage(null));
        assertThat(textOf(consumer.receive(20_000))).isNull();
        assertThat(((ObjectMessage) consumer.receive(20_000)).getObject()).isNull();
    }

    @ParameterizedTest
    @EnumSource
    void aMillionBytesTakeLittleOfTheLogAndSelectorsAndHeadersAreAsEver(Compression compression) throws Exception {
        connect(compression);
        long before = logBytes();
        TextMessage sent = session.createTextMessage(text(1_000_000));
        sent.setStringProperty("colour", "blue");
        sent.setJMSCorrelationID("c");
        sent.setJMSType("order");
        session.createProducer(queue).send(sent);
        assertThat(logBytes() - before).isBetween(100L, 60_000L);

        MessageConsumer none = session.createConsumer(queue, "colour = 'red'");
        assertThat(none.receiveNoWait()).isNull();
        MessageConsumer consumer = session.createConsumer(queue, "colour = 'blue' AND JMSType = 'order'");
        Message received = consumer.receive(20_000);
        assertThat(received.getStringProperty("colour")).isEqualTo("blue");
        assertThat(received.getJMSCorrelationID()).isEqualTo("c");
        assertThat(received.getJMSMessageID()).isEqualTo(sent.getJMSMessageID());
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
        assertThat(received.getBody(String.class)).isEqualTo(sent.getText());
        assertThat(received.isBodyAssignableTo(String.class)).isTrue();
        received.clearBody();
        assertThat(((TextMessage) received).getText()).isNull();
    }

    @Test
    void nothingIsCompressedUnlessItIsAskedFor() throws Exception {
        connection = factory("").createConnection();
        session = connection.createSession();
        long before = logBytes();
        session.createProducer(session.createQueue("orders")).send(session.createTextMessage(text(1_000_000)));
        assertThat(logBytes() - before).isGreaterThan(1_000_000);
    }

    @ParameterizedTest
    @EnumSource
    void theBrokerKeepsTheBytesOverARestartForAClientThatDoesNotCompress(Compression compression) throws Exception {
        connect(compression);
        session.createProducer(queue).send(session.createTextMessage(text(10_000)));
        session.createProducer(queue).send(session.createTextMessage(text(2_000_000)));
        connection.close();
        broker.close();
        startBroker(Compression.NONE); // concerns what is sent
        connection = factory("").createConnection();
        connection.start();
        MessageConsumer consumer = connection.createSession().createConsumer(queue);
        assertThat(textOf(consumer.receive(20_000))).isEqualTo(text(10_000));
        assertThat(textOf(consumer.receive(20_000))).isEqualTo(text(2_000_000));
    }

    @Test
    void transactionsAreAtomicAndARollbackRedelivers_6_2_7() throws Exception {
        connect(Compression.ZSTD);
        Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
        MessageProducer producer = transacted.createProducer(queue);
        for (int size : new int[] {10, 5_000, 700_000, 4_000_000})
            producer.send(transacted.createTextMessage(text(size)));
        MessageConsumer consumer = transacted.createConsumer(queue);
        assertThat(consumer.receiveNoWait()).isNull();
        transacted.commit();
        for (int attempt = 1; attempt <= 2; attempt++) {
            for (int size : new int[] {10, 5_000, 700_000, 4_000_000}) {
                Message message = consumer.receive(20_000);
                assertThat(textOf(message)).isEqualTo(text(size));
                assertThat(message.getJMSRedelivered()).isEqualTo(attempt == 2);
                assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(attempt);
            }
            if (attempt == 1) transacted.rollback();
            else transacted.commit();
        }
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void topicsDelaysBrowsersAndAsynchronousSendsAreAsEver() throws Exception {
        connect(Compression.LZ4);
        connection.close();
        connection = factory("&compression=lz4&clientId=shop").createConnection();
        connection.start();
        session = connection.createSession();
        Topic topic = session.createTopic("prices");
        MessageConsumer durable = session.createDurableSubscriber(topic, "all");
        MessageConsumer plain = session.createConsumer(topic);
        LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
        Session listening = connection.createSession();
        listening.createConsumer(topic).setMessageListener(message -> {
            try {
                heard.add(textOf(message));
            } catch (JMSException e) {
                heard.add(e.toString());
            }
        });
        MessageProducer producer = session.createProducer(topic);
        CompletableFuture<Message> completed = new CompletableFuture<>();
        producer.send(session.createTextMessage(text(5_000)), new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                completed.complete(message);
            }

            @Override
            public void onException(Message message, Exception exception) {
                completed.completeExceptionally(exception);
            }
        });
        assertThat(textOf(completed.get(20, TimeUnit.SECONDS))).isEqualTo(text(5_000));
        assertThat(textOf(durable.receive(20_000))).isEqualTo(text(5_000));
        assertThat(textOf(plain.receive(20_000))).isEqualTo(text(5_000));
        assertThat(heard.poll(20, TimeUnit.SECONDS)).isEqualTo(text(5_000));

        MessageProducer delaying = session.createProducer(queue);
        delaying.setDeliveryDelay(300);
        delaying.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        delaying.send(session.createTextMessage(text(600_000)));
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(consumer.receiveNoWait()).isNull();
        QueueBrowser browser = session.createBrowser(queue);
        Message browsed = null;
        while (browsed == null) browsed = first(browser); // until its time has come
        assertThat(textOf(browsed)).isEqualTo(text(600_000));
        assertThat(textOf(consumer.receive(20_000))).isEqualTo(text(600_000));
    }

    @Test
    void aForwardedMessageIsCompressedAsItsConnectionAsks() throws Exception {
        connect(Compression.ZSTD);
        session.createProducer(queue).send(session.createTextMessage(text(500_000)));
        Message received = session.createConsumer(queue).receive(20_000);
        for (String options : new String[] {"", "&compression=lz4", "&compression=zstd"}) {
            try (Connection other = factory(options).createConnection()) {
                other.start();
                Session forwarding = other.createSession();
                long before = logBytes();
                forwarding.createProducer(forwarding.createQueue("next")).send(received);
                long added = logBytes() - before;
                if (options.isEmpty()) assertThat(added).isGreaterThan(500_000);
                else assertThat(added).isLessThan(50_000);
                Message next = forwarding
                        .createConsumer(forwarding.createQueue("next"))
                        .receive(20_000);
                assertThat(textOf(next)).isEqualTo(text(500_000));
            }
        }
        assertThat(textOf(received)).isEqualTo(text(500_000));
    }

    @Test
    void aForeignMessageIsCompressedToo_3_12() throws Exception {
        connect(Compression.LZ4);
        TextMessage target = session.createTextMessage(text(500_000));
        TextMessage foreign = (TextMessage) Proxy.newProxyInstance(
                getClass().getClassLoader(),
                new Class<?>[] {TextMessage.class},
                (proxy, method, arguments) -> method.invoke(target, arguments));
        long before = logBytes();
        session.createProducer(queue).send(foreign);
        assertThat(logBytes() - before).isLessThan(50_000);
        assertThat(textOf(session.createConsumer(queue).receive(20_000))).isEqualTo(text(500_000));
    }

    @Test
    void theSimplifiedApiReceivesBodies() {
        try (JMSContext context = factory("&compression=zstd").createContext()) {
            context.createProducer().send(context.createQueue("orders"), text(100_000));
            var consumer = context.createConsumer(context.createQueue("orders"));
            assertThatThrownBy(() -> consumer.receiveBody(byte[].class, 20_000)).hasMessageContaining("String");
            assertThat(consumer.receiveBody(String.class, 20_000)).isEqualTo(text(100_000));
        }
    }

    @Test
    void aMessageThatIsGivenUpIsInTheDeadLetterQueueWithItsBody() throws Exception {
        connect(Compression.LZ4);
        session.createProducer(queue).send(session.createTextMessage(text(300_000)));
        Session recovering = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = recovering.createConsumer(queue);
        for (int attempt = 1; attempt <= 3; attempt++) {
            assertThat(consumer.receive(20_000).getIntProperty("JMSXDeliveryCount"))
                    .isEqualTo(attempt);
            recovering.recover();
        }
        Message dead = session.createConsumer(session.createQueue("DLQ")).receive(20_000);
        assertThat(textOf(dead)).isEqualTo(text(300_000));
    }

    @Test
    void theLimitCountsForTheBodyAsItWasWritten() throws Exception {
        connect(Compression.ZSTD);
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(new byte[101 << 20]);
        MessageProducer producer = session.createProducer(queue);
        assertThatThrownBy(() -> producer.send(message))
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessageContaining("limits.maxMessage");
    }

    // Negotiation.

    @Test
    void aBrokerThatDoesNotPermitItGetsBodiesAsTheyAre() throws Exception {
        broker.close();
        startBroker(Compression.LZ4.number());
        connect(Compression.ZSTD);
        long before = logBytes();
        session.createProducer(queue).send(session.createTextMessage(text(300_000)));
        assertThat(logBytes() - before).isGreaterThan(300_000);
        assertThat(textOf(session.createConsumer(queue).receive(20_000))).isEqualTo(text(300_000));
    }

    @Test
    void whatIsSentAgainToABrokerThatDoesNotPermitItIsAsItWas() throws Exception {
        try (CutWire wire = new CutWire(broker.port())) {
            connection = new LarchConnectionFactory("failover:(tcp://localhost:" + wire.port()
                            + ")?initialReconnectDelay=20ms&compression=lz4&compressionMinSize=0")
                    .createConnection();
            connection.start();
            session = connection.createSession();
            queue = session.createQueue("orders");
            MessageProducer producer = session.createProducer(queue);
            producer.send(session.createTextMessage(text(10)));
            Session transacted = connection.createSession(Session.SESSION_TRANSACTED);
            transacted.createProducer(queue).send(transacted.createTextMessage(text(2_000)));

            wire.loseRequests();
            CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
                try {
                    producer.send(session.createTextMessage(text(1_000)));
                    producer.send(session.createTextMessage(text(700_000)));
                } catch (JMSException e) {
                    throw new java.util.concurrent.CompletionException(e);
                }
            });
            assertThatThrownBy(() -> sending.get(300, TimeUnit.MILLISECONDS))
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);
            wire.refuse();
            int port = broker.port();
            broker.close();
            BrokerSettings settings = BrokerSettings.defaults(data)
                    .with(BrokerSettings.Network.DEFAULT.withPort(port).withCompression(Compression.NONE));
            broker = Broker.start(settings);
            wire.heal();
            wire.cut();
            sending.get(30, TimeUnit.SECONDS);

            MessageConsumer consumer = session.createConsumer(queue);
            assertThat(textOf(consumer.receive(20_000))).isEqualTo(text(10));
            assertThat(textOf(consumer.receive(20_000))).isEqualTo(text(1_000));
            assertThat(textOf(consumer.receive(20_000))).isEqualTo(text(700_000));
            assertThat(consumer.receiveNoWait()).isNull();
            assertThatThrownBy(transacted::commit)
                    .isInstanceOf(jakarta.jms.TransactionRolledBackException.class)
                    .hasMessageContaining("does not take compressed messages");
            transacted.createProducer(queue).send(transacted.createTextMessage(text(2_000)));
            transacted.commit();
            assertThat(textOf(consumer.receive(20_000))).isEqualTo(text(2_000));
        }
    }

    // Bodies that are none.

    @Test
    void aDamagedBodyIsAnErrorWithACodeAndTheRestOfTheMessageIsThere() throws Exception {
        connect(Compression.LZ4);
        MessageConsumer consumer = session.createConsumer(queue);
        Stranger.send(broker.port(), "orders", Compression.ZSTD, 5_000, new byte[] {1, 2, 3});
        Message damaged = consumer.receive(20_000);
        assertThat(damaged.getJMSPriority()).isEqualTo(4);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(() -> ((BytesMessage) damaged).readByte())
                    .isInstanceOf(MessageFormatException.class)
                    .hasMessageContaining("damaged");
        }
        session.createProducer(queue).send(session.createTextMessage("goes on"));
        assertThat(textOf(consumer.receive(20_000))).isEqualTo("goes on");
    }

    @ParameterizedTest
    @ValueSource(ints = {MessageLayout.BODY_MAP, MessageLayout.BODY_STREAM})
    void aCompressedMapOrStreamThatIsNoneTroublesNobodyAndIsInTheDeadLetterQueueInTheEnd(int type) throws Exception {
        connect(Compression.LZ4);
        byte[] notLz4 = {1, 2, 3};
        byte[] notValues = {0x50, 'v', 'a', 'l', 'u', 'e'}; // five literal bytes
        Stranger.send(broker.port(), "orders", type, Compression.LZ4, 500, notLz4);
        Stranger.send(broker.port(), "orders", type, Compression.LZ4, 5, notValues);
        MapMessage map = session.createMapMessage();
        map.setString("text", text(5_000));
        session.createProducer(queue).send(map);
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(((MapMessage) consumer.receive(20_000)).getString("text")).isEqualTo(text(5_000));
        assertThat(consumer.receive(100)).isNull();
        MessageConsumer dead = session.createConsumer(session.createQueue("DLQ"));
        for (int i = 0; i < 2; i++) {
            Message message = dead.receive(20_000);
            assertThatThrownBy(() -> firstValue(message)).isInstanceOf(MessageFormatException.class);
        }
    }

    @Test
    void aBodyThatWouldBeTooLargeGoesBackAndInTheEndToTheDeadLetterQueue() throws Exception {
        connect(Compression.LZ4);
        MessageConsumer consumer = session.createConsumer(queue);
        Stranger.send(broker.port(), "orders", Compression.LZ4, Integer.MAX_VALUE, new byte[] {1, 2, 3});
        for (int attempt = 1; attempt <= 3; attempt++) {
            assertThatThrownBy(() -> consumer.receive(20_000))
                    .isInstanceOf(ResourceAllocationException.class)
                    .hasMessageContaining("limits.maxMessage");
        }
        assertThat(consumer.receiveNoWait()).isNull();
        QueueBrowser dead = session.createBrowser(session.createQueue("DLQ"));
        Message first = null;
        while (first == null) first = first(dead); // it is there when the log has it
        assertThat(first.getStringProperty("JMS_LARCH_DEAD_LETTER_REASON")).isNotNull();
    }
}
