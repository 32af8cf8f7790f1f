package org.larchmq.tck.conformance.chapter6;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Section;

/** Temporary and other destinations, order, serial execution, and closing a session. */
@Section("6.2")
class SessionTest extends AgainstBroker {
    @Section("6.2.2")
    @Test
    void everyTemporaryDestinationIsUnique() throws JMSException {
        Set<String> names = new HashSet<>();
        for (int i = 0; i < 10; i++) {
            names.add(session().createTemporaryQueue().getQueueName());
            names.add(connect().createSession().createTemporaryTopic().getTopicName());
        }
        assertThat(names).hasSize(20);
    }

    @Section("6.2.2")
    @Test
    void anySessionOfTheConnectionMayConsumeFromATemporaryDestination() throws JMSException {
        TemporaryQueue queue = session().createTemporaryQueue();
        TemporaryTopic topic = session().createTemporaryTopic();
        Session other = connection().createSession();
        for (Destination destination : new Destination[] {queue, topic}) {
            MessageConsumer consumer = other.createConsumer(destination);
            sendTexts(destination, "one");
            assertThat(receiveText(consumer)).isEqualTo("one");
        }
    }

    @Section("6.2.2")
    @Test
    void anotherConnectionMaySendToATemporaryDestinationButNotConsumeFromIt() throws JMSException {
        TemporaryQueue queue = session().createTemporaryQueue();
        TemporaryTopic topic = session().createTemporaryTopic();
        Session other = connect().createSession();
        for (Destination destination : new Destination[] {queue, topic}) {
            MessageConsumer consumer = session().createConsumer(destination);
            other.createProducer(destination).send(other.createTextMessage("one"));
            assertThat(receiveText(consumer)).isEqualTo("one");
            assertThatThrownBy(() -> other.createConsumer(destination)).isInstanceOf(JMSException.class);
        }
    }

    @Section("6.2.2")
    @Test
    void aTemporaryDestinationOutlivesItsSessionButNotItsConnection() throws JMSException {
        Connection connection = connect();
        Session session = connection.createSession();
        TemporaryQueue queue = session.createTemporaryQueue();
        session.close();
        sendTexts(queue, "one");
        assertThat(receiveText(connection.createSession().createConsumer(queue)))
                .isEqualTo("one");
        connection.close();
        assertThatThrownBy(() -> sendTexts(queue, "two")).isInstanceOf(InvalidDestinationException.class);
    }

