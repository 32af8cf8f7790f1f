package org.larchmq.jms.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.options.LarchUri;
import org.larchmq.message.ByteReader;
import org.larchmq.message.Compression;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.Values;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.SendFrame;

/** What sends do on the wire: specification 7.1 to 7.3. */
@Timeout(60)
class SendingTest {
    private FakeBroker broker;
    private Connection connection;

    @BeforeEach
    void start() throws Exception {
        broker = new FakeBroker();
    }

    @AfterEach
    void stop() throws Exception {
        if (connection != null) connection.close();
        broker.close();
    }

    private Session session(String options) throws JMSException {
        return session(options, Session.AUTO_ACKNOWLEDGE);
    }

    private Session session(String options, int mode) throws JMSException {
        broker.start();
        connection = LarchConnection.open(LarchUri.parse(broker.uri(options)));
        return connection.createSession(mode);
    }

    /** Keeps what a CompletionListener is told, in order. */
    private static final class Outcomes implements CompletionListener {
        private final BlockingQueue<Object> told = new LinkedBlockingQueue<>();

        @Override
        public void onCompletion(Message message) {
            told.add(message);
        }

        @Override
        public void onException(Message message, Exception exception) {
            told.add(exception);
        }

        Object next() throws InterruptedException {
            return told.poll(10, TimeUnit.SECONDS);
        }
    }

    @Test
    void aBlockingSendReturnsWhenTheBrokerHasConfirmedIt() throws Exception {
        Session session = session("");
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        Message message = session.createTextMessage("x");
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> sendUnchecked(producer, message));

        ByteReader send = broker.expect(FrameType.SEND).body();
        assertThat(send.getLong()).as("first send sequence").isEqualTo(1);
        assertThat(send.getLong()).as("transaction").isZero();
        assertThat(send.getInt()).as("messages").isEqualTo(1);
        assertThat(send.getInt()).as("handle").isEqualTo(77);
        assertThat(sending).isNotDone();
        broker.confirm(1, 1);

