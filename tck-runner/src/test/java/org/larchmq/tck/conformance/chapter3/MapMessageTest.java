package org.larchmq.tck.conformance.chapter3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.larchmq.tck.conformance.Call.call;

import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Call;
import org.larchmq.tck.conformance.ConversionTable.Cell;
import org.larchmq.tck.conformance.Section;

/** Names and values, converted as the table says. */
@Section("3.11.3")
class MapMessageTest extends AgainstBroker {
    static List<Cell> cells() {
        return BodyTypes.cells();
    }

    static List<String> types() {
        return BodyTypes.types();
    }

    @ParameterizedTest
    @MethodSource("cells")
    void aValueIsReadAsTheTableSays(Cell cell) throws JMSException {
        MapMessage message = session().createMapMessage();
        BodyTypes.set(message, "v", cell.row());
        check(message, cell);
        check(throughBroker(message), cell);
    }

    private static void check(MapMessage message, Cell cell) throws JMSException {
        if (cell.marked()) {
            assertThat(BodyTypes.get(message, "v", cell.column())).isEqualTo(BodyTypes.expected(cell));
        } else {
            assertThatThrownBy(() -> BodyTypes.get(message, "v", cell.column()))
                    .isInstanceOf(MessageFormatException.class);
        }
    }

    @ParameterizedTest
    @MethodSource("types")
    void aValueSetAsAnObjectIsTheSameAsOneSetByItsType(String type) throws JMSException {
        MapMessage message = session().createMapMessage();
        message.setObject("object", BodyTypes.VALUES.get(type));
        BodyTypes.set(message, "typed", type);
        MapMessage received = throughBroker(message);
        assertThat(received.getObject("object")).isEqualTo(BodyTypes.VALUES.get(type));
        assertThat(received.getObject("typed")).isEqualTo(BodyTypes.VALUES.get(type));
        assertThat(BodyTypes.get(received, "object", type)).isEqualTo(BodyTypes.VALUES.get(type));
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte", "short", "int", "long"})
    void aMissingNameIsNoWholeNumber(String type) throws JMSException {
        MapMessage received = throughBroker(session().createMapMessage());
        assertThatThrownBy(() -> BodyTypes.get(received, "none", type)).isInstanceOf(NumberFormatException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"float", "double", "char"})
    void aMissingNameIsANullPointerForFloatDoubleAndChar(String type) throws JMSException {
        MapMessage received = throughBroker(session().createMapMessage());
        assertThatThrownBy(() -> BodyTypes.get(received, "none", type)).isInstanceOf(NullPointerException.class);
    }

    @Test
    void aMissingNameIsFalseAndOtherwiseNull() throws JMSException {
        MapMessage received = throughBroker(session().createMapMessage());
        assertThat(received.itemExists("none")).isFalse();
        assertThat(received.getBoolean("none")).isFalse();
        assertThat(received.getString("none")).isNull();
        assertThat(received.getBytes("none")).isNull();
        assertThat(received.getObject("none")).isNull();
    }

    @Test
    void aNullValueExists() throws JMSException {
        MapMessage message = session().createMapMessage();
        message.setString("s", null);
        message.setObject("o", null);
        message.setBytes("b", null);
        MapMessage received = throughBroker(message);
        for (String name : new String[] {"s", "o", "b"}) {
            assertThat(received.itemExists(name)).as(name).isTrue();
            assertThat(received.getObject(name)).as(name).isNull();
        }
        assertThatThrownBy(() -> received.getChar("s")).isInstanceOf(NullPointerException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"byte", "short", "int", "long", "float", "double"})
    void aTextThatIsNoNumberIsANumberFormatException(String type) throws JMSException {
        MapMessage message = session().createMapMessage();
        message.setString("v", "seven");
        MapMessage received = throughBroker(message);
        assertThatThrownBy(() -> BodyTypes.get(received, "v", type)).isInstanceOf(NumberFormatException.class);
        assertThat(received.getString("v")).isEqualTo("seven");
    }

    @ParameterizedTest
    @ValueSource(strings = {"true", "TRUE", "tRuE"})
    void trueInAnyCaseIsTrue(String text) throws JMSException {
        MapMessage message = session().createMapMessage();
        message.setString("v", text);
        assertThat(throughBroker(message).getBoolean("v")).isTrue();
    }

    static Stream<Call<MapMessage>> settersWith(String name) {
        return Stream.of(
                call("setBoolean", m -> m.setBoolean(name, true)),
                call("setByte", m -> m.setByte(name, (byte) 1)),
                call("setShort", m -> m.setShort(name, (short) 1)),
                call("setChar", m -> m.setChar(name, 'c')),
                call("setInt", m -> m.setInt(name, 1)),
                call("setLong", m -> m.setLong(name, 1)),
                call("setFloat", m -> m.setFloat(name, 1)),
                call("setDouble", m -> m.setDouble(name, 1)),
                call("setString", m -> m.setString(name, "1")),
                call("setBytes", m -> m.setBytes(name, new byte[1])),
                call("setBytes part", m -> m.setBytes(name, new byte[2], 0, 1)),
                call("setObject", m -> m.setObject(name, 1)));
    }

    static Stream<Call<MapMessage>> setters() {
        return settersWith("v");
    }

    static Stream<Call<MapMessage>> settersWithoutName() {
        return settersWith("");
    }

    static Stream<Call<MapMessage>> settersWithNull() {
        return settersWith(null);
    }

    @Section("3.11.2")
    @ParameterizedTest
    @MethodSource("setters")
    void aReceivedBodyIsReadOnly(Call<MapMessage> setter) throws JMSException {
        MapMessage received = throughBroker(session().createMapMessage());
        assertThatThrownBy(() -> setter.on(received)).isInstanceOf(MessageNotWriteableException.class);
        assertThat(received.itemExists("v")).isFalse();
    }

    @Section("3.11.1")
    @ParameterizedTest
    @MethodSource("setters")
    void aClearedBodyOfAReceivedMessageIsEmptyAndCanBeWritten(Call<MapMessage> setter) throws Exception {
        MapMessage message = session().createMapMessage();
        message.setString("other", "x");
        message.setStringProperty("p", "x");
        MapMessage received = throughBroker(message);
        received.clearBody();
        assertThat(received.itemExists("other")).isFalse();
        assertThat(received.getStringProperty("p")).isEqualTo("x");
        setter.on(received);
        assertThat(received.itemExists("v")).isTrue();
    }

    @Section("3.11")
    @ParameterizedTest
    @MethodSource("settersWithoutName")
    void anEmptyNameIsAnIllegalArgument(Call<MapMessage> setter) throws JMSException {
        MapMessage message = session().createMapMessage();
        assertThatThrownBy(() -> setter.on(message)).isInstanceOf(IllegalArgumentException.class);
    }

    @Section("3.11")
    @ParameterizedTest
    @MethodSource("settersWithNull")
    void aNullNameIsAnIllegalArgument(Call<MapMessage> setter) throws JMSException {
        MapMessage message = session().createMapMessage();
        assertThatThrownBy(() -> setter.on(message)).isInstanceOf(IllegalArgumentException.class);
    }

    @Section("3.11")
    @Test
    void namesAreCaseSensitiveAndEnumerated() throws JMSException {
        MapMessage message = session().createMapMessage();
        message.setInt("a", 1);
        message.setInt("A", 2);
        message.setInt("with space and ünicode", 3);
        MapMessage received = throughBroker(message);
        assertThat(received.getInt("a")).isEqualTo(1);
        assertThat(received.getInt("A")).isEqualTo(2);
        assertThat(Collections.list(received.getMapNames()).stream().map(Object::toString))
                .containsExactlyInAnyOrder("a", "A", "with space and ünicode");
    }

    @Section("3.11")
    @Test
    void anEmptyMapHasNoNames() throws JMSException {
        assertThat(throughBroker(session().createMapMessage()).getMapNames().hasMoreElements())
                .isFalse();
    }

    @Section("3.12")
    @Test
    void bytesAreCopiedInAndOut() throws JMSException {
        byte[] bytes = {1, 2, 3};
        MapMessage message = session().createMapMessage();
        message.setBytes("v", bytes);
        message.setBytes("part", bytes, 1, 2);
        message.setObject("o", bytes);
        bytes[0] = 9;
        assertThat(message.getBytes("v")).containsExactly(1, 2, 3);
        assertThat((byte[]) message.getObject("o")).containsExactly(1, 2, 3);
        MapMessage received = throughBroker(message);
        received.getBytes("v")[0] = 9;
        assertThat(received.getBytes("v")).containsExactly(1, 2, 3);
        assertThat(received.getBytes("part")).containsExactly(2, 3);
    }

    @Test
    void objectsOfOtherClassesAreRefused() throws JMSException {
        MapMessage message = session().createMapMessage();
        for (Object value : new Object[] {new Object(), new Date(), List.of(), Map.of(), new int[1], new Byte[1]}) {
            assertThatThrownBy(() -> message.setObject("v", value)).isInstanceOf(MessageFormatException.class);
        }
        assertThat(message.itemExists("v")).isFalse();
    }

    @Section("3.11")
    @Test
    void theBodyIsAMap() throws JMSException {
        MapMessage message = session().createMapMessage();
        message.setInt("i", 1);
        message.setString("s", "x");
        message.setString("n", null);
        MapMessage received = throughBroker(message);
        Map<?, ?> body = received.getBody(Map.class);
        assertThat(body.keySet().stream().map(Object::toString)).containsExactlyInAnyOrder("i", "s", "n");
        assertThat(body.get("i")).isEqualTo(1);
        assertThat(body.get("s")).isEqualTo("x");
        assertThat(received.getBody(Object.class)).isInstanceOf(Map.class);
        assertThat(received.isBodyAssignableTo(Map.class)).isTrue();
        assertThat(received.isBodyAssignableTo(Object.class)).isTrue();
        assertThat(received.isBodyAssignableTo(String.class)).isFalse();
        assertThatThrownBy(() -> received.getBody(String.class)).isInstanceOf(MessageFormatException.class);
    }
}
