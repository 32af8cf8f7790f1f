package org.larchmq.tck.conformance.chapter8;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import java.io.Serializable;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Section;

/** Receiving messages and bodies, listening, and closing a consumer. */
@Section("8.5")
class ReceivingTest extends AgainstBroker {
    @Test
    void receiveTakesTheNextMessage() throws JMSException {
        Queue queue = newQueue();
        MessageConsumer consumer = session().createConsumer(queue);
        sendTexts(queue, "one", "two", "three");
        assertThat(text(consumer.receive())).isEqualTo("one");
        assertThat(text(consumer.receive(SOON))).isEqualTo("two");
        assertThat(text(consumer.receiveNoWait())).isEqualTo("three");
    }

    @Test
    void receiveWaitsForAMessage() throws Exception {
        Queue queue = newQueue();
        MessageConsumer consumer = connect().createSession().createConsumer(queue);
        for (long timeout : new long[] {-1, 0, SOON}) {
            CompletableFuture<String> received = CompletableFuture.supplyAsync(() -> {
                try {
                    return text(timeout < 0 ? consumer.receive() : consumer.receive(timeout));
                } catch (JMSException e) {
                    return e.toString();
                }
            });
            assertThat(received).isNotDone();
            sendTexts(queue, "one");
            assertThat(received.get(SOON, TimeUnit.MILLISECONDS)).isEqualTo("one");
        }
    }