        sending.get(10, TimeUnit.SECONDS);
        assertThat(message.getJMSMessageID()).startsWith("ID:");
    }

    @Test
    void aBodyIsCompressedOnceAndNothingElseIs() throws Exception {
        broker.takesCompressed(Compression.ALL);
        ByteBuffer message = sent("&compression=lz4");
        assertThat(MessageLayout.isCompressed(message, 0)).isTrue();
        assertThat(MessageLayout.compression(message, 0)).isEqualTo(Compression.LZ4);
        assertThat(message.limit()).isLessThan(500);
        assertThat(Values.findProperty(message, 0, "colour".getBytes(), new ByteReader()))
                .isTrue();
    }

    @Test
    void aBrokerThatTakesNoCompressedBodiesIsSentThemAsTheyAre() throws Exception {
        ByteBuffer message = sent("&compression=lz4");
        assertThat(message.get(MessageLayout.VERSION)).isEqualTo((byte) 1);
        assertThat(message.limit()).isGreaterThan(5_000);
    }

    /** A message of 5,000 bytes as it goes to the broker. */
    private ByteBuffer sent(String options) throws Exception {
        Session session = session(options);
        Message message = session.createTextMessage("x".repeat(5_000));
        message.setStringProperty("colour", "blue");
        session.createProducer(session.createQueue("q")).send(message, new Outcomes());
        ByteReader send = broker.expect(FrameType.SEND).body();
        send.skip(SendFrame.COUNT_AT + 2 * Integer.BYTES);
        int size = send.getSize();
        ByteBuffer bytes = ByteBuffer.wrap(send.getBytes(size));
        MessageLayout.check(bytes, 0, size);
        return bytes;
    }

    @Test
    void theLongestTimeToLiveIsForEverAndNotInThePast_3_4_9() throws Exception {
        Session session = session("");
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        producer.setTimeToLive(Long.MAX_VALUE);
        producer.setDeliveryDelay(Long.MAX_VALUE - 1);
        Message message = session.createMessage();

        producer.send(message, new Outcomes());

        assertThat(message.getJMSExpiration()).isEqualTo(Long.MAX_VALUE);
        assertThat(message.getJMSDeliveryTime()).isEqualTo(Long.MAX_VALUE);
        broker.expect(FrameType.SEND);
        broker.confirm(1, 1);
    }

    private static void sendUnchecked(MessageProducer producer, Message message) {
        try {
            producer.send(message);
        } catch (JMSException e) {
            throw new java.util.concurrent.CompletionException(e);
        }
    }

    @Test
    void asynchronousSendsAreCompletedInOrder_7_3() throws Exception {
        Session session = session("");
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        Outcomes outcomes = new Outcomes();
        List<Message> messages = new java.util.ArrayList<>();
        for (int i = 0; i < 500; i++) {
            messages.add(session.createTextMessage("m" + i));
            producer.send(messages.get(i), outcomes);
        }

        for (int received = 0; received < 500; ) {
            ByteReader body = broker.expect(FrameType.SEND).body();
            assertThat(body.getLong()).isEqualTo(received + 1);
            body.getLong();
            int count = body.getInt();
            for (int i = 0; i < count; i++) {
                body.skip(4);
                body.skip(body.getSize());
            }
            body.end();
            broker.confirm(received + 1, count);
            received += count;
        }
        for (Message message : messages) assertThat(outcomes.next()).isSameAs(message);
    }

    @Test
    void aRefusedSendIsTheExceptionOfItsCode() throws Exception {
        Session session = session("");
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        CompletableFuture<Throwable> thrown = CompletableFuture.supplyAsync(() -> {
            try {
                producer.send(session.createMessage());
                return null;
            } catch (JMSException e) {
                return e;
            }
        });
        broker.expect(FrameType.SEND);
        broker.refuse(1, ErrorCode.DISK_FULL, "the disk is full");

        assertThat(thrown.get(10, TimeUnit.SECONDS))
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessage("the disk is full");
        assertThat(((JMSException) thrown.get()).getErrorCode()).isEqualTo(ErrorCode.DISK_FULL.text());
    }

    @Test
    void aRefusedAsynchronousSendIsToldToItsListenerOnly() throws Exception {
        Session session = session("");
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        Outcomes outcomes = new Outcomes();
        for (int i = 0; i < 3; i++) producer.send(session.createMessage(), outcomes);
        broker.expect(FrameType.SEND);
        broker.confirm(1, 1);
        broker.refuse(2, ErrorCode.INVALID_DESTINATION, "gone");
        broker.confirm(3, 1);

        assertThat(outcomes.next()).isInstanceOf(Message.class);
        assertThat(outcomes.next()).isInstanceOf(InvalidDestinationException.class);
        assertThat(outcomes.next()).isInstanceOf(Message.class);
    }

    @Test
    void aSenderBeyondTheWindowWaitsForConfirmationsAndIsRefusedInTheEnd() throws Exception {
        broker.sendWindow(5000);
        Session session = session("&sendTimeout=300ms");
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        Outcomes outcomes = new Outcomes();
        String text = "x".repeat(2000);
        producer.send(session.createTextMessage(text), outcomes);
        producer.send(session.createTextMessage(text), outcomes);

        assertThatThrownBy(() -> producer.send(session.createTextMessage(text), outcomes))
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessageContaining("5000 unconfirmed bytes")
                .hasMessageContaining("sendTimeout");
        broker.confirm(1, 2);
        outcomes.next();
        outcomes.next();
        producer.send(session.createTextMessage(text), outcomes);
        broker.confirm(3, 1);
        assertThat(outcomes.next()).isInstanceOf(Message.class);
    }

    @Test
    void theBrokerCanChangeTheWindow() throws Exception {
        broker.sendWindow(100);
        Session session = session("&sendTimeout=10s");
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        Outcomes outcomes = new Outcomes();
        producer.send(session.createMessage(), outcomes);
        CompletableFuture<Void> second = CompletableFuture.runAsync(() -> {
            try {
                producer.send(session.createMessage(), outcomes);
            } catch (JMSException e) {
                throw new java.util.concurrent.CompletionException(e);
            }
        });
        broker.expect(FrameType.SEND);
        assertThat(second).isNotDone();
        broker.send(out -> {
            int mark = FrameType.SEND_WINDOW.begin(out);
            out.putInt(10_000);
            FrameType.end(out, mark);
        });
        second.get(10, TimeUnit.SECONDS);
        broker.confirm(1, 2);
    }

    @Test
    void aMessageAboveTheBrokersLimitIsNotSent() throws Exception {
        broker.maxMessage(1000);
        Session session = session("");
        MessageProducer producer = session.createProducer(session.createQueue("q"));

        assertThatThrownBy(() -> producer.send(session.createTextMessage("x".repeat(1000))))
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessageContaining("1000");
        connection.close();
        assertThat(broker.cameBefore(FrameType.SEND, FrameType.CLOSE)).isFalse();
    }

    @Test
    void anUnansweredSendHasAnUnknownOutcome() throws Exception {
        Session session = session("&sendTimeout=100ms");
        MessageProducer producer = session.createProducer(session.createQueue("q"));

        assertThatThrownBy(() -> producer.send(session.createMessage()))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("may or may not")
                .extracting("errorCode")
                .isEqualTo(ClientError.OUTCOME_UNKNOWN.text());
    }

    @Test
    void aTransactionIsOneFrameWithItsMessagesInOrder_6_2_7() throws Exception {
        Session session = session("", Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        for (int i = 0; i < 10; i++) producer.send(session.createTextMessage("m" + i));
        CompletableFuture<Void> commit = CompletableFuture.runAsync(() -> {
            try {
                session.commit();
            } catch (JMSException e) {
                throw new java.util.concurrent.CompletionException(e);
            }
        });

        FakeBroker.Frame frame = broker.expect(FrameType.COMMIT);
        ByteReader body = frame.body();
        body.skip(4 + 8);
        assertThat(body.getUnsignedShort()).as("acknowledgements").isZero();
        assertThat(body.getInt()).as("messages").isEqualTo(10);
        assertThat(commit).isNotDone();
        broker.reply(frame, ErrorCode.OK, "");
        commit.get(10, TimeUnit.SECONDS);
        session.commit(); // nothing to do, and nothing asked
    }

    @Test
    void aLargeTransactionIsStagedAndItsReceiptsAwaited() throws Exception {
        broker.sendWindow(8 << 20).confirmsSends();
        Session session = session("", Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        String text = "x".repeat(100_000);
        for (int i = 0; i < 15; i++) producer.send(session.createTextMessage(text));

        ByteReader staged = broker.expect(FrameType.SEND).body();
        staged.getLong();
        long transaction = staged.getLong();
        assertThat(transaction).isNotZero();
        CompletableFuture<Void> commit = CompletableFuture.runAsync(() -> {
            try {
                session.commit();
            } catch (JMSException e) {
                throw new java.util.concurrent.CompletionException(e);
            }
        });
        FakeBroker.Frame frame = broker.expect(FrameType.COMMIT);
        ByteReader body = frame.body();
        body.getInt();
        assertThat(body.getLong()).isEqualTo(transaction);
        broker.reply(frame, ErrorCode.OK, "");
        commit.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aRefusedCommitCanOnlyBeRolledBack() throws Exception {
        Session session = session("", Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        producer.send(session.createMessage());
        CompletableFuture<Throwable> thrown = CompletableFuture.supplyAsync(() -> {
            try {
                session.commit();
                return null;
            } catch (JMSException e) {
                return e;
            }
        });
        broker.reply(broker.expect(FrameType.COMMIT), ErrorCode.DISK_FULL, "full");

        assertThat(thrown.get(10, TimeUnit.SECONDS)).isInstanceOf(ResourceAllocationException.class);
        assertThatThrownBy(session::commit).isInstanceOf(IllegalStateException.class);
        session.rollback();
        session.commit();
    }

    @Test
    void aCommitWhoseAnswerIsLostHasAnUnknownOutcome_6_2_12() throws Exception {
        Session session = session("", Session.SESSION_TRANSACTED);
        session.createProducer(session.createQueue("q")).send(session.createMessage());
        CompletableFuture<Throwable> thrown = CompletableFuture.supplyAsync(() -> {
            try {
                session.commit();
                return null;
            } catch (JMSException e) {
                return e;
            }
        });
        broker.expect(FrameType.COMMIT);
        broker.dropConnection();

        assertThat(thrown.get(10, TimeUnit.SECONDS))
                .isExactlyInstanceOf(JMSException.class)
                .hasMessageContaining("may or may not")
                .extracting("errorCode")
                .isEqualTo(ClientError.OUTCOME_UNKNOWN.text());
    }

    @Test
    void argumentsAreCheckedWhenTheyAreGiven() throws Exception {
        Session session = session("");
        Queue queue = session.createQueue("q");
        MessageProducer producer = session.createProducer(queue);
        MessageProducer anonymous = session.createProducer(null);

        assertThatThrownBy(() -> producer.setPriority(10)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> producer.setDeliveryMode(0)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> producer.send(session.createMessage(), -1, 4, 0))
                .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> producer.send((Message) null)).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> anonymous.send(null, session.createMessage()))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> anonymous.send(new Destination() {}, session.createMessage()))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> anonymous.send(session.createMessage()))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> producer.send(queue, session.createMessage()))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatIllegalArgumentException()
                .isThrownBy(() -> producer.send(session.createMessage(), (CompletionListener) null));
        assertThatThrownBy(() -> session.createQueue("")).isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void fromACompletionListenerNothingMayBeClosedCommittedOrRolledBack_7_3_8() throws Exception {
        broker.confirmsSends();
        Session session = session("");
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        BlockingQueue<Throwable> thrown = new LinkedBlockingQueue<>();
        producer.send(session.createMessage(), new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                thrown.add(org.assertj.core.api.Assertions.catchThrowable(session::close));
                thrown.add(org.assertj.core.api.Assertions.catchThrowable(connection::close));
                thrown.add(org.assertj.core.api.Assertions.catchThrowable(producer::close));
            }

            @Override
            public void onException(Message message, Exception exception) {
                thrown.add(exception);
            }
        });
        for (int i = 0; i < 3; i++) {
            assertThat(thrown.poll(10, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void closingTheSessionWaitsForAsynchronousSends_7_3_7() throws Exception {
        Session session = session("");
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        CountDownLatch inCallback = new CountDownLatch(1);
        AtomicReference<Message> completed = new AtomicReference<>();
        producer.send(session.createMessage(), new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                inCallback.countDown();
                completed.set(message);
            }

            @Override
            public void onException(Message message, Exception exception) {}
        });
        CompletableFuture<Void> closing = CompletableFuture.runAsync(() -> {
            try {
                session.close();
            } catch (JMSException e) {
                throw new java.util.concurrent.CompletionException(e);
            }
        });
        broker.expect(FrameType.SEND);
        assertThat(closing).isNotDone();
        broker.confirm(1, 1);
        closing.get(10, TimeUnit.SECONDS);
        assertThat(completed.get()).isNotNull();
    }

    @Test
    void theCountOfABatchStandsWhereTheLayoutSays() {
        assertThat(SendFrame.COUNT_AT).isEqualTo(Long.BYTES + Long.BYTES);
    }

    @Test
    void anAsynchronousSendThatIsNotConfirmedIsGivenUpAfterTheSendTimeout_7_3() throws Exception {
        Session session = session("&sendTimeout=200ms");
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        Outcomes told = new Outcomes();
        producer.send(session.createTextMessage("a"), told);
        Object answer = told.next();
        assertThat(answer).isInstanceOf(JMSException.class);
        assertThat(((JMSException) answer).getErrorCode()).isEqualTo(ClientError.OUTCOME_UNKNOWN.text());
        assertThat(((JMSException) answer)).hasMessageContaining("sendTimeout");
        broker.confirm(1, 1);
        producer.send(session.createTextMessage("b"), told);
        broker.confirm(2, 1);
        assertThat(told.next()).isInstanceOf(Message.class);
    }

    @Test
    void aBrokerThatDoesNotReadHoldsNoSendLongerThanTheSendTimeout() throws Exception {
        broker.sendWindow(1 << 30).readsNothingAfter(FrameType.OPEN_DESTINATION);
        broker.start();
        String uri = broker.uri("&sendTimeout=300ms").replace("requestTimeout=5s", "requestTimeout=1h");
        connection = LarchConnection.open(LarchUri.parse(uri));
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        BytesMessage message = session.createBytesMessage();
        message.writeBytes(new byte[100_000]);
        Outcomes told = new Outcomes();
        assertThatThrownBy(() -> {
                    while (true) producer.send(message, told);
                })
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("has not read from the connection");
    }
}
