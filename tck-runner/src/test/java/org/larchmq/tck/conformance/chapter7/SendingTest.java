package org.larchmq.tck.conformance.chapter7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Section;

/** Producers of the classic API, their options, and synchronous sends. */
@Section("7.2")
class SendingTest extends AgainstBroker {
    @Section("7.1")
    @Test
    void aProducerTellsItsDestination() throws JMSException {
        Queue queue = newQueue();
        Topic topic = newTopic();
        assertThat(session().createProducer(queue).getDestination()).isEqualTo(queue);
        assertThat(session().createProducer(topic).getDestination()).isEqualTo(topic);
        assertThat(session().createProducer(null).getDestination()).isNull();
    }

    @Section("7.1")
    @Test
    void aProducerWithoutDestinationSendsWhereItIsTold() throws JMSException {
        MessageProducer producer = session().createProducer(null);
        Queue queue = newQueue();
        Queue other = newQueue();
        producer.send(queue, session().createTextMessage("one"));
        producer.send(other, session().createTextMessage("two"), DeliveryMode.NON_PERSISTENT, 7, 0);
        assertHolds(queue, "one");
        Message two = session().createConsumer(other).receive(SOON);
        assertThat(text(two)).isEqualTo("two");
        assertThat(two.getJMSPriority()).isEqualTo(7);
    }

