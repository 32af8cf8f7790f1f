package org.larchmq.tck.conformance.chapter7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.larchmq.tck.conformance.Call.call;

import jakarta.jms.BytesMessage;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageNotWriteableRuntimeException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.TextMessage;
import java.io.Serializable;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Call;
import org.larchmq.tck.conformance.Section;

/** The producer of the simplified API. */
@Section("7.10")
class JmsProducerTest extends AgainstBroker {
    private Message sent(JMSContext context, JMSProducer producer) throws JMSException {
        Queue queue = newQueue();
        producer.send(queue, "x");
        return context.createConsumer(queue).receive(SOON);
    }

    @Section("7.2")
    @Test
    void bodiesAreSentAsMessagesOfTheirKind() throws JMSException {
        Queue queue = newQueue();
        JMSContext context = context();
        context.createProducer()
                .send(queue, "text")
                .send(queue, new byte[] {1, 2})
                .send(queue, Map.of("k", 7))
                .send(queue, (Serializable) Integer.valueOf(7))
                .send(queue, context.createMessage());
        var consumer = context.createConsumer(queue);
        assertThat(((TextMessage) consumer.receive(SOON)).getText()).isEqualTo("text");
        assertThat(((BytesMessage) consumer.receive(SOON)).getBody(byte[].class))
                .containsExactly(1, 2);
        assertThat(((MapMessage) consumer.receive(SOON)).getInt("k")).isEqualTo(7);
        assertThat(consumer.receive(SOON)).isInstanceOf(ObjectMessage.class);
        assertThat(consumer.receive(SOON)).isNotInstanceOf(TextMessage.class);
    }

    @Section("7.2")
    @Test
    void aNullBodyIsAMessageWithoutOne() throws JMSException {
        Queue queue = newQueue();
        JMSContext context = context();
        context.createProducer()
                .send(queue, (String) null)
                .send(queue, (Map<String, Object>) null)
                .send(queue, (Serializable) null);
        var consumer = context.createConsumer(queue);
        assertThat(((TextMessage) consumer.receive(SOON)).getText()).isNull();
        assertThat(((MapMessage) consumer.receive(SOON)).getMapNames().hasMoreElements())
                .isFalse();
        assertThat(((ObjectMessage) consumer.receive(SOON)).getObject()).isNull();
    }

    @Test
    void everySetterReturnsTheProducer() throws JMSException {
        JMSProducer producer = context().createProducer();
        for (JMSProducer returned : List.of(
                producer.setProperty("a", 1),
                producer.setDeliveryMode(DeliveryMode.PERSISTENT),
                producer.setPriority(5),
                producer.setTimeToLive(1_000),
                producer.setDeliveryDelay(0),
                producer.setDisableMessageID(false),
                producer.setDisableMessageTimestamp(false),
                producer.setAsync(null),
                producer.setJMSCorrelationID("c"),
                producer.setJMSCorrelationIDAsBytes(new byte[] {1}),
                producer.setJMSReplyTo(newQueue()),
                producer.setJMSType("t"),
                producer.clearProperties(),
                producer.send(newQueue(), "x"))) {
            assertThat(returned).isSameAs(producer);
        }
    }

