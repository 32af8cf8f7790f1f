package org.larchmq.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotWriteableException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.Values;

/** The properties of one message: names, values, and whether they may be changed (specification 3.5). */
final class MessageProperties {
    /**
     * Words of the selector language, which cannot be property names (3.5.1), as the specification spells them. Other
     * spellings, such as {@code true}, are accepted: applications have them, though no selector can ask for them.
     */
    private static final Set<String> RESERVED =
            Set.of("NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE");

    private static final int MAX_COUNT = 0xFFFF;

    private final Map<String, Object> values = new LinkedHashMap<>();
    private boolean readOnly;

    Object get(String name) {
        return values.get(name);
    }

    boolean contains(String name) {
        return values.containsKey(name);
    }

    boolean isEmpty() {
        return values.isEmpty();
    }

    Set<String> names() {
        return values.keySet();
    }

    boolean isReadOnly() {
        return readOnly;
    }

    void makeReadOnly() {
        readOnly = true;
    }

    void clear() {
        values.clear();
        readOnly = false;
    }

    /** @throws IllegalArgumentException for a name that cannot be one */
    void set(String name, Object value) throws JMSException {
        checkName(name);
        if (readOnly) throw notWriteable("properties");
        if (!Conversions.isProperty(value)) {
            throw new MessageFormatException(
                    "property '" + name + "' cannot hold a " + value.getClass().getName(),
                    ClientError.MESSAGE_FORMAT.text());
        }
        if (values.size() >= MAX_COUNT && !values.containsKey(name)) {
            throw JmsErrors.messageFormat("a message has at most " + MAX_COUNT + " properties");
        }
        values.put(name, value);
    }

    /** Sets what the provider sets, whatever the state. */
    void setByProvider(String name, Object value) {
        values.put(name, value);
    }

    static MessageNotWriteableException notWriteable(String part) {
        return new MessageNotWriteableException(
                "the " + part + " of a received message are read-only until they are cleared",
                ClientError.ILLEGAL_STATE.text());
    }

    static void checkName(String name) {
        if (name == null || name.isEmpty()) throw new IllegalArgumentException("a property name is null or empty");
        if (!Character.isJavaIdentifierStart(name.charAt(0))) throw notAnIdentifier(name, 0);
        for (int i = 1; i < name.length(); i++) {
            if (!Character.isJavaIdentifierPart(name.charAt(i))) throw notAnIdentifier(name, i);
        }
        if (RESERVED.contains(name)) {
            throw new IllegalArgumentException("property name '" + name + "' is a word of the selector language");
        }
    }

    private static IllegalArgumentException notAnIdentifier(String name, int at) {
        return new IllegalArgumentException("property name '" + name + "' is not an identifier: '" + name.charAt(at)
                + "' at character " + (at + 1));
    }

    void encode(ByteWriter out) {
        out.putShort(values.size());
        for (Map.Entry<String, Object> entry : values.entrySet()) {
            out.putShortString(entry.getKey());
            Values.write(out, entry.getValue());
        }
    }

    /** Of a received message whose own ones nobody can read. */
    static MessageProperties unreadable() {
        MessageProperties none = new MessageProperties();
        none.readOnly = true;
        return none;
    }

    static MessageProperties decode(ByteReader in) {
        MessageProperties properties = new MessageProperties();
        int count = in.getUnsignedShort();
        for (int i = 0; i < count; i++) properties.values.put(in.getShortString(), Values.read(in));
        properties.readOnly = true;
        return properties;
    }
}
