package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.broker.Broker;
import org.larchmq.broker.settings.BrokerSettings;

/** Subscriptions and client ids against the real broker over TCP (Jakarta Messaging 3.1, sections 6.1.2 and 8.3). */
@Timeout(120)
class SubscriptionsEndToEndTest {
    private static final long WAIT_MILLIS = 20_000;

    @TempDir
    Path data;

    private Broker broker;
    private final List<Connection> open = new ArrayList<>();

    @BeforeEach
    void startBroker() throws Exception {
        BrokerSettings settings = BrokerSettings.defaults(data);
        broker = Broker.start(settings.with(settings.network().withPort(0)));
    }

    @AfterEach
    void stop() throws Exception {
        closeAll();
        broker.close();
    }

    private void closeAll() throws Exception {
        for (Connection connection : open) connection.close();
        open.clear();
    }

    private LarchConnectionFactory factory(String options) {
        return new LarchConnectionFactory("tcp://localhost:" + broker.port() + "?requestTimeout=20s" + options);
    }

    private Connection connect(String clientId) throws JMSException {
        return connect(clientId, "");
    }

    private Connection connect(String clientId, String options) throws JMSException {
        Connection connection = factory(options).createConnection();
        open.add(connection);
        if (!clientId.isEmpty()) connection.setClientID(clientId);
        connection.start();
        return connection;
    }

    private static String text(Message message) throws JMSException {
        return message == null ? null : ((TextMessage) message).getText();
    }

    private static void publish(Session session, Topic topic, String... texts) throws JMSException {
        MessageProducer producer = session.createProducer(topic);
        for (String text : texts) producer.send(session.createTextMessage(text));
        producer.close();
    }

    // ---- durable

    @Test
    void aDurableSubscriptionSurvivesTheBroker_8_3_3() throws Exception {
        Session session = connect("shop").createSession();
        Topic topic = session.createTopic("prices");
        publish(session, topic, "before");
        TopicSubscriber subscriber = session.createDurableSubscriber(topic, "eu");
        assertThat(subscriber.getTopic()).isEqualTo(topic);
        assertThat(subscriber.getNoLocal()).isFalse();
        publish(session, topic, "a", "b");
        assertThat(text(subscriber.receive(WAIT_MILLIS))).isEqualTo("a");
        subscriber.close();
        publish(session, topic, "c");
        closeAll();
        broker.close();
        startBroker();
        session = connect("shop").createSession();
        publish(session, topic, "d");
        MessageConsumer consumer = session.createDurableConsumer(topic, "eu");
        for (String expected : List.of("b", "c", "d")) {
            assertThat(text(consumer.receive(WAIT_MILLIS))).isEqualTo(expected);
        }
        assertThat(consumer.receiveNoWait()).isNull();
        consumer.close();
        session.unsubscribe("eu");
        publish(session, topic, "e");
        assertThat(session.createDurableConsumer(topic, "eu").receiveNoWait()).isNull();
    }

    @Test
    void aDurableSubscriptionNeedsAClientId_8_3_3() throws Exception {
        Session session = connect("").createSession();
        Topic topic = session.createTopic("prices");
        assertThatThrownBy(() -> session.createDurableConsumer(topic, "eu")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> session.createDurableSubscriber(topic, "eu", "a = 1", true))
                .isInstanceOf(IllegalStateException.class);
        try (JMSContext context = factory("").createContext()) {
            assertThatThrownBy(() -> context.createDurableConsumer(topic, "eu"))
                    .isInstanceOf(IllegalStateRuntimeException.class);
        }
    }