    @Section("7.4")
    @Test
    void theDefaultsAreThoseOfAProducer() {
        JMSProducer producer = context().createProducer();
        assertThat(producer.getDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
        assertThat(producer.getPriority()).isEqualTo(4);
        assertThat(producer.getTimeToLive()).isZero();
        assertThat(producer.getDeliveryDelay()).isZero();
        assertThat(producer.getDisableMessageID()).isFalse();
        assertThat(producer.getDisableMessageTimestamp()).isFalse();
        assertThat(producer.getPropertyNames()).isEmpty();
        assertThat(producer.getJMSCorrelationID()).isNull();
        assertThat(producer.getJMSReplyTo()).isNull();
        assertThat(producer.getJMSType()).isNull();
    }

    @Section("7.4")
    @Test
    void theOptionsApplyToWhatIsSent() throws JMSException {
        JMSContext context = context();
        JMSProducer producer = context.createProducer()
                .setDeliveryMode(DeliveryMode.NON_PERSISTENT)
                .setPriority(7)
                .setTimeToLive(100_000);
        assertThat(producer.getDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(producer.getPriority()).isEqualTo(7);
        assertThat(producer.getTimeToLive()).isEqualTo(100_000);
        Message received = sent(context, producer);
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(received.getJMSPriority()).isEqualTo(7);
        assertThat(received.getJMSExpiration()).isEqualTo(received.getJMSTimestamp() + 100_000);
    }

    @Section("7.4")
    @ParameterizedTest
    @ValueSource(ints = {-1, 0, 3})
    void aWrongDeliveryModeIsRefused(int mode) {
        JMSProducer producer = context().createProducer();
        assertThatThrownBy(() -> producer.setDeliveryMode(mode)).isInstanceOf(JMSRuntimeException.class);
    }

    @Section("7.4")
    @ParameterizedTest
    @ValueSource(ints = {-1, 10})
    void aWrongPriorityIsRefused(int priority) {
        JMSProducer producer = context().createProducer();
        assertThatThrownBy(() -> producer.setPriority(priority)).isInstanceOf(JMSRuntimeException.class);
    }

    @Section("7.6")
    @Test
    void theHeadersOfTheProducerOverrideThoseOfTheMessage() throws JMSException {
        Queue queue = newQueue();
        Queue replyTo = newQueue();
        JMSContext context = context();
        TextMessage message = context.createTextMessage("x");
        message.setJMSCorrelationID("message's");
        message.setJMSType("message's");
        message.setJMSReplyTo(newTopic());
        JMSProducer producer = context.createProducer()
                .setJMSCorrelationID("producer's")
                .setJMSType("producer's")
                .setJMSReplyTo(replyTo);
        assertThat(producer.getJMSCorrelationID()).isEqualTo("producer's");
        assertThat(producer.getJMSType()).isEqualTo("producer's");
        assertThat(producer.getJMSReplyTo()).isEqualTo(replyTo);
        producer.send(queue, message);
        Message received = context.createConsumer(queue).receive(SOON);
        assertThat(received.getJMSCorrelationID()).isEqualTo("producer's");
        assertThat(received.getJMSType()).isEqualTo("producer's");
        assertThat(received.getJMSReplyTo()).isEqualTo(replyTo);
    }

    @Section("7.6")
    @Test
    void correlationBytesAreGivenBack() throws JMSException {
        JMSContext context = context();
        JMSProducer producer = context.createProducer().setJMSCorrelationIDAsBytes(new byte[] {65, 66});
        assertThat(producer.getJMSCorrelationIDAsBytes()).containsExactly(65, 66);
        assertThat(sent(context, producer).getJMSCorrelationIDAsBytes()).containsExactly(65, 66);
    }

    static Stream<Arguments> properties() {
        return Stream.of(
                Arguments.of(true),
                Arguments.of((byte) 1),
                Arguments.of((short) 2),
                Arguments.of(3),
                Arguments.of(4L),
                Arguments.of(5f),
                Arguments.of(6d),
                Arguments.of("seven"));
    }

    private static void setTyped(JMSProducer producer, Object value) {
        if (value instanceof Boolean b) producer.setProperty("p", b.booleanValue());
        else if (value instanceof Byte b) producer.setProperty("p", b.byteValue());
        else if (value instanceof Short s) producer.setProperty("p", s.shortValue());
        else if (value instanceof Integer i) producer.setProperty("p", i.intValue());
        else if (value instanceof Long l) producer.setProperty("p", l.longValue());
        else if (value instanceof Float f) producer.setProperty("p", f.floatValue());
        else if (value instanceof Double d) producer.setProperty("p", d.doubleValue());
        else producer.setProperty("p", (String) value);
    }

    @Section("7.5")
    @ParameterizedTest
    @MethodSource("properties")
    void aPropertyOfTheProducerIsSetOnWhatItSends(Object value) throws JMSException {
        JMSContext context = context();
        JMSProducer producer = context.createProducer();
        setTyped(producer, value);
        assertThat(producer.propertyExists("p")).isTrue();
        assertThat(producer.getObjectProperty("p")).isEqualTo(value);
        assertThat(producer.getStringProperty("p")).isEqualTo(String.valueOf(value));
        assertThat(producer.getPropertyNames()).containsExactly("p");
        assertThat(sent(context, producer).getObjectProperty("p")).isEqualTo(value);
        producer.clearProperties();
        assertThat(producer.propertyExists("p")).isFalse();
        assertThat(sent(context, producer).propertyExists("p")).isFalse();
    }

    @Section("7.5")
    @ParameterizedTest
    @MethodSource("properties")
    void aPropertySetAsAnObjectIsTheSame(Object value) throws JMSException {
        JMSContext context = context();
        JMSProducer producer = context.createProducer().setProperty("p", value);
        assertThat(producer.getObjectProperty("p")).isEqualTo(value);
        assertThat(sent(context, producer).getObjectProperty("p")).isEqualTo(value);
    }

    @Section("7.5")
    @Test
    void thePropertiesOfTheProducerAreReadConverted() {
        JMSProducer producer = context().createProducer().setProperty("i", 7).setProperty("s", "8");
        assertThat(producer.getIntProperty("i")).isEqualTo(7);
        assertThat(producer.getLongProperty("i")).isEqualTo(7);
        assertThat(producer.getStringProperty("i")).isEqualTo("7");
        assertThat(producer.getByteProperty("s")).isEqualTo((byte) 8);
        assertThat(producer.getShortProperty("s")).isEqualTo((short) 8);
        assertThat(producer.getFloatProperty("s")).isEqualTo(8f);
        assertThat(producer.getDoubleProperty("s")).isEqualTo(8d);
        assertThat(producer.getBooleanProperty("s")).isFalse();
        assertThatThrownBy(() -> producer.getShortProperty("i")).isInstanceOf(MessageFormatRuntimeException.class);
        assertThatThrownBy(() -> producer.getFloatProperty("i")).isInstanceOf(MessageFormatRuntimeException.class);
        assertThatThrownBy(() -> producer.getBooleanProperty("i")).isInstanceOf(MessageFormatRuntimeException.class);
        assertThatThrownBy(() -> producer.getIntProperty("none")).isInstanceOf(NumberFormatException.class);
        assertThat(producer.getStringProperty("none")).isNull();
        assertThat(producer.getBooleanProperty("none")).isFalse();
    }

    @Section("7.5")
    @Test
    void thePropertiesOfTheProducerOverrideThoseOfTheMessage() throws JMSException {
        Queue queue = newQueue();
        JMSContext context = context();
        Message message = context.createMessage();
        message.setStringProperty("a", "message's");
        message.setStringProperty("b", "message's");
        context.createProducer().setProperty("a", "producer's").send(queue, message);
        Message received = context.createConsumer(queue).receive(SOON);
        assertThat(received.getStringProperty("a")).isEqualTo("producer's");
        assertThat(received.getStringProperty("b")).isEqualTo("message's");
    }

    @Section("7.5")
    @ParameterizedTest
    @ValueSource(strings = {"", "1a", "a b", "NOT", "a-b"})
    void whatIsNoPropertyNameIsRefused(String name) {
        JMSProducer producer = context().createProducer();
        assertThatThrownBy(() -> producer.setProperty(name, "v"))
                .isInstanceOfAny(IllegalArgumentException.class, JMSRuntimeException.class);
        assertThatThrownBy(() -> producer.setProperty(null, "v")).isInstanceOf(IllegalArgumentException.class);
    }

    @Section("7.5")
    @Test
    void whatIsNoPropertyValueIsRefused() {
        JMSProducer producer = context().createProducer();
        assertThatThrownBy(() -> producer.setProperty("p", new Object()))
                .isInstanceOf(MessageFormatRuntimeException.class);
    }

    @Section("7.5")
    @Test
    void propertiesCannotBeSetOnAReceivedMessage() throws JMSException {
        JMSContext context = context();
        Queue queue = newQueue();
        Message readOnly = sent(context, context.createProducer());
        assertThatThrownBy(() -> context.createProducer().setProperty("p", 1).send(queue, readOnly))
                .isInstanceOf(MessageNotWriteableRuntimeException.class);
    }

    static Stream<Call<JMSProducer>> sendsToNowhere() {
        return Stream.of(
                call("a text", p -> p.send(null, "x")),
                call("bytes", p -> p.send(null, new byte[1])),
                call("a map", p -> p.send(null, Map.of("k", 1))),
                call("an object", p -> p.send(null, (Serializable) Integer.valueOf(1))));
    }

    @Section("7.2")
    @ParameterizedTest
    @MethodSource("sendsToNowhere")
    void aNullDestinationIsInvalid(Call<JMSProducer> send) {
        JMSProducer producer = context().createProducer();
        assertThatThrownBy(() -> send.on(producer)).isInstanceOf(InvalidDestinationRuntimeException.class);
    }

    @Section("7.2")
    @Test
    void aNullMessageIsAMessageFormatException() throws JMSException {
        Destination queue = newQueue();
        JMSProducer producer = context().createProducer();
        assertThatThrownBy(() -> producer.send(queue, (Message) null))
                .isInstanceOf(MessageFormatRuntimeException.class);
    }

    @Section("7.2")
    @Test
    void aMapWithUnsupportedValuesIsRefused() throws JMSException {
        Destination queue = newQueue();
        JMSProducer producer = context().createProducer();
        assertThatThrownBy(() -> producer.send(queue, Map.of("k", new Object())))
                .isInstanceOf(MessageFormatRuntimeException.class);
    }
}
