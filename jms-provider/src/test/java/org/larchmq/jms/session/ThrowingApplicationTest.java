package org.larchmq.jms.session;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.MessageProducer;
import jakarta.jms.ServerSession;
import jakarta.jms.Session;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.options.LarchUri;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.AckFrame;
import org.larchmq.wire.FrameType;

/** Whatever application code throws, delivery goes on and nothing is acknowledged that was not consumed: 6.1.7, 8.7. */
@Timeout(60)
class ThrowingApplicationTest {
    private FakeBroker broker;
    private Connection connection;
    private final BlockingQueue<String> handed = new LinkedBlockingQueue<>();
    private final BlockingQueue<JMSException> told = new LinkedBlockingQueue<>();

    @BeforeEach
    void start() throws Exception {
        broker = new FakeBroker();
    }

    @AfterEach
    void stop() throws Exception {
        if (connection != null) connection.close();
        broker.close();
    }

    @SuppressWarnings("removal")
    static Stream<Throwable> throwables() {
        return Stream.of(
                new RuntimeException("a mistake"),
                new AssertionError("an assertion"),
                new StackOverflowError("recursion"),
                new NoClassDefFoundError("a missing class"),
                new ThreadDeath(),
                new InterruptedException("sneaked"),
                new JMSException("sneaked out of a listener"),
                new JMSException("sneaked", ClientError.INTERRUPTED.text()),
                new Throwable("nothing but a Throwable"));
    }

    @SuppressWarnings("unchecked")
    private static <T extends Throwable> RuntimeException sneak(Throwable what) throws T {
        throw (T) what;
    }

    private MessageListener throwsAtFirst(Throwable what) {
        return message -> {
            handed.add(text(message));
            if (handed.size() == 1) throw ThrowingApplicationTest.<RuntimeException>sneak(what);
        };
    }

