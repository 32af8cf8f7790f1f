package org.larchmq.jms.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatRuntimeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.MessageLayout;

/** Headers: specification 3.4. */
class HeadersTest {
    @Test
    void whatASendDecidesIsOnBothSides_3_4() throws JMSException {
        LarchMessage sent = new LarchMessage();
        SendHeaders send = new SendHeaders(Wire.QUEUE, -1, 9, true, 1000, 5000, 3000, DeliveryMode.NON_PERSISTENT, 8);
        sent.stamp(send);
        LarchMessage received = Wire.receive(sent, send);

        for (LarchMessage message : List.of(sent, received)) {
            assertThat(message.getJMSMessageID()).isEqualTo("ID:ffffffffffffffff-9");
            assertThat(message.getJMSTimestamp()).isEqualTo(1000);
            assertThat(message.getJMSExpiration()).isEqualTo(5000);
            assertThat(message.getJMSDeliveryTime()).isEqualTo(3000);
            assertThat(message.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
            assertThat(message.getJMSPriority()).isEqualTo(8);
            assertThat(message.getJMSDestination()).isEqualTo(Wire.QUEUE);
        }
    }

    @Test
    void withoutADelayTheDeliveryTimeIsTheTimeOfSending_3_4_13() throws JMSException {
        LarchMessage sent = new LarchMessage();
        sent.stamp(Wire.SEND);
        assertThat(sent.getJMSDeliveryTime()).isEqualTo(1000);
        assertThat(Wire.receive(sent).getJMSDeliveryTime()).isEqualTo(1000);
    }

    @Test
    void aDisabledMessageIdIsNull_3_4_3() throws JMSException {
        SendHeaders send = new SendHeaders(Wire.QUEUE, 1, 9, false, 0, 0, 0, DeliveryMode.PERSISTENT, 4);
        assertThat(Wire.receive(new LarchMessage(), send).getJMSMessageID()).isNull();
    }

    @Test
    void optionalHeadersSurviveTheWire() throws JMSException {
        for (DestinationKind kind : DestinationKind.values()) {
            LarchMessage sent = new LarchMessage();
            sent.setJMSCorrelationID("c ü");
            sent.setJMSType("t");
            sent.setJMSReplyTo(LarchDestination.of(kind, "back"));

            LarchMessage received = Wire.receive(sent);

            assertThat(received.getJMSCorrelationID()).isEqualTo("c ü");
            assertThat(received.getJMSType()).isEqualTo("t");
            assertThat(received.getJMSReplyTo()).isEqualTo(LarchDestination.of(kind, "back"));
        }
        assertThat(Wire.receive(new LarchMessage()).getJMSReplyTo()).isNull();
        assertThat(Wire.receive(new LarchMessage()).getJMSCorrelationID()).isNull();
    }

    @Test
    void aCorrelationIdOfBytesStaysBytes() throws JMSException {
        LarchMessage sent = new LarchMessage();
        sent.setJMSCorrelationIDAsBytes(new byte[] {0, -1});
        assertThat(Wire.receive(sent).getJMSCorrelationIDAsBytes()).containsExactly(0, -1);
        assertThat(Wire.receive(sent).getJMSCorrelationID()).isEqualTo("ID:00ff");
        sent.setJMSCorrelationIDAsBytes(new byte[] {0, -2});
        assertThat(Wire.receive(sent).getJMSCorrelationID()).isEqualTo("ID:00fe");
        sent.setJMSCorrelationIDAsBytes("Bestellung ä".getBytes(StandardCharsets.UTF_8));
        assertThat(sent.getJMSCorrelationID()).isEqualTo("Bestellung ä");
        assertThat(Wire.receive(sent).getJMSCorrelationID()).isEqualTo("Bestellung ä");
        assertThat(Wire.receive(sent).getJMSCorrelationIDAsBytes())
                .isEqualTo("Bestellung ä".getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aForeignReplyToIsRefusedAtTheSend() {
        LarchMessage sent = new LarchMessage();
        sent.setJMSReplyTo(new Destination() {});
        assertThatThrownBy(() -> Wire.encode(sent, Wire.SEND)).isInstanceOf(InvalidDestinationException.class);
    }

    /** A message that another client has written wrong, as the broker lets it pass: the outer sizes fit. */
    private static LarchMessage damaged(boolean headers) throws JMSException {
        LarchMessage sent = new LarchMessage();
        sent.setJMSType("t");
        sent.setStringProperty("p", "v");
        byte[] bytes = Wire.encode(sent, Wire.SEND);
        int headersAt = 8 + MessageLayout.FIXED_BYTES;
        int propertiesAt = MessageLayout.propertiesAt(ByteBuffer.wrap(bytes), 8);
        bytes[headers ? headersAt : propertiesAt] = 15; // all headers, or thousands of properties
        MessageLayout.check(ByteBuffer.wrap(bytes), 8, bytes.length - 8);
        return new MessageDecoder(Wire.QUEUE, new ObjectTrust(List.of()), 1 << 20, () -> {})
                .decode(ByteBuffer.wrap(bytes), 8, bytes.length - 8, false, 1, null, null);
    }

    @Test
    void damagedHeadersAndPropertiesAreAFormatErrorHoweverOftenTheyAreAskedFor() throws JMSException {
        LarchMessage headers = damaged(true);
        LarchMessage properties = damaged(false);
        for (int i = 0; i < 2; i++) {
            assertThatThrownBy(headers::getJMSType)
                    .isInstanceOf(MessageFormatRuntimeException.class)
                    .hasMessageContaining("headers");
            assertThatThrownBy(properties::getPropertyNames)
                    .isInstanceOf(MessageFormatRuntimeException.class)
                    .hasMessageContaining("properties");
        }
        assertThat(headers.getStringProperty("p")).isEqualTo("v");
        assertThat(properties.getJMSType()).isEqualTo("t");
        assertThat(headers.toString()).contains("ID:");
    }

    @Test
    void theTagsHashStandsInTheFixedHeader() throws JMSException {
        LarchMessage sent = new LarchMessage();
        assertThat(MessageLayout.tagHash(ByteBuffer.wrap(Wire.encode(sent, Wire.SEND)), 8))
                .isZero();
        sent.setStringProperty(MessageLayout.TAG_PROPERTY, "red");
        assertThat(MessageLayout.tagHash(ByteBuffer.wrap(Wire.encode(sent, Wire.SEND)), 8))
                .isEqualTo(MessageLayout.tagHash("red"));
    }

    @Test
    void aDeadLetteredMessageSaysWhereItCameFromAndWhy() throws JMSException {
        byte[] bytes = Wire.encode(new LarchTextMessage("x"), Wire.SEND);
        LarchMessage received = new MessageDecoder(Wire.QUEUE, new ObjectTrust(List.of()), 1 << 20, () -> {})
                .decode(ByteBuffer.wrap(bytes), 8, bytes.length - 8, true, 11, new LarchQueue("orders"), "10 attempts");

        assertThat(received.getStringProperty("JMS_LARCH_ORIGINAL_DESTINATION")).isEqualTo("queue://orders");
        assertThat(received.getStringProperty("JMS_LARCH_DEAD_LETTER_REASON")).isEqualTo("10 attempts");
        assertThat(received.getJMSRedelivered()).isTrue();
        assertThat(received.getIntProperty("JMSXDeliveryCount")).isEqualTo(11);
    }

    @Test
    void destinationsAreEqualByKindAndName() {
        assertThat(new LarchQueue("a")).isEqualTo(new LarchQueue("a")).isNotEqualTo(new LarchTopic("a"));
        assertThat(new LarchQueue("a")).hasToString("queue://a").hasSameHashCodeAs(new LarchQueue("a"));
        assertThat(new LarchTemporaryTopic("a", null)).hasToString("temp-topic://a");
    }

    @Test
    void aForwardedDeadLetterDoesNotSayThatItIsOne() throws JMSException {
        LarchMessage sent = new LarchMessage();
        sent.setStringProperty("colour", "red");
        byte[] bytes = Wire.encode(sent, Wire.SEND);
        LarchMessage dead = new MessageDecoder(Wire.QUEUE, new ObjectTrust(List.of()), 1 << 20, () -> {})
                .decode(ByteBuffer.wrap(bytes), 8, bytes.length - 8, true, 3, new LarchQueue("orders"), "10 attempts");
        assertThat(dead.propertyExists("JMS_LARCH_DEAD_LETTER_REASON")).isTrue();

        LarchMessage forwarded = Wire.receive(dead);
        assertThat(forwarded.getStringProperty("colour")).isEqualTo("red");
        assertThat(forwarded.propertyExists("JMS_LARCH_DEAD_LETTER_REASON")).isFalse();
        assertThat(forwarded.propertyExists("JMS_LARCH_ORIGINAL_DESTINATION")).isFalse();
    }
}
