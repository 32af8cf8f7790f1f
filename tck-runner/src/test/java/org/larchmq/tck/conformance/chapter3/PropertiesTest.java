package org.larchmq.tck.conformance.chapter3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.larchmq.tck.conformance.Call.call;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Call;
import org.larchmq.tck.conformance.Section;

/** Names, values and states of message properties. */
@Section("3.5")
class PropertiesTest extends AgainstBroker {
    @Section("3.5.1")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "a",
                "_",
                "$",
                "_a1",
                "$b",
                "äöü",
                "名前",
                "a$b_c9",
                "JMSXGroupID",
                "JMS_LARCH_TAG",
                "nothing",
                "Ordering",
                "true",
                "Between"
            })
    void anIdentifierIsAPropertyName(String name) throws JMSException {
        Message message = session().createMessage();
        message.setStringProperty(name, "v");
        assertThat(throughBroker(message).getStringProperty(name)).isEqualTo("v");
    }

    @Section("3.5.1")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "", " ", "1a", "a b", "a-b", "a.b", "a+b", "-a", "a'", "a(", "a=b", "NULL", "TRUE", "FALSE", "NOT",
                "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE"
            })
    void whatIsNoIdentifierIsNoPropertyName(String name) throws JMSException {
        Message message = session().createMessage();
        assertThatThrownBy(() -> message.setStringProperty(name, "v"))
                .isInstanceOfAny(IllegalArgumentException.class, JMSException.class);
        assertThat(message.propertyExists(name)).isFalse();
    }

    static Stream<Call<Message>> settersWith(String name) {
        return Stream.of(
                call("setBooleanProperty", m -> m.setBooleanProperty(name, true)),
                call("setByteProperty", m -> m.setByteProperty(name, (byte) 1)),
                call("setShortProperty", m -> m.setShortProperty(name, (short) 1)),
                call("setIntProperty", m -> m.setIntProperty(name, 1)),
                call("setLongProperty", m -> m.setLongProperty(name, 1)),
                call("setFloatProperty", m -> m.setFloatProperty(name, 1)),
                call("setDoubleProperty", m -> m.setDoubleProperty(name, 1)),
                call("setStringProperty", m -> m.setStringProperty(name, "1")),
                call("setObjectProperty", m -> m.setObjectProperty(name, 1)));
    }

    static Stream<Call<Message>> settersWithoutName() {
        return settersWith("");
    }

    static Stream<Call<Message>> settersWithNull() {
        return settersWith(null);
    }

    static Stream<Call<Message>> setters() {
        return settersWith("p");
    }

    @Section("3.5.1")
    @ParameterizedTest
    @MethodSource("settersWithoutName")
    void anEmptyNameIsAnIllegalArgument(Call<Message> setter) throws JMSException {
        Message message = session().createMessage();
        assertThatThrownBy(() -> setter.on(message)).isInstanceOf(IllegalArgumentException.class);
    }

    @Section("3.5.1")
    @ParameterizedTest
    @MethodSource("settersWithNull")
    void aNullNameIsAnIllegalArgument(Call<Message> setter) throws JMSException {
        Message message = session().createMessage();
        assertThatThrownBy(() -> setter.on(message)).isInstanceOf(IllegalArgumentException.class);
    }

    @Section("3.5.3")
    @ParameterizedTest
    @MethodSource("setters")
    void theReceivedPropertiesAreReadOnly(Call<Message> setter) throws JMSException {
        Message message = session().createMessage();
        message.setStringProperty("other", "v");
        Message received = throughBroker(message);
        assertThatThrownBy(() -> setter.on(received)).isInstanceOf(MessageNotWriteableException.class);
        assertThat(received.propertyExists("p")).isFalse();
    }

    @Section("3.5.7")
    @ParameterizedTest
    @MethodSource("setters")
    void clearedPropertiesOfAReceivedMessageCanBeSetAndRead(Call<Message> setter) throws Exception {
        Message message = session().createTextMessage("body");
        message.setStringProperty("other", "v");
        Message received = throughBroker(message);
        received.clearProperties();
        assertThat(received.propertyExists("other")).isFalse();
        setter.on(received);
        assertThat(received.getStringProperty("p")).isNotNull();
        assertThat(text(received)).as("clearing the properties leaves the body").isEqualTo("body");
    }

    @Section("3.5.5")
    @Test
    void objectsThatAreNoPropertyValuesAreRefused() throws JMSException {
        Message message = session().createMessage();
        for (Object value :
                new Object[] {new Object(), new byte[1], 'c', new Date(), List.of(), new int[0], Thread.State.NEW}) {
            assertThatThrownBy(() -> message.setObjectProperty("p", value)).isInstanceOf(MessageFormatException.class);
        }
        assertThat(message.propertyExists("p")).isFalse();
    }

    @Section("3.5.5")
    @Test
    void aPropertyMayBeSetToNull() throws JMSException {
        Message message = session().createMessage();
        message.setObjectProperty("o", null);
        message.setStringProperty("s", null);
        Message received = throughBroker(message);
        assertThat(received.getObjectProperty("o")).isNull();
        assertThat(received.getStringProperty("s")).isNull();
    }

    @Section("3.5.3")
    @Test
    void aPropertySetAgainHasTheNewValueAndType() throws JMSException {
        Message message = session().createMessage();
        message.setStringProperty("p", "text");
        message.setLongProperty("p", 5);
        assertThat(throughBroker(message).getObjectProperty("p")).isEqualTo(5L);
    }

    @Section("3.5.6")
    @Test
    void thePropertyNamesAreThoseThatWereSet() throws JMSException {
        Message message = session().createMessage();
        message.setStringProperty("a", "1");
        message.setIntProperty("b", 2);
        message.setJMSType("type");
        message.setJMSCorrelationID("correlation");
        assertThat(names(message)).containsExactlyInAnyOrder("a", "b");
        assertThat(names(throughBroker(message)))
                .contains("a", "b")
                .allMatch(name -> name.length() == 1 || name.startsWith("JMSX"))
                .doesNotContain("JMSType", "JMSCorrelationID", "JMSMessageID", "JMSDestination");
    }

    @Section("3.5.6")
    @Test
    void aMessageWithoutPropertiesHasNoNames() throws JMSException {
        assertThat(names(session().createMessage())).isEmpty();
    }

    @Section("3.5.7")
    @Test
    void clearingPropertiesLeavesTheHeadersAndTheBody() throws JMSException {
        var message = session().createTextMessage("body");
        message.setStringProperty("p", "v");
        message.setJMSType("type");
        message.clearProperties();
        assertThat(names(message)).isEmpty();
        assertThat(message.getJMSType()).isEqualTo("type");
        assertThat(message.getText()).isEqualTo("body");
    }

    @Section("3.5.2")
    @Test
    void manyAndLongPropertiesArrive() throws JMSException {
        Message message = session().createMessage();
        String longText = "x".repeat(100_000);
        for (int i = 0; i < 200; i++) message.setIntProperty("p" + i, i);
        message.setStringProperty("long", longText);
        Message received = throughBroker(message);
        for (int i = 0; i < 200; i++)
            assertThat(received.getIntProperty("p" + i)).isEqualTo(i);
        assertThat(received.getStringProperty("long")).isEqualTo(longText);
    }

    @Section("3.5.9")
    @Test
    void groupIdAndSequenceAreSetByTheClientAndArrive() throws JMSException {
        Message message = session().createMessage();
        message.setStringProperty("JMSXGroupID", "g");
        message.setIntProperty("JMSXGroupSeq", 3);
        Message received = throughBroker(message);
        assertThat(received.getStringProperty("JMSXGroupID")).isEqualTo("g");
        assertThat(received.getIntProperty("JMSXGroupSeq")).isEqualTo(3);
    }

    @Section("3.5.9")
    @Test
    void theConnectionNamesTheJmsxPropertiesItSupports() throws JMSException {
        List<String> names = new ArrayList<>();
        var enumeration = connection().getMetaData().getJMSXPropertyNames();
        while (enumeration.hasMoreElements()) names.add((String) enumeration.nextElement());
        assertThat(names).contains("JMSXGroupID", "JMSXGroupSeq", "JMSXDeliveryCount");
        assertThat(names).allMatch(name -> name.startsWith("JMSX"));
    }

    @Section("3.5.11")
    @Test
    void theDeliveryCountIsOneOnTheFirstDelivery() throws JMSException {
        Message received = throughBroker(session().createMessage());
        assertThat(received.propertyExists("JMSXDeliveryCount")).isTrue();
        assertThat(received.getIntProperty("JMSXDeliveryCount")).isEqualTo(1);
        assertThat(received.getLongProperty("JMSXDeliveryCount")).isEqualTo(1);
        assertThat(received.getStringProperty("JMSXDeliveryCount")).isEqualTo("1");
        assertThat(received.getObjectProperty("JMSXDeliveryCount")).isEqualTo(1);
        assertThat(names(received)).contains("JMSXDeliveryCount");
    }

    @Section("3.5.11")
    @Test
    void theDeliveryCountOfAMessageFromATopicIsOneToo() throws JMSException {
        Topic topic = newTopic();
        List<MessageConsumer> consumers = List.of(
                session().createConsumer(topic),
                session().createSharedConsumer(topic, newName()),
                session().createSharedDurableConsumer(topic, newName()));
        Message message = session().createMessage();
        message.setStringProperty("a", "1");
        session().createProducer(topic).send(message);
        for (MessageConsumer consumer : consumers) {
            Message received = consumer.receive(SOON);
            assertThat(received.getIntProperty("JMSXDeliveryCount")).isEqualTo(1);
            assertThat(names(received)).containsExactlyInAnyOrder("a", "JMSXDeliveryCount");
        }
    }

    @Section("3.5.11")
    @Test
    void theDeliveryCountOfAMessageThatIsSentOnBeginsAgain() throws JMSException {
        Message once = throughBroker(session().createTextMessage("a"));
        assertThat(throughBroker(once).getIntProperty("JMSXDeliveryCount")).isEqualTo(1);
    }

    private static List<String> names(Message message) throws JMSException {
        List<String> names = new ArrayList<>();
        for (Object name : Collections.list(message.getPropertyNames())) names.add((String) name);
        return names;
    }
}
