package org.larchmq.jms.session;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.larchmq.jms.options.LarchUri;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.AckFrame;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames.CreateConsumer;

/** What consumers do on the wire: specification 6.2.9 to 6.2.11, 8.6, 8.7. */
@Timeout(60)
class ReceivingTest {
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

    private Session session(String options, int mode) throws JMSException {
        broker.start();
        connection = LarchConnection.open(LarchUri.parse(broker.uri(options)));
        return connection.createSession(mode);
    }

    private MessageConsumer consumer(Session session) throws JMSException {
        return session.createConsumer(session.createQueue("q"));
    }

    /** First range of an ACK or RETURN: request id, flags, consumer, from, count. */
    private record Range(int requestId, int flags, int consumerId, long from, int count) {
        static Range of(FakeBroker.Frame frame) {
            ByteReader body = frame.body();
            int requestId = body.getInt();
            int flags = body.getUnsignedByte();
            assertThat(body.getUnsignedShort()).as("groups").isEqualTo(1);
            int consumer = body.getInt();
            body.getLong(); // lastSeen
            assertThat(body.getInt()).as("ranges").isEqualTo(1);
            Range range = new Range(requestId, flags, consumer, body.getLong(), body.getInt());
            body.end();
            return range;
        }
    }

    private static String text(Message message) throws JMSException {
        return message == null ? null : ((TextMessage) message).getText();
    }

    @Test
    void creditIsGrantedWhenTheConnectionIsStartedAndNotBefore_6_1_5() throws Exception {
        Session session = session("&prefetch=7&prefetchBytes=9000", Session.AUTO_ACKNOWLEDGE);
        consumer(session);
        CreateConsumer created =
                CreateConsumer.decode(broker.expect(FrameType.CREATE_CONSUMER).body());
        assertThat(created.credit()).isZero();
        connection.start();

        ByteReader credit = broker.expect(FrameType.CREDIT).body();
        assertThat(credit.getInt()).isEqualTo(created.consumerId());
        assertThat(credit.getInt()).isEqualTo(7);
        assertThat(credit.getInt()).isEqualTo(9000);
        credit.end();
    }

