package org.larchmq.jms.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.options.LarchUri;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.FrameType;

/** A request that changes something at the broker and is not answered ends its connection; failover restores it. */
@Timeout(60)
class UnansweredRequestsTest {
    private static final String TIMES = "requestTimeout=300ms&closeTimeout=300ms&sendTimeout=300ms";

    private FakeBroker broker;
    private Connection connection;
    private final BlockingQueue<Message> handed = new LinkedBlockingQueue<>();
    private final BlockingQueue<JMSException> told = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() throws Exception {
        broker = new FakeBroker().start();
    }

    @AfterEach
    void stop() throws Exception {
        if (connection != null) connection.close();
        broker.close();
    }

    private Session open(String uri, int mode) throws Exception {
        connection = LarchConnection.open(LarchUri.parse(uri));
        connection.setExceptionListener(told::add);
        return connection.createSession(mode);
    }

    private MessageConsumer consumer(Session session) throws Exception {
        MessageConsumer consumer = session.createConsumer(session.createQueue("q"));
        connection.start();
        return consumer;
    }

    private void awaitLost() throws InterruptedException {
        assertThat(told.poll(10, TimeUnit.SECONDS))
                .extracting(JMSException::getErrorCode)
                .isEqualTo(ClientError.CONNECTION_LOST.text());
    }

    @Test
    void aListenerThatThrowsAndWhoseDrainIsNotAnsweredAcknowledgesNothing() throws Exception {
        broker.leavesUnanswered(FrameType.DRAIN);
        Session session = open(broker.plainUri(TIMES), Session.AUTO_ACKNOWLEDGE);
        consumer(session).setMessageListener(message -> {
            handed.add(message);
            throw new IllegalArgumentException("a listener's mistake");
        });
        broker.deliver(1, 1, 1, Encoded.texts(2));

        awaitLost();
        assertThat(handed).hasSize(1);
        assertThat(broker.cameBeforeTheEnd(FrameType.ACK)).isFalse();
    }

