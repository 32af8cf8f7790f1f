package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TransactionInProgressException;
import jakarta.jms.TransactionInProgressRuntimeException;
import jakarta.jms.XAConnection;
import jakarta.jms.XAJMSContext;
import jakarta.jms.XASession;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.broker.Broker;
import org.larchmq.broker.settings.BrokerSettings;

/** XA against the real broker (specification 6.2.8, and the XAResource's Javadoc). */
@Timeout(120)
class DistributedTransactionTest {
    @TempDir
    Path data;

    private Broker broker;
    private final List<AutoCloseable> open = new ArrayList<>();
    private int xids;

    private record TestXid(byte[] global, byte[] qualifier) implements Xid {
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
            return qualifier;
        }
    }

    private Xid newXid() {
        return new TestXid(new byte[] {(byte) ++xids}, new byte[] {1});
    }

    @BeforeEach
    void start() throws Exception {
        broker = startBroker(0);
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

    @AfterEach
    void stop() throws Exception {
        for (AutoCloseable each : open) each.close();
        broker.close();
    }

    private LarchXAConnectionFactory factory() {
        return new LarchXAConnectionFactory("tcp://localhost:" + broker.port() + "?requestTimeout=20s");
    }

    private XAConnection connect() throws JMSException {
        XAConnection connection = factory().createXAConnection();
        open.add(connection);
        connection.start();
        return connection;
    }

    private void send(Session session, String queue, String... texts) throws JMSException {
        try (MessageProducer producer = session.createProducer(session.createQueue(queue))) {
            for (String text : texts) producer.send(session.createTextMessage(text));
        }
    }

    /** A branch that sends a text to "out", prepared. */
    private Xid prepareSend(XASession session, String text) throws Exception {
        Xid xid = newXid();
        session.getXAResource().start(xid, XAResource.TMNOFLAGS);
        send(session, "out", text);
        session.getXAResource().end(xid, XAResource.TMSUCCESS);
        assertThat(session.getXAResource().prepare(xid)).isEqualTo(XAResource.XA_OK);
        return xid;
    }

    private static String receive(MessageConsumer consumer, int millis) throws JMSException {
        Message message = consumer.receive(millis);
        return message == null ? null : text(message);
    }

    private static String text(Message message) throws JMSException {
        return ((TextMessage) message).getText() + (message.getJMSRedelivered() ? "!" : "");
    }

    /** Everything that waits in a queue, consumed; redelivered ones with a "!". */
    private List<String> drain(String queue) throws JMSException {
        try (Connection connection = factory().createConnection()) {
            connection.start();
            Session session = connection.createSession();
            MessageConsumer consumer = session.createConsumer(session.createQueue(queue));
            List<String> texts = new ArrayList<>();
            for (Message m = consumer.receiveNoWait(); m != null; m = consumer.receiveNoWait()) texts.add(text(m));
            return texts;
        }
    }

    private static void fails(int code, ThrowingCallable call) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        XAException.class,
                        e -> assertThat(e.errorCode).as(e.toString()).isEqualTo(code));
    }

    @Test
    void aBranchThatIsPreparedAndCommittedHappensAtOnce() throws Exception {
        XASession session = connect().createXASession();
        send(session, "in", "a", "b"); // outside of a branch: at once
        XAResource resource = session.getXAResource();
        Xid xid = newXid();
        MessageConsumer consumer = session.createConsumer(session.createQueue("in"));
        resource.start(xid, XAResource.TMNOFLAGS);
        assertThat(receive(consumer, 5000)).isEqualTo("a");
        send(session, "out", "c");
        resource.end(xid, XAResource.TMSUCCESS);
        assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
        assertThat(drain("out")).isEmpty();
        assertThat(resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN))
                .hasSize(1);
        resource.commit(xid, false);
        assertThat(drain("out")).containsExactly("c");
        assertThat(resource.recover(XAResource.TMSTARTRSCAN)).isEmpty();
        assertThat(resource.recover(XAResource.TMENDRSCAN)).isEmpty();
        session.close();
        assertThat(drain("in")).containsExactly("b");
        fails(XAException.XAER_NOTA, () -> resource.commit(xid, false));
    }

    @Test
    void aRolledBackBranchIsRedeliveredInOrderToItsOwnSession() throws Exception {
        XASession session = connect().createXASession();
        send(session, "in", "a", "b", "c", "d");
        XAResource resource = session.getXAResource();
        Xid xid = newXid();
        MessageConsumer consumer = session.createConsumer(session.createQueue("in"));
        resource.start(xid, XAResource.TMNOFLAGS);
        assertThat(receive(consumer, 5000)).isEqualTo("a");
        assertThat(receive(consumer, 5000)).isEqualTo("b");
        send(session, "out", "x");
        resource.end(xid, XAResource.TMSUCCESS);
        resource.rollback(xid);
        assertThat(receive(consumer, 5000)).isEqualTo("a!");
        assertThat(receive(consumer, 5000)).isEqualTo("b!");
        assertThat(receive(consumer, 5000)).isEqualTo("c");
        assertThat(drain("out")).isEmpty();
    }

    @Test
    void onePhaseIsEnoughForOneResource() throws Exception {
        XASession session = connect().createXASession();
        XAResource resource = session.getXAResource();
        Xid xid = newXid();
        resource.start(xid, XAResource.TMNOFLAGS);
        send(session, "out", "a");
        resource.end(xid, XAResource.TMSUCCESS);
        fails(XAException.XAER_PROTO, () -> resource.commit(xid, false));
        resource.commit(xid, true);
        assertThat(drain("out")).containsExactly("a");
    }

    @Test
    void aBranchWithoutWorkIsReadOnly() throws Exception {
        XAResource resource = connect().createXASession().getXAResource();
        Xid xid = newXid();
        resource.start(xid, XAResource.TMNOFLAGS);
        resource.end(xid, XAResource.TMSUCCESS);
        assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_RDONLY);
        fails(XAException.XAER_NOTA, () -> resource.commit(xid, false));
    }

    @Test
    void suspendedWorkIsSetAsideAndResumed() throws Exception {
        XASession session = connect().createXASession();
        send(session, "in", "a", "b", "c");
        MessageConsumer consumer = session.createConsumer(session.createQueue("in"));
        XAResource resource = session.getXAResource();
        Xid first = newXid();
        Xid second = newXid();
        resource.start(first, XAResource.TMNOFLAGS);
        assertThat(receive(consumer, 5000)).isEqualTo("a");
        send(session, "out", "first-1");
        resource.end(first, XAResource.TMSUSPEND);
        fails(XAException.XAER_PROTO, () -> resource.prepare(first));
        resource.start(second, XAResource.TMNOFLAGS);
        assertThat(receive(consumer, 5000)).isEqualTo("b");
        send(session, "out", "second");
        resource.end(second, XAResource.TMSUCCESS);
        resource.commit(second, true);
        fails(XAException.XAER_NOTA, () -> resource.start(newXid(), XAResource.TMRESUME));
        resource.start(first, XAResource.TMRESUME);
        send(session, "out", "first-2");
        resource.end(first, XAResource.TMSUCCESS);
        resource.prepare(first);
        resource.rollback(first);
        assertThat(drain("out")).containsExactly("second");
        session.close();
        assertThat(drain("in")).containsExactly("a!", "c");
    }

    @Test
    void aSecondSessionJoinsABranch() throws Exception {
        XASession one = connect().createXASession();
        XASession two = connect().createXASession();
        assertThat(one.getXAResource().isSameRM(two.getXAResource())).isTrue();
        Xid xid = newXid();
        fails(XAException.XAER_NOTA, () -> two.getXAResource().start(xid, XAResource.TMJOIN));
        one.getXAResource().start(xid, XAResource.TMNOFLAGS);
        fails(XAException.XAER_DUPID, () -> two.getXAResource().start(xid, XAResource.TMNOFLAGS));
        two.getXAResource().start(xid, XAResource.TMJOIN);
        send(one, "out", "a");
        send(two, "out", "b");
        one.getXAResource().end(xid, XAResource.TMSUCCESS);
        fails(XAException.XAER_PROTO, () -> one.getXAResource().prepare(xid));
        two.getXAResource().end(xid, XAResource.TMSUCCESS);
        one.getXAResource().prepare(xid);
        two.getXAResource().commit(xid, false);
        assertThat(drain("out")).containsExactlyInAnyOrder("a", "b");
    }

    @Test
    void aResourceOfAnotherBrokerIsAnother(@TempDir Path elsewhere) throws Exception {
        BrokerSettings settings = BrokerSettings.defaults(elsewhere);
        try (Broker other = Broker.start(settings.with(settings.network().withPort(0)));
                XAConnection there =
                        new LarchXAConnectionFactory("tcp://localhost:" + other.port()).createXAConnection()) {
            XAResource here = connect().createXASession().getXAResource();
            assertThat(here.isSameRM(there.createXASession().getXAResource())).isFalse();
            assertThat(here.isSameRM(here)).isTrue();
        }
    }

    @Test
    void failedWorkCanOnlyBeRolledBack() throws Exception {
        XASession session = connect().createXASession();
        XAResource resource = session.getXAResource();
        Xid xid = newXid();
        resource.start(xid, XAResource.TMNOFLAGS);
        send(session, "out", "a");
        resource.end(xid, XAResource.TMFAIL);
        resource.rollback(xid);
        Xid other = newXid();
        resource.start(other, XAResource.TMNOFLAGS);
        send(session, "out", "b");
        resource.end(other, XAResource.TMFAIL);
        fails(XAException.XA_RBROLLBACK, () -> resource.prepare(other));
        assertThat(drain("out")).isEmpty();
    }

    /** Connection.close: "the result of a closed session's work is determined later by a transaction manager". */
    @Test
    void closingSessionAndConnectionLeavesTheWorkToTheTransactionManager() throws Exception {
        XAConnection connection = factory().createXAConnection();
        connection.start();
        XASession session = connection.createXASession();
        send(session, "in", "a");
        XAResource resource = session.getXAResource();
        MessageConsumer consumer = session.createConsumer(session.createQueue("in"));
        Xid xid = newXid();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertThat(receive(consumer, 5000)).isEqualTo("a");
        send(session, "out", "b");
        session.close();
        connection.close();
        resource.end(xid, XAResource.TMSUCCESS);
        assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
        resource.commit(xid, false); // over a connection opened for it
        assertThat(drain("in")).isEmpty();
        assertThat(drain("out")).containsExactly("b");
    }

    @Test
    void recoveryWorksWithTheResourceOfAClosedConnectionAndAfterARestart() throws Exception {
        XAConnection connection = factory().createXAConnection();
        XASession session = connection.createXASession();
        XAResource resource = session.getXAResource();
        Xid kept = prepareSend(session, "kept");
        Xid dropped = prepareSend(session, "dropped");
        restartBroker();
        Xid[] found = resource.recover(XAResource.TMSTARTRSCAN | XAResource.TMENDRSCAN);
        assertThat(found).hasSize(2);
        resource.commit(kept, false);
        resource.rollback(found[1]);
        fails(XAException.XAER_NOTA, () -> resource.commit(kept, false));
        fails(XAException.XAER_NOTA, () -> resource.rollback(dropped));
        fails(XAException.XAER_NOTA, () -> resource.forget(kept));
        connection.close();
        assertThat(resource.recover(XAResource.TMSTARTRSCAN)).isEmpty();
        assertThat(drain("out")).containsExactly("kept");
    }

    @Test
    void aBranchIsRolledBackWhenItsConnectionIsLostBeforeItIsPrepared() throws Exception {
        XASession session = connect().createXASession();
        XAResource resource = session.getXAResource();
        Xid ended = newXid();
        resource.start(ended, XAResource.TMNOFLAGS);
        send(session, "out", "a");
        resource.end(ended, XAResource.TMSUCCESS);
        Xid atWork = newXid();
        resource.start(atWork, XAResource.TMNOFLAGS);
        restartBroker();
        fails(XAException.XAER_RMFAIL, () -> resource.end(atWork, XAResource.TMSUCCESS));
        resource.rollback(atWork);
        fails(XAException.XA_RBCOMMFAIL, () -> resource.prepare(ended));
        assertThat(resource.recover(XAResource.TMSTARTRSCAN)).isEmpty();
        assertThat(drain("out")).isEmpty();
    }

    @Test
    void aBranchThatTakesTooLongIsRolledBack() throws Exception {
        XASession session = connect().createXASession();
        send(session, "in", "a");
        MessageConsumer consumer = session.createConsumer(session.createQueue("in"));
        XAResource resource = session.getXAResource();
        assertThat(resource.setTransactionTimeout(1)).isTrue();
        assertThat(resource.getTransactionTimeout()).isEqualTo(1);
        Xid xid = newXid();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertThat(receive(consumer, 5000)).isEqualTo("a");
        send(session, "out", "b");
        MessageConsumer other = session.createConsumer(session.createQueue("nothing"));
        assertThat(receive(other, 2000)).isNull();
        fails(XAException.XA_RBTIMEOUT, () -> resource.end(xid, XAResource.TMSUCCESS));
        assertThat(receive(consumer, 5000)).isEqualTo("a!");
        assertThat(drain("out")).isEmpty();
    }

    @Test
    void aLargeBranchIsStagedWhileItGrows() throws Exception {
        XASession session = connect().createXASession();
        XAResource resource = session.getXAResource();
        Xid xid = newXid();
        resource.start(xid, XAResource.TMNOFLAGS);
        MessageProducer producer = session.createProducer(session.createQueue("large"));
        String text = "x".repeat(100_000);
        for (int i = 0; i < 30; i++) producer.send(session.createTextMessage(text + i));
        resource.end(xid, XAResource.TMSUCCESS);
        resource.prepare(xid);
        restartBroker();
        resource.commit(xid, false);
        assertThat(drain("large")).hasSize(30).first().isEqualTo(text + 0);
    }

    private static byte[] largeBody() {
        byte[] body = new byte[3_000_000];
        new Random(1).nextBytes(body);
        return body;
    }

    @Test
    void aLargeMessageIsSentAndConsumedInABranchAlsoAcrossARestart() throws Exception {
        XASession session = connect().createXASession();
        XAResource resource = session.getXAResource();
        Queue out = session.createQueue("out");
        Xid sending = newXid();
        resource.start(sending, XAResource.TMNOFLAGS);
        BytesMessage large = session.createBytesMessage();
        large.writeBytes(largeBody());
        session.createProducer(out).send(large);
        send(session, "out", "small");
        resource.end(sending, XAResource.TMSUCCESS);
        assertThat(resource.prepare(sending)).isEqualTo(XAResource.XA_OK);
        restartBroker();
        assertThat(resource.recover(XAResource.TMSTARTRSCAN)).hasSize(1);
        resource.commit(sending, false);

        XASession consuming = connect().createXASession();
        XAResource second = consuming.getXAResource();
        MessageConsumer consumer = consuming.createConsumer(out);
        for (boolean commits : new boolean[] {false, true}) {
            Xid receiving = newXid();
            second.start(receiving, XAResource.TMNOFLAGS);
            Message received = consumer.receive(20_000);
            assertThat(received.getBody(byte[].class)).isEqualTo(largeBody());
            assertThat(received.getJMSRedelivered()).isEqualTo(commits);
            second.end(receiving, XAResource.TMSUCCESS);
            second.prepare(receiving);
            if (commits) second.commit(receiving, false);
            else second.rollback(receiving);
        }
        consuming.close();
        assertThat(drain("out")).containsExactly("small");
    }

    /** An XA connection is not restored: its transaction manager is told, decides what was prepared, and opens another. */
    @Test
    void withAFailoverUrlWhatIsPreparedIsDecidedByTheResourceOfTheLostConnection() throws Exception {
        var failover = new LarchXAConnectionFactory(
                "failover:(tcp://localhost:1,tcp://localhost:" + broker.port() + ")?requestTimeout=20s");
        XAConnection connection = failover.createXAConnection();
        open.add(connection);
        CompletableFuture<JMSException> reported = new CompletableFuture<>();
        connection.setExceptionListener(reported::complete);
        XASession session = connection.createXASession();
        XAResource resource = session.getXAResource();
        Xid prepared = prepareSend(session, "prepared");
        Xid atWork = newXid();
        resource.start(atWork, XAResource.TMNOFLAGS);
        send(session, "out", "at work");
        restartBroker();
        assertThat(reported.get(20, TimeUnit.SECONDS)).hasMessageContaining("is lost");
        fails(XAException.XAER_RMFAIL, () -> resource.end(atWork, XAResource.TMSUCCESS));
        resource.rollback(atWork);
        resource.commit(prepared, false);

        try (XAConnection next = failover.createXAConnection()) {
            XASession again = next.createXASession();
            XAResource other = again.getXAResource();
            assertThat(other.recover(XAResource.TMSTARTRSCAN)).isEmpty();
            Xid xid = newXid();
            other.start(xid, XAResource.TMNOFLAGS);
            send(again, "out", "next");
            other.end(xid, XAResource.TMSUCCESS);
            other.commit(xid, true);
        }
        assertThat(drain("out")).containsExactly("prepared", "next");
    }

    @Test
    void aTopicSubscriberGetsAgainWhatItsBranchRolledBack() throws Exception {
        XASession session = connect().createXASession();
        Topic topic = session.createTopic("prices");
        MessageConsumer subscriber = session.createConsumer(topic);
        MessageProducer producer = session.createProducer(topic);
        producer.send(session.createTextMessage("1"));
        XAResource resource = session.getXAResource();
        Xid xid = newXid();
        resource.start(xid, XAResource.TMNOFLAGS);
        assertThat(receive(subscriber, 5000)).isEqualTo("1");
        resource.end(xid, XAResource.TMSUCCESS);
        resource.rollback(xid);
        assertThat(receive(subscriber, 5000)).isEqualTo("1!");
    }

    /** XASession: commit and rollback are the transaction manager's; getTransacted is always true. */
    @Test
    void aSessionCannotEndItsTransactionsItself() throws Exception {
        XASession session = connect().createXASession();
        assertThat(session.getTransacted()).isTrue();
        assertThat(session.getAcknowledgeMode()).isEqualTo(Session.SESSION_TRANSACTED);
        assertThat(session.getSession()).isNotNull();
        assertThatThrownBy(session::commit).isInstanceOf(TransactionInProgressException.class);
        assertThatThrownBy(session::rollback).isInstanceOf(TransactionInProgressException.class);
        try (XAJMSContext context = factory().createXAContext()) {
            assertThat(context.getTransacted()).isTrue();
            assertThatThrownBy(context::commit).isInstanceOf(TransactionInProgressRuntimeException.class);
            assertThatThrownBy(context::rollback).isInstanceOf(TransactionInProgressRuntimeException.class);
        }
    }

    @Test
    void aContextTakesPartInABranch() throws Exception {
        try (XAJMSContext context = factory().createXAContext()) {
            XAResource resource = context.getXAResource();
            Xid xid = newXid();
            resource.start(xid, XAResource.TMNOFLAGS);
            Queue queue = context.createQueue("out");
            context.getContext().createProducer().send(queue, "a");
            assertThat(drain("out")).isEmpty();
            resource.end(xid, XAResource.TMSUCCESS);
            resource.commit(xid, true);
            assertThat(drain("out")).containsExactly("a");
        }
    }

    @Test
    void outsideOfABranchASessionAcknowledgesAutomatically() throws Exception {
        XASession session = connect().createXASession();
        send(session, "in", "a", "b");
        MessageConsumer consumer = session.createConsumer(session.createQueue("in"));
        assertThat(receive(consumer, 5000)).isEqualTo("a");
        session.close();
        assertThat(drain("in")).containsExactly("b");
    }

    @Test
    void wrongFlagsAndOrderAreRefused() throws Exception {
        XASession session = connect().createXASession();
        XAResource resource = session.getXAResource();
        Xid xid = newXid();
        fails(XAException.XAER_INVAL, () -> resource.start(null, XAResource.TMNOFLAGS));
        fails(XAException.XAER_INVAL, () -> resource.start(xid, XAResource.TMSUCCESS));
        fails(XAException.XAER_INVAL, () -> resource.recover(XAResource.TMJOIN));
        fails(XAException.XAER_INVAL, () -> resource.setTransactionTimeout(-1));
        fails(
                XAException.XAER_INVAL,
                () -> resource.start(new TestXid(new byte[65], new byte[0]), XAResource.TMNOFLAGS));
        fails(XAException.XAER_NOTA, () -> resource.end(xid, XAResource.TMSUCCESS));
        fails(XAException.XAER_NOTA, () -> resource.prepare(xid));
        resource.start(xid, XAResource.TMNOFLAGS);
        fails(XAException.XAER_PROTO, () -> resource.start(newXid(), XAResource.TMNOFLAGS));
        fails(XAException.XAER_PROTO, () -> resource.prepare(xid));
        fails(XAException.XAER_PROTO, () -> resource.rollback(xid));
        fails(XAException.XAER_INVAL, () -> resource.end(xid, XAResource.TMJOIN));
        resource.end(xid, XAResource.TMSUCCESS);
        fails(XAException.XAER_PROTO, () -> resource.end(xid, XAResource.TMSUCCESS));
        resource.rollback(xid);
        fails(XAException.XAER_NOTA, () -> resource.rollback(xid));
    }

    @Test
    void aPreparedMessageDoesNotReachWhoIsWaitingUntilItsCommit() throws Exception {
        XASession session = connect().createXASession();
        XAResource resource = session.getXAResource();
        Xid xid = newXid();
        resource.start(xid, XAResource.TMNOFLAGS);
        send(session, "out", "a");
        resource.end(xid, XAResource.TMSUCCESS);
        resource.prepare(xid);
        Connection reader = factory().createConnection();
        open.add(reader);
        reader.start();
        Session reading = reader.createSession();
        CompletableFuture<String> arrived = new CompletableFuture<>();
        reading.createConsumer(reading.createQueue("out"))
                .setMessageListener(message -> arrived.complete(message.toString()));
        assertThat(drain("nothing")).isEmpty();
        assertThat(arrived).isNotDone();
        resource.commit(xid, false);
        assertThat(arrived).succeedsWithin(java.time.Duration.ofSeconds(10));
    }

    @Test
    void theFactoryIsSerializedAndReferencedAsWhatItIs() throws Exception {
        LarchXAConnectionFactory factory = factory();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(factory);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject())
                    .isInstanceOfSatisfying(
                            LarchXAConnectionFactory.class,
                            read -> assertThat(read.getUri()).isEqualTo(factory.getUri()));
        }
        Object referenced = new LarchObjectFactory().getObjectInstance(factory.getReference(), null, null, null);
        assertThat(referenced)
                .isInstanceOfSatisfying(
                        LarchXAConnectionFactory.class,
                        made -> assertThat(made.getUri()).isEqualTo(factory.getUri()));
    }

    @Test
    void aMessageInTheHandsOfAListenerBelongsToTheBranchThatBeginsThere() throws Exception {
        try (Connection connection = factory().createConnection()) {
            send(connection.createSession(), "in", "one");
        }
        Xid rolledBack = newXid();
        Xid committed = newXid();
        XASession session = connect().createXASession();
        XAResource resource = session.getXAResource();
        CompletableFuture<Void> done = new CompletableFuture<>();
        session.createConsumer(session.createQueue("in")).setMessageListener(message -> {
            try {
                boolean again = message.getJMSRedelivered();
                Xid xid = again ? committed : rolledBack;
                resource.start(xid, XAResource.TMNOFLAGS);
                send(session, "out", text(message));
                resource.end(xid, XAResource.TMSUCCESS);
                assertThat(resource.prepare(xid)).isEqualTo(XAResource.XA_OK);
                if (again) resource.commit(xid, false);
                else resource.rollback(xid);
                if (again) done.complete(null);
            } catch (Exception | AssertionError e) {
                done.completeExceptionally(e);
            }
        });
        done.get(30, TimeUnit.SECONDS);
        session.close();
        assertThat(drain("in")).isEmpty();
        assertThat(drain("out")).containsExactly("one!");
    }

    @Test
    void nothingGoesOutAloneAfterAReaperHasRolledTheBranchBack() throws Exception {
        XASession session = connect().createXASession();
        XAResource resource = session.getXAResource();
        try (Connection connection = factory().createConnection()) {
            send(connection.createSession(), "in", "one");
        }
        MessageConsumer consumer = session.createConsumer(session.createQueue("in"));
        Xid xid = newXid();
        resource.start(xid, XAResource.TMNOFLAGS);
        send(session, "out", "inside");
        reap(resource, xid).get(30, TimeUnit.SECONDS);
        assertThatThrownBy(() -> send(session, "out", "alone"))
                .isInstanceOf(jakarta.jms.TransactionRolledBackException.class);
        assertThatThrownBy(() -> consumer.receive(1_000))
                .isInstanceOf(jakarta.jms.TransactionRolledBackException.class);

        Xid next = newXid();
        resource.start(next, XAResource.TMNOFLAGS);
        assertThat(receive(consumer, 10_000)).isEqualTo("one");
        send(session, "out", "next");
        resource.end(next, XAResource.TMSUCCESS);
        resource.commit(next, true);
        assertThat(drain("out")).containsExactly("next");
        assertThat(drain("in")).isEmpty();
    }

    /** As a transaction manager does whose time-out is over, in a thread of its own. */
    private static CompletableFuture<Void> reap(XAResource resource, Xid xid) {
        return CompletableFuture.runAsync(() -> {
            try {
                resource.end(xid, XAResource.TMFAIL);
            } catch (XAException e) {
                assertThat(e.errorCode).isBetween(XAException.XA_RBBASE, XAException.XA_RBEND);
            }
            try {
                resource.rollback(xid);
            } catch (XAException e) {
                throw new AssertionError(e);
            }
        });
    }

    @Test
    void aReaperAndAReceiverAtOnceLoseNoMessage() throws Exception {
        XASession session = connect().createXASession();
        XAResource resource = session.getXAResource();
        try (Connection connection = factory().createConnection()) {
            Session others = connection.createSession();
            for (int round = 0; round < 50; round++) {
                MessageConsumer consumer = session.createConsumer(session.createQueue("in"));
                Xid xid = newXid();
                resource.start(xid, XAResource.TMNOFLAGS);
                CompletableFuture<Void> reaper = reap(resource, xid);
                send(others, "in", "round " + round);
                assertThatThrownBy(() -> {
                            while (consumer.receive(30_000) != null) {}
                        })
                        .isInstanceOf(jakarta.jms.TransactionRolledBackException.class);
                reaper.get(30, TimeUnit.SECONDS);
                consumer.close();
                assertThat(drain("in")).singleElement().asString().startsWith("round " + round);
            }
        }
    }

    @Test
    void aReaperAndTheApplicationAtOnceLeaveAllOrNothing() throws Exception {
        XASession session = connect().createXASession();
        XAResource resource = session.getXAResource();
        for (int round = 0; round < 50; round++) {
            Xid xid = newXid();
            resource.start(xid, XAResource.TMNOFLAGS);
            CompletableFuture<Void> reaper = reap(resource, xid);
            try {
                while (true) send(session, "out", "alone");
            } catch (jakarta.jms.TransactionRolledBackException asItShouldBe) {
                reaper.get(30, TimeUnit.SECONDS);
            }
        }
        assertThat(drain("out")).isEmpty();
    }

    @Test
    void aConnectionThatJoinedABranchLeavesItsWorkAndNothingElseBehind() throws Exception {
        Xid xid = newXid();
        XASession first = connect().createXASession();
        first.getXAResource().start(xid, XAResource.TMNOFLAGS);
        send(first, "out", "first");
        first.getXAResource().end(xid, XAResource.TMSUCCESS);
        long before = connections();
        try (XAConnection joining = factory().createXAConnection()) {
            XASession second = joining.createXASession();
            assertThat(second.getXAResource().isSameRM(first.getXAResource())).isTrue();
            second.getXAResource().start(xid, XAResource.TMJOIN);
            send(second, "out", "second");
            second.getXAResource().end(xid, XAResource.TMSUCCESS);
        }
        while (connections() > before) Thread.onSpinWait(); // bounded by the test's time-out
        assertThat(first.getXAResource().prepare(xid)).isEqualTo(XAResource.XA_OK);
        first.getXAResource().commit(xid, false);
        assertThat(drain("out")).containsExactlyInAnyOrder("first", "second");
    }

    @Test
    void aBranchThatIsNotThereCannotBeForgotten() throws Exception {
        XAResource resource = connect().createXASession().getXAResource();
        fails(XAException.XAER_NOTA, () -> resource.forget(newXid()));
    }

    private long connections() {
        return broker.status().budgets().stream()
                .filter(budget -> budget.name().equals("connections"))
                .findFirst()
                .orElseThrow()
                .used();
    }
}
