package org.larchmq.tck.conformance.chapter3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.ConversionTable;
import org.larchmq.tck.conformance.ConversionTable.Cell;
import org.larchmq.tck.conformance.Section;

/** Property values are converted as the table says. */
@Section("3.5.4")
class PropertyConversionTest extends AgainstBroker {
    private static final String TABLE = """
                     boolean byte short int long float double String
            boolean  X       -    -     -   -    -     -      X
            byte     -       X    X     X   X    -     -      X
            short    -       -    X     X   X    -     -      X
            int      -       -    -     X   X    -     -      X
            long     -       -    -     -   X    -     -      X
            float    -       -    -     -   -    X     X      X
            double   -       -    -     -   -    -     X      X
            String   X       X    X     X   X    X     X      X
            """;

    /** What is set, as each type; the text of each is what the String column must give. */
    private static final Map<String, Object> VALUES = Map.of(
            "boolean", true, "byte", (byte) 1, "short", (short) 1, "int", 1, "long", 1L, "float", 1f, "double", 1d,
            "String", "1");

    static List<Cell> cells() {
        return ConversionTable.cells(TABLE);
    }

    static List<String> types() {
        return List.of("boolean", "byte", "short", "int", "long", "float", "double", "String");
    }

    static List<String> numericTypes() {
        return List.of("byte", "short", "int", "long", "float", "double");
    }

    @ParameterizedTest
    @MethodSource("cells")
    void aPropertyIsReadAsTheTableSaysBeforeSending(Cell cell) throws JMSException {
        Message message = session().createMessage();
        set(message, cell.row());
        check(message, cell);
    }

    @ParameterizedTest
    @MethodSource("cells")
    void aPropertyIsReadAsTheTableSaysAfterReceiving(Cell cell) throws JMSException {
        Message message = session().createMessage();
        set(message, cell.row());
        check(throughBroker(message), cell);
    }

    @ParameterizedTest
    @MethodSource("cells")
    void aPropertySetAsAnObjectIsReadAsTheTableSays(Cell cell) throws JMSException {
        Message message = session().createMessage();
        message.setObjectProperty("p", VALUES.get(cell.row()));
        check(throughBroker(message), cell);
    }

    @Section("3.5.5")
    @ParameterizedTest
    @MethodSource("types")
    void aPropertyReadAsAnObjectHasTheTypeItWasSetAs(String type) throws JMSException {
        Message message = session().createMessage();
        set(message, type);
        assertThat(message.getObjectProperty("p")).isEqualTo(VALUES.get(type));
        assertThat(throughBroker(message).getObjectProperty("p")).isEqualTo(VALUES.get(type));
    }

    @ParameterizedTest
    @MethodSource("numericTypes")
    void aTextThatIsNoNumberIsANumberFormatException(String type) throws JMSException {
        Message message = session().createMessage();
        message.setStringProperty("p", "seven");
        Message received = throughBroker(message);
        assertThatThrownBy(() -> get(received, type)).isInstanceOf(NumberFormatException.class);
    }

    static Stream<Arguments> tooLarge() {
        return Stream.of(
                Arguments.of("byte", "128"),
                Arguments.of("byte", "-129"),
                Arguments.of("short", "32768"),
                Arguments.of("int", "2147483648"),
                Arguments.of("long", "9223372036854775808"),
                Arguments.of("int", "1.5"),
                Arguments.of("long", ""));
    }

    @ParameterizedTest
    @MethodSource("tooLarge")
    void aTextThatTheTypesValueOfRefusesIsANumberFormatException(String type, String text) throws JMSException {
        Message message = session().createMessage();
        message.setStringProperty("p", text);
        Message received = throughBroker(message);
        assertThatThrownBy(() -> get(received, type)).isInstanceOf(NumberFormatException.class);
    }

    static Stream<Arguments> booleanTexts() {
        return Stream.of(
                Arguments.of("true", true),
                Arguments.of("TRUE", true),
                Arguments.of("True", true),
                Arguments.of("false", false),
                Arguments.of("yes", false),
                Arguments.of("1", false),
                Arguments.of("", false));
    }

    @ParameterizedTest
    @MethodSource("booleanTexts")
    void aTextIsReadAsABooleanTheWayBooleanValueOfDoes(String text, boolean expected) throws JMSException {
        Message message = session().createMessage();
        message.setStringProperty("p", text);
        assertThat(throughBroker(message).getBooleanProperty("p")).isEqualTo(expected);
    }

