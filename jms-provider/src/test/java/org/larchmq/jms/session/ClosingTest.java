package org.larchmq.jms.session;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.jms.options.LarchUri;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.FrameType;

/** Closing comes to its end in every situation, and leaves nothing behind: 6.1.8, 6.2.15, 8.8. */
@Timeout(60)
class ClosingTest {
    private FakeBroker broker;
    private Connection connection;

    @BeforeEach
    void start() throws Exception {
        broker = new FakeBroker().start();
    }

    @AfterEach
    void stop() throws Exception {
        Thread.interrupted();
        if (connection != null) connection.close();
        broker.close();
    }

    private Session open(String uri, int mode) throws Exception {
        connection = LarchConnection.open(LarchUri.parse(uri));
        return connection.createSession(mode);
    }

    private MessageConsumer consumer(Session session) throws Exception {
        MessageConsumer consumer = session.createConsumer(session.createQueue("q"));
        connection.start();
        return consumer;
    }

    private void awaitNoThreads() throws InterruptedException {
        for (Thread thread : broker.clientThreads()) {
            thread.join(10_000);
            assertThat(thread.isAlive()).as(thread.getName()).isFalse();
        }
    }

    @Test
    void anInterruptedThreadClosesAConnectionToItsEnd_6_1_8() throws Exception {
        Session session = open(broker.uri(""), Session.SESSION_TRANSACTED);
        consumer(session);
        Thread.currentThread().interrupt();
        connection.close();

        assertThat(Thread.interrupted()).as("the interrupt is kept").isTrue();
        broker.expect(FrameType.CLOSE_CONSUMER);
        broker.expect(FrameType.CLOSE);
        awaitNoThreads();
    }

