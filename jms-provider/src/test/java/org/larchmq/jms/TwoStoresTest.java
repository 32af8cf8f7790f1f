package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.nio.file.Path;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.broker.Broker;
import org.larchmq.broker.settings.BrokerSettings;

/** Two brokers with a store each behind one name: what was sent to the one is not answered for by the other. */
@Timeout(120)
class TwoStoresTest {
    private static final String IN_DOUBT = "LARCH-104-OUTCOME_UNKNOWN";

    @TempDir
    Path data;

    private Broker first;
    private Broker second;
    private CutWire wire;

    private record TestXid(byte[] global) implements Xid {
        @Override
        public int getFormatId() {
            return 4711;
        }

        @Override
        public byte[] getGlobalTransactionId() {
            return global;
        }

        @Override
        public byte[] getBranchQualifier() {
            return new byte[] {1};
        }
    }

    @BeforeEach
    void start() throws Exception {
        first = broker("first", 0);
        second = broker("second", 0);
        wire = new CutWire(first.port());
    }

    private Broker broker(String name, int port) throws Exception {
        BrokerSettings settings = BrokerSettings.defaults(data.resolve(name));
        return Broker.start(settings.with(settings.network().withPort(port)));
    }

    @AfterEach
    void stop() throws Exception {
        wire.close();
        first.close();
        second.close();
    }

    private Connection throughTheWire() throws JMSException {
        Connection connection = new LarchConnectionFactory(
                        "failover:(tcp://localhost:" + wire.port() + ")?initialReconnectDelay=20ms")
                .createConnection();
        connection.start();
        return connection;
    }

    /** The first broker does what it is asked, its answer is lost, and the next connection reaches the second one. */
    private void loseTheAnswerOf(CompletableFuture<?> call, Broker askedBroker) throws Exception {
        while (messagesAt(askedBroker) == 0 && !call.isDone()) Thread.onSpinWait();
        wire.redirect(second.port());
        wire.heal();
        wire.cut();
    }

    private static long messagesAt(Broker broker) {
        return broker.status().unsettledMessages();
    }

    private static CompletableFuture<Void> async(Work work) {
        return CompletableFuture.runAsync(
                () -> {
                    try {
                        work.run();
                    } catch (Exception e) {
                        throw new CompletionException(e);
                    }
                },
                task -> new Thread(task, "application").start());
    }

    private interface Work {
        void run() throws Exception;
    }

    private static Throwable failureOf(CompletableFuture<Void> call) throws Exception {
        return call.handle((done, failure) -> failure == null ? null : failure.getCause())
                .get(30, TimeUnit.SECONDS);
    }

    @Test
    void aCommitWhoseAnswerWasLostIsInDoubtAtAnotherStore() throws Exception {
        try (Connection connection = throughTheWire()) {
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            MessageProducer producer = session.createProducer(session.createQueue("orders"));
            producer.send(session.createTextMessage("one"));
            wire.loseAnswers();
            CompletableFuture<Void> commit = async(session::commit);
            loseTheAnswerOf(commit, first);
            Throwable failure = failureOf(commit);
            assertThat(failure).isInstanceOf(JMSException.class).isNotInstanceOf(TransactionRolledBackException.class);
            assertThat(((JMSException) failure).getErrorCode()).isEqualTo(IN_DOUBT);
            assertThat(failure).hasMessageContaining("another store");
            assertThat(messagesAt(first)).isEqualTo(1);

            producer.send(session.createTextMessage("two"));
            session.commit(); // the next unit is no longer concerned
            assertThat(messagesAt(second)).isEqualTo(1);
        }
    }

    @Test
    void aSendWhoseConfirmationWasLostIsInDoubtAndNotRepeatedAtAnotherStore() throws Exception {
        try (Connection connection = throughTheWire()) {
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(session.createQueue("orders"));
            wire.loseAnswers();
            CompletableFuture<Void> send = async(() -> producer.send(session.createTextMessage("one")));
            loseTheAnswerOf(send, first);
            Throwable failure = failureOf(send);
            assertThat(failure).isInstanceOf(JMSException.class).hasMessageContaining("another store");
            assertThat(((JMSException) failure).getErrorCode()).isEqualTo(IN_DOUBT);

            producer.send(session.createTextMessage("two"));
            assertThat(messagesAt(first)).isEqualTo(1);
            assertThat(messagesAt(second)).isEqualTo(1);
        }
    }

    @Test
    void anAsynchronousSendThatIsInDoubtIsToldToItsListener() throws Exception {
        CompletableFuture<Exception> told = new CompletableFuture<>();
        try (Connection connection = throughTheWire()) {
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(session.createQueue("orders"));
            wire.loseAnswers();
            producer.send(session.createTextMessage("one"), new CompletionListener() {
                @Override
                public void onCompletion(Message message) {
                    told.complete(null);
                }

                @Override
                public void onException(Message message, Exception exception) {
                    told.complete(exception);
                }
            });
            loseTheAnswerOf(told, first);
            Exception failure = told.get(30, TimeUnit.SECONDS);
            assertThat(failure).isInstanceOf(JMSException.class).hasMessageContaining("another store");
            assertThat(messagesAt(second)).isZero();
        }
    }

