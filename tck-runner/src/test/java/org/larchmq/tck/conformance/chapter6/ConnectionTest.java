package org.larchmq.tck.conformance.chapter6;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.larchmq.tck.conformance.Call.call;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.ExceptionListener;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidClientIDRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.embedded.EmbeddedLarchMQ;
import org.larchmq.jms.message.LarchQueue;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Call;
import org.larchmq.tck.conformance.Section;

/** Connections: logging in, client identifiers, starting, stopping, metadata, exception listeners, closing. */
@Section("6.1")
class ConnectionTest extends AgainstBroker {
    static Stream<Call<ConnectionFactory>> logins() {
        return Stream.of(
                call("createConnection", f -> f.createConnection(USER, "wrong").close()),
                call(
                        "createConnection of a queue",
                        f -> factory().createQueueConnection(USER, "wrong").close()),
                call(
                        "createConnection of a topic",
                        f -> factory().createTopicConnection(USER, "wrong").close()),
                call(
                        "createConnection of an unknown user",
                        f -> f.createConnection("nobody", PASSWORD).close()));
    }

    @Section("6.1.1")
    @ParameterizedTest
    @MethodSource("logins")
    void wrongCredentialsAreRefusedAtOnce(Call<ConnectionFactory> login) {
        assertThatThrownBy(() -> login.on(factory())).isInstanceOf(JMSSecurityException.class);
    }

    @Section("6.1.1")
    @Test
    void wrongCredentialsOfAContextAreRefusedAtOnce() {
        assertThatThrownBy(() -> factory().createContext(USER, "wrong"))
                .isInstanceOf(JMSSecurityRuntimeException.class);
        assertThatThrownBy(() -> factory().createContext(USER, "wrong", JMSContext.SESSION_TRANSACTED))
                .isInstanceOf(JMSSecurityRuntimeException.class);
    }

    @Section("6.1.1")
    @Test
    void rightCredentialsAndNoneAreAccepted() throws JMSException {
        factory().createConnection(USER, PASSWORD).close();
        factory().createConnection().close();
        factory().createContext(USER, PASSWORD).close();
        factory().createContext(USER, PASSWORD, JMSContext.CLIENT_ACKNOWLEDGE).close();
        factory().createContext().close();
    }

    @Section("6.1")
    @ParameterizedTest
    @ValueSource(ints = {-1, 4, 100})
    void aContextOfAnUnknownModeIsRefused(int mode) {
        assertThatThrownBy(() -> factory().createContext(mode)).isInstanceOf(JMSRuntimeException.class);
    }

    @Section("6.2")
    @ParameterizedTest
    @ValueSource(ints = {-1, 4, 100})
    void aSessionOfAnUnknownModeIsRefused(int mode) throws JMSException {
        assertThatThrownBy(() -> connection().createSession(mode)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> connection().createSession(false, mode)).isInstanceOf(JMSException.class);
    }

