package org.larchmq.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import jakarta.jms.StreamMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.Values;

/** Typed values in the order in which they were written. A failed conversion does not move on (specification 3.11.3). */
public final class LarchStreamMessage extends LarchMessage implements StreamMessage {
    private final List<Object> items = new ArrayList<>();
    private int next;
    private int bytesRead;

    public LarchStreamMessage() {}

    LarchStreamMessage(Received received) {
        super(received);
    }

    @Override
    int bodyType() {
        return MessageLayout.BODY_STREAM;
    }

    @Override
    void writeBody(ByteWriter out) {
        out.putInt(items.size());
        for (Object item : items) Values.write(out, item);
    }

    @Override
    void readBody(ByteReader in) {
        int count = in.getCount(1);
        for (int i = 0; i < count; i++) items.add(Values.read(in));
        in.end();
    }

    @Override
    void forgetBody() {
        items.clear();
        next = 0;
        bytesRead = 0;
    }

    @Override
    public void reset() throws JMSException {
        decodeBody();
        makeBodyReadOnly();
        next = 0;
        bytesRead = 0;
    }

    /** A stream has no body as one object (Message.getBody). */
    @Override
    public <T> T getBody(Class<T> wanted) throws JMSException {
        throw JmsErrors.messageFormat("a StreamMessage is read item by item");
    }

    @Override
    @SuppressWarnings("rawtypes")
    public boolean isBodyAssignableTo(Class wanted) {
        return false;
    }

    private Object peek() throws JMSException {
        checkBodyReadable();
        decodeBody();
        if (bytesRead > 0) throw JmsErrors.messageFormat("the byte[] item begun with readBytes is not read to its end");
        if (next >= items.size()) {
            throw new MessageEOFException(
                    "all " + items.size() + " items of the stream are read", ClientError.MESSAGE_FORMAT.text());
        }
        return items.get(next);
    }

    @Override
    public boolean readBoolean() throws JMSException {
        boolean value = Conversions.toBoolean(peek());
        next++;
        return value;
    }

    @Override
    public byte readByte() throws JMSException {
        byte value = Conversions.toByte(peek());
        next++;
        return value;
    }

    @Override
    public short readShort() throws JMSException {
        short value = Conversions.toShort(peek());
        next++;
        return value;
    }

    @Override
    public char readChar() throws JMSException {
        char value = Conversions.toChar(peek());
        next++;
        return value;
    }

    @Override
    public int readInt() throws JMSException {
        int value = Conversions.toInt(peek());
        next++;
        return value;
    }

    @Override
    public long readLong() throws JMSException {
        long value = Conversions.toLong(peek());
        next++;
        return value;
    }

    @Override
    public float readFloat() throws JMSException {
        float value = Conversions.toFloat(peek());
        next++;
        return value;
    }

    @Override
    public double readDouble() throws JMSException {
        double value = Conversions.toDouble(peek());
        next++;
        return value;
    }

    @Override
    public String readString() throws JMSException {
        String value = Conversions.toText(peek());
        next++;
        return value;
    }

    /** Reads a byte[] item piecewise: an item is at its end when less than asked for, or -1, is answered. */
    @Override
    public int readBytes(byte[] target) throws JMSException {
        byte[] item;
        if (bytesRead > 0) item = (byte[]) items.get(next);
        else item = Conversions.toBytes(peek());
        if (item == null) {
            next++;
            return -1;
        }
        int from = Math.max(bytesRead - 1, 0);
        int length = Math.min(item.length - from, target.length);
        if (length == 0 && bytesRead > 0 && target.length > 0) {
            finishBytes();
            return -1;
        }
        System.arraycopy(item, from, target, 0, length);
        if (length < target.length) finishBytes();
        else bytesRead = from + length + 1;
        return length;
    }

    private void finishBytes() {
        bytesRead = 0;
        next++;
    }

    @Override
    public Object readObject() throws JMSException {
        Object value = peek();
        next++;
        return value instanceof byte[] bytes ? bytes.clone() : value;
    }

    private void add(Object value) throws JMSException {
        checkBodyWriteable();
        items.add(value);
    }

    @Override
    public void writeBoolean(boolean value) throws JMSException {
        add(value);
    }

    @Override
    public void writeByte(byte value) throws JMSException {
        add(value);
    }

    @Override
    public void writeShort(short value) throws JMSException {
        add(value);
    }

    @Override
    public void writeChar(char value) throws JMSException {
        add(value);
    }

    @Override
    public void writeInt(int value) throws JMSException {
        add(value);
    }

    @Override
    public void writeLong(long value) throws JMSException {
        add(value);
    }

    @Override
    public void writeFloat(float value) throws JMSException {
        add(value);
    }

    @Override
    public void writeDouble(double value) throws JMSException {
        add(value);
    }

    @Override
    public void writeString(String value) throws JMSException {
        add(value);
    }

    @Override
    public void writeBytes(byte[] value) throws JMSException {
        add(value == null ? null : value.clone());
    }

    @Override
    public void writeBytes(byte[] value, int offset, int length) throws JMSException {
        add(Arrays.copyOfRange(value, offset, offset + length));
    }

    @Override
    public void writeObject(Object value) throws JMSException {
        if (!Conversions.isBodyValue(value)) {
            throw JmsErrors.messageFormat(
                    "a stream cannot hold a " + value.getClass().getName());
        }
        add(value instanceof byte[] bytes ? bytes.clone() : value);
    }
}