    @Test
    void aBranchThatIsPreparedElsewhereIsNeitherUnknownNorRolledBack() throws Exception {
        Xid xid = new TestXid(new byte[] {1});
        try (XAConnection connection =
                new LarchXAConnectionFactory("tcp://localhost:" + wire.port()).createXAConnection()) {
            XASession session = connection.createXASession();
            XAResource resource = session.getXAResource();
            prepare(session, xid);
            wire.redirect(second.port());
            wire.cut();
            assertThatThrownBy(() -> resource.commit(xid, false))
                    .isInstanceOfSatisfying(
                            XAException.class, e -> assertThat(e.errorCode).isEqualTo(XAException.XAER_RMFAIL));
            assertThatThrownBy(() -> resource.rollback(xid))
                    .isInstanceOfSatisfying(
                            XAException.class, e -> assertThat(e.errorCode).isEqualTo(XAException.XAER_RMFAIL));
            wire.redirect(first.port());
            resource.commit(xid, false);
            assertThat(messagesAt(first)).isEqualTo(1);
        }
    }

    private static void prepare(XASession session, Xid xid) throws Exception {
        XAResource resource = session.getXAResource();
        resource.start(xid, XAResource.TMNOFLAGS);
        session.createProducer(session.createQueue("orders")).send(session.createTextMessage("one"));
        resource.end(xid, XAResource.TMSUCCESS);
        assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
    }

    @Test
    void aTransactionManagerFindsAndEndsBranchesOfEveryBrokerOfItsUrl() throws Exception {
        Xid xid = new TestXid(new byte[] {2});
        try (XAConnection direct =
                new LarchXAConnectionFactory("tcp://localhost:" + second.port()).createXAConnection()) {
            prepare(direct.createXASession(), xid);
        }
        String both = "failover:(tcp://localhost:" + first.port() + ",tcp://localhost:" + second.port() + ")";
        try (XAConnection connection = new LarchXAConnectionFactory(both).createXAConnection()) {
            XAResource resource = connection.createXASession().getXAResource();
            assertThat(resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN))
                    .hasSize(1);
            resource.commit(xid, false);
            assertThat(resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN))
                    .isEmpty();
        }
        assertThat(messagesAt(second)).isEqualTo(1);
    }

    @Test
    void nobodySaysUnknownWhileABrokerOfTheUrlCannotBeAsked() throws Exception {
        Xid xid = new TestXid(new byte[] {3});
        int port = second.port();
        try (XAConnection direct = new LarchXAConnectionFactory("tcp://localhost:" + port).createXAConnection()) {
            prepare(direct.createXASession(), xid);
        }
        second.close();
        String both = "failover:(tcp://localhost:" + first.port() + ",tcp://localhost:" + port + ")";
        try (XAConnection connection = new LarchXAConnectionFactory(both).createXAConnection()) {
            XAResource resource = connection.createXASession().getXAResource();
            assertThatThrownBy(() -> resource.commit(xid, false))
                    .isInstanceOfSatisfying(
                            XAException.class, e -> assertThat(e.errorCode).isEqualTo(XAException.XAER_RMFAIL));
            second = broker("second", port);
            resource.commit(xid, false);
        }
        assertThat(messagesAt(second)).isEqualTo(1);
    }

    @Test
    void messagesReceivedFromOneStoreAreNotAcknowledgedAtAnother() throws Exception {
        try (Connection connection = throughTheWire();
                Connection atSecond =
                        new LarchConnectionFactory("tcp://localhost:" + second.port()).createConnection()) {
            Session other = atSecond.createSession();
            other.createProducer(other.createQueue("orders")).send(other.createTextMessage("of the second"));
            Session session = connection.createSession(Session.SESSION_TRANSACTED);
            MessageConsumer consumer = session.createConsumer(session.createQueue("orders"));
            session.createProducer(session.createQueue("orders")).send(session.createTextMessage("of the first"));
            session.commit();
            assertThat(consumer.receive(10_000)).isNotNull();
            wire.redirect(second.port());
            wire.cut();
            Message next = consumer.receive(10_000); // the loss is known from here on
            assertThat(next.getBody(String.class)).isEqualTo("of the second");
            assertThatThrownBy(session::commit).isInstanceOf(TransactionRolledBackException.class);
            assertThat(messagesAt(first)).isEqualTo(1);
            assertThat(messagesAt(second)).isEqualTo(1);
        }
    }
}