    @Section("6.2")
    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.CLIENT_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE})
    void aSessionTellsItsMode(int mode) throws JMSException {
        for (Session session :
                new Session[] {connection().createSession(mode), connection().createSession(false, mode)}) {
            assertThat(session.getAcknowledgeMode()).isEqualTo(mode);
            assertThat(session.getTransacted()).isFalse();
        }
        JMSContext context = context(mode);
        assertThat(context.getSessionMode()).isEqualTo(mode);
        assertThat(context.getTransacted()).isFalse();
    }

    @Section("6.2")
    @Test
    void aTransactedSessionTellsItsMode() throws JMSException {
        Connection c = connection();
        for (Session session : new Session[] {
            c.createSession(Session.SESSION_TRANSACTED),
            c.createSession(true, Session.CLIENT_ACKNOWLEDGE),
            c.createSession(true, -5)
        }) {
            assertThat(session.getTransacted()).isTrue();
            assertThat(session.getAcknowledgeMode()).isEqualTo(Session.SESSION_TRANSACTED);
        }
        assertThat(context(JMSContext.SESSION_TRANSACTED).getTransacted()).isTrue();
    }

    @Section("6.2")
    @Test
    void aSessionWithoutParametersAcknowledgesAutomatically() throws JMSException {
        assertThat(connection().createSession().getAcknowledgeMode()).isEqualTo(Session.AUTO_ACKNOWLEDGE);
        assertThat(context().getSessionMode()).isEqualTo(JMSContext.AUTO_ACKNOWLEDGE);
    }

    @Section("6.1.2")
    @Test
    void aClientIdentifierIsSetFirstAndTold() throws JMSException {
        Connection connection = closeLater(factory().createConnection());
        assertThat(connection.getClientID()).isNull();
        connection.close();
        Connection other = closeLater(factory().createConnection());
        other.setClientID(newName());
        assertThat(other.getClientID()).startsWith("conformance.");
    }

    @Section("6.1.2")
    @Test
    void aClientIdentifierCannotBeSetTwice() throws JMSException {
        Connection connection = closeLater(factory().createConnection());
        connection.setClientID(newName());
        assertThatThrownBy(() -> connection.setClientID(newName())).isInstanceOf(IllegalStateException.class);
    }

    static Stream<Call<Connection>> uses() {
        return Stream.of(
                call("createSession", Connection::createSession),
                call("start", Connection::start),
                call("stop", Connection::stop));
    }

    @Section("6.1.2")
    @ParameterizedTest
    @MethodSource("uses")
    void aClientIdentifierCannotBeSetAfterAnyOtherUse(Call<Connection> use) throws Exception {
        Connection connection = closeLater(factory().createConnection());
        use.on(connection);
        assertThatThrownBy(() -> connection.setClientID(newName())).isInstanceOf(IllegalStateException.class);
    }

    @Section("6.1.2")
    @Test
    void askingAboutAConnectionAndSettingItsExceptionListenerIsNoUseOfIt() throws Exception {
        String id = newName();
        Connection connection = closeLater(factory().createConnection());
        connection.getMetaData();
        connection.setExceptionListener(e -> {});
        connection.getExceptionListener();
        assertThat(connection.getClientID()).isNull();
        connection.setClientID(id);
        assertThat(connection.getClientID()).isEqualTo(id);
    }

    @Section("6.1.2")
    @Test
    void aClientIdentifierInUseIsRefusedUntilItIsFree() throws JMSException {
        String id = newName();
        Connection owner = closeLater(factory().createConnection());
        owner.setClientID(id);
        Connection other = closeLater(factory().createConnection());
        assertThatThrownBy(() -> other.setClientID(id)).isInstanceOf(InvalidClientIDException.class);
        owner.close();
        closeLater(factory().createConnection()).setClientID(id);
    }

    @Section("6.1.2")
    @Test
    void aClientIdentifierOfTheFactoryIsSetAndCannotBeReplaced() throws JMSException {
        String id = newName();
        Connection connection = closeLater(factory("clientId=" + id).createConnection());
        assertThat(connection.getClientID()).isEqualTo(id);
        assertThatThrownBy(() -> connection.setClientID(newName())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> factory("clientId=" + id).createConnection().close())
                .isInstanceOf(InvalidClientIDException.class);
    }

    @Section("6.1.2")
    @Test
    void aContextHasTheSameRulesForClientIdentifiers() {
        String id = newName();
        JMSContext context = context();
        context.setClientID(id);
        assertThat(context.getClientID()).isEqualTo(id);
        assertThatThrownBy(() -> context.setClientID("another")).isInstanceOf(IllegalStateRuntimeException.class);
        JMSContext other = context();
        assertThatThrownBy(() -> other.setClientID(id)).isInstanceOf(InvalidClientIDRuntimeException.class);
        JMSContext used = context();
        used.createProducer().send(new LarchQueue(newName()), "x");
        assertThatThrownBy(() -> used.setClientID(newName())).isInstanceOf(IllegalStateRuntimeException.class);
        JMSContext configured = closeLater(factory("clientId=" + newName()).createContext());
        assertThatThrownBy(() -> configured.setClientID(newName())).isInstanceOf(IllegalStateRuntimeException.class);
    }

    @Section("6.1.4")
    @Test
    void aNewConnectionIsStoppedAndSendsAllTheSame() throws JMSException {
        Queue queue = newQueue();
        Connection connection = closeLater(factory().createConnection());
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(queue);
        session.createProducer(queue).send(session.createTextMessage("one"));
        assertThat(consumer.receive(50)).isNull();
        assertThat(consumer.receiveNoWait()).isNull();
        connection.start();
        assertThat(receiveText(consumer)).isEqualTo("one");
    }

    @Section("6.1.4")
    @Test
    void aConsumerOfAConnectionThatWasNotStartedHoldsNoMessages() throws JMSException {
        Queue queue = newQueue();
        closeLater(factory().createConnection()).createSession().createConsumer(queue);
        sendTexts(queue, "one", "two");
        assertHolds(queue, "one", "two");
    }

    @Section("6.1.4")
    @Test
    void creatingAConsumerStartsAContext() throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one");
        JMSContext context = context();
        assertThat(context.getAutoStart()).isTrue();
        assertThat(context.createConsumer(queue).receiveBody(String.class, SOON))
                .isEqualTo("one");
    }

    @Section("6.1.4")
    @Test
    void aContextWithoutAutoStartIsStartedByHand() throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one");
        JMSContext context = context();
        context.setAutoStart(false);
        assertThat(context.getAutoStart()).isFalse();
        JMSConsumer consumer = context.createConsumer(queue);
        assertThat(consumer.receive(50)).isNull();
        context.start();
        assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("one");
    }

    @Section("6.1.5")
    @Test
    void aStoppedConnectionDeliversNothingUntilItIsStartedAgain() throws JMSException {
        Queue queue = newQueue();
        Connection connection = connect();
        MessageConsumer consumer = connection.createSession().createConsumer(queue);
        sendTexts(queue, "one", "two");
        assertThat(receiveText(consumer)).isEqualTo("one");
        connection.stop();
        connection.stop();
        assertThat(consumer.receive(50)).isNull();
        assertThat(consumer.receiveNoWait()).isNull();
        connection.start();
        connection.start();
        assertThat(receiveText(consumer)).isEqualTo("two");
    }

    @Section("6.1.5")
    @Test
    void aStoppedConnectionSends() throws JMSException {
        Queue queue = newQueue();
        Connection connection = connect();
        Session session = connection.createSession();
        connection.stop();
        session.createProducer(queue).send(session.createTextMessage("one"));
        assertHolds(queue, "one");
    }

    @Section("6.1.5")
    @Test
    void stopWaitsForARunningListenerWhichMayUseTheConnection() throws Exception {
        Queue queue = newQueue();
        Queue answers = newQueue();
        Connection connection = closeLater(factory().createConnection());
        Session session = connection.createSession();
        var producer = session.createProducer(answers);
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch stopping = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        session.createConsumer(queue).setMessageListener(message -> {
            running.countDown();
            try {
                stopping.await(SOON, TimeUnit.MILLISECONDS);
                producer.send(session.createTextMessage("answer"));
                ended.set(true);
            } catch (InterruptedException | JMSException e) {
                throw new AssertionError(e);
            }
        });
        connection.start();
        sendTexts(queue, "one");
        assertThat(running.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
        CompletableFuture<Boolean> stopped = CompletableFuture.supplyAsync(() -> {
            stopping.countDown();
            try {
                connection.stop();
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
            return ended.get();
        });
        assertThat(stopped.get(SOON, TimeUnit.MILLISECONDS))
                .as("the listener had ended")
                .isTrue();
        sendTexts(queue, "two");
        connection.close();
        assertHolds(answers, "answer");
        assertHolds(queue, "two");
    }

    @Section("6.1.6")
    @Test
    void theMetadataTellsVersionAndProvider() throws JMSException {
        ConnectionMetaData data = connection().getMetaData();
        assertThat(data.getJMSVersion()).isEqualTo("3.1");
        assertThat(data.getJMSMajorVersion()).isEqualTo(3);
        assertThat(data.getJMSMinorVersion()).isEqualTo(1);
        assertThat(data.getJMSProviderName()).isNotBlank();
        assertThat(data.getProviderVersion()).isNotBlank();
        assertThat(data.getProviderMajorVersion()).isNotNegative();
        assertThat(data.getProviderMinorVersion()).isNotNegative();
        assertThat(context().getMetaData().getJMSVersion()).isEqualTo("3.1");
    }

    @Section("6.1.7")
    @Test
    void anExceptionListenerIsTold() throws JMSException {
        ExceptionListener listener = e -> {};
        Connection connection = connect();
        assertThat(connection.getExceptionListener()).isNull();
        connection.setExceptionListener(listener);
        assertThat(connection.getExceptionListener()).isSameAs(listener);
        connection.setExceptionListener(null);
        assertThat(connection.getExceptionListener()).isNull();
        JMSContext context = context();
        context.setExceptionListener(listener);
        assertThat(context.getExceptionListener()).isSameAs(listener);
    }

    @Section("6.1.7")
    @Test
    void theExceptionListenerHearsOfALostConnection() throws Exception {
        LinkedBlockingQueue<JMSException> heard = new LinkedBlockingQueue<>();
        Connection connection;
        try (EmbeddedLarchMQ other = EmbeddedLarchMQ.inMemory()) {
            connection = other.connectionFactory().createConnection();
            connection.setExceptionListener(heard::add);
            connection.start();
        }
        assertThat(heard.poll(SOON, TimeUnit.MILLISECONDS)).isNotNull();
        connection.close();
        assertThat(heard).isEmpty();
    }

    @Section("6.1.8")
    @Test
    void aBlockedReceiveReturnsNullWhenTheConnectionIsClosed() throws Exception {
        Connection connection = connect();
        MessageConsumer consumer = connection.createSession().createConsumer(newQueue());
        var received = CompletableFuture.supplyAsync(() -> {
            try {
                return String.valueOf((Object) consumer.receive());
            } catch (IllegalStateException closedBefore) {
                return "null";
            } catch (JMSException e) {
                return e.toString();
            }
        });
        assertThat(received).isNotDone();
        connection.close();
        assertThat(received.get(SOON, TimeUnit.MILLISECONDS)).isEqualTo("null");
    }

    @Section("6.1.8")
    @Test
    void closeWaitsForARunningListenerWhichMayUseTheConnection() throws Exception {
        Queue queue = newQueue();
        Queue answers = newQueue();
        Connection connection = closeLater(factory().createConnection());
        Session session = connection.createSession();
        var producer = session.createProducer(answers);
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        session.createConsumer(queue).setMessageListener(message -> {
            running.countDown();
            try {
                closing.await(SOON, TimeUnit.MILLISECONDS);
                producer.send(session.createTextMessage("answer"));
                ended.set(true);
            } catch (InterruptedException | JMSException e) {
                throw new AssertionError(e);
            }
        });
        connection.start();
        sendTexts(queue, "one");
        assertThat(running.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
        CompletableFuture<Boolean> closed = CompletableFuture.supplyAsync(() -> {
            closing.countDown();
            try {
                connection.close();
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
            return ended.get();
        });
        assertThat(closed.get(SOON, TimeUnit.MILLISECONDS))
                .as("the listener had ended")
                .isTrue();
        assertHolds(answers, "answer");
        assertHolds(queue);
    }

    @Section("6.1.8")
    @Test
    void closingAConnectionRollsBackAndDoesNotAcknowledge() throws JMSException {
        Queue transacted = newQueue();
        Queue byClient = newQueue();
        Queue sent = newQueue();
        sendTexts(transacted, "t");
        sendTexts(byClient, "c");
        Connection connection = connect();
        Session transaction = connection.createSession(Session.SESSION_TRANSACTED);
        assertThat(receiveText(transaction.createConsumer(transacted))).isEqualTo("t");
        transaction.createProducer(sent).send(transaction.createTextMessage("never"));
        Session client = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        assertThat(receiveText(client.createConsumer(byClient))).isEqualTo("c");
        connection.close();
        for (Queue queue : new Queue[] {transacted, byClient}) {
            TextMessage again = (TextMessage) session().createConsumer(queue).receive(SOON);
            assertThat(again.getJMSRedelivered()).isTrue();
            assertThat(again.getIntProperty("JMSXDeliveryCount")).isGreaterThanOrEqualTo(2);
        }
        assertHolds(sent);
    }

    @Section("6.1.8")
    @Test
    void messagesStayUsableAfterTheirConnectionWasClosed() throws JMSException {
        Connection connection = connect();
        TextMessage made = connection.createSession().createTextMessage("made");
        connection.close();
        made.setText("changed");
        assertThat(throughBroker(made).getText()).isEqualTo("changed");
    }

    @Section("6.1.8")
    @Test
    void aConnectionInATryStatementIsClosed() throws JMSException {
        Connection outside;
        try (Connection inside = factory().createConnection()) {
            outside = inside;
        }
        assertThatThrownBy(outside::createSession).isInstanceOf(IllegalStateException.class);
    }

    @Section("6.1.8")
    @Test
    void closingAConnectionFromItsOwnListenerIsAnIllegalState() throws Exception {
        Queue queue = newQueue();
        Connection connection = closeLater(factory().createConnection());
        LinkedBlockingQueue<String> outcome = new LinkedBlockingQueue<>();
        connection.createSession().createConsumer(queue).setMessageListener(message -> {
            outcome.add(outcomeOf(connection::close));
            outcome.add(outcomeOf(connection::stop));
        });
        connection.start();
        sendTexts(queue, "one");
        assertThat(outcome.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("IllegalStateException");
        assertThat(outcome.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("IllegalStateException");
    }

    private interface Closing {
        void run() throws JMSException;
    }

    private static String outcomeOf(Closing closing) {
        try {
            closing.run();
            return "done";
        } catch (JMSException | RuntimeException e) {
            return e.getClass().getSimpleName();
        }
    }

    @Section("6.1.8")
    @Test
    void closingOrStoppingAContextFromItsOwnListenerIsAnIllegalState() throws Exception {
        Queue queue = newQueue();
        JMSContext context = context();
        LinkedBlockingQueue<String> outcome = new LinkedBlockingQueue<>();
        context.createConsumer(queue).setMessageListener(message -> {
            outcome.add(outcomeOf(context::close));
            outcome.add(outcomeOf(context::stop));
        });
        sendTexts(queue, "one");
        assertThat(outcome.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("IllegalStateRuntimeException");
        assertThat(outcome.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("IllegalStateRuntimeException");
    }
}