    @Section("6.2.2")
    @Test
    void aDeletedTemporaryDestinationIsInvalid() throws JMSException {
        TemporaryQueue queue = session().createTemporaryQueue();
        TemporaryTopic topic = session().createTemporaryTopic();
        queue.delete();
        topic.delete();
        assertThatThrownBy(() -> sendTexts(queue, "one")).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session().createConsumer(topic)).isInstanceOf(InvalidDestinationException.class);
    }

    @Section("6.2.2")
    @Test
    void aTemporaryDestinationWithConsumersCannotBeDeleted() throws JMSException {
        TemporaryQueue queue = session().createTemporaryQueue();
        TemporaryTopic topic = session().createTemporaryTopic();
        MessageConsumer ofQueue = session().createConsumer(queue);
        MessageConsumer ofTopic = session().createConsumer(topic);
        assertThatThrownBy(queue::delete).isInstanceOf(JMSException.class);
        assertThatThrownBy(topic::delete).isInstanceOf(JMSException.class);
        ofQueue.close();
        ofTopic.close();
        queue.delete();
        topic.delete();
    }

    @Section("6.2.2")
    @Test
    void aContextMakesTemporaryDestinations() {
        JMSContext context = context();
        for (Destination destination :
                new Destination[] {context.createTemporaryQueue(), context.createTemporaryTopic()}) {
            var consumer = context.createConsumer(destination);
            context.createProducer().send(destination, "one");
            assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("one");
        }
    }

    @Section("6.2.3")
    @Test
    void destinationsOfOneNameAreEqualAndReachTheSame() throws JMSException {
        String name = newName();
        Queue queue = session().createQueue(name);
        Queue same = context().createQueue(name);
        assertThat(queue).isEqualTo(same).hasSameHashCodeAs(same);
        assertThat(queue.getQueueName()).isEqualTo(name);
        assertThat(queue).isNotEqualTo(session().createTopic(name));
        sendTexts(queue, "one");
        assertHolds(same, "one");
    }

    @Section("6.2.3")
    @Test
    void aQueueAndATopicOfOneNameAreTwoThings() throws JMSException {
        String name = newName();
        Topic topic = session().createTopic(name);
        MessageConsumer subscriber = session().createConsumer(topic);
        sendTexts(session().createQueue(name), "one");
        assertThat(subscriber.receiveNoWait()).isNull();
        assertThat(topic.getTopicName()).isEqualTo(name);
    }

    @Section("6.2.3")
    @Test
    void aNullNameIsRefused() {
        assertThatThrownBy(() -> session().createQueue(null)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> session().createTopic(null)).isInstanceOf(JMSException.class);
    }

    @Section("6.2.1")
    @Test
    void aNullDestinationIsInvalidForAConsumer() throws JMSException {
        assertThatThrownBy(() -> session().createConsumer(null)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session().createConsumer(null, "a = 1"))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session().createConsumer(null, null, true))
                .isInstanceOf(InvalidDestinationException.class);
    }

    @Section("6.2.9")
    @ParameterizedTest
    @ValueSource(ints = {DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT})
    void messagesOfASessionArriveInTheOrderOfSending(int mode) throws JMSException {
        for (Destination destination : new Destination[] {newQueue(), newTopic()}) {
            MessageConsumer consumer = session().createConsumer(destination);
            MessageProducer one = session().createProducer(destination);
            MessageProducer two = session().createProducer(destination);
            one.setDeliveryMode(mode);
            two.setDeliveryMode(mode);
            Message message = session().createMessage();
            for (int i = 0; i < 500; i++) {
                message.setIntProperty("n", i);
                (i % 3 == 0 ? one : two).send(message);
            }
            for (int i = 0; i < 500; i++) {
                assertThat(consumer.receive(SOON).getIntProperty("n")).isEqualTo(i);
            }
        }
    }

    @Section("6.2.9")
    @Test
    void orderIsKeptWithinEachPriority() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        Message message = session().createMessage();
        for (int i = 0; i < 100; i++) {
            message.setIntProperty("n", i);
            producer.send(message, DeliveryMode.PERSISTENT, i % 10, 0);
        }
        MessageConsumer consumer = session().createConsumer(queue);
        int[] last = new int[10];
        java.util.Arrays.fill(last, -1);
        for (int i = 0; i < 100; i++) {
            Message received = consumer.receive(SOON);
            int n = received.getIntProperty("n");
            assertThat(n).isGreaterThan(last[received.getJMSPriority()]);
            last[received.getJMSPriority()] = n;
        }
    }

    @Section("6.2.13")
    @Test
    void theListenersOfASessionRunOneAtATime() throws Exception {
        Connection connection = closeLater(factory().createConnection());
        Session session = connection.createSession();
        AtomicInteger running = new AtomicInteger();
        AtomicBoolean overlapped = new AtomicBoolean();
        Set<Thread> threads = Collections.synchronizedSet(new HashSet<>());
        CountDownLatch all = new CountDownLatch(300);
        Queue[] queues = {newQueue(), newQueue(), newQueue()};
        for (Queue queue : queues) {
            session.createConsumer(queue).setMessageListener(message -> {
                if (running.incrementAndGet() > 1) overlapped.set(true);
                threads.add(Thread.currentThread());
                Thread.yield();
                running.decrementAndGet();
                all.countDown();
            });
        }
        connection.start();
        for (int i = 0; i < 100; i++) for (Queue queue : queues) sendTexts(queue, "m");
        assertThat(all.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
        assertThat(overlapped).isFalse();
    }

    @Section("6.2.14")
    @Test
    void theListenersOfTwoSessionsRunAtTheSameTime() throws Exception {
        Connection connection = connect();
        Topic topic = newTopic();
        CountDownLatch both = new CountDownLatch(2);
        List<Boolean> met = Collections.synchronizedList(new ArrayList<>());
        CountDownLatch ended = new CountDownLatch(2);
        for (int i = 0; i < 2; i++) {
            connection.createSession().createConsumer(topic).setMessageListener(message -> {
                both.countDown();
                try {
                    met.add(both.await(SOON, TimeUnit.MILLISECONDS));
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
                ended.countDown();
            });
        }
        sendTexts(topic, "one");
        assertThat(ended.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
        assertThat(met).containsExactly(true, true);
    }

    @Section("6.2.15")
    @Test
    void aBlockedReceiveReturnsNullWhenTheSessionIsClosed() throws Exception {
        Session session = connection().createSession();
        MessageConsumer consumer = session.createConsumer(newQueue());
        var received = CompletableFuture.supplyAsync(() -> {
            try {
                return String.valueOf((Object) consumer.receive());
            } catch (IllegalStateException closedBefore) {
                return "null";
            } catch (JMSException e) {
                return e.toString();
            }
        });
        session.close();
        assertThat(received.get(SOON, TimeUnit.MILLISECONDS)).isEqualTo("null");
    }

    @Section("6.2.15")
    @Test
    void closingASessionFromItsOwnListenerIsAnIllegalStateOrCloses() throws Exception {
        Queue queue = newQueue();
        Connection connection = closeLater(factory().createConnection());
        Session session = connection.createSession();
        LinkedBlockingQueue<String> outcome = new LinkedBlockingQueue<>();
        session.createConsumer(queue).setMessageListener(message -> {
            try {
                session.close();
                outcome.add("closed");
            } catch (JMSException e) {
                outcome.add(e.getClass().getSimpleName());
            }
        });
        connection.start();
        sendTexts(queue, "one");
        assertThat(outcome.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("IllegalStateException");
        connection.close();
        assertHolds(queue);
    }

    @Section("6.2.15")
    @Test
    void closingOneSessionLeavesTheOthers() throws JMSException {
        Queue queue = newQueue();
        Session one = connection().createSession();
        Session two = connection().createSession();
        MessageConsumer consumer = two.createConsumer(queue);
        one.close();
        sendTexts(queue, "one");
        assertThat(receiveText(consumer)).isEqualTo("one");
    }

    @Section("6.2.4")
    @Test
    void aSessionMakesMessagesOfEveryKind() throws JMSException {
        Session s = session();
        assertThat(s.createMessage()).isNotNull();
        assertThat(s.createTextMessage()).isNotNull();
        assertThat(s.createTextMessage("x").getText()).isEqualTo("x");
        assertThat(s.createBytesMessage()).isNotNull();
        assertThat(s.createMapMessage()).isNotNull();
        assertThat(s.createStreamMessage()).isNotNull();
        assertThat(s.createObjectMessage().getObject()).isNull();
        assertThat(s.createObjectMessage("x").getObject()).isEqualTo("x");
        JMSContext c = context();
        assertThat(c.createMessage()).isNotNull();
        assertThat(c.createTextMessage("x").getText()).isEqualTo("x");
        assertThat(c.createBytesMessage()).isNotNull();
        assertThat(c.createMapMessage()).isNotNull();
        assertThat(c.createStreamMessage()).isNotNull();
        assertThat(c.createObjectMessage("x").getObject()).isEqualTo("x");
    }
}
