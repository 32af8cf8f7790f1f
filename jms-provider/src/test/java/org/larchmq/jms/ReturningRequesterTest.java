package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TextMessage;
import jakarta.jms.XAConnection;
import jakarta.jms.XASession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import javax.transaction.xa.XAResource;
import javax.transaction.xa.Xid;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.broker.Broker;
import org.larchmq.broker.settings.BrokerSettings;

/**
 * A responder that knows a requester's temporary queue reaches it after the requester has lost its connection: the queue
 * has the same name then, and another number at the broker.
 */
@Timeout(120)
class ReturningRequesterTest {
    private static final String DIRECT = "tcp://localhost:%d";
    private static final String FAILOVER = "failover:(tcp://localhost:%d)";

    @TempDir
    Path data;

    private Broker broker;
    private CutWire wire;
    private Connection requester;
    private Connection responder;
    private Session replies;
    private TemporaryQueue queue;
    private MessageConsumer consumer;

    @BeforeEach
    void start() throws Exception {
        BrokerSettings settings = BrokerSettings.defaults(data);
        broker = Broker.start(settings.with(settings.network().withPort(0)));
        wire = new CutWire(broker.port());
        requester = new LarchConnectionFactory(
                        "failover:(tcp://localhost:" + wire.port() + ")?initialReconnectDelay=20ms")
                .createConnection();
        requester.start();
        replies = requester.createSession();
        queue = replies.createTemporaryQueue();
        consumer = replies.createConsumer(queue);
    }

    @AfterEach
    void stop() throws Exception {
        if (responder != null) responder.close();
        requester.close();
        wire.close();
        broker.close();
    }

    private Session responder(String uri, int mode) throws JMSException {
        responder = new LarchConnectionFactory(String.format(uri, broker.port())).createConnection();
        return responder.createSession(mode);
    }

    /** The requester is there again when it has been answered over its next connection. */
    private void requesterIsLostAndReturns() throws Exception {
        wire.cut();
        replies.createTemporaryQueue().delete();
    }

    private String reply() throws JMSException {
        Message message = consumer.receive(10_000);
        return message == null ? null : ((TextMessage) message).getText();
    }

    private void known(Session session, MessageProducer producer) throws JMSException {
        producer.send(session.createTextMessage("before"));
        if (session.getTransacted()) session.commit();
        assertThat(reply()).isEqualTo("before");
    }

