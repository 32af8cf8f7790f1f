package org.larchmq.jms.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionMetaData;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TopicSession;
import java.net.ServerSocket;
import java.util.Collections;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.larchmq.jms.LarchXAConnectionFactory;
import org.larchmq.jms.context.LarchJmsContext;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.options.LarchUri;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;

/** Connections: specification 6.1. */
@Timeout(60)
class ConnectionTest {
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

    private LarchConnection open(String options) throws JMSException {
        broker.start();
        LarchConnection opened = LarchConnection.open(LarchUri.parse(broker.uri(options)));
        connection = opened;
        return opened;
    }

    @Test
    void credentialsAndClientIdGoWithTheHandshake_6_1_2() throws Exception {
        open("&user=u&password=p&clientId=c&heartbeat=5s");

        Frames.Hello hello = Frames.Hello.decode(broker.expect(FrameType.HELLO).body());
        assertThat(hello.user()).isEqualTo("u");
        assertThat(hello.password()).isEqualTo("p");
        assertThat(hello.clientId()).isEqualTo("c");
        assertThat(hello.heartbeatMillis()).isEqualTo(5000);
        assertThat(connection.getClientID()).isEqualTo("c");
        assertThatThrownBy(() -> connection.setClientID("d")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aRefusedLoginIsASecurityExceptionAtOnce_6_1_2() throws Exception {
        try (ServerSocket server = new ServerSocket(0)) {
            CompletableFuture.runAsync(() -> refuseLogin(server));
            LarchUri uri = LarchUri.parse("tcp://localhost:" + server.getLocalPort() + "?user=u&password=wrong");
            assertThatThrownBy(() -> LarchConnection.open(uri))
                    .isInstanceOf(JMSSecurityException.class)
                    .hasMessage("not you");
        }
    }

    private static void refuseLogin(ServerSocket server) {
        try (java.net.Socket socket = server.accept()) {
            socket.getInputStream().read(new byte[1000]);
            org.larchmq.message.ByteWriter out = new org.larchmq.message.ByteWriter(64);
            int mark = FrameType.FATAL.begin(out);
            out.putShort(ErrorCode.AUTHENTICATION.number()).putString("not you");
            FrameType.end(out, mark);
            socket.getOutputStream().write(out.array(), 0, out.size());
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void withoutABrokerTheExceptionSaysWhereItLooked() throws Exception {
        int port;
        try (ServerSocket server = new ServerSocket(0)) {
            port = server.getLocalPort();
        }
        assertThatThrownBy(() -> LarchConnection.open(LarchUri.parse("tcp://localhost:" + port)))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("localhost:" + port)
                .hasCauseInstanceOf(java.io.IOException.class)
                .extracting("errorCode")
                .isEqualTo(ClientError.CONNECT.text());
    }

    @Test
    void theClientIdCanBeSetFirstOfAllAndOnlyThen_6_1_2() throws Exception {
        open("");
        broker.expect(FrameType.HELLO);
        connection.setClientID("me");
        var asked = broker.expect(FrameType.SET_CLIENT_ID).body();
        asked.getInt();
        assertThat(asked.getShortString()).isEqualTo("me");
        assertThat(connection.getClientID()).isEqualTo("me");
        assertThatThrownBy(() -> connection.setClientID("other")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anEmptyClientIdIsInvalidAndALateOneIllegal_6_1_2() throws Exception {
        open("");
        assertThatThrownBy(() -> connection.setClientID("")).isInstanceOf(InvalidClientIDException.class);
        connection.createSession();
        assertThatThrownBy(() -> connection.setClientID("late")).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aLostConnectionIsToldOnceAndEverythingFailsClearly_6_1_7() throws Exception {
        open("");
        BlockingQueue<JMSException> told = new LinkedBlockingQueue<>();
        connection.setExceptionListener(told::add);
        Session session = connection.createSession();
        MessageConsumer consumer = session.createConsumer(session.createQueue("q"));
        connection.start();
        CompletableFuture<Throwable> receiving =
                CompletableFuture.supplyAsync(() -> org.assertj.core.api.Assertions.catchThrowable(consumer::receive));
        broker.expect(FrameType.CREDIT);
        broker.dropConnection();

        JMSException lost = told.poll(10, TimeUnit.SECONDS);
        assertThat(lost).hasCauseInstanceOf(java.io.IOException.class);
        assertThat(lost.getErrorCode()).isEqualTo(ClientError.CONNECTION_LOST.text());
        assertThat(receiving.get(10, TimeUnit.SECONDS)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> session.createProducer(session.createQueue("other")))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("lost");
        assertThatThrownBy(connection::createSession).isInstanceOf(JMSException.class);
        connection.close();
        assertThat(told).isEmpty();
    }

    @Test
    void theBrokersLastWordsAreTheReason() throws Exception {
        open("");
        BlockingQueue<JMSException> told = new LinkedBlockingQueue<>();
        connection.setExceptionListener(told::add);
        broker.fatal(ErrorCode.STOPPING, "the broker is stopping");

        JMSException lost = told.poll(10, TimeUnit.SECONDS);
        assertThat(lost).hasMessageContaining("the broker is stopping");
        assertThat(lost.getErrorCode()).isEqualTo(ErrorCode.STOPPING.text());
    }

    @Test
    void aFrameAboveTheLimitEndsTheConnection() throws Exception {
        broker.maxMessage(1000);
        open("");
        BlockingQueue<JMSException> told = new LinkedBlockingQueue<>();
        connection.setExceptionListener(told::add);
        broker.send(out -> out.putInt(Integer.MAX_VALUE).putByte(0x85));
        assertThat(told.poll(10, TimeUnit.SECONDS)).hasMessageContaining("a frame of 2147483647 bytes");
    }

    @Test
    void aSilentBrokerIsAskedAndGivenUpAfterThreeIntervals() throws Exception {
        broker.heartbeat(50);
        open("");
        BlockingQueue<JMSException> told = new LinkedBlockingQueue<>();
        connection.setExceptionListener(told::add);
        broker.expect(FrameType.PING);
        assertThat(told.poll(10, TimeUnit.SECONDS)).hasMessageContaining("silent");
    }

    @Test
    void closingIsIdempotentAndEverythingAfterwardsIsIllegal_6_1_8() throws Exception {
        LarchConnection open = open("");
        Session session = open.createSession();
        open.close();
        open.close();
        session.close();
        broker.expect(FrameType.CLOSE);
        assertThatThrownBy(open::start).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(open::createSession).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(open::getMetaData).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(session::createMessage).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(session::recover).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anUnansweredCloseTakesNoLongerThanTheCloseTimeout() throws Exception {
        broker.leavesUnanswered(FrameType.CLOSE);
        broker.start();
        Connection open =
                LarchConnection.open(LarchUri.parse(broker.uri("").replace("closeTimeout=5s", "closeTimeout=100ms")));
        open.close();
        broker.expect(FrameType.CLOSE);
    }

    @Test
    void theMetaDataAreThoseOfTheSpecification_6_1_6() throws Exception {
        open("");
        ConnectionMetaData data = connection.getMetaData();
        assertThat(data.getJMSVersion()).isEqualTo("3.1");
        assertThat(data.getJMSMajorVersion()).isEqualTo(3);
        assertThat(data.getJMSMinorVersion()).isEqualTo(1);
        assertThat(Collections.list(data.getJMSXPropertyNames()))
                .hasToString("[JMSXGroupID, JMSXGroupSeq, JMSXDeliveryCount]");
    }

    @Test
    void queueAndTopicSessionsRefuseWhatBelongsToTheOther() throws Exception {
        LarchConnection open = open("");
        QueueSession queues = open.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        TopicSession topics = open.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        assertThatThrownBy(() -> queues.createTopic("t")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queues.createDurableConsumer(null, "s")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(queues::createTemporaryTopic).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> topics.createQueue("q")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> topics.createBrowser(null)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void aTemporaryQueueBelongsToItsConnectionAndIsNotDeletedUnderAConsumer_6_2_2() throws Exception {
        LarchConnection open = open("");
        broker.leavesUnanswered(FrameType.DELETE_DESTINATION);
        Session session = open.createSession();
        TemporaryQueue queue = session.createTemporaryQueue();
        MessageConsumer consumer = session.createConsumer(queue);
        assertThatThrownBy(queue::delete).isInstanceOf(JMSException.class).hasMessageContaining("consumers");
        consumer.close();
        CompletableFuture.runAsync(() -> {
            try {
                broker.reply(broker.expect(FrameType.DELETE_DESTINATION), ErrorCode.OK, "");
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        queue.delete();
        assertThatThrownBy(() -> session.createConsumer(queue)).isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void contextsShareTheirConnectionAndTheLastOneClosesIt() throws Exception {
        LarchConnection open = open("");
        JMSContext first = LarchJmsContext.open(open, JMSContext.AUTO_ACKNOWLEDGE);
        JMSContext second = first.createContext(JMSContext.SESSION_TRANSACTED);
        first.close();
        first.close();
        assertThat(second.getTransacted()).isTrue();
        second.close();
        broker.expect(FrameType.CLOSE);
        assertThatThrownBy(first::getClientID).isInstanceOf(jakarta.jms.IllegalStateRuntimeException.class);
    }

    @Test
    void aBrokerThatDoesNotAnswerTheHandshakeIsGivenUpAfterTheConnectTimeout() throws Exception {
        try (ServerSocket server = new ServerSocket(0)) {
            LarchUri uri = LarchUri.parse("tcp://localhost:" + server.getLocalPort() + "?connectTimeout=100ms");
            assertThatThrownBy(() -> LarchConnection.open(uri))
                    .isInstanceOf(JMSException.class)
                    .hasMessageContaining("no answer within 100 ms");
        }
    }

    @Test
    void aTimeOutNamesTheRequestAndTheOptionToRaise() throws Exception {
        broker.leavesUnanswered(FrameType.CREATE_CONSUMER);
        broker.start();
        connection = LarchConnection.open(
                LarchUri.parse(broker.uri("").replace("requestTimeout=5s", "requestTimeout=100ms")));
        Session session = connection.createSession();
        assertThatThrownBy(() -> session.createConsumer(session.createQueue("q")))
                .isInstanceOf(JMSException.class)
                .hasMessageContainingAll("CREATE_CONSUMER", "100 ms", "requestTimeout");
    }

    @Test
    void aClientIdThatCannotBeOneIsInvalid_6_1_2() throws Exception {
        open("");
        for (String id : new String[] {"x".repeat(70_000), "half \ud800", "line\nend"}) {
            assertThatThrownBy(() -> connection.setClientID(id)).isInstanceOf(InvalidClientIDException.class);
        }
        connection.setClientID("shop");
    }

    @Test
    void namesThatCannotBeEncodedAreRefused() throws Exception {
        Session session = open("&clientId=c").createSession();
        assertThatThrownBy(() -> session.createQueue("a\ud800b")).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createTopic("\udc00")).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createDurableConsumer(session.createTopic("t"), "\ud83d"))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("half of a character");
        assertThat(session.createQueue("pair \ud83d\ude00").getQueueName()).isEqualTo("pair \ud83d\ude00");
    }

    @Test
    void theClientIdOfAnXaContextCanBeSetFirst_6_1_2() throws Exception {
        broker.start();
        try (var context = new LarchXAConnectionFactory(broker.uri("")).createXAContext()) {
            context.setClientID("shop");
            assertThat(context.getClientID()).isEqualTo("shop");
        }
    }

    @Test
    void theConnectionsThreadsKeepNoClassLoaderOfAnApplication() throws Exception {
        Thread me = Thread.currentThread();
        ClassLoader before = me.getContextClassLoader();
        me.setContextClassLoader(new ClassLoader() {});
        try {
            Session session = open("").createSession();
            session.createProducer(session.createQueue("q"));
        } finally {
            me.setContextClassLoader(before);
        }
        assertThat(Thread.getAllStackTraces().keySet())
                .filteredOn(thread -> thread.getName().matches("larchmq-(timer|.*-(reader|flusher|reconnect))"))
                .isNotEmpty()
                .allMatch(thread -> thread.getContextClassLoader() == null);
    }
}
