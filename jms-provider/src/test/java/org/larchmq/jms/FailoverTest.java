package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TransactionRolledBackException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.broker.Broker;
import org.larchmq.broker.settings.BrokerSettings;

/** What an application with a failover URI sees when its connection or its broker is lost: nothing, or a clear end. */
@Timeout(120)
class FailoverTest {
    @TempDir
    Path data;

    private Broker broker;
    private CutWire wire;
    private Connection connection;
    private Connection direct;

    @BeforeEach
    void start() throws Exception {
        broker = startBroker(0);
        wire = new CutWire(broker.port());
        connection = failover("").createConnection();
        connection.start();
        direct = new LarchConnectionFactory("tcp://localhost:" + broker.port()).createConnection();
        direct.start();
    }

    private Broker startBroker(int port) throws Exception {
        BrokerSettings settings = BrokerSettings.defaults(data);
        return Broker.start(settings.with(settings.network().withPort(port)));
    }

    private void restartBroker() throws Exception {
        int port = broker.port();
        broker.close();
        broker = startBroker(port);
    }

    private LarchConnectionFactory failover(String options) {
        return new LarchConnectionFactory(
                "failover:(tcp://localhost:" + wire.port() + ")?initialReconnectDelay=20ms" + options);
    }

    @AfterEach
    void stop() throws Exception {
        connection.close();
        direct.close();
        wire.close();
        broker.close();
    }

    private interface Work {
        void run() throws Exception;
    }