    @Test
    void aThreadThatIsInterruptedWhileItWaitsForAListenerClosesTheConsumerAtTheBroker_8_8() throws Exception {
        Session session = open(broker.uri(""), Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        CountDownLatch inListener = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        consumer.setMessageListener(message -> {
            inListener.countDown();
            awaitQuietly(goOn);
        });
        broker.deliver(1, 1, 1, Encoded.text("a"));
        inListener.await();
        CompletableFuture<Boolean> wasInterrupted = new CompletableFuture<>();
        Thread closer = new Thread(() -> {
            try {
                consumer.close();
                wasInterrupted.complete(Thread.interrupted());
            } catch (JMSException e) {
                wasInterrupted.completeExceptionally(e);
            }
        });
        closer.start();
        closer.interrupt();
        goOn.countDown();

        assertThat(wasInterrupted.get(10, TimeUnit.SECONDS)).isTrue();
        broker.expect(FrameType.CLOSE_CONSUMER);
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    @Test
    void anUnresponsiveBrokerIsWaitedForOnceAndNotForEachSession_6_1_8() throws Exception {
        broker.leavesUnanswered(FrameType.CLOSE_CONSUMER).leavesUnanswered(FrameType.CLOSE);
        consumer(open(broker.plainUri("closeTimeout=300ms"), Session.AUTO_ACKNOWLEDGE));
        for (int i = 0; i < 9; i++) consumer(connection.createSession());
        connection.close();

        assertThat(broker.count(FrameType.CLOSE_CONSUMER)).isEqualTo(1);
        awaitNoThreads();
    }

    @Test
    void aPartThatFailsDoesNotKeepTheRestFromBeingClosed_6_1_8() throws Exception {
        LarchSession session = (LarchSession) open(broker.failoverUri(""), Session.AUTO_ACKNOWLEDGE);
        session.onClose(() -> {
            throw new IllegalArgumentException("a part that fails");
        });
        consumer(session);
        consumer(connection.createSession());
        connection.close();

        broker.expect(FrameType.CLOSE_CONSUMER);
        broker.expect(FrameType.CLOSE_CONSUMER);
        broker.expect(FrameType.CLOSE);
        awaitNoThreads();
    }

    @Test
    void aSessionThatIsClosedWhileItIsRestoredGetsNoCredit() throws Exception {
        Session session = open(broker.failoverUri(""), Session.AUTO_ACKNOWLEDGE);
        consumer(session);
        broker.expect(FrameType.CREDIT);
        broker.leavesUnanswered(FrameType.CREATE_CONSUMER);
        broker.dropConnection();
        FakeBroker.Frame again = broker.expect(FrameType.CREATE_CONSUMER);
        session.close();
        broker.expect(FrameType.CLOSE_CONSUMER);
        broker.reply(again, ErrorCode.OK, "");

        connection.createSession(); // waits until the connection is restored
        broker.expect(FrameType.CLOSE_CONSUMER);
        connection.close();
        assertThat(broker.cameBefore(FrameType.CREDIT, FrameType.CLOSE)).isFalse();
    }

    @Test
    void aConnectionIsClosedWhileItIsBeingRestoredByABrokerThatDoesNotAnswer_6_1_8() throws Exception {
        Session session = open(broker.failoverUri("requestTimeout=60min&closeTimeout=60min"), Session.AUTO_ACKNOWLEDGE);
        consumer(session);
        broker.expect(FrameType.CREATE_CONSUMER);
        broker.leavesUnanswered(FrameType.CREATE_CONSUMER);
        broker.dropConnection();
        broker.expect(FrameType.CREATE_CONSUMER);
        connection.close();

        awaitNoThreads();
    }

    @Test
    void aConnectionIsClosedWhileABrokerDoesNotAnswerItsHandshake_6_1_8() throws Exception {
        open(broker.failoverUri("connectTimeout=60min&closeTimeout=60min"), Session.AUTO_ACKNOWLEDGE);
        broker.expect(FrameType.HELLO);
        broker.welcomesNobody();
        broker.dropConnection();
        broker.expect(FrameType.HELLO);
        connection.close();

        awaitNoThreads();
    }

    @RepeatedTest(20)
    void nobodyWaitsInASessionThatWasMadeWhileTheConnectionWasClosed() throws Exception {
        open(broker.uri(""), Session.AUTO_ACKNOWLEDGE);
        connection.start();
        CountDownLatch begun = new CountDownLatch(12);
        List<Thread> receivers = new ArrayList<>();
        for (int i = 0; i < 12; i++) {
            Thread receiver = new Thread(() -> {
                begun.countDown();
                try {
                    while (true) consumer(connection.createSession()).receive(1);
                } catch (Exception e) {
                    // closed
                }
                try {
                    consumer(connection.createSession()).receive();
                } catch (Exception e) {
                    // closed
                }
            });
            receiver.start();
            receivers.add(receiver);
        }
        begun.await();
        connection.close();

        for (Thread receiver : receivers) {
            receiver.join(10_000);
            assertThat(receiver.isAlive()).isFalse();
        }
    }

    @RepeatedTest(20)
    void aConnectionThatIsLostAtBirthIsRestored() throws Exception {
        broker.losesAtBirth(1);
        Session session = open(broker.failoverUri(""), Session.AUTO_ACKNOWLEDGE);
        consumer(session);

        broker.expect(FrameType.CREATE_CONSUMER);
    }

    @ParameterizedTest
    @ValueSource(strings = {"connection", "session", "consumer"})
    void aSecondCloseReturnsWhenTheFirstHasFinished_6_1_8(String what) throws Exception {
        Session session = open(broker.uri(""), Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        CountDownLatch handed = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CountDownLatch returned = new CountDownLatch(1);
        consumer.setMessageListener(message -> {
            handed.countDown();
            awaitUninterruptibly(goOn);
            returned.countDown();
        });
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.text("a"));
        handed.await();
        AutoCloseable closed = switch (what) {
            case "connection" -> connection;
            case "session" -> session;
            default -> consumer;
        };
        CompletableFuture<Boolean> first = new CompletableFuture<>();
        CompletableFuture<Boolean> second = new CompletableFuture<>();
        for (CompletableFuture<Boolean> close : List.of(first, second)) {
            Thread closer = new Thread(() -> {
                try {
                    closed.close();
                    close.complete(returned.getCount() == 0);
                } catch (Exception e) {
                    close.completeExceptionally(e);
                }
            });
            closer.start();
            while (closer.getState() != Thread.State.TIMED_WAITING && !close.isDone()) Thread.yield();
            assertThat(close).isNotDone();
        }
        goOn.countDown();
        assertThat(first.get(10, TimeUnit.SECONDS)).isTrue();
        assertThat(second.get(10, TimeUnit.SECONDS)).isTrue();
        closed.close(); // once more, which has nothing to wait for
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void aListenerThatClosesItsConsumerDoesNotWaitForWhoWaitsForIt_8_8(boolean wholeSession) throws Exception {
        Session session = open(broker.uri(""), Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        CountDownLatch handed = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        CompletableFuture<Boolean> waits = new CompletableFuture<>();
        Thread closer = new Thread(() -> {
            try {
                if (wholeSession) session.close();
                else consumer.close();
                waits.complete(true);
            } catch (JMSException e) {
                waits.completeExceptionally(e);
            }
        });
        consumer.setMessageListener(message -> {
            handed.countDown();
            awaitUninterruptibly(goOn);
            try {
                consumer.close();
            } catch (JMSException e) {
                waits.completeExceptionally(e);
            }
        });
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.text("a"));
        handed.await();
        closer.start();
        while (closer.getState() != Thread.State.TIMED_WAITING && !waits.isDone()) Thread.yield();
        long begunNanos = System.nanoTime();
        goOn.countDown();
        assertThat(waits.get(60, TimeUnit.SECONDS)).isTrue();
        assertThat(TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - begunNanos))
                .as("less than closeTimeout")
                .isLessThan(15);
    }

    private static void awaitUninterruptibly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