    @Test
    void receiveGivesNullWhenTheTimeIsOver() throws JMSException {
        MessageConsumer consumer = session().createConsumer(newQueue());
        long before = System.nanoTime();
        assertThat(consumer.receive(50)).isNull();
        assertThat(System.nanoTime() - before).isGreaterThanOrEqualTo(45_000_000L);
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 1000})
    void anyPrefetchReceivesEverythingInOrder(int prefetch) throws JMSException {
        Queue queue = newQueue();
        Connection connection = closeLater(factory("prefetch=" + prefetch).createConnection());
        connection.start();
        MessageConsumer consumer = connection.createSession().createConsumer(queue);
        for (int i = 0; i < 20; i++) sendTexts(queue, "m" + i);
        for (int i = 0; i < 20; i++) {
            assertThat(text(i % 2 == 0 ? consumer.receive(SOON) : consumer.receiveNoWait()))
                    .isEqualTo("m" + i);
        }
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Section("8.2")
    @Test
    void twoConsumersOfOneSessionEachFindWhatIsThere() throws JMSException {
        Queue queue = newQueue();
        MessageConsumer one = session().createConsumer(queue);
        MessageConsumer two = session().createConsumer(queue);
        sendTexts(queue, "1", "2");
        assertThat(one.receive(SOON)).isNotNull();
        assertThat(two.receive(SOON)).isNotNull();
    }

    @Section("8.2")
    @Test
    void aQueueReceiverReceives() throws JMSException {
        Queue queue = newQueue();
        var connection = closeLater(factory().createQueueConnection());
        connection.start();
        QueueSession session = connection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        QueueReceiver receiver = session.createReceiver(queue, "a = 1");
        assertThat(receiver.getQueue()).isEqualTo(queue);
        assertThat(receiver.getMessageSelector()).isEqualTo("a = 1");
        Message message = session.createMessage();
        session.createSender(queue).send(message);
        message.setIntProperty("a", 1);
        session.createSender(queue).send(message);
        assertThat(receiver.receive(SOON).getIntProperty("a")).isEqualTo(1);
        receiver.close();
        assertThat(session.createReceiver(queue).receive(SOON).propertyExists("a"))
                .isFalse();
    }

    @Section("8.4")
    @Test
    void aContextDeliversAfterStartOnlyWhenAutoStartIsOff() throws Exception {
        Queue queue = newQueue();
        JMSContext context = context();
        context.setAutoStart(false);
        LinkedBlockingQueue<Message> heard = new LinkedBlockingQueue<>();
        context.createConsumer(queue).setMessageListener(heard::add);
        sendTexts(queue, "one");
        assertThat(heard.poll(50, TimeUnit.MILLISECONDS)).isNull();
        context.start();
        assertThat(heard.poll(SOON, TimeUnit.MILLISECONDS)).isNotNull();
        context.stop();
        sendTexts(queue, "two");
        assertThat(heard.poll(50, TimeUnit.MILLISECONDS)).isNull();
    }

    @Section("8.6")
    @Test
    void bodiesOfEveryKindAreReceived() throws JMSException {
        Queue queue = newQueue();
        JMSContext context = context();
        context.createProducer()
                .send(queue, "text")
                .send(queue, new byte[] {1})
                .send(queue, Map.of("k", 7))
                .send(queue, (Serializable) "object")
                .send(queue, "as an object");
        JMSConsumer consumer = context.createConsumer(queue);
        assertThat(consumer.receiveBody(String.class)).isEqualTo("text");
        assertThat(consumer.receiveBody(byte[].class, SOON)).containsExactly(1);
        assertThat(consumer.receiveBodyNoWait(Map.class)).isEqualTo(Map.of("k", 7));
        assertThat(consumer.receiveBody(Serializable.class, SOON)).isEqualTo("object");
        assertThat(consumer.receiveBody(Object.class, SOON)).isEqualTo("as an object");
        assertThat(consumer.receiveBodyNoWait(String.class)).isNull();
        assertThat(consumer.receiveBody(String.class, 1)).isNull();
    }

    @Section("8.6")
    @ParameterizedTest
    @ValueSource(ints = {JMSContext.AUTO_ACKNOWLEDGE, JMSContext.DUPS_OK_ACKNOWLEDGE})
    void aBodyOfTheWrongTypeStaysAndIsNoRedelivery(int mode) throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one", "two");
        JMSContext context = context(mode);
        JMSConsumer consumer = context.createConsumer(queue);
        assertThatThrownBy(() -> consumer.receiveBody(Map.class, SOON))
                .isInstanceOf(MessageFormatRuntimeException.class);
        assertThatThrownBy(() -> consumer.receiveBodyNoWait(byte[].class))
                .isInstanceOf(MessageFormatRuntimeException.class);
        Message one = consumer.receive(SOON);
        assertThat(text(one)).isEqualTo("one");
        assertThat(one.getJMSRedelivered()).isFalse();
        assertThat(one.getIntProperty("JMSXDeliveryCount")).isEqualTo(1);
        assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("two");
    }

    @Section("8.6")
    @Test
    void aBodyOfTheWrongTypeIsConsumedInClientAcknowledgeAndComesAgainAfterRecover() throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one", "two");
        JMSContext context = context(JMSContext.CLIENT_ACKNOWLEDGE);
        JMSConsumer consumer = context.createConsumer(queue);
        assertThatThrownBy(() -> consumer.receiveBody(Map.class, SOON))
                .isInstanceOf(MessageFormatRuntimeException.class);
        assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("two");
        context.recover();
        Message one = consumer.receive(SOON);
        assertThat(text(one)).isEqualTo("one");
        assertThat(one.getJMSRedelivered()).isTrue();
        assertThat(one.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        context.acknowledge();
    }

    @Section("8.6")
    @Test
    void aBodyOfTheWrongTypeIsConsumedInATransactionAndComesAgainAfterRollback() throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one", "two");
        JMSContext context = context(JMSContext.SESSION_TRANSACTED);
        JMSConsumer consumer = context.createConsumer(queue);
        assertThatThrownBy(() -> consumer.receiveBody(Map.class, SOON))
                .isInstanceOf(MessageFormatRuntimeException.class);
        assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("two");
        context.rollback();
        Message one = consumer.receive(SOON);
        assertThat(one.getJMSRedelivered()).isTrue();
        assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("two");
        context.commit();
    }

    @Section("8.6")
    @Test
    void streamAndBodylessMessagesHaveNoBodyToReceive() throws JMSException {
        Queue queue = newQueue();
        JMSContext context = context(JMSContext.CLIENT_ACKNOWLEDGE);
        context.createProducer()
                .send(queue, context.createStreamMessage())
                .send(queue, context.createMessage())
                .send(queue, (String) null)
                .send(queue, (Serializable) null)
                .send(queue, new byte[0])
                .send(queue, Map.of());
        JMSConsumer consumer = context.createConsumer(queue);
        for (int i = 0; i < 4; i++) {
            assertThatThrownBy(() -> consumer.receiveBody(Object.class, SOON))
                    .isInstanceOf(MessageFormatRuntimeException.class);
        }
        assertThat(consumer.receiveBody(byte[].class, SOON))
                .as("empty, and a body")
                .isEmpty();
        assertThat(consumer.receiveBody(Map.class, SOON))
                .as("empty, and a body")
                .isEmpty();
    }

    @Section("8.6")
    @Test
    void aMessageWithoutABodyStaysForReceiveAndIsNoRedelivery() throws JMSException {
        Queue queue = newQueue();
        JMSContext context = context();
        context.createProducer().send(queue, (String) null).send(queue, "text");
        JMSConsumer consumer = context.createConsumer(queue);
        assertThatThrownBy(() -> consumer.receiveBodyNoWait(String.class))
                .isInstanceOf(MessageFormatRuntimeException.class);
        Message empty = consumer.receiveNoWait();
        assertThat(text(empty)).isNull();
        assertThat(empty.getJMSRedelivered()).isFalse();
        assertThat(consumer.receiveBody(String.class)).isEqualTo("text");
    }

    @Section("8.7")
    @Test
    void aListenerHearsMessagesInOrder() throws Exception {
        Queue queue = newQueue();
        LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
        Session session = connect().createSession();
        MessageListener listener = message -> {
            try {
                heard.add(text(message));
            } catch (JMSException e) {
                heard.add(e.toString());
            }
        };
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(consumer.getMessageListener()).isNull();
        consumer.setMessageListener(listener);
        assertThat(consumer.getMessageListener()).isSameAs(listener);
        for (int i = 0; i < 50; i++) sendTexts(queue, "m" + i);
        for (int i = 0; i < 50; i++)
            assertThat(heard.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("m" + i);
    }

    @Section("8.7")
    @Test
    void aListenerOfAContextHearsMessages() throws Exception {
        Queue queue = newQueue();
        JMSContext context = context();
        LinkedBlockingQueue<Message> heard = new LinkedBlockingQueue<>();
        JMSConsumer consumer = context.createConsumer(queue);
        MessageListener listener = heard::add;
        consumer.setMessageListener(listener);
        assertThat(consumer.getMessageListener()).isSameAs(listener);
        sendTexts(queue, "one");
        assertThat(text(heard.poll(SOON, TimeUnit.MILLISECONDS))).isEqualTo("one");
    }

    @Section("8.7")
    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE})
    void aMessageWhoseListenerThrowsIsRedeliveredAtOnce(int mode) throws Exception {
        Queue queue = newQueue();
        LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
        Connection connection = connect();
        connection.createSession(mode).createConsumer(queue).setMessageListener(message -> {
            int count;
            try {
                count = message.getIntProperty("JMSXDeliveryCount");
                heard.add(text(message) + count + message.getJMSRedelivered());
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
            if (count < 3) throw new IllegalArgumentException("thrown by the test");
        });
        sendTexts(queue, "one", "two");
        for (String text : new String[] {"one", "two"}) {
            assertThat(heard.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo(text + "1false");
            assertThat(heard.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo(text + "2true");
            assertThat(heard.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo(text + "3true");
        }
        connection.close();
        assertHolds(queue);
    }

    @Section("8.7")
    @ParameterizedTest
    @ValueSource(ints = {Session.CLIENT_ACKNOWLEDGE, Session.SESSION_TRANSACTED})
    void afterAListenerThrewTheNextMessageIsDelivered(int mode) throws Exception {
        Queue queue = newQueue();
        LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
        Connection connection = connect();
        connection.createSession(mode).createConsumer(queue).setMessageListener(message -> {
            try {
                heard.add(text(message));
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
            throw new IllegalArgumentException("thrown by the test");
        });
        sendTexts(queue, "one", "two");
        assertThat(heard.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("one");
        assertThat(heard.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("two");
        connection.close();
        assertHolds(queue, "one", "two");
    }

    @Section("8.8")
    @Test
    void aConsumerMayBeClosedByItsOwnListener() throws Exception {
        Queue queue = newQueue();
        Connection connection = connect();
        MessageConsumer consumer = connection.createSession().createConsumer(queue);
        LinkedBlockingQueue<String> outcome = new LinkedBlockingQueue<>();
        consumer.setMessageListener(message -> {
            try {
                consumer.close();
                outcome.add("closed after " + text(message));
            } catch (JMSException e) {
                outcome.add(e.toString());
            }
        });
        sendTexts(queue, "one", "two");
        assertThat(outcome.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("closed after one");
        connection.close();
        assertThat(outcome).isEmpty();
        assertHolds(queue, "two");
    }

    @Section("8.8")
    @Test
    void closingAConsumerWaitsForItsListener() throws Exception {
        Queue queue = newQueue();
        MessageConsumer consumer = connect().createSession().createConsumer(queue);
        CountDownLatch running = new CountDownLatch(1);
        CountDownLatch closing = new CountDownLatch(1);
        AtomicBoolean ended = new AtomicBoolean();
        consumer.setMessageListener(message -> {
            running.countDown();
            try {
                closing.await(SOON, TimeUnit.MILLISECONDS);
            } catch (InterruptedException e) {
                throw new AssertionError(e);
            }
            ended.set(true);
        });
        sendTexts(queue, "one");
        assertThat(running.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
        CompletableFuture<Boolean> closed = CompletableFuture.supplyAsync(() -> {
            closing.countDown();
            try {
                consumer.close();
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
            return ended.get();
        });
        assertThat(closed.get(SOON, TimeUnit.MILLISECONDS)).isTrue();
    }

    @Section("8.8")
    @Test
    void aBlockedReceiveReturnsNullWhenItsConsumerIsClosed() throws Exception {
        MessageConsumer consumer = connect().createSession().createConsumer(newQueue());
        CompletableFuture<String> received = CompletableFuture.supplyAsync(() -> {
            try {
                return String.valueOf((Object) consumer.receive());
            } catch (IllegalStateException closedBefore) {
                return "null";
            } catch (JMSException e) {
                return e.toString();
            }
        });
        consumer.close();
        assertThat(received.get(SOON, TimeUnit.MILLISECONDS)).isEqualTo("null");
    }

    @Section("8.8")
    @Test
    void whatAClosedConsumerWasNotHandedGoesToOthers() throws JMSException {
        Queue queue = newQueue();
        MessageConsumer consumer = session().createConsumer(queue);
        sendTexts(queue, "one", "two", "three");
        assertThat(receiveText(consumer)).isEqualTo("one");
        consumer.close();
        try (MessageConsumer next = session().createConsumer(queue)) {
            Message two = next.receive(SOON);
            assertThat(text(two)).isEqualTo("two");
            assertThat(two.getJMSRedelivered()).isFalse();
            assertThat(receiveText(next)).isEqualTo("three");
        }
    }

    @Section("6.2.5")
    @Test
    void aSessionWithAListenerCannotReceive() throws JMSException {
        Session session = connection().createSession();
        MessageConsumer listening = session.createConsumer(newQueue());
        listening.setMessageListener(message -> {});
        assertThatThrownBy(() -> listening.receive(1)).isInstanceOf(JMSException.class);
    }
}