    private static CompletableFuture<Void> async(Work work) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        work.run();
                    } catch (Exception e) {
                        throw new java.util.concurrent.CompletionException(e);
                    }
                },
                task -> new Thread(task, "application").start());
    }

    private static void await(CompletableFuture<Void> work) throws Exception {
        work.get(30, TimeUnit.SECONDS);
    }

    /** A receiver that came after the close would be told so; this one has passed that point. */
    private static void awaitTaking(Thread receiver) {
        while (Stream.of(receiver.getStackTrace())
                .noneMatch(frame -> frame.getMethodName().equals("take"))) {
            Thread.onSpinWait();
        }
    }

    private static String text(Message message) throws JMSException {
        return message == null ? null : ((TextMessage) message).getText();
    }

    private MessageConsumer directConsumer(Queue queue) throws JMSException {
        return direct.createSession().createConsumer(queue);
    }

    /** All that is in a queue, in order. */
    private static List<String> drain(MessageConsumer consumer) throws JMSException {
        List<String> texts = new ArrayList<>();
        Message message;
        while ((message = consumer.receive(500)) != null) texts.add(text(message));
        return texts;
    }

    // Sending.

    @Test
    void aSendWhoseConfirmationWasLostIsStoredOnce_6_2_12() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        producer.send(session.createTextMessage("first"));
        MessageConsumer consumer = directConsumer(queue);
        assertThat(text(consumer.receive(10_000))).isEqualTo("first");
        wire.loseAnswers();
        var sending = async(() -> producer.send(session.createTextMessage("once")));
        assertThat(text(consumer.receive(10_000))).isEqualTo("once");
        assertThat(sending).isNotDone();
        wire.heal();
        wire.cut();
        await(sending);
        producer.send(session.createTextMessage("after"));
        assertThat(drain(consumer)).containsExactly("after");
    }

    @Test
    void aNonPersistentSendWhoseConfirmationWasLostIsThereOnceToo_7_7() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        MessageConsumer consumer = directConsumer(queue);
        wire.loseAnswers();
        var sending = async(() -> producer.send(session.createTextMessage("once")));
        assertThat(text(consumer.receive(10_000))).isEqualTo("once");
        wire.heal();
        wire.cut();
        await(sending);
        producer.send(session.createTextMessage("after"));
        assertThat(drain(consumer)).containsExactly("after");
    }

    @Test
    void aLargeMessageIsStoredOnceToo() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        String large = "x".repeat(3 << 20);
        MessageConsumer consumer = directConsumer(queue);
        wire.loseAnswers();
        var sending = async(() -> producer.send(session.createTextMessage(large)));
        assertThat(text(consumer.receive(20_000))).hasSameSizeAs(large);
        wire.heal();
        wire.cut();
        await(sending);
        wire.loseRequests();
        var never = async(() -> producer.send(session.createTextMessage(large + "y")));
        assertThat(consumer.receive(300)).isNull();
        wire.heal();
        wire.cut();
        await(never);
        assertThat(drain(consumer)).containsExactly(large + "y");
    }

    @Test
    void aSendThatNeverArrivedIsSentAgain() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        wire.loseRequests();
        var sending = async(() -> producer.send(session.createTextMessage("once")));
        MessageConsumer consumer = directConsumer(queue);
        assertThat(consumer.receive(300)).isNull();
        wire.heal();
        wire.cut();
        await(sending);
        assertThat(drain(consumer)).containsExactly("once");
    }

    @Test
    void sendsGoOnWhileTheBrokerIsRestarted() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        List<String> sent = IntStream.range(0, 400).mapToObj(i -> "m" + i).toList();
        var sending = async(() -> {
            for (String text : sent) producer.send(session.createTextMessage(text));
        });
        for (int restart = 0; restart < 3; restart++) restartBroker();
        await(sending);
        direct.close();
        direct = new LarchConnectionFactory("tcp://localhost:" + broker.port()).createConnection();
        direct.start();
        assertThat(drain(directConsumer(queue))).containsExactlyElementsOf(sent);
    }

    @Test
    void asynchronousSendsAreCompletedInOrderAndStoredOnceAcrossCuts_7_3() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        var completed = new LinkedBlockingQueue<String>();
        var listener = new Completions(completed);
        List<String> sent = IntStream.range(0, 3000).mapToObj(i -> "m" + i).toList();
        for (int i = 0; i < sent.size(); i++) {
            producer.send(session.createTextMessage(sent.get(i)), listener);
            if (i % 1000 == 500) wire.cut();
        }
        List<String> inOrder = new ArrayList<>();
        for (int i = 0; i < sent.size(); i++) inOrder.add(completed.poll(30, TimeUnit.SECONDS));
        assertThat(inOrder).containsExactlyElementsOf(sent);
        assertThat(drain(directConsumer(queue))).containsExactlyElementsOf(sent);
    }

    private record Completions(LinkedBlockingQueue<String> completed) implements CompletionListener {
        @Override
        public void onCompletion(Message message) {
            try {
                completed.add(text(message));
            } catch (JMSException e) {
                completed.add(e.toString());
            }
        }

        @Override
        public void onException(Message message, Exception e) {
            completed.add(e.toString());
        }
    }

    // Transactions.

    @Test
    void aCommitWhoseAnswerWasLostIsAskedAboutAndReturns_6_2_7() throws Exception {
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        producer.send(session.createTextMessage("one"));
        producer.send(session.createTextMessage("two"));
        MessageConsumer consumer = directConsumer(queue);
        wire.loseAnswers();
        var committing = async(session::commit);
        assertThat(text(consumer.receive(10_000))).isEqualTo("one");
        wire.heal();
        wire.cut();
        await(committing);
        assertThat(drain(consumer)).containsExactly("two");
    }

    @Test
    void aCommitThatNeverArrivedIsRolledBackAndCanBeRepeated_6_2_7() throws Exception {
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        producer.send(session.createTextMessage("lost"));
        wire.loseRequests();
        var committing = async(session::commit);
        MessageConsumer consumer = directConsumer(queue);
        assertThat(consumer.receive(300)).isNull();
        wire.heal();
        wire.cut();
        assertThatThrownBy(() -> await(committing)).hasRootCauseInstanceOf(TransactionRolledBackException.class);
        producer.send(session.createTextMessage("again"));
        session.commit();
        assertThat(drain(consumer)).containsExactly("again");
    }

    @Test
    void aTransactionThatReceivedOnALostConnectionIsRolledBack_6_2_7() throws Exception {
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
        Queue queue = session.createQueue("q");
        send(queue, "one");
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(text(consumer.receive(10_000))).isEqualTo("one");
        wire.cut();
        assertThatThrownBy(session::commit).isInstanceOf(TransactionRolledBackException.class);
        Message again = consumer.receive(10_000);
        assertThat(text(again)).isEqualTo("one");
        assertThat(again.getJMSRedelivered()).isTrue();
        session.commit();
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void aTransactionThatOnlySendsSurvivesTheConnection() throws Exception {
        Session session = connection.createSession(true, Session.SESSION_TRANSACTED);
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        producer.send(session.createTextMessage("one"));
        restartBroker();
        producer.send(session.createTextMessage("two"));
        session.commit();
        assertThat(drain(connection.createSession().createConsumer(queue))).containsExactly("one", "two");
    }

    private void send(Queue queue, String... texts) throws JMSException {
        try (Session session = direct.createSession()) {
            MessageProducer producer = session.createProducer(queue);
            for (String text : texts) producer.send(session.createTextMessage(text));
        }
    }

    // Receiving.

    @Test
    void aBlockedReceiveKeepsWaitingAcrossALostConnection() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("q");
        MessageConsumer consumer = session.createConsumer(queue);
        var received = new CompletableFuture<String>();
        var receiving = async(() -> received.complete(text(consumer.receive())));
        wire.cut();
        session.createQueue("other");
        connection.createSession().close();
        send(queue, "here");
        assertThat(received.get(30, TimeUnit.SECONDS)).isEqualTo("here");
        await(receiving);
    }

    @Test
    void aReceiverThatAsksForEachMessageIsServedAfterwards() throws Exception {
        Connection pulling = failover("&prefetch=0").createConnection();
        try (pulling) {
            pulling.start();
            Session session = pulling.createSession();
            Queue queue = session.createQueue("q");
            MessageConsumer consumer = session.createConsumer(queue);
            var received = new CompletableFuture<String>();
            var receiving = async(() -> received.complete(text(consumer.receive())));
            assertThat(consumer.getMessageSelector()).isNull();
            wire.cut();
            send(queue, "here", "there");
            assertThat(received.get(30, TimeUnit.SECONDS)).isEqualTo("here");
            await(receiving);
            assertThat(text(consumer.receive(10_000))).isEqualTo("there");
        }
    }

    @Test
    void prefetchedMessagesOfALostConnectionAreNotHandedOver() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("q");
        send(queue, "a", "b", "c", "d");
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(text(consumer.receive(10_000))).isEqualTo("a");
        wire.refuse();
        wire.cut();
        List<String> others = new ArrayList<>();
        MessageConsumer other = directConsumer(queue);
        while (others.size() < 3) {
            String text = text(other.receive(10_000));
            if (!text.equals("a")) others.add(text); // its acknowledgement may have been lost
        }
        assertThat(others).containsExactly("b", "c", "d");
        wire.awaitRefused(); // until it knows, the client may hand over what it has
        assertThat(consumer.receiveNoWait()).isNull();
        wire.heal();
        send(queue, "e");
        other.close();
        assertThat(text(consumer.receive(10_000))).isIn("a", "e");
    }

    @Test
    void anAcknowledgementOfALostUnitSaysSoAndTheMessagesComeAgain_6_2_10() throws Exception {
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = session.createQueue("q");
        send(queue, "a", "b");
        MessageConsumer consumer = session.createConsumer(queue);
        consumer.receive(10_000);
        Message second = consumer.receive(10_000);
        wire.cut();
        assertThatThrownBy(second::acknowledge)
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("delivered again");
        Message again = consumer.receive(10_000);
        assertThat(text(again)).isEqualTo("a");
        assertThat(again.getJMSRedelivered()).isTrue();
        assertThat(again.getIntProperty("JMSXDeliveryCount")).isGreaterThanOrEqualTo(2);
        again = consumer.receive(10_000);
        assertThat(text(again)).isEqualTo("b");
        again.acknowledge();
        wire.cut();
        assertThat(consumer.receive(300)).isNull();
    }

    @Test
    void listenersGoOn() throws Exception {
        Session session = connection.createSession();
        Queue queue = session.createQueue("q");
        var heard = new LinkedBlockingQueue<String>();
        session.createConsumer(queue).setMessageListener(message -> {
            try {
                heard.add(text(message));
            } catch (JMSException e) {
                heard.add(e.toString());
            }
        });
        for (int i = 0; i < 5; i++) {
            send(queue, "m" + i);
            String text = heard.poll(30, TimeUnit.SECONDS);
            while (text != null && text.compareTo("m" + i) < 0) { // its acknowledgement was lost
                text = heard.poll(30, TimeUnit.SECONDS);
            }
            assertThat(text).isEqualTo("m" + i);
            wire.cut();
        }
    }

    // What belongs to the connection.

    @Test
    void temporaryQueuesAreThereAgainUnderTheirNames_6_2_2() throws Exception {
        Session session = connection.createSession();
        TemporaryQueue answers = session.createTemporaryQueue();
        MessageConsumer consumer = session.createConsumer(answers);
        wire.cut();
        session.createProducer(answers).send(session.createTextMessage("own"));
        assertThat(text(consumer.receive(10_000))).isEqualTo("own");
        send(answers, "answer");
        assertThat(text(consumer.receive(10_000))).isEqualTo("answer");
        consumer.close();
        answers.delete();
    }

    @Test
    void aDurableSubscriptionGoesOnWithItsClientId_6_1_2() throws Exception {
        Connection client = failover("&clientId=shop").createConnection();
        try (client) {
            client.start();
            Session session = client.createSession();
            Topic prices = session.createTopic("prices");
            MessageConsumer consumer = session.createDurableConsumer(prices, "s");
            wire.refuse();
            wire.cut();
            try (Session other = direct.createSession()) {
                other.createProducer(prices).send(other.createTextMessage("meanwhile"));
            }
            wire.heal();
            assertThat(text(consumer.receive(10_000))).isEqualTo("meanwhile");
            assertThat(client.getClientID()).isEqualTo("shop");
        }
    }

    // The end.

    @Test
    void afterTheLastAttemptTheListenerIsToldOnceAndCallsFail_6_1_8() throws Exception {
        Connection limited = failover("&maxReconnectAttempts=3").createConnection();
        var told = new LinkedBlockingQueue<JMSException>();
        limited.setExceptionListener(told::add);
        Session session = limited.createSession();
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        wire.refuse();
        wire.cut();
        assertThatThrownBy(() -> producer.send(session.createMessage())).isInstanceOf(JMSException.class);
        JMSException why = told.poll(30, TimeUnit.SECONDS);
        assertThat(why).hasMessageContaining("3 attempts").hasMessageContaining("maxReconnectAttempts");
        assertThat(why.getErrorCode()).isEqualTo("LARCH-103-CONNECTION_LOST");
        wire.heal();
        assertThatThrownBy(limited::createSession).isInstanceOf(JMSException.class);
        assertThat(told).isEmpty();
        limited.close();
    }

    @Test
    void closingWhileTheConnectionIsBeingRestoredEndsAtOnceAndWakesEverybody() throws Exception {
        Connection lost = new LarchConnectionFactory("failover:(tcp://localhost:" + wire.port()
                        + ")?initialReconnectDelay=60s&maxReconnectDelay=60s")
                .createConnection();
        lost.start();
        Session session = lost.createSession();
        Queue queue = session.createQueue("q");
        MessageConsumer consumer = session.createConsumer(queue);
        Session sending = lost.createSession();
        MessageProducer producer = sending.createProducer(queue);
        var completed = new LinkedBlockingQueue<String>();
        wire.refuse();
        wire.loseRequests();
        producer.send(sending.createTextMessage("x"), new Completions(completed));
        var received = new CompletableFuture<Message>();
        var receiver = new CompletableFuture<Thread>();
        var receiving = async(() -> {
            receiver.complete(Thread.currentThread());
            received.complete(consumer.receive());
        });
        awaitTaking(receiver.get(10, TimeUnit.SECONDS));
        wire.cut();
        long before = System.nanoTime();
        lost.close();
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - before)).isLessThan(5_000);
        assertThat(completed.poll(10, TimeUnit.SECONDS)).contains("Exception");
        assertThatThrownBy(lost::createSession).isInstanceOf(IllegalStateException.class);
        await(receiving);
        assertThat(received.get()).isNull();
    }

    @Test
    void withoutABrokerTheFirstConnectionFailsAfterItsAttempts() throws Exception {
        wire.refuse();
        assertThatThrownBy(() -> failover("&startupMaxReconnectAttempts=2").createConnection())
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("no connection to the broker");
        var connecting = async(() ->
                failover("&startupMaxReconnectAttempts=-1").createConnection().close());
        wire.heal();
        await(connecting);
    }

    @Test
    void theNextBrokerOfTheListIsTakenWhenTheFirstIsNotThere() throws Exception {
        int nobody = wire.port();
        wire.refuse();
        var factory = new LarchConnectionFactory("failover:(tcp://localhost:" + nobody + ",tcp://localhost:"
                + broker.port() + ")?randomize=false&initialReconnectDelay=20ms");
        try (Connection second = factory.createConnection()) {
            assertThat(second.createSession()).isNotNull();
        }
    }

    @Test
    void aCallDoesNotWaitLongerForTheConnectionThanItsTimeout() throws Exception {
        Connection impatient = failover("&timeout=200ms").createConnection();
        Session session = impatient.createSession();
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        wire.refuse();
        wire.cut();
        assertThatThrownBy(() -> producer.send(session.createMessage()))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("timeout");
        wire.heal();
        impatient.close();
    }

    @Test
    void aBrokerThatIsNotThereYetIsWaitedForAsLongAsTheTimeoutSays() throws Exception {
        wire.refuse();
        assertThatThrownBy(() -> failover("&timeout=200ms").createConnection())
                .isInstanceOf(JMSException.class)
                .hasMessageContainingAll("no broker has come", "timeout", "no connection to the broker");
        var connecting = async(() -> failover("").createConnection().close());
        wire.heal();
        await(connecting);
    }

    /** The unit is lost, and its messages come again to whoever goes on receiving. */
    @Test
    void aUnitThatWasLostIsDeliveredAgainWhereverItWasCut() throws Exception {
        Session sender = direct.createSession();
        for (int received : new int[] {1, 2, 10, 49, 50, 51, 79, 80, 81, 89, 90}) {
            Queue queue = sender.createQueue("unit-" + received);
            MessageProducer producer = sender.createProducer(queue);
            for (int i = 0; i < 90; i++) producer.send(sender.createTextMessage("" + i));
            try (Session session = connection.createSession(Session.SESSION_TRANSACTED)) {
                MessageConsumer consumer = session.createConsumer(queue);
                for (int i = 0; i < received; i++)
                    assertThat(text(consumer.receive(10_000))).isEqualTo("" + i);
                wire.cut();
                int next = received; // what is buffered may still be handed over
                String text = text(consumer.receive(10_000));
                while (("" + next).equals(text)) {
                    next++;
                    text = text(consumer.receive(10_000));
                }
                assertThat(text).as("after %d", next).isEqualTo("0");
                assertThatThrownBy(session::commit).isInstanceOf(TransactionRolledBackException.class);
            }
        }
    }
}