    @Test
    void aStoppedConnectionHandsNothingOver_6_1_5() throws Exception {
        Session session = session("", Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        connection.start();
        broker.expect(FrameType.CREDIT);
        connection.stop();
        broker.deliver(1, 1, 1, Encoded.text("a"));

        assertThat(consumer.receiveNoWait()).isNull();
        assertThat(consumer.receive(20)).isNull();
        connection.start();
        assertThat(text(consumer.receive(10_000))).isEqualTo("a");
    }

    @Test
    void receiveAcknowledgesByRangesAndWhenNothingIsLeft_6_2_10() throws Exception {
        Session session = session("", Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        connection.start();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.texts(10));
        for (int i = 0; i < 10; i++) assertThat(text(consumer.receive(10_000))).isEqualTo("m" + i);

        long acknowledged = 0;
        while (acknowledged < 10) {
            Range range = Range.of(broker.expect(FrameType.ACK));
            assertThat(range.from()).isEqualTo(acknowledged + 1);
            acknowledged += range.count();
        }
        assertThat(acknowledged).isEqualTo(10);
    }

    @Test
    void halfOfThePrefetchIsReturnedAsCreditAtOnce() throws Exception {
        Session session = session("&prefetch=10", Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        connection.start();
        broker.expect(FrameType.CREDIT);
        byte[][] messages = Encoded.texts(5);
        broker.deliver(1, 1, 1, messages);
        for (int i = 0; i < 5; i++) consumer.receive(10_000);

        ByteReader credit = broker.expect(FrameType.CREDIT).body();
        credit.getInt();
        assertThat(credit.getInt()).isEqualTo(5);
        assertThat(credit.getInt()).isEqualTo(5 * messages[0].length);
    }

    @Test
    void withAWindowOfOneEachAcknowledgementIsConfirmedBeforeTheNextMessage_6_2_10() throws Exception {
        Session session = session("&autoAckWindow=1", Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        connection.start();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.texts(2));
        assertThat(text(consumer.receive(10_000))).isEqualTo("m0");

        FakeBroker.Frame acknowledgement = broker.expect(FrameType.ACK);
        assertThat(Range.of(acknowledgement).requestId()).isNotZero();
        assertThat(consumer.receive(50)).as("before the confirmation").isNull();
        broker.reply(acknowledgement, ErrorCode.OK, "");
        assertThat(text(consumer.receive(10_000))).isEqualTo("m1");
    }

    @Test
    void withinTheWindowMessagesAreHandedOverUnconfirmedAndBeyondItNot() throws Exception {
        Session session = session("&autoAckWindow=4", Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        connection.start();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.texts(10));
        for (int i = 0; i < 4; i++) assertThat(text(consumer.receive(10_000))).isEqualTo("m" + i);

        assertThat(consumer.receive(50)).as("four are unconfirmed").isNull();
        FakeBroker.Frame acknowledgement = broker.expect(FrameType.ACK);
        while (acknowledgement.body().getInt() == 0) acknowledgement = broker.expect(FrameType.ACK);
        broker.reply(acknowledgement, ErrorCode.OK, "");
        assertThat(text(consumer.receive(10_000))).isEqualTo("m4");
    }

    @Test
    void aListenerThatTakesItsTimeDoesNotHoldUpTheAcknowledgementsBeforeIt() throws Exception {
        Session session = session("", Session.AUTO_ACKNOWLEDGE);
        CountDownLatch busy = new CountDownLatch(1);
        Semaphore goOn = new Semaphore(0);
        consumer(session).setMessageListener(message -> {
            try {
                if (text(message).equals("m2")) {
                    busy.countDown();
                    goOn.acquire();
                }
            } catch (JMSException | InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        connection.start();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.texts(4));

        assertThat(busy.await(10, TimeUnit.SECONDS)).isTrue();
        assertThat(Range.of(broker.expect(FrameType.ACK)).from()).isEqualTo(1);
        goOn.release();
    }

    @Test
    void aThrowingListenersMessageIsReturnedAsSeenAndTheRestUnseen_8_7() throws Exception {
        Session session = session("", Session.AUTO_ACKNOWLEDGE);
        consumer(session).setMessageListener(message -> {
            throw new IllegalArgumentException("no good");
        });
        connection.start();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.texts(3));

        broker.expect(FrameType.DRAIN);
        Range seen = Range.of(broker.expect(FrameType.RETURN));
        Range unseen = Range.of(broker.expect(FrameType.RETURN));
        assertThat(seen).isEqualTo(new Range(0, AckFrame.SEEN, 1, 1, 1));
        assertThat(unseen).isEqualTo(new Range(0, 0, 1, 2, 2));
        broker.expect(FrameType.CREDIT);
    }

    @Test
    void acknowledgeCoversAllThatTheSessionHasReceivedAndIsConfirmed_6_2_10() throws Exception {
        Session session = session("", Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        connection.start();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.texts(3));
        consumer.receive(10_000);
        Message second = consumer.receive(10_000);
        CompletableFuture<Void> acknowledging = CompletableFuture.runAsync(() -> {
            try {
                second.acknowledge();
            } catch (JMSException e) {
                throw new CompletionException(e);
            }
        });
        FakeBroker.Frame frame = broker.expect(FrameType.ACK);
        Range range = Range.of(frame);
        assertThat(range.from()).isEqualTo(1);
        assertThat(range.count()).isEqualTo(2);
        assertThat(acknowledging).isNotDone();
        broker.reply(frame, ErrorCode.OK, "");
        acknowledging.get(10, TimeUnit.SECONDS);
    }

    @Test
    void rollbackTakesCreditBackReturnsEverythingInOrderAndGrantsAgain_6_2_7() throws Exception {
        Session session = session("&prefetch=100", Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session);
        connection.start();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.texts(5));
        consumer.receive(10_000);
        consumer.receive(10_000);
        session.rollback();

        ByteReader drain = broker.expect(FrameType.DRAIN).body();
        drain.skip(8);
        assertThat(drain.getUnsignedByte()).as("revokes the credit").isEqualTo(1);
        assertThat(Range.of(broker.expect(FrameType.RETURN))).isEqualTo(new Range(0, AckFrame.SEEN, 1, 1, 2));
        assertThat(Range.of(broker.expect(FrameType.RETURN))).isEqualTo(new Range(0, 0, 1, 3, 3));
        ByteReader credit = broker.expect(FrameType.CREDIT).body();
        credit.getInt();
        assertThat(credit.getInt()).isEqualTo(100);
        broker.deliver(1, 6, 2, Encoded.texts(1));
        Message again = consumer.receive(10_000);
        assertThat(text(again)).isEqualTo("m0");
        assertThat(again.getJMSRedelivered()).isTrue();
    }

    @Test
    void commitAcknowledgesWhatAClosedConsumerHasReceived_6_2_7() throws Exception {
        Session session = session("", Session.SESSION_TRANSACTED);
        MessageConsumer consumer = consumer(session);
        connection.start();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.texts(3));
        consumer.receive(10_000);
        consumer.close();
        ByteReader closed = broker.expect(FrameType.CLOSE_CONSUMER).body();
        closed.skip(8);
        assertThat(closed.getLong()).as("last seen").isEqualTo(1);
        CompletableFuture<Void> commit = CompletableFuture.runAsync(() -> {
            try {
                session.commit();
            } catch (JMSException e) {
                throw new CompletionException(e);
            }
        });
        FakeBroker.Frame frame = broker.expect(FrameType.COMMIT);
        ByteReader body = frame.body();
        body.skip(12);
        assertThat(body.getUnsignedShort()).as("groups").isEqualTo(1);
        broker.reply(frame, ErrorCode.OK, "");
        commit.get(10, TimeUnit.SECONDS);
    }

    @Test
    void aNonDurableTopicSubscriberIsUntrackedAndRedeliveredLocally() throws Exception {
        Session session = session("", Session.AUTO_ACKNOWLEDGE);
        BlockingQueue<String> seen = new LinkedBlockingQueue<>();
        session.createConsumer(session.createTopic("t")).setMessageListener(message -> {
            try {
                seen.add(text(message) + message.getIntProperty("JMSXDeliveryCount"));
                if (!message.getJMSRedelivered()) throw new IllegalArgumentException("once more");
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        connection.start();
        CreateConsumer created =
                CreateConsumer.decode(broker.expect(FrameType.CREATE_CONSUMER).body());
        assertThat(created.has(CreateConsumer.UNTRACKED)).isTrue();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.texts(2));
        for (String expected : new String[] {"m01", "m02", "m11", "m12"}) {
            assertThat(seen.poll(10, TimeUnit.SECONDS)).isEqualTo(expected);
        }
        connection.close();
        assertThat(broker.cameBefore(FrameType.ACK, FrameType.CLOSE)).isFalse();
    }

    @Test
    void receiveNoWaitAsksTheBrokerBeforeItSaysThatThereIsNothing_8_6() throws Exception {
        broker.leavesUnanswered(FrameType.DRAIN);
        Session session = session("", Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        connection.start();
        CompletableFuture<Message> received = CompletableFuture.supplyAsync(() -> {
            try {
                return consumer.receiveNoWait();
            } catch (JMSException e) {
                throw new CompletionException(e);
            }
        });
        FakeBroker.Frame drain = broker.expect(FrameType.DRAIN);
        broker.deliver(1, 1, 1, Encoded.text("there"));
        broker.reply(drain, ErrorCode.OK, "");
        assertThat(text(received.get(10, TimeUnit.SECONDS))).isEqualTo("there");
    }

    @Test
    void withoutPrefetchEachMessageIsAskedForAndTheCreditTakenBack() throws Exception {
        Session session = session("&prefetch=0", Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        connection.start();
        assertThat(consumer.receive(20)).isNull();
        ByteReader credit = broker.expect(FrameType.CREDIT).body();
        credit.getInt();
        assertThat(credit.getInt()).isEqualTo(1);
        ByteReader drain = broker.expect(FrameType.DRAIN).body();
        drain.skip(8);
        assertThat(drain.getUnsignedByte()).isEqualTo(1);

        CompletableFuture<Message> received = CompletableFuture.supplyAsync(() -> {
            try {
                return consumer.receive();
            } catch (JMSException e) {
                throw new CompletionException(e);
            }
        });
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.text("one"));
        assertThat(text(received.get(10, TimeUnit.SECONDS))).isEqualTo("one");
    }

    @Test
    void aBodyOfAnotherTypeIsAsIfItHadNotBeenReceived() throws Exception {
        Session session = session("", Session.AUTO_ACKNOWLEDGE);
        LarchConsumer consumer = (LarchConsumer) consumer(session);
        connection.start();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.texts(2));
        assertThatThrownBy(() -> consumer.receiveBody(byte[].class, 10_000))
                .isInstanceOf(jakarta.jms.MessageFormatException.class);
        assertThat(consumer.receiveBody(String.class, 10_000)).isEqualTo("m0");
        assertThat(consumer.receiveBody(String.class, 10_000)).isEqualTo("m1");
    }

    @Test
    void aBrokenSelectorIsRefusedAtCreation_3_8() throws Exception {
        broker.leavesUnanswered(FrameType.CREATE_CONSUMER);
        Session session = session("", Session.AUTO_ACKNOWLEDGE);
        CompletableFuture<Throwable> thrown = CompletableFuture.supplyAsync(() -> {
            try {
                session.createConsumer(session.createQueue("q"), "a = ");
                return null;
            } catch (JMSException e) {
                return e;
            }
        });
        FakeBroker.Frame frame = broker.expect(FrameType.CREATE_CONSUMER);
        assertThat(CreateConsumer.decode(frame.body()).selector()).isEqualTo("a = ");
        broker.reply(frame, ErrorCode.INVALID_SELECTOR, "an operand is missing at character 5");
        assertThat(thrown.get(10, TimeUnit.SECONDS))
                .isInstanceOf(InvalidSelectorException.class)
                .hasMessageContaining("character 5");
    }

    @Test
    void closingFromAnotherThreadEndsABlockedReceiveWithNull_6_1_8() throws Exception {
        Session session = session("", Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        connection.start();
        CompletableFuture<Message> received = new CompletableFuture<>();
        Thread receiver = new Thread(() -> {
            try {
                received.complete(consumer.receive());
            } catch (JMSException e) {
                received.completeExceptionally(e);
            }
        });
        receiver.start();
        while (receiver.getState() != Thread.State.WAITING) Thread.onSpinWait();
        connection.close();

        assertThat(received.get(10, TimeUnit.SECONDS)).isNull();
        assertThatThrownBy(() -> consumer.receive(1)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void fromAListenerSessionAndConnectionCannotBeClosedButTheConsumerCan_6_1_8() throws Exception {
        Session session = session("", Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        BlockingQueue<Object> outcomes = new LinkedBlockingQueue<>();
        consumer.setMessageListener(message -> {
            outcomes.add(org.assertj.core.api.Assertions.catchThrowable(session::close));
            outcomes.add(org.assertj.core.api.Assertions.catchThrowable(connection::close));
            outcomes.add(org.assertj.core.api.Assertions.catchThrowable(connection::stop));
            try {
                consumer.close();
                outcomes.add("closed");
            } catch (JMSException e) {
                outcomes.add(e);
            }
        });
        connection.start();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.texts(2));

        for (int i = 0; i < 3; i++) {
            assertThat(outcomes.poll(10, TimeUnit.SECONDS)).isInstanceOf(IllegalStateException.class);
        }
        assertThat(outcomes.poll(10, TimeUnit.SECONDS)).isEqualTo("closed");
        assertThat(Range.of(broker.expect(FrameType.ACK)).count())
                .as("its message counts as consumed")
                .isEqualTo(1);
    }

    @Test
    void aReceiveEndsInTimeAlsoWhenTheConnectionIsRestoredAtItsVeryEnd_8_6() throws Exception {
        LarchSession session = (LarchSession) session("", Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        connection.start();
        CompletableFuture<Message> receive = CompletableFuture.supplyAsync(
                () -> {
                    try {
                        return consumer.receive(200);
                    } catch (JMSException e) {
                        throw new CompletionException(e);
                    }
                },
                task -> new Thread(task, "receiver").start());
        broker.expect(FrameType.ASK);
        long overNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(200);
        SessionInbox inbox = session.inbox();
        inbox.lock.lock();
        try {
            inbox.detach();
            inbox.attach(session.transport());
            while (overNanos - System.nanoTime() > 0) LockSupport.parkNanos(overNanos - System.nanoTime());
        } finally {
            inbox.lock.unlock();
        }

        Connection closable = connection;
        connection = null; // a receiver that does not come back keeps the lock that close needs
        assertThat(receive.get(10, TimeUnit.SECONDS)).isNull();
        connection = closable;
    }

    @Test
    void aMessageThatTheBrokerHoldsAliveIsHandedOverWhateverThisMachinesClockSays_3_4_9() throws Exception {
        Session session = session("", Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        connection.start();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.expiringAt(1));
        assertThat(text(consumer.receive(10_000))).isEqualTo("expiring");
        BlockingQueue<Message> heard = new LinkedBlockingQueue<>();
        consumer.setMessageListener(heard::add);
        broker.deliver(1, 2, 1, Encoded.expiringAt(1));
        assertThat(text(heard.poll(10, TimeUnit.SECONDS))).isEqualTo("expiring");
    }

    @Test
    void anApplicationCanAskForExpiryByItsOwnClock() throws Exception {
        Session session = session("&discardExpired=true", Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        connection.start();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.expiringAt(1), Encoded.text("lasting"));
        assertThat(text(consumer.receive(10_000))).isEqualTo("lasting");
    }

    @Test
    void theAcknowledgementLeavesWhileTheApplicationWorksWithTheMessage_6_2_10() throws Exception {
        Session session = session("", Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        connection.start();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.texts(3));
        assertThat(text(consumer.receive(10_000))).isEqualTo("m0");
        assertThat(Range.of(broker.expect(FrameType.ACK)).count()).isEqualTo(1);
    }

    @Test
    void nothingIsHandedOverOnceTheConnectionIsKnownToBeLost_6_2_10() throws Exception {
        Session session = session("", Session.AUTO_ACKNOWLEDGE);
        CountDownLatch lost = new CountDownLatch(1);
        connection.setExceptionListener(e -> lost.countDown());
        BlockingQueue<Message> heard = new LinkedBlockingQueue<>();
        CompletableFuture<Thread> dispatching = new CompletableFuture<>();
        consumer(session).setMessageListener(message -> {
            heard.add(message);
            dispatching.complete(Thread.currentThread());
            try {
                lost.await();
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
        });
        connection.start();
        broker.expect(FrameType.CREDIT);
        broker.deliver(1, 1, 1, Encoded.texts(50));
        Thread dispatch = dispatching.get(10, TimeUnit.SECONDS);
        broker.dropConnection();
        dispatch.join(); // it ends when there is nothing more to hand over
        assertThat(heard).hasSize(1);
    }

    @Test
    void aMessageWhoseTimeIsOverWhileItWaitsHereGoesBackUnseenForTheBrokerToDecide_3_4_9() throws Exception {
        Session session = session("", Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = consumer(session);
        connection.start();
        broker.expect(FrameType.CREDIT);
        long expiration = System.currentTimeMillis() + 20;
        broker.deliver(1, 1, 1, Encoded.expiringAt(expiration), Encoded.text("lasting"));
        while (System.currentTimeMillis() <= expiration) Thread.onSpinWait();
        assertThat(text(consumer.receive(10_000))).isEqualTo("lasting");
        Range returned = Range.of(broker.expect(FrameType.RETURN));
        assertThat(returned.flags()).as("not seen").isZero();
        assertThat(returned.from()).isEqualTo(1);
        assertThat(returned.count()).isEqualTo(1);
    }
}