    @ParameterizedTest
    @ValueSource(strings = {DIRECT, FAILOVER})
    void theFirstReplyAfterItsReturnArrives(String uri) throws Exception {
        Session session = responder(uri, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(queue);
        known(session, producer);
        requesterIsLostAndReturns();
        producer.send(session.createTextMessage("after"));
        assertThat(reply()).isEqualTo("after");
        requesterIsLostAndReturns();
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        producer.send(session.createTextMessage("after that"));
        assertThat(reply()).isEqualTo("after that");
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @ParameterizedTest
    @ValueSource(strings = {DIRECT, FAILOVER})
    void asynchronousRepliesArriveOnceInOrderAndAreCompletedInOrder(String uri) throws Exception {
        Session session = responder(uri, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(queue);
        known(session, producer);
        for (int round = 0; round < 3; round++) {
            requesterIsLostAndReturns();
            var completed = new LinkedBlockingQueue<String>();
            List<String> sent = IntStream.range(0, 500).mapToObj(i -> "m" + i).toList();
            for (String text : sent) {
                if (text.endsWith("9")) {
                    producer.send(session.createTextMessage(text));
                    completed.add(text);
                } else {
                    producer.send(session.createTextMessage(text), new Completions(completed));
                }
            }
            List<String> received = new ArrayList<>();
            while (received.size() < sent.size()) received.add(reply());
            assertThat(received).containsExactlyElementsOf(sent);
            List<String> told = new ArrayList<>();
            while (told.size() < sent.size()) told.add(completed.poll(10, TimeUnit.SECONDS));
            assertThat(told).containsExactlyInAnyOrderElementsOf(sent);
        }
        assertThat(consumer.receiveNoWait()).isNull();
    }

    private record Completions(LinkedBlockingQueue<String> completed) implements CompletionListener {
        @Override
        public void onCompletion(Message message) {
            try {
                completed.add(((TextMessage) message).getText());
            } catch (JMSException e) {
                completed.add(e.toString());
            }
        }

        @Override
        public void onException(Message message, Exception e) {
            completed.add(e.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {DIRECT, FAILOVER})
    void repliesThatNobodyWaitsForArriveToo(String uri) throws Exception {
        String options = "?sendNonPersistentAsync=true";
        Session session = responder(uri + options, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(queue);
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        known(session, producer);
        requesterIsLostAndReturns();
        producer.send(session.createTextMessage("after"));
        assertThat(reply()).isEqualTo("after");
    }

    @ParameterizedTest
    @ValueSource(strings = {DIRECT, FAILOVER})
    void aTransactionsRepliesArriveWhateverTheirSize(String uri) throws Exception {
        Session session = responder(uri, Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(queue);
        known(session, producer);
        requesterIsLostAndReturns();
        producer.send(session.createTextMessage("small"));
        session.commit();
        assertThat(reply()).isEqualTo("small");
        requesterIsLostAndReturns();
        String large = "x".repeat(3 << 20);
        producer.send(session.createTextMessage(large));
        producer.send(session.createTextMessage("behind it"));
        session.commit();
        assertThat(reply()).hasSameSizeAs(large);
        assertThat(reply()).isEqualTo("behind it");
        requesterIsLostAndReturns();
        String part = "y".repeat(300_000);
        for (int i = 0; i < 5; i++) producer.send(session.createTextMessage(part));
        session.commit();
        for (int i = 0; i < 5; i++) assertThat(reply()).hasSameSizeAs(part);
        producer.send(session.createTextMessage("one before its loss"));
        requesterIsLostAndReturns();
        producer.send(session.createTextMessage("one behind"));
        session.commit();
        assertThat(reply()).isEqualTo("one before its loss");
        assertThat(reply()).isEqualTo("one behind");
    }

    @ParameterizedTest
    @ValueSource(strings = DIRECT)
    void aDistributedTransactionsReplyArrives(String uri) throws Exception {
        try (XAConnection connection =
                new LarchXAConnectionFactory(String.format(uri, broker.port())).createXAConnection()) {
            XASession session = connection.createXASession();
            MessageProducer producer = session.getSession().createProducer(queue);
            producer.send(session.createTextMessage("before"));
            assertThat(reply()).isEqualTo("before");
            requesterIsLostAndReturns();
            XAResource resource = session.getXAResource();
            Xid xid = new TestXid(new byte[] {7});
            resource.start(xid, XAResource.TMNOFLAGS);
            producer.send(session.createTextMessage("after"));
            resource.end(xid, XAResource.TMSUCCESS);
            resource.commit(xid, true);
            assertThat(reply()).isEqualTo("after");
        }
    }

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

    @ParameterizedTest
    @ValueSource(strings = {DIRECT, FAILOVER})
    void aQueueThatIsGoneIsAnInvalidDestinationHoweverItIsSentTo(String uri) throws Exception {
        Session session = responder(uri, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(queue);
        known(session, producer);
        requester.close();
        assertThatThrownBy(() -> producer.send(session.createTextMessage("late")))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> producer.send(session.createTextMessage("later")))
                .isInstanceOf(InvalidDestinationException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {DIRECT, FAILOVER})
    void anAsynchronousReplyToAQueueThatIsGoneIsCompletedWithTheReason(String uri) throws Exception {
        Session session = responder(uri, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(queue);
        known(session, producer);
        requester.close();
        var completed = new LinkedBlockingQueue<String>();
        producer.send(session.createTextMessage("late"), new Completions(completed));
        assertThat(completed.poll(10, TimeUnit.SECONDS)).contains("InvalidDestinationException");
        session.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {DIRECT, FAILOVER})
    void aTransactionWithAQueueThatIsGoneIsRefused(String uri) throws Exception {
        Session session = responder(uri, Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(queue);
        known(session, producer);
        producer.send(session.createTextMessage("late"));
        requester.close();
        assertThatThrownBy(session::commit).isInstanceOf(InvalidDestinationException.class);
        session.rollback();
    }
}
