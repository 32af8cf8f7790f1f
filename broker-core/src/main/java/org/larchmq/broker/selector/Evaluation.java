package org.larchmq.broker.selector;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.ProtocolException;
import org.larchmq.message.Values;

/**
 * One run of a selector over one message: where its properties are, registers for intermediate values, and the work
 * that may still be spent. One per thread, used again and again; holds no reference to a message between runs.
 */
final class Evaluation {
    /** Bytes compared in strings of unbounded length before the answer is "unknown": about a millisecond. */
    static final int WORK_LIMIT = 500_000;
    /** What an evaluation costs at least, in the same unit. */
    private static final int LEAST_WORK = 64;

    private static final ThreadLocal<Evaluation> OF_THIS_THREAD = ThreadLocal.withInitial(Evaluation::new);
    private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
    private static final int ABSENT = -1;
    private static final ByteBuffer PERSISTENT = ascii("PERSISTENT");
    private static final ByteBuffer NON_PERSISTENT = ascii("NON_PERSISTENT");

    private final ByteReader reader = new ByteReader();
    private Value[] registers = new Value[0];
    private int[] valueAt = new int[8];
    private ByteBuffer message;
    private int at;
    private int deliveryCount;
    private int workLeft;
    private long workSoFar;

    static Evaluation ofThisThread() {
        return OF_THIS_THREAD.get();
    }

    /** @param names the properties that will be asked for, as {@link SortedStrings} */
    void begin(ByteBuffer encoded, int from, int count, byte[][] names, int registerCount) {
        checkBounds(encoded, from);
        message = encoded;
        at = from;
        deliveryCount = count;
        workLeft = WORK_LIMIT;
        if (registers.length < registerCount) addRegisters(registerCount);
        if (names.length > 0) findProperties(names);
    }

    void end(int registerCount) {
        workSoFar += LEAST_WORK + WORK_LIMIT - workLeft;
        message = null;
        reader.reset(NOTHING, 0, 0);
        for (int i = 0; i < registerCount; i++) registers[i].source = null;
    }

    Value register(int index) {
        return registers[index];
    }

    /** What all evaluations of this thread have cost. */
    long workSoFar() {
        return workSoFar;
    }

    /** Counts work that grows with the message; false when there is none left. */
    boolean spend(int steps) {
        workLeft -= steps;
        return workLeft >= 0;
    }

    /** Loads the property whose name has this index in the names. */
    void property(int index, Value into) {
        int typeAt = valueAt[index];
        if (typeAt == ABSENT) {
            into.kind = Value.NULL;
            return;
        }
        int valueAt = typeAt + 1;
        switch (message.get(typeAt)) {
            case Values.NULL -> into.kind = Value.NULL;
            case Values.BOOLEAN -> into.setExact(Value.BOOLEAN, message.get(valueAt) != 0 ? 1 : 0);
            case Values.BYTE -> into.setExact(Value.INT, message.get(valueAt));
            case Values.SHORT -> into.setExact(Value.INT, message.getShort(valueAt));
            case Values.INT -> into.setExact(Value.INT, message.getInt(valueAt));
            case Values.LONG -> into.setExact(Value.LONG, message.getLong(valueAt));
            case Values.FLOAT -> into.setApproximate(Value.FLOAT, Float.intBitsToFloat(message.getInt(valueAt)));
            case Values.DOUBLE -> into.setApproximate(Value.DOUBLE, Double.longBitsToDouble(message.getLong(valueAt)));
            case Values.STRING -> into.setString(message, valueAt + 4, message.getInt(valueAt));
            default -> into.kind = Value.UNFIT; // bytes and char are no property types
        }
    }

    void header(Header header, Value into) {
        switch (header) {
            case JMSPriority -> into.setExact(Value.INT, MessageLayout.priority(message, at));
            case JMSTimestamp -> into.setExact(Value.LONG, MessageLayout.timestampMillis(message, at));
            case JMSXDeliveryCount -> into.setExact(Value.INT, deliveryCount);
            case JMSDeliveryMode -> {
                ByteBuffer mode = MessageLayout.isPersistent(message, at) ? PERSISTENT : NON_PERSISTENT;
                into.setString(mode, 0, mode.limit());
            }
            case JMSMessageID -> messageId(into);
            case JMSCorrelationID, JMSType -> optionalHeader(header, into);
            default -> throw new AssertionError("no rule for " + header);
        }
    }

    private void messageId(Value into) {
        into.kind = Value.NULL;
        if ((message.get(at + MessageLayout.FLAGS) & MessageLayout.FLAG_NO_MESSAGE_ID) != 0) return;
        ByteBuffer id = ascii(
                MessageLayout.messageId(MessageLayout.producerId(message, at), MessageLayout.sequence(message, at)));
        into.setString(id, 0, id.limit());
    }

    private void optionalHeader(Header header, Value into) {
        into.kind = Value.NULL;
        int from = MessageLayout.headersAt(at);
        reader.reset(message, from, from + message.getInt(at + MessageLayout.HEADER_SIZE));
        int presence = reader.getUnsignedByte();
        if ((presence & MessageLayout.HAS_CORRELATION_ID) != 0) {
            int length = reader.getSize();
            boolean isString = (presence & MessageLayout.CORRELATION_ID_IS_BYTES) == 0;
            if (header == Header.JMSCorrelationID && isString) into.setString(message, reader.position(), length);
            reader.skip(length);
        }
        if (header == Header.JMSCorrelationID || (presence & MessageLayout.HAS_TYPE) == 0) return;
        if ((presence & MessageLayout.HAS_REPLY_TO) != 0) {
            reader.skip(1);
            reader.skip(reader.getUnsignedShort());
        }
        int length = reader.getSize();
        into.setString(message, reader.position(), length);
    }

    /** One pass over the properties; of a name that stands there twice the first counts. */
    private void findProperties(byte[][] names) {
        if (valueAt.length < names.length) valueAt = new int[names.length];
        Arrays.fill(valueAt, 0, names.length, ABSENT);
        int from = MessageLayout.propertiesAt(message, at);
        reader.reset(message, from, from + message.getInt(at + MessageLayout.PROPERTY_SIZE));
        int count = reader.getUnsignedShort();
        int missing = names.length;
        for (int i = 0; i < count && missing > 0; i++) {
            int length = reader.getUnsignedShort();
            int nameAt = reader.position();
            reader.skip(length);
            int index = SortedStrings.find(names, message, nameAt, length);
            int typeAt = reader.position();
            Values.skip(reader);
            if (index >= 0 && valueAt[index] == ABSENT) {
                valueAt[index] = typeAt;
                missing--;
            }
        }
    }

    private static void checkBounds(ByteBuffer message, int at) {
        int available = message.limit() - at;
        if (at < 0 || available < MessageLayout.FIXED_BYTES) throw malformed("a message is too short");
        int headers = message.getInt(at + MessageLayout.HEADER_SIZE);
        int properties = message.getInt(at + MessageLayout.PROPERTY_SIZE);
        boolean fits = (long) headers + properties <= available - MessageLayout.FIXED_BYTES;
        if (headers < 1 || properties < 2 || !fits) throw malformed("the parts of a message exceed it");
    }

    private static ProtocolException malformed(String problem) {
        return new ProtocolException(ErrorCode.PROTOCOL, problem);
    }

    private void addRegisters(int count) {
        int before = registers.length;
        registers = Arrays.copyOf(registers, count);
        for (int i = before; i < count; i++) registers[i] = new Value();
    }

    private static ByteBuffer ascii(String text) {
        return ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    }
}
