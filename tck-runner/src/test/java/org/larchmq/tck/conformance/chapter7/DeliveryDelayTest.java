package org.larchmq.tck.conformance.chapter7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Section;

/** Delivery delay: never early, at most a second late. */
@Section("7.9")
class DeliveryDelayTest extends AgainstBroker {
    private static final long DELAY = 200, LATE = 1_000;

    static Stream<Arguments> modesAndDomains() {
        return Stream.of(DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT)
                .flatMap(mode -> Stream.of(Arguments.of(mode, false), Arguments.of(mode, true)));
    }

    private static void assertInTime(Message received) throws JMSException {
        long now = System.currentTimeMillis();
        assertThat(now).isBetween(received.getJMSDeliveryTime(), received.getJMSDeliveryTime() + LATE);
    }

    @ParameterizedTest
    @MethodSource("modesAndDomains")
    void aDelayedMessageComesAtItsTime(int mode, boolean topic) throws JMSException {
        Destination destination = topic ? newTopic() : newQueue();
        MessageConsumer consumer = session().createConsumer(destination);
        MessageProducer producer = session().createProducer(destination);
        producer.setDeliveryMode(mode);
        producer.setDeliveryDelay(DELAY);
        assertThat(producer.getDeliveryDelay()).isEqualTo(DELAY);
        Message message = session().createTextMessage("later");
        long before = System.currentTimeMillis();
        producer.send(message);
        long after = System.currentTimeMillis();
        assertThat(message.getJMSDeliveryTime()).isBetween(before + DELAY, after + DELAY);
        assertThat(consumer.receiveNoWait()).isNull();
        Message received = consumer.receive(SOON);
        assertInTime(received);
        assertThat(received.getJMSDeliveryTime()).isEqualTo(message.getJMSDeliveryTime());
        assertThat(received.getJMSRedelivered()).isFalse();
        assertThat(received.getIntProperty("JMSXDeliveryCount")).isEqualTo(1);
    }

    @Section("6.2.9")
    @Test
    void aDelayedMessageIsOvertakenByOneThatIsNotDelayed() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        producer.setDeliveryDelay(DELAY);
        producer.send(session().createTextMessage("later"));
        producer.setDeliveryDelay(0);
        producer.send(session().createTextMessage("now"));
        MessageConsumer consumer = session().createConsumer(queue);
        assertThat(receiveText(consumer)).isEqualTo("now");
        assertThat(receiveText(consumer)).isEqualTo("later");
    }

    @Test
    void messagesComeInTheOrderOfTheirDeliveryTimes() throws JMSException {
        Queue queue = newQueue();
        MessageConsumer consumer = session().createConsumer(queue);
        MessageProducer producer = session().createProducer(queue);
        for (long delay : new long[] {400, 100, 250}) {
            producer.setDeliveryDelay(delay);
            producer.send(session().createTextMessage("" + delay));
        }
        for (String text : new String[] {"100", "250", "400"}) {
            Message received = consumer.receive(SOON);
            assertThat(text(received)).isEqualTo(text);
            assertInTime(received);
        }
    }

    @Test
    void theDelayOfATransactedSendCountsFromTheSend() throws JMSException {
        Queue queue = newQueue();
        MessageConsumer consumer = session().createConsumer(queue);
        Session session = connection().createSession(Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(queue);
        producer.setDeliveryDelay(DELAY);
        Message message = session.createTextMessage("later");
        producer.send(message);
        long sent = System.currentTimeMillis();
        while (System.currentTimeMillis() < sent + DELAY / 2) Thread.onSpinWait();
        session.commit();
        Message received = consumer.receive(SOON);
        assertThat(received.getJMSDeliveryTime())
                .isEqualTo(message.getJMSDeliveryTime())
                .isLessThanOrEqualTo(sent + DELAY);
        assertInTime(received);
    }

    @Test
    void aContextsProducerDelays() throws JMSException {
        Queue queue = newQueue();
        JMSContext context = context();
        context.createProducer().setDeliveryDelay(DELAY).send(queue, "later");
        Message received = context.createConsumer(queue).receive(SOON);
        assertInTime(received);
        assertThat(received.getJMSDeliveryTime()).isGreaterThanOrEqualTo(received.getJMSTimestamp() + DELAY);
    }

    @Test
    void aNegativeDelayIsRefused() throws JMSException {
        MessageProducer producer = session().createProducer(newQueue());
        assertThatThrownBy(() -> producer.setDeliveryDelay(-1)).isInstanceOf(JMSException.class);
    }

    @Section("3.4.13")
    @Test
    void theDeliveryTimeOfTheMessageIsIgnored() throws JMSException {
        Queue queue = newQueue();
        Message message = session().createTextMessage("now");
        message.setJMSDeliveryTime(System.currentTimeMillis() + 1_000_000);
        session().createProducer(queue).send(message);
        assertHolds(queue, "now");
    }
}
