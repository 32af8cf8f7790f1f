package org.larchmq.tck.conformance.chapter3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Section;

/** Who sets which header field, when, and what arrives. */
@Section("3.4")
class HeaderFieldsTest extends AgainstBroker {
    @Section("3.4.1")
    @Test
    void theDestinationIsSetOnSendAndArrives() throws JMSException {
        Queue queue = newQueue();
        Message message = session().createMessage();
        message.setJMSDestination(newTopic());
        session().createProducer(queue).send(message);
        assertThat(message.getJMSDestination()).isEqualTo(queue);
        Message received = session().createConsumer(queue).receive(SOON);
        assertThat(received.getJMSDestination()).isEqualTo(queue);
        assertThat(((Queue) received.getJMSDestination()).getQueueName()).isEqualTo(queue.getQueueName());
    }

    @Section("3.4.1")
    @Test
    void theDestinationOfAMessageFromATopicIsATopic() throws JMSException {
        Topic topic = newTopic();
        MessageConsumer consumer = session().createConsumer(topic);
        session().createProducer(topic).send(session().createMessage());
        Destination destination = consumer.receive(SOON).getJMSDestination();
        assertThat(destination).isInstanceOf(Topic.class).isEqualTo(topic).isNotInstanceOf(Queue.class);
    }

    static Stream<Arguments> modesAndPriorities() {
        return Stream.of(DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT)
                .flatMap(mode -> Stream.of(0, 1, 2, 3, 4, 5, 6, 7, 8, 9).map(priority -> Arguments.of(mode, priority)));
    }

    @Section("3.4.11")
    @ParameterizedTest
    @MethodSource("modesAndPriorities")
    void modePriorityAndExpirationOfTheSendOverrideTheMessages(int mode, int priority) throws JMSException {
        Queue queue = newQueue();
        Message message = session().createMessage();
        message.setJMSDeliveryMode(
                mode == DeliveryMode.PERSISTENT ? DeliveryMode.NON_PERSISTENT : DeliveryMode.PERSISTENT);
        message.setJMSPriority(9 - priority);
        message.setJMSExpiration(1);
        long before = System.currentTimeMillis();
        session().createProducer(queue).send(message, mode, priority, 100_000);
        long after = System.currentTimeMillis();
        assertThat(message.getJMSDeliveryMode()).isEqualTo(mode);
        assertThat(message.getJMSPriority()).isEqualTo(priority);
        assertThat(message.getJMSExpiration()).isBetween(before + 100_000, after + 100_000);
        Message received = session().createConsumer(queue).receive(SOON);
        assertThat(received.getJMSDeliveryMode()).isEqualTo(mode);
        assertThat(received.getJMSPriority()).isEqualTo(priority);
        assertThat(received.getJMSExpiration()).isEqualTo(message.getJMSExpiration());
    }

    @Section("3.4.2")
    @Test
    void theDefaultsArePersistentPriorityFourAndNoExpiration() throws JMSException {
        Message received = throughBroker(session().createMessage());
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
        assertThat(received.getJMSPriority()).isEqualTo(4);
        assertThat(received.getJMSExpiration()).isZero();
        assertThat(received.getJMSRedelivered()).isFalse();
    }

    @Section("3.4.3")
    @Test
    void messageIdsStartWithIdAndAreUnique() throws JMSException {
        Queue queue = newQueue();
        Set<String> ids = new HashSet<>();
        MessageProducer producer = session().createProducer(queue);
        MessageProducer other = connect().createSession().createProducer(queue);
        Message message = session().createMessage();
        for (int i = 0; i < 100; i++) {
            (i % 2 == 0 ? producer : other).send(message);
            assertThat(message.getJMSMessageID()).startsWith("ID:");
            ids.add(message.getJMSMessageID());
        }
        assertThat(ids).hasSize(100);
    }

    @Section("3.4.3")
    @Test
    void theMessageIdIsTheProvidersAndTheSameOnBothSides() throws JMSException {
        Queue queue = newQueue();
        Message message = session().createMessage();
        message.setJMSMessageID("ID:mine");
        session().createProducer(queue).send(message);
        assertThat(message.getJMSMessageID()).isNotEqualTo("ID:mine");
        assertThat(session().createConsumer(queue).receive(SOON).getJMSMessageID())
                .isEqualTo(message.getJMSMessageID());
    }

