package org.larchmq.tck.conformance.chapter3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Section;

/** What may be done with messages after they were sent or received. */
@Section("3.9")
class AccessToMessagesTest extends AgainstBroker {
    @Test
    void aSentMessageCanBeChangedAndSentAgain() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        TextMessage message = session().createTextMessage("one");
        message.setIntProperty("n", 1);
        producer.send(message);
        message.setText("two");
        message.setIntProperty("n", 2);
        producer.send(message);
        MessageConsumer consumer = session().createConsumer(queue);
        for (int n = 1; n <= 2; n++) {
            Message received = consumer.receive(SOON);
            assertThat(text(received)).isEqualTo(n == 1 ? "one" : "two");
            assertThat(received.getIntProperty("n")).isEqualTo(n);
        }
    }

    @Test
    void aSentStreamOrBytesMessageCanBeSentAgain() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        MessageConsumer consumer = session().createConsumer(queue);
        var bytes = session().createBytesMessage();
        bytes.writeInt(5);
        var stream = session().createStreamMessage();
        stream.writeInt(5);
        for (Message message : new Message[] {bytes, bytes, stream, stream}) producer.send(message);
        for (int i = 0; i < 2; i++) {
            assertThat(((jakarta.jms.BytesMessage) consumer.receive(SOON)).readInt())
                    .isEqualTo(5);
        }
        for (int i = 0; i < 2; i++) {
            assertThat(((jakarta.jms.StreamMessage) consumer.receive(SOON)).readInt())
                    .isEqualTo(5);
        }
    }

    @Test
    void aReceivedMessageCanBeSentOnUnchanged() throws JMSException {
        MapMessage message = session().createMapMessage();
        message.setInt("i", 1);
        message.setStringProperty("p", "v");
        message.setJMSCorrelationID("c");
        MapMessage once = throughBroker(message);
        String firstId = once.getJMSMessageID();
        MapMessage twice = throughBroker(once);
        assertThat(twice.getInt("i")).isEqualTo(1);
        assertThat(twice.getStringProperty("p")).isEqualTo("v");
        assertThat(twice.getJMSCorrelationID()).isEqualTo("c");
        assertThat(twice.getJMSMessageID()).isNotEqualTo(firstId);
    }

    @Section("6.2.4")
    @Test
    void aMessageMadeByAnotherSessionOrConnectionCanBeSent() throws JMSException {
        TextMessage message = connect().createSession().createTextMessage("other");
        assertThat(throughBroker(message).getText()).isEqualTo("other");
    }

    @Section("3.10")
    @Test
    void aMessageThatTheConsumerChangedIsRedeliveredAsItWas() throws JMSException {
        Queue queue = newQueue();
        TextMessage message = session().createTextMessage("original");
        message.setStringProperty("p", "original");
        session().createProducer(queue).send(message);
        Session session = connection().createSession(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(queue);
        TextMessage first = (TextMessage) consumer.receive(SOON);
        first.clearBody();
        first.setText("changed");
        first.clearProperties();
        first.setStringProperty("p", "changed");
        session.recover();
        TextMessage second = (TextMessage) consumer.receive(SOON);
        assertThat(second.getText()).isEqualTo("original");
        assertThat(second.getStringProperty("p")).isEqualTo("original");
        assertThat(second.getJMSRedelivered()).isTrue();
        second.acknowledge();
    }

    @Section("3.6")
    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE})
    void acknowledgeIsIgnoredWhenAcknowledgementIsAutomatic(int mode) throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one", "two");
        MessageConsumer consumer = connection().createSession(mode).createConsumer(queue);
        for (String text : new String[] {"one", "two"}) {
            Message message = consumer.receive(SOON);
            assertThat(text(message)).isEqualTo(text);
            message.acknowledge();
            message.acknowledge();
        }
    }

    @Section("3.6")
    @Test
    void acknowledgeOfAMessageThatWasNotReceivedIsIgnored() throws JMSException {
        session().createMessage().acknowledge();
    }

    @Section("3.6")
    @Test
    void acknowledgeIsIgnoredInATransaction() throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one");
        Session session = connection().createSession(true, Session.SESSION_TRANSACTED);
        try (MessageConsumer consumer = session.createConsumer(queue)) {
            consumer.receive(SOON).acknowledge();
        }
        session.rollback();
        session.close();
        assertHolds(queue, "one");
    }

    @Section("6.2.15")
    @Test
    void acknowledgeAfterItsSessionWasClosedIsAnIllegalState() throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one");
        Session session = connection().createSession(Session.CLIENT_ACKNOWLEDGE);
        Message message = session.createConsumer(queue).receive(SOON);
        session.close();
        assertThatThrownBy(message::acknowledge).isInstanceOf(IllegalStateException.class);
        assertThat(text(message)).as("the message itself stays usable").isEqualTo("one");
    }

    @Section("6.1.8")
    @Test
    void acknowledgeAfterItsConnectionWasClosedIsAnIllegalState() throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one");
        Connection connection = connect();
        Message message = connection
                .createSession(Session.CLIENT_ACKNOWLEDGE)
                .createConsumer(queue)
                .receive(SOON);
        connection.close();
        assertThatThrownBy(message::acknowledge).isInstanceOf(IllegalStateException.class);
        assertThat(text(message)).isEqualTo("one");
    }
}
