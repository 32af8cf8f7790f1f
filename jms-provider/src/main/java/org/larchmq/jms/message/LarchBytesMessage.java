package org.larchmq.jms.message;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MessageEOFException;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UTFDataFormatException;
import java.nio.ByteBuffer;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageLayout;

/** Uninterpreted bytes: written first, read after {@link #reset} or when received. A received body is not copied. */
public final class LarchBytesMessage extends LarchMessage implements BytesMessage {
    private static final int INITIAL_BYTES = 256;

    private ByteWriter written;
    private ByteReader input;
    private int bodyStart;
    private int bodyEnd;

    public LarchBytesMessage() {
        written = new ByteWriter(INITIAL_BYTES);
    }

    LarchBytesMessage(Received received) {
        super(received);
    }

    @Override
    int bodyType() {
        return MessageLayout.BODY_BYTES;
    }

    @Override
    void writeBody(ByteWriter out) {
        if (written != null) {
            out.putBytes(written.array(), 0, written.size());
            return;
        }
        ByteBuffer body = input.buffer();
        out.putBytes(body.array(), body.arrayOffset() + bodyStart, bodyEnd - bodyStart);
    }

    @Override
    void readBody(ByteReader in) {
        input = in;
        bodyStart = in.position();
        bodyEnd = bodyStart + in.remaining();
    }

    @Override
    void forgetBody() {
        input = null;
        written = new ByteWriter(INITIAL_BYTES);
    }

    @Override
    public void reset() throws JMSException {
        decodeBody();
        makeBodyReadOnly();
        if (written != null) {
            ByteBuffer bytes = ByteBuffer.wrap(written.toByteArray());
            readBody(new ByteReader(bytes));
            written = null;
        }
        input.reset(input.buffer(), bodyStart, bodyEnd);
    }

    @Override
    public byte[] emptyBody() {
        return new byte[0];
    }

    /** The whole body as a new array, from its beginning; null when it is empty. Afterwards it is read from there. */
    @Override
    Object bodyObject(Class<?> wanted) throws JMSException {
        if (!isBodyReadOnly()) {
            throw JmsErrors.messageFormat("the body is being written; call reset() before reading it");
        }
        reset();
        if (bodyEnd == bodyStart) return null;
        byte[] body = input.getBytes(bodyEnd - bodyStart);
        reset();
        return body;
    }

    @Override
    @SuppressWarnings("rawtypes")
    public boolean isBodyAssignableTo(Class wanted) throws JMSException {
        if (isBodyReadOnly()) {
            decodeBody();
            if (bodyEnd == bodyStart) return true;
        }
        return wanted.isAssignableFrom(byte[].class);
    }

    @Override
    public long getBodyLength() throws JMSException {
        checkBodyReadable();
        decodeBody();
        return bodyEnd - bodyStart;
    }

    private ByteReader read(int bytes) throws JMSException {
        checkBodyReadable();
        decodeBody();
        if (input.remaining() < bytes) {
            throw new MessageEOFException(
                    "needs " + bytes + " bytes, the body has " + input.remaining() + " left",
                    ClientError.MESSAGE_FORMAT.text());
        }
        return input;
    }

    private ByteWriter write() throws JMSException {
        checkBodyWriteable();
        return written;
    }

    @Override
    public boolean readBoolean() throws JMSException {
        return read(1).getByte() != 0;
    }

    @Override
    public byte readByte() throws JMSException {
        return (byte) read(1).getByte();
    }

    @Override
    public int readUnsignedByte() throws JMSException {
        return read(1).getUnsignedByte();
    }

    @Override
    public short readShort() throws JMSException {
        return read(2).getShort();
    }

    @Override
    public int readUnsignedShort() throws JMSException {
        return read(2).getUnsignedShort();
    }

    @Override
    public char readChar() throws JMSException {
        return (char) read(2).getUnsignedShort();
    }

    @Override
    public int readInt() throws JMSException {
        return read(4).getInt();
    }