    @Test
    void withFailoverSuchAListenerGetsTheMessageAgain() throws Exception {
        broker.leavesUnanswered(FrameType.DRAIN);
        Session session = open(broker.failoverUri(TIMES), Session.AUTO_ACKNOWLEDGE);
        consumer(session).setMessageListener(message -> {
            handed.add(message);
            if (handed.size() == 1) throw new IllegalArgumentException("a listener's mistake");
        });
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.text("a"));
        broker.expect(FrameType.HELLO);
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 2, Encoded.text("a"));

        broker.expect(FrameType.ACK);
        assertThat(handed).hasSize(2);
    }

    @Test
    void recoverThatIsNotAnsweredEndsTheConnection() throws Exception {
        broker.leavesUnanswered(FrameType.DRAIN);
        Session session = open(broker.plainUri(TIMES), Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        broker.deliver(1, 1, 1, Encoded.text("a"));
        assertThat(consumer.receive(10_000)).isNotNull();

        assertThatThrownBy(session::recover).isInstanceOf(JMSException.class).hasMessageContaining("not answered");
        awaitLost();
    }

    @Test
    void aConsumerThatIsNotMadeInTimeIsNotInUseForEver() throws Exception {
        broker.leavesUnanswered(FrameType.CREATE_CONSUMER);
        Session session = open(broker.plainUri(TIMES), Session.AUTO_ACKNOWLEDGE);

        assertThatThrownBy(() -> consumer(session)).hasMessageContaining("not answered");
        awaitLost();
    }

    @Test
    void withFailoverAConsumerThatIsNotMadeInTimeFailsItsCallOnce() throws Exception {
        broker.leavesUnanswered(FrameType.CREATE_CONSUMER);
        Session session = open(broker.failoverUri(TIMES), Session.AUTO_ACKNOWLEDGE);

        assertThatThrownBy(() -> consumer(session)).hasMessageContaining("not answered");
        broker.expect(FrameType.HELLO);
        broker.expect(FrameType.HELLO);
        assertThat(told).isEmpty();
    }

    @Test
    void acknowledgeThatIsNotAnsweredEndsTheConnection() throws Exception {
        Session session = open(broker.plainUri(TIMES), Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        broker.deliver(1, 1, 1, Encoded.text("a"));
        Message message = consumer.receive(10_000);

        assertThatThrownBy(message::acknowledge).hasMessageContaining("not answered");
        awaitLost();
    }

    @Test
    void aQuestionThatIsNotAnsweredLeavesTheConnection() throws Exception {
        broker.leavesUnanswered(FrameType.DRAIN);
        Session session = open(broker.plainUri(TIMES), Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);

        assertThatThrownBy(consumer::receiveNoWait).hasMessageContaining("not answered");
        broker.deliver(1, 1, 1, Encoded.text("a"));
        assertThat(consumer.receive(10_000)).isNotNull();
        assertThat(told).isEmpty();
    }

    @Test
    void unsubscribeThatWasDoneBeforeItsAnswerWasLostIsASuccess() throws Exception {
        broker.leavesUnanswered(FrameType.UNSUBSCRIBE);
        Session session = open(broker.failoverUri("clientId=me"), Session.AUTO_ACKNOWLEDGE);
        CompletableFuture<Void> done = CompletableFuture.runAsync(() -> {
            try {
                session.unsubscribe("gone");
            } catch (JMSException e) {
                throw new CompletionException(e);
            }
        });
        broker.expect(FrameType.UNSUBSCRIBE);
        broker.dropConnection();
        broker.reply(broker.expect(FrameType.UNSUBSCRIBE), ErrorCode.SUBSCRIPTION_UNKNOWN, "no such subscription");

        done.get(10, TimeUnit.SECONDS);
    }

    @Test
    void anAutomaticAcknowledgementThatIsRefusedEndsTheConnectionWithTheReason() throws Exception {
        broker.leavesUnanswered(FrameType.ACK);
        Session session = open(broker.plainUri("autoAckWindow=1"), Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        broker.deliver(1, 1, 1, Encoded.texts(2));
        assertThat(consumer.receive(10_000)).isNotNull();
        broker.reply(broker.expect(FrameType.ACK), ErrorCode.DISK_FULL, "there is no room");

        assertThat(told.poll(10, TimeUnit.SECONDS))
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessageContaining("there is no room");
        assertThatThrownBy(() -> consumer.receive(10_000)).isInstanceOf(JMSException.class);
    }

    @Test
    void withFailoverAMessageWhoseAcknowledgementIsRefusedComesAgain() throws Exception {
        broker.leavesUnanswered(FrameType.ACK);
        Session session = open(broker.failoverUri("autoAckWindow=1"), Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        broker.deliver(1, 1, 1, Encoded.text("a"));
        assertThat(consumer.receive(10_000)).isNotNull();
        broker.expect(FrameType.CREDIT);
        broker.reply(broker.expect(FrameType.ACK), ErrorCode.DISK_FULL, "there is no room");
        broker.expect(FrameType.HELLO);
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 2, Encoded.text("a"));

        assertThat(consumer.receive(10_000).getJMSRedelivered()).isTrue();
    }

    @Test
    void acknowledgeThatIsRefusedThrowsTheReasonAndEndsTheConnection() throws Exception {
        broker.leavesUnanswered(FrameType.ACK);
        Session session = open(broker.plainUri(""), Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        broker.deliver(1, 1, 1, Encoded.text("a"));
        Message message = consumer.receive(10_000);
        CompletableFuture<Void> acknowledging = CompletableFuture.runAsync(() -> {
            try {
                message.acknowledge();
            } catch (JMSException e) {
                throw new CompletionException(e);
            }
        });
        broker.reply(broker.expect(FrameType.ACK), ErrorCode.DISK_FULL, "there is no room");

        assertThatThrownBy(() -> acknowledging.get(10, TimeUnit.SECONDS))
                .hasCauseInstanceOf(ResourceAllocationException.class)
                .hasMessageContaining("there is no room");
        assertThat(told.poll(10, TimeUnit.SECONDS)).isInstanceOf(ResourceAllocationException.class);
    }
}