    @Section("3.4.3")
    @Test
    void aDisabledMessageIdIsNullOrANormalOne() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        producer.setDisableMessageID(true);
        assertThat(producer.getDisableMessageID()).isTrue();
        Message message = session().createMessage();
        producer.send(message);
        Message received = session().createConsumer(queue).receive(SOON);
        for (String id : new String[] {message.getJMSMessageID(), received.getJMSMessageID()}) {
            if (id != null) assertThat(id).startsWith("ID:");
        }
    }

    @Section("3.4.4")
    @Test
    void theTimestampIsBetweenCallAndReturn() throws JMSException {
        Queue queue = newQueue();
        Message message = session().createMessage();
        message.setJMSTimestamp(42);
        long before = System.currentTimeMillis();
        session().createProducer(queue).send(message);
        long after = System.currentTimeMillis();
        assertThat(message.getJMSTimestamp()).isBetween(before, after);
        assertThat(session().createConsumer(queue).receive(SOON).getJMSTimestamp())
                .isEqualTo(message.getJMSTimestamp());
    }

    @Section("3.4.4")
    @Test
    void aDisabledTimestampIsZeroOrANormalOne() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        producer.setDisableMessageTimestamp(true);
        assertThat(producer.getDisableMessageTimestamp()).isTrue();
        long before = System.currentTimeMillis();
        producer.send(session().createMessage());
        long timestamp = session().createConsumer(queue).receive(SOON).getJMSTimestamp();
        if (timestamp != 0) assertThat(timestamp).isBetween(before, System.currentTimeMillis());
    }

    @Section("3.4.5")
    @ParameterizedTest
    @ValueSource(strings = {"c", "", "with space", "ünï😀", "ID:looks-like-one"})
    void theCorrelationIdArrivesAsItWasSet(String correlation) throws JMSException {
        Message message = session().createMessage();
        message.setJMSCorrelationID(correlation);
        assertThat(throughBroker(message).getJMSCorrelationID()).isEqualTo(correlation);
    }

    @Section("3.4.5")
    @Test
    void aMessageIdCanBeTheCorrelationIdOfTheAnswer() throws JMSException {
        Message request = throughBroker(session().createMessage());
        Message answer = session().createMessage();
        answer.setJMSCorrelationID(request.getJMSMessageID());
        assertThat(throughBroker(answer).getJMSCorrelationID()).isEqualTo(request.getJMSMessageID());
    }

    @Section("3.4.5")
    @Test
    void correlationBytesArriveOrAreNotSupported() throws JMSException {
        Message message = session().createMessage();
        byte[] bytes = "bytes".getBytes(StandardCharsets.US_ASCII);
        try {
            message.setJMSCorrelationIDAsBytes(bytes);
        } catch (UnsupportedOperationException allowed) {
            return;
        }
        assertThat(throughBroker(message).getJMSCorrelationIDAsBytes()).isEqualTo(bytes);
    }

    @Section("3.4.6")
    @Test
    void replyToAQueueOrTopicArrives() throws JMSException {
        for (Destination destination : new Destination[] {newQueue(), newTopic()}) {
            Message message = session().createMessage();
            message.setJMSReplyTo(destination);
            assertThat(throughBroker(message).getJMSReplyTo()).isEqualTo(destination);
        }
    }

    @Section("3.4.6")
    @Test
    void replyToATemporaryDestinationArrivesAndCanBeAnswered() throws JMSException {
        TemporaryQueue queue = session().createTemporaryQueue();
        TemporaryTopic topic = session().createTemporaryTopic();
        Session answering = connect().createSession();
        for (Destination destination : new Destination[] {queue, topic}) {
            MessageConsumer answers = session().createConsumer(destination);
            Message message = session().createMessage();
            message.setJMSReplyTo(destination);
            Message received = throughBroker(message);
            answering.createProducer(received.getJMSReplyTo()).send(answering.createTextMessage("answer"));
            assertThat(receiveText(answers)).isEqualTo("answer");
        }
    }

    @Section("3.4.6")
    @Test
    void replyToIsNullUnlessSet() throws JMSException {
        assertThat(throughBroker(session().createMessage()).getJMSReplyTo()).isNull();
    }

    @Section("3.4.7")
    @Test
    void redeliveredIsIgnoredOnSend() throws JMSException {
        Message message = session().createMessage();
        message.setJMSRedelivered(true);
        assertThat(throughBroker(message).getJMSRedelivered()).isFalse();
    }

    @Section("3.4.8")
    @ParameterizedTest
    @ValueSource(strings = {"t", "", "ünï", "a.b.C"})
    void theTypeArrivesAsItWasSet(String type) throws JMSException {
        Message message = session().createMessage();
        message.setJMSType(type);
        assertThat(throughBroker(message).getJMSType()).isEqualTo(type);
    }

    @Section("3.4.11")
    @Test
    void whatTheClientMaySetIsNullUnlessSet() throws JMSException {
        Message received = throughBroker(session().createMessage());
        assertThat(received.getJMSType()).isNull();
        assertThat(received.getJMSCorrelationID()).isNull();
        assertThat(received.getJMSReplyTo()).isNull();
    }

    @Section("3.4.9")
    @Test
    void anExpiredMessageIsNotReceivedAndLaterOnesAre() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        MessageConsumer consumer = session().createConsumer(queue);
        Message shortLived = session().createTextMessage("short-lived");
        producer.send(shortLived, DeliveryMode.PERSISTENT, 4, 1);
        while (System.currentTimeMillis() <= shortLived.getJMSExpiration()) Thread.onSpinWait();
        producer.send(session().createTextMessage("lasting"));
        assertThat(receiveText(consumer)).isEqualTo("lasting");
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Section("3.4.9")
    @Test
    void aLongTimeToLiveDoesNotOverflow() throws JMSException {
        Queue queue = newQueue();
        session()
                .createProducer(queue)
                .send(session().createTextMessage("m"), DeliveryMode.PERSISTENT, 4, Long.MAX_VALUE);
        assertThat(session().createConsumer(queue).receive(SOON)).isNotNull();
    }

    @Section("3.4.10")
    @Test
    void expeditedMessagesComeFirst() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        for (int priority : new int[] {0, 4, 9, 4, 5, 0, 9}) {
            producer.send(session().createTextMessage("p" + priority), DeliveryMode.PERSISTENT, priority, 0);
        }
        assertHolds(queue, "p9", "p9", "p5", "p4", "p4", "p0", "p0");
    }

    @Section("3.4.13")
    @Test
    void withoutADelayTheDeliveryTimeIsTheTimeOfTheSend() throws JMSException {
        Queue queue = newQueue();
        Message message = session().createMessage();
        message.setJMSDeliveryTime(42);
        long before = System.currentTimeMillis();
        session().createProducer(queue).send(message);
        assertThat(message.getJMSDeliveryTime()).isBetween(before, System.currentTimeMillis());
        assertThat(session().createConsumer(queue).receive(SOON).getJMSDeliveryTime())
                .isEqualTo(message.getJMSDeliveryTime());
    }

    @Section("3.10")
    @Test
    void theHeaderFieldsOfAReceivedMessageCanBeChanged() throws JMSException {
        Message received = throughBroker(session().createMessage());
        Queue queue = newQueue();
        received.setJMSCorrelationID("c");
        received.setJMSType("t");
        received.setJMSReplyTo(queue);
        received.setJMSPriority(9);
        received.setJMSMessageID("ID:x");
        received.setJMSTimestamp(1);
        received.setJMSDestination(queue);
        received.setJMSDeliveryMode(DeliveryMode.NON_PERSISTENT);
        received.setJMSRedelivered(true);
        received.setJMSExpiration(2);
        received.setJMSDeliveryTime(3);
        assertThat(received.getJMSCorrelationID()).isEqualTo("c");
        assertThat(received.getJMSType()).isEqualTo("t");
        assertThat(received.getJMSReplyTo()).isEqualTo(queue);
        assertThat(received.getJMSPriority()).isEqualTo(9);
        assertThat(received.getJMSMessageID()).isEqualTo("ID:x");
        assertThat(received.getJMSTimestamp()).isEqualTo(1);
        assertThat(received.getJMSDestination()).isEqualTo(queue);
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(received.getJMSRedelivered()).isTrue();
        assertThat(received.getJMSExpiration()).isEqualTo(2);
        assertThat(received.getJMSDeliveryTime()).isEqualTo(3);
    }

    @Section("3.4.11")
    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 3, 100})
    void aWrongDeliveryModeIsRefused(int mode) throws JMSException {
        MessageProducer producer = session().createProducer(newQueue());
        assertThatThrownBy(() -> producer.setDeliveryMode(mode)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> producer.send(session().createMessage(), mode, 4, 0))
                .isInstanceOf(JMSException.class);
    }

    @Section("3.4.11")
    @ParameterizedTest
    @ValueSource(ints = {-1, 10, 100})
    void aWrongPriorityIsRefused(int priority) throws JMSException {
        MessageProducer producer = session().createProducer(newQueue());
        assertThatThrownBy(() -> producer.setPriority(priority)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> producer.send(session().createMessage(), DeliveryMode.PERSISTENT, priority, 0))
                .isInstanceOf(JMSException.class);
    }
}