    static Stream<Arguments> extremes() {
        return Stream.of(
                Arguments.of("byte", Byte.MIN_VALUE),
                Arguments.of("byte", Byte.MAX_VALUE),
                Arguments.of("short", Short.MIN_VALUE),
                Arguments.of("short", Short.MAX_VALUE),
                Arguments.of("int", Integer.MIN_VALUE),
                Arguments.of("int", Integer.MAX_VALUE),
                Arguments.of("long", Long.MIN_VALUE),
                Arguments.of("long", Long.MAX_VALUE),
                Arguments.of("float", Float.MIN_VALUE),
                Arguments.of("float", Float.MAX_VALUE),
                Arguments.of("float", Float.NaN),
                Arguments.of("float", Float.NEGATIVE_INFINITY),
                Arguments.of("double", Double.MIN_VALUE),
                Arguments.of("double", Double.MAX_VALUE),
                Arguments.of("double", Double.NaN),
                Arguments.of("double", -0.0d),
                Arguments.of("String", ""),
                Arguments.of("String", "ünï\u0000 😀"),
                Arguments.of("boolean", false));
    }

    @Section("3.5.2")
    @ParameterizedTest
    @MethodSource("extremes")
    void everyValueOfATypeArrivesAsItWasSent(String type, Object value) throws JMSException {
        Message message = session().createMessage();
        message.setObjectProperty("p", value);
        Message received = throughBroker(message);
        assertThat(received.getObjectProperty("p")).isEqualTo(value);
        assertThat(get(received, type)).isEqualTo(value);
        assertThat(received.getStringProperty("p")).isEqualTo(String.valueOf(value));
    }

    @Section("3.5.8")
    @Test
    void aPropertyThatIsNotThereIsReadAsNull() throws JMSException {
        for (Message message :
                List.of(session().createMessage(), throughBroker(session().createMessage()))) {
            assertThat(message.propertyExists("p")).isFalse();
            assertThat(message.getObjectProperty("p")).isNull();
            assertThat(message.getStringProperty("p")).isNull();
            assertThat(message.getBooleanProperty("p")).isFalse();
        }
    }

    @Section("3.5.8")
    @ParameterizedTest
    @MethodSource("numericTypes")
    void aPropertyThatIsNotThereIsNoNumber(String type) throws JMSException {
        Class<? extends Exception> expected = type.equals("float") || type.equals("double")
                ? NullPointerException.class
                : NumberFormatException.class;
        Message sent = session().createMessage();
        Message received = throughBroker(sent);
        assertThatThrownBy(() -> get(sent, type)).isInstanceOf(expected);
        assertThatThrownBy(() -> get(received, type)).isInstanceOf(expected);
    }

    @ParameterizedTest
    @MethodSource("numericTypes")
    void aNullTextIsNoNumber(String type) throws JMSException {
        Class<? extends Exception> expected = type.equals("float") || type.equals("double")
                ? NullPointerException.class
                : NumberFormatException.class;
        Message message = session().createMessage();
        message.setStringProperty("p", null);
        Message received = throughBroker(message);
        assertThatThrownBy(() -> get(message, type)).isInstanceOf(expected);
        assertThatThrownBy(() -> get(received, type)).isInstanceOf(expected);
    }

    private static void check(Message message, Cell cell) throws JMSException {
        if (!cell.marked()) {
            assertThatThrownBy(() -> get(message, cell.column())).isInstanceOf(MessageFormatException.class);
            return;
        }
        Object value = get(message, cell.column());
        if (cell.column().equals("String")) {
            assertThat(value).isEqualTo(String.valueOf(VALUES.get(cell.row())));
        } else if (cell.row().equals("String") && cell.column().equals("boolean")) {
            assertThat(value).isEqualTo(false); // as Boolean.valueOf("1")
        } else {
            assertThat(value).isEqualTo(VALUES.get(cell.column()));
        }
    }

    private static void set(Message message, String type) throws JMSException {
        switch (type) {
            case "boolean" -> message.setBooleanProperty("p", true);
            case "byte" -> message.setByteProperty("p", (byte) 1);
            case "short" -> message.setShortProperty("p", (short) 1);
            case "int" -> message.setIntProperty("p", 1);
            case "long" -> message.setLongProperty("p", 1);
            case "float" -> message.setFloatProperty("p", 1);
            case "double" -> message.setDoubleProperty("p", 1);
            case "String" -> message.setStringProperty("p", "1");
            default -> throw new AssertionError(type);
        }
    }

    private static Object get(Message message, String type) throws JMSException {
        return switch (type) {
            case "boolean" -> message.getBooleanProperty("p");
            case "byte" -> message.getByteProperty("p");
            case "short" -> message.getShortProperty("p");
            case "int" -> message.getIntProperty("p");
            case "long" -> message.getLongProperty("p");
            case "float" -> message.getFloatProperty("p");
            case "double" -> message.getDoubleProperty("p");
            case "String" -> message.getStringProperty("p");
            default -> throw new AssertionError(type);
        };
    }
}
