package org.larchmq.tck.conformance.chapter3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.io.Serializable;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Section;

/** Texts, objects, and messages without a body. */
@Section("3.11")
class TextAndObjectMessageTest extends AgainstBroker {
    static Stream<String> texts() {
        return Stream.of("", " ", "plain", "ünï", "😀", "a\u0000b", "<xml/>\r\n", "x".repeat(1_000_000));
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("texts")
    void aTextArrivesAsItWasSent(String text) throws JMSException {
        assertThat(throughBroker(session().createTextMessage(text)).getText()).isEqualTo(text);
    }

    @Test
    void aTextMessageWithoutATextHasNone() throws JMSException {
        assertThat(session().createTextMessage().getText()).isNull();
        TextMessage received = throughBroker(session().createTextMessage());
        assertThat(received.getText()).isNull();
        assertThat(received.getBody(String.class)).isNull();
    }

    @Section("3.11.2")
    @Test
    void aReceivedTextIsReadOnlyUntilItIsCleared() throws JMSException {
        TextMessage message = session().createTextMessage("a");
        message.setStringProperty("p", "v");
        TextMessage received = throughBroker(message);
        assertThatThrownBy(() -> received.setText("b")).isInstanceOf(MessageNotWriteableException.class);
        assertThat(received.getText()).isEqualTo("a");
        received.clearBody();
        assertThat(received.getText()).isNull();
        received.setText("b");
        assertThat(received.getText()).isEqualTo("b");
        assertThat(received.getStringProperty("p")).isEqualTo("v");
    }

    @Test
    void theBodyOfATextIsAString() throws JMSException {
        TextMessage received = throughBroker(session().createTextMessage("a"));
        assertThat(received.getBody(String.class)).isEqualTo("a");
        assertThat(received.getBody(Object.class)).isEqualTo("a");
        assertThat(received.getBody(CharSequence.class)).isEqualTo("a");
        assertThat(received.getBody(Serializable.class)).isEqualTo("a");
        assertThat(received.isBodyAssignableTo(String.class)).isTrue();
        assertThat(received.isBodyAssignableTo(Comparable.class)).isTrue();
        assertThat(received.isBodyAssignableTo(Map.class)).isFalse();
        for (Class<?> wrong : List.of(Map.class, byte[].class, Integer.class, StringBuilder.class)) {
            assertThatThrownBy(() -> received.getBody(wrong)).isInstanceOf(MessageFormatException.class);
        }
    }

    @Test
    void aMessageWithoutBodyArrivesAsOne() throws JMSException {
        Message received = throughBroker(session().createMessage());
        assertThat(received).isNotInstanceOf(TextMessage.class).isNotInstanceOf(ObjectMessage.class);
        assertThat(received.getBody(String.class)).isNull();
        assertThat(received.getBody(Map.class)).isNull();
        assertThat(received.isBodyAssignableTo(String.class)).isTrue();
        assertThat(received.isBodyAssignableTo(byte[].class)).isTrue();
        received.clearBody();
    }

    static Stream<Serializable> objects() {
        return Stream.of(
                "text", 1, 2L, true, 'c', 1.5, new byte[] {1, 2}, new ArrayList<>(List.of("a", 1)), Thread.State.NEW);
    }

    @ParameterizedTest
    @MethodSource("objects")
    void anObjectArrivesAsACopy(Serializable object) throws JMSException {
        Queue queue = newQueue();
        session().createProducer(queue).send(session().createObjectMessage(object));
        assertThat(receiveTrusting(queue).getObject()).isEqualTo(object);
    }

    private ObjectMessage receiveTrusting(Queue queue) throws JMSException {
        var connection = closeLater(factory("trustedPackages=*").createConnection());
        connection.start();
        return (ObjectMessage) connection.createSession().createConsumer(queue).receive(SOON);
    }

    static Stream<Serializable> objectsTrustedByAll() {
        return Stream.of(
                "text",
                1,
                2L,
                true,
                'c',
                1.5,
                new byte[] {1, 2},
                new String[] {"a", null},
                new java.util.Date(7),
                java.time.Instant.EPOCH,
                new java.math.BigDecimal("1.5"),
                new java.util.UUID(1, 2),
                new ArrayList<>(List.of("a", 1, new ArrayList<>())),
                new java.util.LinkedList<>(List.of("a", 1.5)),
                new java.util.Vector<>(List.of("a", 2L)),
                new java.util.HashMap<>(Map.of("a", 1)),
                new ArrayList<>(List.of(new java.util.HashSet<>(List.of("a")))));
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("objectsTrustedByAll")
    void valuesOfTheJdkAndCollectionsOfThemNeedNoTrust(Serializable object) throws JMSException {
        assertThat(throughBroker(session().createObjectMessage(object)).getObject())
                .isEqualTo(object);
    }

    @Test
    void aStringBufferNeedsNoTrust() throws JMSException {
        StringBuffer sent = new StringBuffer("text");
        ObjectMessage message = session().createObjectMessage(sent);
        sent.append(" changed");
        assertThat(throughBroker(message).getBody(StringBuffer.class)).hasToString("text");
    }

    static Stream<Serializable> objectsTrustedByNobody() {
        ArrayList<Object> deep = new ArrayList<>();
        for (int i = 0; i < 200; i++) deep = new ArrayList<>(List.of(deep));
        java.util.HashSet<Object> nested = new java.util.HashSet<>();
        for (int i = 0; i < 15; i++) nested = new java.util.HashSet<>(List.of(nested, List.of(nested)));
        return Stream.of(deep, nested, new java.util.PriorityQueue<>(List.of("a")));
    }

    @ParameterizedTest(name = "{index}")
    @MethodSource("objectsTrustedByNobody")
    void collectionsThatTakeLongToReadNeedTrust(Serializable object) throws JMSException {
        ObjectMessage received = throughBroker(session().createObjectMessage(object));
        assertThatThrownBy(received::getObject).isInstanceOf(MessageFormatException.class);
    }

    /** Of a package that nobody has named. */
    record Own(String name) implements Serializable {}

    @Test
    void whatTheApplicationHasSetItselfItMayRead() throws JMSException {
        ObjectMessage message = session().createObjectMessage(new Own("a"));
        assertThat(message.getObject()).isEqualTo(new Own("a"));
        assertThat(message.getBody(Own.class)).isEqualTo(new Own("a"));
        session().createProducer(newQueue()).send(message);
        assertThat(message.getObject()).isEqualTo(new Own("a"));
        ObjectMessage received = throughBroker(message);
        assertThatThrownBy(received::getObject).isInstanceOf(MessageFormatException.class);
        received.clearBody();
        received.setObject(new Own("b"));
        assertThat(received.getObject()).isEqualTo(new Own("b"));
    }

    @Test
    void anObjectMessageWithoutAnObjectHasNone() throws JMSException {
        assertThat(session().createObjectMessage().getObject()).isNull();
        ObjectMessage received = throughBroker(session().createObjectMessage());
        assertThat(received.getObject()).isNull();
        assertThat(received.getBody(Serializable.class)).isNull();
    }

    @Section("3.12")
    @Test
    void anObjectIsCopiedWhenItIsSet() throws JMSException {
        ArrayList<String> list = new ArrayList<>(List.of("before"));
        ObjectMessage message = session().createObjectMessage(list);
        list.add("after");
        Queue queue = newQueue();
        session().createProducer(queue).send(message);
        assertThat(receiveTrusting(queue).getObject()).isEqualTo(List.of("before"));
    }

    @Section("3.11.2")
    @Test
    void aReceivedObjectIsReadOnlyUntilItIsCleared() throws JMSException {
        ObjectMessage received = throughBroker(session().createObjectMessage("a"));
        assertThatThrownBy(() -> received.setObject("b")).isInstanceOf(MessageNotWriteableException.class);
        received.clearBody();
        assertThat(received.getObject()).isNull();
        received.setObject("b");
        assertThat(received.getObject()).isEqualTo("b");
    }

    @Test
    void theBodyOfAnObjectMessageIsItsObject() throws JMSException {
        Queue queue = newQueue();
        session().createProducer(queue).send(session().createObjectMessage(7));
        ObjectMessage received = receiveTrusting(queue);
        assertThat(received.getBody(Integer.class)).isEqualTo(7);
        assertThat(received.getBody(Serializable.class)).isEqualTo(7);
        assertThat(received.isBodyAssignableTo(Number.class)).isTrue();
        assertThat(received.isBodyAssignableTo(String.class)).isFalse();
        assertThatThrownBy(() -> received.getBody(String.class)).isInstanceOf(MessageFormatException.class);
    }

    @Test
    void anObjectThatCannotBeSerializedIsRefused() throws JMSException {
        class Holder implements Serializable {
            private static final long serialVersionUID = 1;
            final transient String name = "n";
            final Object unserializable = new Object();
        }
        ObjectMessage message = session().createObjectMessage();
        assertThatThrownBy(() -> {
                    message.setObject(new Holder());
                    session().createProducer(newQueue()).send(message);
                })
                .isInstanceOf(MessageFormatException.class);
    }

    @ParameterizedTest(name = "{index}")
    @ValueSource(strings = {"\uD800", "a\uDC00?", "?\uD83D\uDE00\uD83D", "\uDFFF\uD800"})
    void whatJavaStringsHoldAndTextsDoNotArrivesAsItIs(String unpaired) throws JMSException {
        TextMessage message = session().createTextMessage(unpaired);
        message.setStringProperty("p", unpaired);
        message.setJMSType(unpaired);
        message.setJMSCorrelationID(unpaired);
        TextMessage received = throughBroker(message);
        assertThat(received.getText()).isEqualTo(unpaired);
        assertThat(received.getStringProperty("p")).isEqualTo(unpaired);
        assertThat(received.getJMSType()).isEqualTo(unpaired);
        assertThat(received.getJMSCorrelationID()).isEqualTo(unpaired);
        MapMessage map = session().createMapMessage();
        map.setString(unpaired, unpaired);
        assertThat(throughBroker(map).getString(unpaired)).isEqualTo(unpaired);
        StreamMessage stream = session().createStreamMessage();
        stream.writeString(unpaired);
        assertThat(throughBroker(stream).readString()).isEqualTo(unpaired);
    }

    @Test
    void anObjectOfAnUntrustedPackageIsRefusedWhenItIsRead() throws JMSException {
        Queue queue = newQueue();
        session().createProducer(queue).send(session().createObjectMessage(new Untrusted()));
        ObjectMessage received = (ObjectMessage) session().createConsumer(queue).receive(SOON);
        assertThat(received.toString())
                .as("telling it as a text does not deserialize")
                .isNotNull();
        assertThatThrownBy(received::getObject).isInstanceOf(JMSException.class);
    }

    private static final class Untrusted implements Serializable {
        private static final long serialVersionUID = 1;

        private void readObject(java.io.ObjectInputStream in) {
            throw new AssertionError("deserialized");
        }
    }
}
