package org.larchmq.jms.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Properties: specification 3.5. */
class PropertiesTest {
    private interface Getter {
        Object get(LarchMessage message) throws JMSException;
    }

    private static final Map<String, Getter> GETTERS = new LinkedHashMap<>();
    private static final Map<Object, Set<String>> TABLE = Map.of(
            true,
            Set.of("boolean", "String"),
            (byte) 1,
            Set.of("byte", "short", "int", "long", "String"),
            (short) 2,
            Set.of("short", "int", "long", "String"),
            3,
            Set.of("int", "long", "String"),
            4L,
            Set.of("long", "String"),
            5.5f,
            Set.of("float", "double", "String"),
            6.5d,
            Set.of("double", "String"));

    static {
        GETTERS.put("boolean", m -> m.getBooleanProperty("p"));
        GETTERS.put("byte", m -> m.getByteProperty("p"));
        GETTERS.put("short", m -> m.getShortProperty("p"));
        GETTERS.put("int", m -> m.getIntProperty("p"));
        GETTERS.put("long", m -> m.getLongProperty("p"));
        GETTERS.put("float", m -> m.getFloatProperty("p"));
        GETTERS.put("double", m -> m.getDoubleProperty("p"));
        GETTERS.put("String", m -> m.getStringProperty("p"));
    }

    @Test
    void valuesAreReadAsTheTypesOfTheTableAndNoOther_3_5_4() throws JMSException {
        for (Map.Entry<Object, Set<String>> row : TABLE.entrySet()) {
            LarchMessage message = new LarchMessage();
            message.setObjectProperty("p", row.getKey());
            for (Map.Entry<String, Getter> getter : GETTERS.entrySet()) {
                String what = row.getKey().getClass().getSimpleName() + " as " + getter.getKey();
                if (row.getValue().contains(getter.getKey())) {
                    assertThat(getter.getValue().get(message))
                            .as(what)
                            .hasToString(row.getKey().toString());
                } else {
                    assertThatThrownBy(() -> getter.getValue().get(message))
                            .as(what)
                            .isInstanceOf(MessageFormatException.class);
                }
            }
        }
    }

    @Test
    void aStringIsReadAsWhatItSpells_3_5_4() throws JMSException {
        LarchMessage message = new LarchMessage();
        message.setStringProperty("p", "12");
        for (String type : List.of("byte", "short", "int", "long", "String")) {
            assertThat(GETTERS.get(type).get(message)).as(type).hasToString("12");
        }
        assertThat(message.getDoubleProperty("p")).isEqualTo(12.0);
        assertThat(message.getBooleanProperty("p")).isFalse();
        message.setStringProperty("p", "x");
        assertThatThrownBy(() -> message.getIntProperty("p")).isInstanceOf(NumberFormatException.class);
    }

    @Test
    void aMissingPropertyBehavesAsTheNullString_3_5_4() throws JMSException {
        LarchMessage message = new LarchMessage();
        assertThat(message.getBooleanProperty("p")).isFalse();
        assertThat(message.getStringProperty("p")).isNull();
        assertThat(message.getObjectProperty("p")).isNull();
        assertThat(message.propertyExists("p")).isFalse();
        for (String type : List.of("byte", "short", "int", "long")) {
            assertThatThrownBy(() -> GETTERS.get(type).get(message)).as(type).isInstanceOf(NumberFormatException.class);
        }
        for (String type : List.of("float", "double")) {
            assertThatThrownBy(() -> GETTERS.get(type).get(message)).as(type).isInstanceOf(NullPointerException.class);
        }
    }

    @Test
    void namesAreIdentifiersAndNoWordsOfTheSelectorLanguage_3_5_1() throws JMSException {
        LarchMessage message = new LarchMessage();
        for (String name : List.of("", "1a", "a b", "a.b", "NULL", "AND", "ESCAPE", "IS")) {
            assertThatIllegalArgumentException().as(name).isThrownBy(() -> message.setIntProperty(name, 1));
        }
        assertThatIllegalArgumentException().isThrownBy(() -> message.setIntProperty(null, 1));
        for (String name :
                List.of("a", "_x1", "$", "straße", "JMSXGroupID", "JMS_LARCH_TAG", "ANDROID", "true", "And")) {
            message.setIntProperty(name, 1);
            assertThat(message.propertyExists(name)).isTrue();
        }
    }

    @Test
    void onlyPlainValuesCanBeProperties_3_5_5() {
        for (Object value : List.of(new byte[1], 'c', List.of())) {
            assertThatThrownBy(() -> new LarchMessage().setObjectProperty("p", value))
                    .isInstanceOf(MessageFormatException.class);
        }
    }

    @Test
    void aReceivedMessagesPropertiesAreReadOnlyUntilCleared_3_10() throws JMSException {
        LarchMessage sent = new LarchMessage();
        sent.setStringProperty("a", "b");
        LarchMessage received = Wire.receive(sent);

        assertThatThrownBy(() -> received.setIntProperty("c", 1)).isInstanceOf(MessageNotWriteableException.class);
        received.clearProperties();
        assertThat(received.propertyExists("a")).isFalse();
        received.setIntProperty("c", 1);
        assertThat(received.getIntProperty("c")).isEqualTo(1);
    }

    @Test
    void everyTypeAndNullSurvivesTheWireInOrder() throws JMSException {
        LarchMessage sent = new LarchMessage();
        List<Object> values = List.of(true, (byte) -1, (short) -2, -3, -4L, 1.5f, 2.5d, "text ü 😀");
        for (int i = 0; i < values.size(); i++) sent.setObjectProperty("p" + i, values.get(i));
        sent.setObjectProperty("none", null);

        LarchMessage received = Wire.receive(sent);

        for (int i = 0; i < values.size(); i++) {
            assertThat(received.getObjectProperty("p" + i)).isEqualTo(values.get(i));
        }
        assertThat(received.propertyExists("none")).isTrue();
        assertThat(Collections.list(received.getPropertyNames()))
                .hasToString("[p0, p1, p2, p3, p4, p5, p6, p7, none, JMSXDeliveryCount]");
    }

    @Test
    void theDeliveryCountIsThereFromTheFirstDeliveryAndNotSentOn_3_5_11() throws JMSException {
        LarchMessage received = Wire.receive(new LarchMessage());
        assertThat(received.getIntProperty("JMSXDeliveryCount")).isEqualTo(1);

        byte[] sentOn = Wire.encode(received, Wire.SEND);

        assertThat(new String(sentOn, java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain("JMSXDelivery");
    }
}