    private static String text(Message message) {
        try {
            return message.getBody(String.class);
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    private Session session(int mode) throws JMSException {
        broker.start();
        connection = LarchConnection.open(LarchUri.parse(broker.uri("")));
        connection.setExceptionListener(told::add);
        return connection.createSession(mode);
    }

    private void listen(Session session, MessageListener listener) throws Exception {
        session.createConsumer(session.createQueue("q")).setMessageListener(listener);
        connection.start();
        broker.expect(FrameType.CREDIT);
    }

    private void awaitHanded(int messages) throws InterruptedException {
        for (int i = 0; i < messages; i++)
            assertThat(handed.poll(10, TimeUnit.SECONDS)).as("message " + i).isNotNull();
    }

    /** Flags, and first and last message of the only range. */
    private record Returned(int flags, long from, int count) {
        static Returned of(FakeBroker.Frame frame) {
            ByteReader body = frame.body();
            body.getInt();
            int flags = body.getUnsignedByte();
            assertThat(body.getUnsignedShort()).as("groups").isEqualTo(1);
            body.getInt();
            body.getLong();
            assertThat(body.getInt()).as("ranges").isEqualTo(1);
            return new Returned(flags, body.getLong(), body.getInt());
        }
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void inAutoAcknowledgeTheMessageGoesBackAsAnAttemptAndTheNextIsHandedOver_8_7(Throwable what) throws Exception {
        listen(session(Session.AUTO_ACKNOWLEDGE), throwsAtFirst(what));
        broker.deliver(1, 1, 1, Encoded.text("a"));

        broker.expect(FrameType.DRAIN);
        assertThat(Returned.of(broker.expect(FrameType.RETURN))).isEqualTo(new Returned(AckFrame.SEEN, 1, 1));
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 2, 2, Encoded.text("a"));
        assertThat(Returned.of(broker.expect(FrameType.ACK)).from()).isEqualTo(2);
        awaitHanded(2);
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void inDupsOkAcknowledgeTheMessageGoesBackAsAnAttempt_8_7(Throwable what) throws Exception {
        listen(session(Session.DUPS_OK_ACKNOWLEDGE), throwsAtFirst(what));
        broker.deliver(1, 1, 1, Encoded.text("a"));

        assertThat(Returned.of(broker.expect(FrameType.RETURN))).isEqualTo(new Returned(AckFrame.SEEN, 1, 1));
        broker.deliver(1, 2, 2, Encoded.text("a"));
        awaitHanded(2);
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void inClientAcknowledgeTheNextMessageIsHandedOverAndNothingIsAcknowledged_8_7(Throwable what) throws Exception {
        Session session = session(Session.CLIENT_ACKNOWLEDGE);
        listen(session, throwsAtFirst(what));
        broker.deliver(1, 1, 1, Encoded.texts(2));
        awaitHanded(2);
        session.close();

        assertThat(Returned.of(broker.expect(FrameType.RETURN))).isEqualTo(new Returned(AckFrame.SEEN, 1, 2));
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void completionsGoOn_7_3(Throwable what) throws Exception {
        broker.confirmsSends();
        Session session = session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(session.createQueue("q"));
        CompletionListener listener = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                throwsAtFirst(what).onMessage(message);
            }

            @Override
            public void onException(Message message, Exception exception) {}
        };
        producer.send(session.createTextMessage("a"), listener);
        producer.send(session.createTextMessage("b"), listener);

        awaitHanded(2);
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void exceptionReportsGoOn_6_1_7(Throwable what) throws Exception {
        ExceptionReports reports = new ExceptionReports();
        for (int i = 0; i < 2; i++) {
            reports.tell(
                    why -> {
                        told.add(why);
                        throw ThrowingApplicationTest.<RuntimeException>sneak(what);
                    },
                    new JMSException("report " + i),
                    "exceptions");
        }

        assertThat(told.poll(10, TimeUnit.SECONDS)).hasMessage("report 0");
        assertThat(told.poll(10, TimeUnit.SECONDS)).hasMessage("report 1");
    }

    @ParameterizedTest
    @MethodSource("throwables")
    void aServerSessionThatDoesNotStartGivesItsMessagesBackAsAnAttempt_11_2(Throwable what) throws Exception {
        Session target = session(Session.AUTO_ACKNOWLEDGE);
        target.setMessageListener(message -> handed.add(text(message)));
        ServerSession server = new ServerSession() {
            private boolean failed;

            @Override
            public Session getSession() {
                return target;
            }

            @Override
            public void start() {
                if (!failed) {
                    failed = true;
                    throw ThrowingApplicationTest.<RuntimeException>sneak(what);
                }
                target.run();
            }
        };
        ConnectionConsumer consumer =
                connection.createConnectionConsumer(target.createQueue("q"), null, () -> server, 1);
        connection.start();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.text("a"));

        assertThat(Returned.of(broker.expect(FrameType.RETURN))).isEqualTo(new Returned(AckFrame.SEEN, 1, 1));
        broker.expect(FrameType.DRAIN);
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 2, 2, Encoded.text("a"));
        awaitHanded(1);
        consumer.close();
    }

    @Test
    void aServerSessionThatIsClosedGivesItsMessagesBack_11_2() throws Exception {
        Session target = session(Session.AUTO_ACKNOWLEDGE);
        target.close();
        ServerSession server = new ServerSession() {
            @Override
            public Session getSession() {
                return target;
            }

            @Override
            public void start() {}
        };
        Session open = connection.createSession();
        connection.createConnectionConsumer(open.createQueue("q"), null, () -> server, 1);
        connection.start();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.text("a"));

        assertThat(Returned.of(broker.expect(FrameType.RETURN)).from()).isEqualTo(1);
    }

    @Test
    void aConnectionConsumerThatIsNotMadeAgainTellsTheExceptionListener_11_2() throws Exception {
        Session open = session(Session.AUTO_ACKNOWLEDGE);
        ConnectionConsumer consumer = connection.createConnectionConsumer(open.createQueue("q"), null, () -> null, 1);
        connection.start();
        broker.expect(FrameType.CREDIT);
        ConsumerInbox inbox = ((LarchConnectionConsumer) consumer).inbox();
        ((LarchConnection) connection).consumerEnded(inbox, ErrorCode.INVALID_DESTINATION, "deleted");

        assertThat(told.poll(10, TimeUnit.SECONDS)).hasMessageContaining("deleted");
    }
}
