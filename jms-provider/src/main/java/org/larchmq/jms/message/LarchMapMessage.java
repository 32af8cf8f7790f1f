package org.larchmq.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.Values;

/** Names and typed values. */
public final class LarchMapMessage extends LarchMessage implements MapMessage {
    private final Map<String, Object> entries = new LinkedHashMap<>();

    public LarchMapMessage() {}

    LarchMapMessage(Received received) {
        super(received);
    }

    @Override
    int bodyType() {
        return MessageLayout.BODY_MAP;
    }

    @Override
    void writeBody(ByteWriter out) {
        out.putInt(entries.size());
        entries.forEach((name, value) -> {
            out.putShortText(name);
            Values.write(out, value);
        });
    }

    @Override
    void readBody(ByteReader in) {
        int count = in.getCount(3);
        for (int i = 0; i < count; i++) entries.put(in.getShortText(), Values.read(in));
        in.end();
    }

    @Override
    void forgetBody() {
        entries.clear();
    }

    @Override
    public Map<String, Object> emptyBody() {
        return new LinkedHashMap<>();
    }

    /** A copy; empty is no body. */
    @Override
    Object bodyObject(Class<?> wanted) throws JMSException {
        decodeBody();
        return entries.isEmpty() ? null : new LinkedHashMap<>(entries);
    }

    @Override
    public <T> T getBody(Class<T> wanted) throws JMSException {
        checkMap(wanted);
        return super.getBody(wanted);
    }

    @Override
    @SuppressWarnings("rawtypes")
    public boolean isBodyAssignableTo(Class wanted) throws JMSException {
        return bodyObject(wanted) == null || wanted == Map.class || wanted == Object.class;
    }

    private void checkMap(Class<?> wanted) throws JMSException {
        if (!isBodyAssignableTo(wanted)) {
            throw JmsErrors.messageFormat("the body is a java.util.Map, not a " + wanted.getName());
        }
    }

    private Object entry(String name) throws JMSException {
        decodeBody();
        return entries.get(name);
    }

    private void put(String name, Object value) throws JMSException {
        if (name == null || name.isEmpty()) throw new IllegalArgumentException("a map entry's name is null or empty");
        checkBodyWriteable();
        entries.put(name, value);
    }

    @Override
    public boolean getBoolean(String name) throws JMSException {
        return Conversions.toBoolean(entry(name));
    }

    @Override
    public byte getByte(String name) throws JMSException {
        return Conversions.toByte(entry(name));
    }

    @Override
    public short getShort(String name) throws JMSException {
        return Conversions.toShort(entry(name));
    }

    @Override
    public char getChar(String name) throws JMSException {
        return Conversions.toChar(entry(name));
    }

    @Override
    public int getInt(String name) throws JMSException {
        return Conversions.toInt(entry(name));
    }

    @Override
    public long getLong(String name) throws JMSException {
        return Conversions.toLong(entry(name));
    }

    @Override
    public float getFloat(String name) throws JMSException {
        return Conversions.toFloat(entry(name));
    }

    @Override
    public double getDouble(String name) throws JMSException {
        return Conversions.toDouble(entry(name));
    }

    @Override
    public String getString(String name) throws JMSException {
        return Conversions.toText(entry(name));
    }

    @Override
    public byte[] getBytes(String name) throws JMSException {
        byte[] value = Conversions.toBytes(entry(name));
        return value == null ? null : value.clone();
    }

    @Override
    public Object getObject(String name) throws JMSException {
        Object value = entry(name);
        return value instanceof byte[] bytes ? bytes.clone() : value;
    }

    @Override
    public Enumeration<?> getMapNames() throws JMSException {
        decodeBody();
        return Collections.enumeration(new ArrayList<>(entries.keySet()));
    }

    @Override
    public void setBoolean(String name, boolean value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setByte(String name, byte value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setShort(String name, short value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setChar(String name, char value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setInt(String name, int value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setLong(String name, long value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setFloat(String name, float value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setDouble(String name, double value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setString(String name, String value) throws JMSException {
        put(name, value);
    }

    @Override
    public void setBytes(String name, byte[] value) throws JMSException {
        put(name, value == null ? null : value.clone());
    }

    @Override
    public void setBytes(String name, byte[] value, int offset, int length) throws JMSException {
        put(name, java.util.Arrays.copyOfRange(value, offset, offset + length));
    }

    @Override
    public void setObject(String name, Object value) throws JMSException {
        if (!Conversions.isBodyValue(value)) {
            throw JmsErrors.messageFormat(
                    "a map entry cannot hold a " + value.getClass().getName());
        }
        put(name, value instanceof byte[] bytes ? bytes.clone() : value);
    }

    @Override
    public boolean itemExists(String name) throws JMSException {
        decodeBody();
        return entries.containsKey(name);
    }
}