    @Test
    void theRulesOfNamesAreExceptionsOfTheirKinds_8_3_3() throws Exception {
        Session session = connect("shop").createSession();
        Topic topic = session.createTopic("prices");
        assertThatThrownBy(() -> session.unsubscribe("eu")).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.unsubscribe("")).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createDurableConsumer(null, "eu"))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createDurableConsumer(topic, null)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> session.createDurableConsumer(session.createTemporaryTopic(), "eu"))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createDurableConsumer(topic, "eu", "a = ", false))
                .isInstanceOf(InvalidSelectorException.class);
        MessageConsumer consumer = session.createDurableConsumer(topic, "eu");
        assertThatThrownBy(() -> session.createDurableConsumer(topic, "eu")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> session.unsubscribe("eu")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> session.createSharedDurableConsumer(topic, "eu"))
                .isInstanceOf(JMSException.class);
        consumer.close();
        session.unsubscribe("eu");
        session.createSharedDurableConsumer(topic, "eu");
        assertThatThrownBy(() -> session.createDurableConsumer(topic, "eu")).isInstanceOf(JMSException.class);
        MessageConsumer shared = session.createSharedConsumer(topic, "eu");
        assertThatThrownBy(() -> session.createSharedConsumer(topic, "eu", "a = 1"))
                .isInstanceOf(JMSException.class);
        shared.close();
        session.createSharedConsumer(topic, "eu", "a = 1");
        assertThatThrownBy(() -> session.createSharedConsumer(session.createTemporaryTopic(), ""))
                .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> session.createSharedDurableConsumer(topic, "us", "NOT"))
                .isInstanceOf(InvalidSelectorException.class);
    }

    @Test
    void aMessageNotYetCommittedKeepsItsSubscription_8_3_3() throws Exception {
        Connection connection = connect("shop");
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        Topic topic = session.createTopic("prices");
        MessageConsumer consumer = session.createDurableConsumer(topic, "eu");
        publish(connection.createSession(), topic, "a");
        assertThat(text(consumer.receive(WAIT_MILLIS))).isEqualTo("a");
        consumer.close();
        assertThatThrownBy(() -> session.unsubscribe("eu")).isInstanceOf(IllegalStateException.class);
        session.commit();
        session.unsubscribe("eu");
    }

    @Test
    void noLocalLeavesOutWhatTheClientPublishes_8_3_3() throws Exception {
        Connection own = connect("shop");
        Session session = own.createSession();
        Topic topic = session.createTopic("prices");
        TopicSubscriber subscriber = session.createDurableSubscriber(topic, "eu", null, true);
        assertThat(subscriber.getNoLocal()).isTrue();
        Session other = connect("").createSession();
        publish(session, topic, "own");
        publish(other, topic, "other");
        assertThat(text(subscriber.receive(WAIT_MILLIS))).isEqualTo("other");
        assertThat(subscriber.receiveNoWait()).isNull();
        subscriber.close();
        publish(other, topic, "waits");
        MessageConsumer changed = session.createDurableConsumer(topic, "eu");
        assertThat(changed.receiveNoWait())
                .as("another noLocal is a new subscription")
                .isNull();
        publish(session, topic, "own");
        assertThat(text(changed.receive(WAIT_MILLIS))).isEqualTo("own");
    }

    @Test
    void recoverAndRollbackDeliverAgainFromADurableSubscription_6_2() throws Exception {
        Connection connection = connect("shop");
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Topic topic = session.createTopic("prices");
        MessageConsumer consumer = session.createDurableConsumer(topic, "eu");
        publish(session, topic, "a", "b");
        assertThat(text(consumer.receive(WAIT_MILLIS))).isEqualTo("a");
        session.recover();
        Message again = consumer.receive(WAIT_MILLIS);
        assertThat(text(again)).isEqualTo("a");
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        assertThat(text(consumer.receive(WAIT_MILLIS))).isEqualTo("b");
        again.acknowledge();
        session.close();
        Session next = connection.createSession();
        assertThat(next.createDurableConsumer(topic, "eu").receiveNoWait()).isNull();
    }

    @Test
    void nonPersistentMessagesWaitForADurableSubscriberToo() throws Exception {
        Session session = connect("shop").createSession();
        Topic topic = session.createTopic("prices");
        session.createDurableConsumer(topic, "eu", "colour = 'red'", false).close();
        MessageProducer producer = session.createProducer(topic);
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        for (String colour : List.of("blue", "red")) {
            TextMessage message = session.createTextMessage(colour);
            message.setStringProperty("colour", colour);
            producer.send(message);
        }
        MessageConsumer consumer = session.createDurableConsumer(topic, "eu", "colour = 'red'", false);
        assertThat(text(consumer.receive(WAIT_MILLIS))).isEqualTo("red");
        assertThat(consumer.receiveNoWait()).isNull();
    }

    // ---- shared

    @Test
    void twoConsumersOfOneSharedSubscriptionEachFindTheirs_8_3_2() throws Exception {
        for (boolean durable : new boolean[] {false, true}) {
            try (JMSContext context = factory("").createContext()) {
                Topic topic = context.createTopic("prices" + durable);
                JMSConsumer first = durable
                        ? context.createSharedDurableConsumer(topic, "eu")
                        : context.createSharedConsumer(topic, "eu");
                JMSConsumer second = durable
                        ? context.createSharedDurableConsumer(topic, "eu")
                        : context.createSharedConsumer(topic, "eu");
                for (int round = 0; round < 5; round++) {
                    context.createProducer().send(topic, "one");
                    assertThat(first.receiveBody(String.class, WAIT_MILLIS)).isEqualTo("one");
                    context.createProducer().send(topic, "two");
                    assertThat(second.receiveBody(String.class, WAIT_MILLIS)).isEqualTo("two");
                }
            }
        }
    }

    @Test
    void whatAnIdleConsumerHoldsGoesToTheOneThatWaits() throws Exception {
        Session session = connect("").createSession();
        Queue queue = session.createQueue("orders");
        MessageConsumer idle = connect("").createSession().createConsumer(queue);
        MessageProducer producer = session.createProducer(queue);
        int messages = 100;
        for (int i = 0; i < messages; i++) producer.send(session.createTextMessage("m" + i));
        assertThat(text(idle.receive(WAIT_MILLIS))).isEqualTo("m0");
        MessageConsumer busy = session.createConsumer(queue);
        List<String> received = new ArrayList<>();
        for (int i = 1; i < messages; i++) received.add(text(busy.receive(WAIT_MILLIS)));
        assertThat(received).doesNotContainNull().doesNotHaveDuplicates().hasSize(messages - 1);
        assertThat(busy.receive(100)).isNull();
        producer.send(session.createTextMessage("last"));
        assertThat(text(idle.receive(WAIT_MILLIS)))
                .as("it gets messages again when it asks")
                .isEqualTo("last");
    }

    @Test
    void whatAStoppedConnectionHoldsGoesToTheOneThatWaits() throws Exception {
        Session session = connect("").createSession();
        Queue queue = session.createQueue("orders");
        Connection stopped = connect("");
        MessageConsumer idle = stopped.createSession().createConsumer(queue);
        MessageProducer producer = session.createProducer(queue);
        producer.send(session.createTextMessage("a"));
        producer.send(session.createTextMessage("b"));
        assertThat(text(idle.receive(WAIT_MILLIS))).isEqualTo("a");
        stopped.stop();
        MessageConsumer busy = session.createConsumer(queue);
        assertThat(text(busy.receive(WAIT_MILLIS))).isEqualTo("b");
        busy.close();
        producer.send(session.createTextMessage("c"));
        stopped.start();
        assertThat(text(idle.receive(WAIT_MILLIS))).isEqualTo("c");
    }

    @Test
    void aBusyListenerLetsAnotherConsumerHaveWhatWaitsBehindItsMessage() throws Exception {
        Session session = connect("").createSession();
        Queue queue = session.createQueue("orders");
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        BlockingQueue<String> goOn = new LinkedBlockingQueue<>();
        Session slow = connect("").createSession();
        slow.createConsumer(queue).setMessageListener(message -> {
            try {
                seen.add(text(message));
                goOn.poll(WAIT_MILLIS, TimeUnit.MILLISECONDS);
            } catch (JMSException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        MessageProducer producer = session.createProducer(queue);
        for (String text : List.of("a", "b", "c", "d")) producer.send(session.createTextMessage(text));
        assertThat(seen.poll(WAIT_MILLIS, TimeUnit.MILLISECONDS)).isEqualTo("a");
        MessageConsumer other = session.createConsumer(queue);
        for (int i = 0; i < 3; i++) assertThat(text(other.receive(WAIT_MILLIS))).isIn("b", "c", "d");
        other.close();
        goOn.add("");
        producer.send(session.createTextMessage("e"));
        assertThat(seen.poll(WAIT_MILLIS, TimeUnit.MILLISECONDS))
                .as("it goes on")
                .isEqualTo("e");
        goOn.add("");
    }

    @Test
    void consumersThatPullEachFindTheirs() throws Exception {
        Session session = connect("", "&prefetch=0").createSession();
        Topic topic = session.createTopic("prices");
        MessageConsumer first = session.createSharedConsumer(topic, "eu");
        MessageConsumer second = session.createSharedConsumer(topic, "eu");
        publish(session, topic, "a", "b", "c");
        assertThat(text(second.receive(WAIT_MILLIS))).isEqualTo("a");
        assertThat(text(first.receive(WAIT_MILLIS))).isEqualTo("b");
        assertThat(text(first.receiveNoWait())).isEqualTo("c");
        assertThat(second.receive(50)).isNull();
    }

    @Test
    void aSharedDurableSubscriptionOutlivesItsConsumers_8_3_4() throws Exception {
        Session session = connect("").createSession();
        Topic topic = session.createTopic("prices");
        session.createSharedDurableConsumer(topic, "eu").close();
        publish(session, topic, "a", "b");
        broker.close();
        open.clear();
        startBroker();
        Session one = connect("").createSession();
        Session two = connect("").createSession();
        MessageConsumer first = one.createSharedDurableConsumer(topic, "eu");
        MessageConsumer second = two.createSharedDurableConsumer(topic, "eu");
        assertThat(List.of(text(first.receive(WAIT_MILLIS)), text(second.receive(WAIT_MILLIS))))
                .containsExactlyInAnyOrder("a", "b");
        first.close();
        second.close();
        one.unsubscribe("eu");
    }

    // ---- client ids

    @Test
    void aClientIdIsUniqueAmongLiveConnections_6_1_2() throws Exception {
        Connection first = connect("shop");
        Connection second = factory("").createConnection();
        open.add(second);
        assertThatThrownBy(() -> second.setClientID("shop")).isInstanceOf(InvalidClientIDException.class);
        assertThatThrownBy(() -> second.setClientID("")).isInstanceOf(InvalidClientIDException.class);
        assertThatThrownBy(() -> second.setClientID("a\u0001b")).isInstanceOf(InvalidClientIDException.class);
        assertThatThrownBy(() -> factory("&clientId=shop").createConnection())
                .isInstanceOf(InvalidClientIDException.class);
        first.close();
        second.setClientID("shop");
        assertThat(second.getClientID()).isEqualTo("shop");
        assertThatThrownBy(() -> second.setClientID("other")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aConfiguredClientIdCannotBeChanged_6_1_2() throws Exception {
        try (JMSContext context = factory("&clientId=cts").createContext()) {
            assertThat(context.getClientID()).isEqualTo("cts");
            assertThatThrownBy(() -> context.setClientID("other")).isInstanceOf(IllegalStateRuntimeException.class);
        }
    }

    @Test
    void aContextTakesItsClientIdFirstOfAll_6_1_2() throws Exception {
        connect("taken");
        try (JMSContext context = factory("").createContext()) {
            assertThatThrownBy(() -> context.setClientID("taken")).isInstanceOf(InvalidClientIDRuntimeException.class);
            context.setClientID("shop");
            Topic topic = context.createTopic("prices");
            JMSConsumer consumer = context.createDurableConsumer(topic, "eu");
            assertThatThrownBy(() -> context.createDurableConsumer(topic, "eu"))
                    .isInstanceOf(JMSRuntimeException.class);
            context.createProducer().send(topic, "a");
            assertThat(consumer.receiveBody(String.class, WAIT_MILLIS)).isEqualTo("a");
            assertThatThrownBy(() -> context.setClientID("late")).isInstanceOf(IllegalStateRuntimeException.class);
            consumer.close();
            context.unsubscribe("eu");
            assertThatThrownBy(() -> context.unsubscribe("eu")).isInstanceOf(InvalidDestinationRuntimeException.class);
        }
        try (JMSContext context = factory("").createContext()) {
            context.createProducer();
            assertThatThrownBy(() -> context.setClientID("late")).isInstanceOf(IllegalStateRuntimeException.class);
        }
    }

    @Test
    void topicSessionsHaveThemAndQueueSessionsDoNot_6_2() throws Exception {
        try (TopicConnection topics = factory("").createTopicConnection()) {
            topics.setClientID("shop");
            topics.start();
            TopicSession session = topics.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
            Topic topic = session.createTopic("prices");
            TopicSubscriber subscriber = session.createDurableSubscriber(topic, "eu");
            session.createPublisher(topic).publish(session.createTextMessage("a"));
            assertThat(text(subscriber.receive(WAIT_MILLIS))).isEqualTo("a");
            subscriber.close();
            session.unsubscribe("eu");
        }
    }
}