    @Override
    public long readLong() throws JMSException {
        return read(8).getLong();
    }

    @Override
    public float readFloat() throws JMSException {
        return Float.intBitsToFloat(readInt());
    }

    @Override
    public double readDouble() throws JMSException {
        return Double.longBitsToDouble(readLong());
    }

    @Override
    public String readUTF() throws JMSException {
        ByteReader in = read(2);
        int start = in.position();
        try {
            return ModifiedUtf.read(in);
        } catch (MessageEOFException | RuntimeException e) {
            in.reset(in.buffer(), start, bodyEnd);
            throw e;
        } catch (IOException e) {
            in.reset(in.buffer(), start, bodyEnd);
            throw JmsErrors.withCause(JmsErrors.messageFormat("no UTF string: " + e.getMessage()), e);
        }
    }

    @Override
    public int readBytes(byte[] target) throws JMSException {
        return readBytes(target, target.length);
    }

    @Override
    public int readBytes(byte[] target, int length) throws JMSException {
        if (length < 0 || length > target.length) {
            throw new IndexOutOfBoundsException("length " + length + " of an array of " + target.length);
        }
        ByteReader in = read(0);
        if (in.remaining() == 0) return length == 0 ? 0 : -1;
        int count = Math.min(length, in.remaining());
        in.buffer().get(in.position(), target, 0, count);
        in.skip(count);
        return count;
    }

    @Override
    public void writeBoolean(boolean value) throws JMSException {
        write().putByte(value ? 1 : 0);
    }

    @Override
    public void writeByte(byte value) throws JMSException {
        write().putByte(value);
    }

    @Override
    public void writeShort(short value) throws JMSException {
        write().putShort(value);
    }

    @Override
    public void writeChar(char value) throws JMSException {
        write().putShort(value);
    }

    @Override
    public void writeInt(int value) throws JMSException {
        write().putInt(value);
    }

    @Override
    public void writeLong(long value) throws JMSException {
        write().putLong(value);
    }

    @Override
    public void writeFloat(float value) throws JMSException {
        writeInt(Float.floatToIntBits(value));
    }

    @Override
    public void writeDouble(double value) throws JMSException {
        writeLong(Double.doubleToLongBits(value));
    }

    @Override
    public void writeUTF(String value) throws JMSException {
        checkBodyWriteable();
        ByteArrayOutputStream bytes = new ByteArrayOutputStream(value.length() + 2);
        try {
            new DataOutputStream(bytes).writeUTF(value);
        } catch (UTFDataFormatException e) {
            throw JmsErrors.withCause(JmsErrors.messageFormat("too long for writeUTF: " + e.getMessage()), e);
        } catch (IOException e) {
            throw new AssertionError("memory does not fail", e);
        }
        written.putBytes(bytes.toByteArray());
    }

    @Override
    public void writeBytes(byte[] value) throws JMSException {
        write().putBytes(value);
    }

    @Override
    public void writeBytes(byte[] value, int offset, int length) throws JMSException {
        write().putBytes(value, offset, length);
    }

    @Override
    public void writeObject(Object value) throws JMSException {
        checkBodyWriteable();
        if (value == null) throw new NullPointerException("writeObject takes no null");
        if (value instanceof Boolean v) writeBoolean(v);
        else if (value instanceof Byte v) writeByte(v);
        else if (value instanceof Short v) writeShort(v);
        else if (value instanceof Character v) writeChar(v);
        else if (value instanceof Integer v) writeInt(v);
        else if (value instanceof Long v) writeLong(v);
        else if (value instanceof Float v) writeFloat(v);
        else if (value instanceof Double v) writeDouble(v);
        else if (value instanceof String v) writeUTF(v);
        else if (value instanceof byte[] v) writeBytes(v);
        else
            throw JmsErrors.messageFormat(
                    "a BytesMessage cannot hold a " + value.getClass().getName());
    }
}