    @Section("7.1")
    @Test
    void aProducerWithoutDestinationMustBeTold() throws JMSException {
        MessageProducer producer = session().createProducer(null);
        Message message = session().createMessage();
        assertThatThrownBy(() -> producer.send(message)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> producer.send(message, DeliveryMode.PERSISTENT, 4, 0))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> producer.send((Queue) null, message)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> producer.send(null, message, DeliveryMode.PERSISTENT, 4, 0))
                .isInstanceOf(InvalidDestinationException.class);
    }

    @Section("7.1")
    @Test
    void aProducerWithADestinationCannotBeToldAnother() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        Message message = session().createMessage();
        Queue other = newQueue();
        assertThatThrownBy(() -> producer.send(other, message)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> producer.send(other, message, DeliveryMode.PERSISTENT, 4, 0))
                .isInstanceOf(UnsupportedOperationException.class);
        assertHolds(other);
        assertHolds(queue);
    }

    @Test
    void aNullMessageIsAMessageFormatException() throws JMSException {
        MessageProducer producer = session().createProducer(newQueue());
        assertThatThrownBy(() -> producer.send(null)).isInstanceOf(MessageFormatException.class);
        assertThatThrownBy(() -> producer.send(null, DeliveryMode.PERSISTENT, 4, 0))
                .isInstanceOf(MessageFormatException.class);
        MessageProducer anonymous = session().createProducer(null);
        Queue queue = newQueue();
        assertThatThrownBy(() -> anonymous.send(queue, (Message) null)).isInstanceOf(MessageFormatException.class);
    }

    @Section("7.4")
    @Test
    void theDefaultsOfAProducer() throws JMSException {
        MessageProducer producer = session().createProducer(newQueue());
        assertThat(producer.getDeliveryMode())
                .isEqualTo(Message.DEFAULT_DELIVERY_MODE)
                .isEqualTo(DeliveryMode.PERSISTENT);
        assertThat(producer.getPriority()).isEqualTo(Message.DEFAULT_PRIORITY).isEqualTo(4);
        assertThat(producer.getTimeToLive())
                .isEqualTo(Message.DEFAULT_TIME_TO_LIVE)
                .isZero();
        assertThat(producer.getDeliveryDelay())
                .isEqualTo(Message.DEFAULT_DELIVERY_DELAY)
                .isZero();
        assertThat(producer.getDisableMessageID()).isFalse();
        assertThat(producer.getDisableMessageTimestamp()).isFalse();
    }

    @Section("7.4")
    @Test
    void theOptionsOfAProducerApplyToAllItsMessages() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        producer.setPriority(8);
        producer.setTimeToLive(100_000);
        assertThat(producer.getDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(producer.getPriority()).isEqualTo(8);
        assertThat(producer.getTimeToLive()).isEqualTo(100_000);
        MessageConsumer consumer = session().createConsumer(queue);
        for (int i = 0; i < 2; i++) {
            producer.send(session().createMessage());
            Message received = consumer.receive(SOON);
            assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
            assertThat(received.getJMSPriority()).isEqualTo(8);
            assertThat(received.getJMSExpiration()).isEqualTo(received.getJMSTimestamp() + 100_000);
        }
    }

    @Section("7.4")
    @Test
    void theOptionsOfASendOverrideTheProducers() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        producer.setPriority(8);
        producer.setTimeToLive(100_000);
        producer.send(session().createMessage(), DeliveryMode.PERSISTENT, 2, 0);
        Message received = session().createConsumer(queue).receive(SOON);
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
        assertThat(received.getJMSPriority()).isEqualTo(2);
        assertThat(received.getJMSExpiration()).isZero();
        assertThat(producer.getPriority()).isEqualTo(8);
    }

    @Section("7.7")
    @ParameterizedTest
    @ValueSource(ints = {DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT})
    void bothDeliveryModesArriveOnceOnAQueueAndATopic(int mode) throws JMSException {
        for (var destination : new jakarta.jms.Destination[] {newQueue(), newTopic()}) {
            MessageConsumer consumer = session().createConsumer(destination);
            session().createProducer(destination).send(session().createTextMessage("one"), mode, 4, 0);
            Message received = consumer.receive(SOON);
            assertThat(text(received)).isEqualTo("one");
            assertThat(received.getJMSDeliveryMode()).isEqualTo(mode);
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    @Section("7.7")
    @Test
    void bothDeliveryModesMayBeSentToOneQueue() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        for (int i = 0; i < 20; i++) {
            int mode = i % 2 == 0 ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT;
            Message message = session().createMessage();
            message.setIntProperty("n", i);
            producer.send(message, mode, 4, 0);
        }
        MessageConsumer consumer = session().createConsumer(queue);
        int lastOdd = -1;
        int lastEven = -2;
        for (int i = 0; i < 20; i++) {
            int n = consumer.receive(SOON).getIntProperty("n");
            if (n % 2 == 0) {
                assertThat(n).isEqualTo(lastEven + 2);
                lastEven = n;
            } else {
                assertThat(n).isEqualTo(lastOdd + 2);
                lastOdd = n;
            }
        }
    }

    @Section("7.8")
    @Test
    void aTimeToLiveEndsTheLifeOfAMessageInAQueue() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        Message message = session().createTextMessage("short-lived");
        producer.send(message, DeliveryMode.NON_PERSISTENT, 4, 1);
        producer.send(session().createTextMessage("lasting"));
        while (System.currentTimeMillis() <= message.getJMSExpiration()) Thread.onSpinWait();
        assertHolds(queue, "lasting");
    }

    @Section("7.8")
    @Test
    void aMessageWithTimeLeftIsDelivered() throws JMSException {
        Queue queue = newQueue();
        session().createProducer(queue).send(session().createTextMessage("one"), DeliveryMode.PERSISTENT, 4, 60_000);
        assertHolds(queue, "one");
    }

    @Section("7.8")
    @Test
    void aNegativeTimeToLiveIsRefusedOrDoesNotExpire() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        try {
            producer.setTimeToLive(-1);
        } catch (JMSException refused) {
            return;
        }
        producer.send(session().createTextMessage("one"));
    }

    @Test
    void whenSendReturnsTheMessageIsThere() throws JMSException {
        Queue queue = newQueue();
        MessageConsumer consumer = connect().createSession().createConsumer(queue);
        MessageProducer producer = session().createProducer(queue);
        for (int i = 0; i < 100; i++) {
            producer.send(session().createTextMessage("m" + i));
            assertThat(text(consumer.receiveNoWait())).isEqualTo("m" + i);
        }
    }

    @Section("7.1")
    @Test
    void aQueueSenderSends() throws JMSException {
        Queue queue = newQueue();
        QueueSession session =
                closeLater(factory().createQueueConnection()).createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        QueueSender sender = session.createSender(queue);
        assertThat(sender.getQueue()).isEqualTo(queue);
        sender.send(session.createTextMessage("one"));
        sender.send(session.createTextMessage("two"), DeliveryMode.NON_PERSISTENT, 4, 0);
        QueueSender anonymous = session.createSender(null);
        assertThat(anonymous.getQueue()).isNull();
        anonymous.send(queue, session.createTextMessage("three"));
        anonymous.send(queue, session.createTextMessage("four"), DeliveryMode.NON_PERSISTENT, 4, 0);
        MessageConsumer consumer = session().createConsumer(queue);
        var texts = new java.util.ArrayList<String>();
        for (int i = 0; i < 4; i++) texts.add(receiveText(consumer));
        assertThat(texts).containsExactlyInAnyOrder("one", "two", "three", "four");
    }

    @Section("7.1")
    @Test
    void aTopicPublisherPublishes() throws JMSException {
        Topic topic = newTopic();
        var connection = closeLater(factory().createTopicConnection());
        connection.start();
        TopicSession session = connection.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        TopicSubscriber subscriber = session.createSubscriber(topic);
        TopicPublisher publisher = session.createPublisher(topic);
        assertThat(publisher.getTopic()).isEqualTo(topic);
        publisher.publish(session.createTextMessage("one"));
        publisher.publish(session.createTextMessage("two"), DeliveryMode.PERSISTENT, 4, 0);
        TopicPublisher anonymous = session.createPublisher(null);
        anonymous.publish(topic, session.createTextMessage("three"));
        anonymous.publish(topic, session.createTextMessage("four"), DeliveryMode.PERSISTENT, 4, 0);
        for (String text : new String[] {"one", "two", "three", "four"}) {
            assertThat(receiveText(subscriber)).isEqualTo(text);
        }
        assertThatThrownBy(() -> anonymous.publish(session.createMessage()))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> anonymous.publish(null, session.createMessage()))
                .isInstanceOf(InvalidDestinationException.class);
    }
}
