package org.larchmq.tck.conformance.chapter6;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Section;

/** The acknowledge modes, and what comes again when. */
@Section("6.2.10")
class AcknowledgmentTest extends AgainstBroker {
    enum Domain {
        QUEUE,
        TOPIC
    }

    private Destination destination(Domain domain) throws JMSException {
        return domain == Domain.QUEUE ? newQueue() : newTopic();
    }

    @ParameterizedTest
    @EnumSource(Domain.class)
    void acknowledgingOneMessageAcknowledgesAllThatTheSessionHasDelivered(Domain domain) throws JMSException {
        Destination destination = destination(domain);
        Session session = connection().createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(destination);
        sendTexts(destination, "one", "two", "three");
        consumer.receive(SOON);
        Message second = consumer.receive(SOON);
        second.acknowledge();
        session.recover();
        assertThat(receiveText(consumer)).isEqualTo("three");
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @ParameterizedTest
    @EnumSource(Domain.class)
    void recoverRedeliversWhatWasNotAcknowledgedInOrderAndFlagged(Domain domain) throws JMSException {
        Destination destination = destination(domain);
        Session session = connection().createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(destination);
        sendTexts(destination, "one", "two", "three", "four");
        consumer.receive(SOON).acknowledge();
        for (int delivery = 1; delivery <= 3; delivery++) {
            for (String text : new String[] {"two", "three"}) {
                Message message = consumer.receive(SOON);
                assertThat(text(message)).isEqualTo(text);
                assertThat(message.getJMSRedelivered()).isEqualTo(delivery > 1);
                assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(delivery);
            }
            session.recover();
        }
        for (String text : new String[] {"two", "three", "four"}) {
            Message message = consumer.receive(SOON);
            assertThat(text(message)).isEqualTo(text);
            assertThat(message.getJMSRedelivered()).isEqualTo(!text.equals("four"));
        }
    }

    @Test
    void acknowledgementAndRecoverCoverAllConsumersOfTheSession() throws JMSException {
        Destination[] destinations = {newQueue(), newTopic(), newQueue()};
        Session session = connection().createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer[] consumers = new MessageConsumer[3];
        for (int i = 0; i < 3; i++) {
            consumers[i] = session.createConsumer(destinations[i]);
            sendTexts(destinations[i], "m" + i, "n" + i);
        }
        for (int i = 2; i >= 0; i--) assertThat(receiveText(consumers[i])).isEqualTo("m" + i);
        session.recover();
        List<Message> again = new ArrayList<>();
        for (int i = 2; i >= 0; i--) again.add(consumers[i].receive(SOON));
        for (Message message : again) assertThat(message.getJMSRedelivered()).isTrue();
        again.get(1).acknowledge();
        session.recover();
        for (int i = 0; i < 3; i++) {
            Message next = consumers[i].receive(SOON);
            assertThat(text(next)).isEqualTo("n" + i);
            assertThat(next.getJMSRedelivered()).isFalse();
        }
    }

    @Test
    void messagesReceivedInReverseOrderOfDestinationsAreAcknowledgedTogether() throws JMSException {
        Session session = connection().createSession(Session.CLIENT_ACKNOWLEDGE);
        Queue first = newQueue();
        Queue second = newQueue();
        Queue third = newQueue();
        sendTexts(first, "1");
        sendTexts(second, "2");
        sendTexts(third, "3");
        Message three = session.createConsumer(third).receive(SOON);
        three.acknowledge();
        MessageConsumer ofSecond = session.createConsumer(second);
        MessageConsumer ofFirst = session.createConsumer(first);
        assertThat(receiveText(ofSecond)).isEqualTo("2");
        assertThat(receiveText(ofFirst)).isEqualTo("1");
        session.recover();
        assertThat(receiveText(ofFirst)).isEqualTo("1");
        ofSecond.receive(SOON).acknowledge();
        session.close();
        for (Queue queue : new Queue[] {first, second, third}) assertHolds(queue);
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE})
    void automaticallyAcknowledgedMessagesDoNotComeAgain(int mode) throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one", "two");
        Session session = connection().createSession(mode);
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(receiveText(consumer)).isEqualTo("one");
        session.recover();
        assertThat(receiveText(consumer)).isEqualTo("two");
        session.close();
        assertHolds(queue);
    }

    static Stream<Arguments> endings() {
        return Stream.of("consumer", "session", "connection", "consumer and connection")
                .flatMap(what -> Stream.of(Session.CLIENT_ACKNOWLEDGE, Session.SESSION_TRANSACTED)
                        .map(mode -> Arguments.of(what, mode)));
    }

    @Section("6.2.15")
    @ParameterizedTest
    @MethodSource("endings")
    void whatWasNotAcknowledgedIsRedeliveredAfterTheEndOf(String what, int mode) throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one", "two");
        Connection connection = connect();
        Session session = connection.createSession(mode);
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(receiveText(consumer)).isEqualTo("one");
        if (what.startsWith("consumer")) consumer.close();
        if (what.equals("consumer")) {
            if (mode == Session.SESSION_TRANSACTED) session.rollback();
            else session.recover();
        }
        if (what.equals("session")) session.close();
        if (what.endsWith("connection")) connection.close();
        try (MessageConsumer next = session().createConsumer(queue)) {
            Message one = next.receive(SOON);
            assertThat(text(one)).isEqualTo("one");
            assertThat(one.getJMSRedelivered()).isTrue();
            assertThat(one.getIntProperty("JMSXDeliveryCount")).isGreaterThanOrEqualTo(2);
            assertThat(receiveText(next)).isEqualTo("two");
        }
    }

    @Section("8.8")
    @Test
    void messagesOfAClosedConsumerCanBeAcknowledged() throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one", "two");
        Session session = connection().createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(queue);
        Message one = consumer.receive(SOON);
        consumer.close();
        one.acknowledge();
        session.close();
        assertHolds(queue, "two");
    }

    @Test
    void recoverOfATransactedSessionIsAnIllegalState() throws JMSException {
        Session session = connection().createSession(Session.SESSION_TRANSACTED);
        assertThatThrownBy(session::recover).isInstanceOf(IllegalStateException.class);
        JMSContext context = context(JMSContext.SESSION_TRANSACTED);
        assertThatThrownBy(context::recover).isInstanceOf(IllegalStateRuntimeException.class);
    }

    @Test
    void recoverWithoutMessagesDoesNothing() throws JMSException {
        connection().createSession(Session.CLIENT_ACKNOWLEDGE).recover();
        session().recover();
    }

    @Test
    void aContextAcknowledges() throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one", "two", "three");
        JMSContext context = context(JMSContext.CLIENT_ACKNOWLEDGE);
        JMSConsumer consumer = context.createConsumer(queue);
        consumer.receive(SOON);
        consumer.receive(SOON);
        context.acknowledge();
        assertThat(text(consumer.receive(SOON))).isEqualTo("three");
        context.recover();
        Message again = consumer.receive(SOON);
        assertThat(text(again)).isEqualTo("three");
        assertThat(again.getJMSRedelivered()).isTrue();
        again.acknowledge();
        context.close();
        assertHolds(queue);
    }

    @ParameterizedTest
    @ValueSource(ints = {JMSContext.AUTO_ACKNOWLEDGE, JMSContext.DUPS_OK_ACKNOWLEDGE, JMSContext.SESSION_TRANSACTED})
    void acknowledgeOfAContextInOtherModesIsIgnored(int mode) {
        context(mode).acknowledge();
    }

    @Test
    void recoverFromAListenerRedeliversAtOnce() throws Exception {
        Queue queue = newQueue();
        Connection connection = closeLater(factory().createConnection());
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        var counts = new java.util.concurrent.LinkedBlockingQueue<Integer>();
        session.createConsumer(queue).setMessageListener(message -> {
            try {
                int count = message.getIntProperty("JMSXDeliveryCount");
                counts.add(count);
                if (count < 3) session.recover();
                else message.acknowledge();
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        connection.start();
        sendTexts(queue, "one");
        for (int count = 1; count <= 3; count++) {
            assertThat(counts.poll(SOON, java.util.concurrent.TimeUnit.MILLISECONDS))
                    .isEqualTo(count);
        }
        connection.close();
        assertHolds(queue);
    }

    @Section("6.2.11")
    @ParameterizedTest
    @EnumSource(Domain.class)
    void anAcknowledgedMessageIsNeverDeliveredAgain(Domain domain) throws JMSException {
        Destination destination = destination(domain);
        Session session = connection().createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(destination);
        String[] texts = new String[50];
        for (int i = 0; i < texts.length; i++) texts[i] = "m" + i;
        sendTexts(destination, texts);
        for (String text : texts) {
            Message message = consumer.receive(SOON);
            assertThat(text(message)).isEqualTo(text);
            message.acknowledge();
            session.recover();
        }
        assertThat(consumer.receiveNoWait()).isNull();
    }
}
