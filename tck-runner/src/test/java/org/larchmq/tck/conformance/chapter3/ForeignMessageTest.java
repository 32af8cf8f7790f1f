package org.larchmq.tck.conformance.chapter3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageProducer;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Section;

/** A provider accepts messages of every implementation. */
@Section("3.12")
class ForeignMessageTest extends AgainstBroker {
    @Test
    void aForeignMessageWithoutBodyArrives() throws JMSException {
        Message received = throughBroker(Foreign.of(Message.class, session().createMessage()));
        assertThat(received).isNotInstanceOf(TextMessage.class);
    }

    @Test
    void aForeignTextArrives() throws JMSException {
        TextMessage received =
                throughBroker(Foreign.of(TextMessage.class, session().createTextMessage("t")));
        assertThat(received.getText()).isEqualTo("t");
    }

    @Test
    void foreignBytesArriveWhereverTheirReaderStands() throws JMSException {
        BytesMessage target = session().createBytesMessage();
        target.writeInt(1);
        target.writeUTF("two");
        target.reset();
        target.readInt();
        BytesMessage received = throughBroker(Foreign.of(BytesMessage.class, target));
        assertThat(received.readInt()).isEqualTo(1);
        assertThat(received.readUTF()).isEqualTo("two");
    }

    @Test
    void aForeignMapArrives() throws JMSException {
        MapMessage target = session().createMapMessage();
        for (String type : BodyTypes.types()) BodyTypes.set(target, type, type);
        target.setString("null", null);
        MapMessage received = throughBroker(Foreign.of(MapMessage.class, target));
        for (String type : BodyTypes.types()) {
            assertThat(received.getObject(type)).isEqualTo(BodyTypes.VALUES.get(type));
        }
        assertThat(received.itemExists("null")).isTrue();
    }

    @Test
    void aForeignStreamArrives() throws JMSException {
        StreamMessage target = session().createStreamMessage();
        for (String type : BodyTypes.types()) BodyTypes.write(target, type);
        StreamMessage received = throughBroker(Foreign.of(StreamMessage.class, target));
        for (String type : BodyTypes.types()) {
            assertThat(received.readObject()).isEqualTo(BodyTypes.VALUES.get(type));
        }
    }

    @Test
    void aForeignObjectArrives() throws JMSException {
        ObjectMessage received =
                throughBroker(Foreign.of(ObjectMessage.class, session().createObjectMessage("o")));
        assertThat(received.getObject()).isEqualTo("o");
    }

    @Test
    void headersAndPropertiesOfAForeignMessageArrive() throws JMSException {
        Message target = session().createMessage();
        Queue replyTo = newQueue();
        target.setJMSCorrelationID("c");
        target.setJMSType("t");
        target.setJMSReplyTo(replyTo);
        target.setStringProperty("JMSXGroupID", "g");
        Map<String, Object> properties =
                Map.of("z", true, "b", (byte) 1, "s", (short) 2, "i", 3, "l", 4L, "f", 5f, "d", 6d, "t", "seven");
        for (var property : properties.entrySet()) target.setObjectProperty(property.getKey(), property.getValue());
        Message received = throughBroker(Foreign.of(Message.class, target));
        assertThat(received.getJMSCorrelationID()).isEqualTo("c");
        assertThat(received.getJMSType()).isEqualTo("t");
        assertThat(received.getJMSReplyTo()).isEqualTo(replyTo);
        assertThat(received.getStringProperty("JMSXGroupID")).isEqualTo("g");
        for (var property : properties.entrySet()) {
            assertThat(received.getObjectProperty(property.getKey())).isEqualTo(property.getValue());
        }
    }

    @Test
    void theSendSetsTheHeadersOfTheForeignMessage() throws JMSException {
        Queue queue = newQueue();
        Message foreign = Foreign.of(Message.class, session().createMessage());
        long before = System.currentTimeMillis();
        session().createProducer(queue).send(foreign, DeliveryMode.NON_PERSISTENT, 7, 100_000);
        assertThat(foreign.getJMSDestination()).isEqualTo(queue);
        assertThat(foreign.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(foreign.getJMSPriority()).isEqualTo(7);
        assertThat(foreign.getJMSTimestamp()).isBetween(before, System.currentTimeMillis());
        assertThat(foreign.getJMSExpiration()).isGreaterThanOrEqualTo(before + 100_000);
        assertThat(foreign.getJMSDeliveryTime()).isGreaterThanOrEqualTo(before);
        assertThat(foreign.getJMSMessageID()).startsWith("ID:");
        assertThat(session().createConsumer(queue).receive(SOON).getJMSMessageID())
                .isEqualTo(foreign.getJMSMessageID());
    }

    static Stream<Class<? extends Message>> kinds() {
        return Stream.of(
                TextMessage.class, BytesMessage.class, MapMessage.class, StreamMessage.class, ObjectMessage.class);
    }

    @ParameterizedTest
    @MethodSource("kinds")
    void aForeignMessageThatCannotBeReadIsAMessageFormatException(Class<? extends Message> kind) throws JMSException {
        MessageProducer producer = session().createProducer(newQueue());
        assertThatThrownBy(() -> producer.send(Foreign.unreadable(kind))).isInstanceOf(MessageFormatException.class);
    }

    @Section("7.3.2")
    @ParameterizedTest
    @MethodSource("kinds")
    void sentAsynchronouslyItIsOneFromTheCallOrToTheListener(Class<? extends Message> kind) throws Exception {
        MessageProducer producer = session().createProducer(newQueue());
        CompletableFuture<Exception> told = new CompletableFuture<>();
        CompletionListener listener = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                told.completeExceptionally(new AssertionError("it cannot have been sent"));
            }

            @Override
            public void onException(Message message, Exception exception) {
                told.complete(exception);
            }
        };
        try {
            producer.send(Foreign.unreadable(kind), listener);
        } catch (JMSException thrown) {
            told.complete(thrown);
        }
        assertThat(told.get(SOON, TimeUnit.MILLISECONDS)).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void aContextThrowsTheUncheckedException() throws JMSException {
        JMSContext context = context();
        Queue queue = newQueue();
        assertThatThrownBy(() -> context.createProducer().send(queue, Foreign.unreadable(TextMessage.class)))
                .isInstanceOf(MessageFormatRuntimeException.class);
    }
}
