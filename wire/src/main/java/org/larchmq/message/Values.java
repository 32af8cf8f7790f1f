package org.larchmq.message;

import java.nio.ByteBuffer;

/**
 * Typed values of properties, map entries and stream items.
 *
 * <pre>
 * | type | value                              |
 * |    0 | null, no bytes                     |
 * |    1 | boolean, 1 byte, 0 or 1            |
 * |    2 | byte, 1                            |
 * |    3 | short, 2                           |
 * |    4 | int, 4                             |
 * |    5 | long, 8                            |
 * |    6 | float, 4                           |
 * |    7 | double, 8                          |
 * |    8 | string: length 4, UTF-8            |
 * |    9 | bytes: length 4, bytes             |
 * |   10 | char, 2                            |
 * </pre>
 */
public final class Values {
    public static final int NULL = 0;
    public static final int BOOLEAN = 1;
    public static final int BYTE = 2;
    public static final int SHORT = 3;
    public static final int INT = 4;
    public static final int LONG = 5;
    public static final int FLOAT = 6;
    public static final int DOUBLE = 7;
    public static final int STRING = 8;
    public static final int BYTES = 9;
    public static final int CHAR = 10;

    private Values() {}

    /** @throws IllegalArgumentException for a value of no listed type */
    public static void write(ByteWriter out, Object value) {
        if (value == null) out.putByte(NULL);
        else if (value instanceof String v) out.putByte(STRING).putString(v);
        else if (value instanceof Integer v) out.putByte(INT).putInt(v);
        else if (value instanceof Long v) out.putByte(LONG).putLong(v);
        else if (value instanceof Boolean v) out.putByte(BOOLEAN).putByte(v ? 1 : 0);
        else if (value instanceof Double v) out.putByte(DOUBLE).putLong(Double.doubleToRawLongBits(v));
        else if (value instanceof Float v) out.putByte(FLOAT).putInt(Float.floatToRawIntBits(v));
        else if (value instanceof Byte v) out.putByte(BYTE).putByte(v);
        else if (value instanceof Short v) out.putByte(SHORT).putShort(v);
        else if (value instanceof Character v) out.putByte(CHAR).putShort(v);
        else if (value instanceof byte[] v) out.putByte(BYTES).putInt(v.length).putBytes(v);
        else
            throw new IllegalArgumentException(
                    "no encoding for a " + value.getClass().getName());
    }

    /** @throws ProtocolException for an unknown type or too few bytes */
    public static Object read(ByteReader in) {
        int type = in.getUnsignedByte();
        return switch (type) {
            case NULL -> null;
            case BOOLEAN -> in.getByte() != 0;
            case BYTE -> (byte) in.getByte();
            case SHORT -> in.getShort();
            case INT -> in.getInt();
            case LONG -> in.getLong();
            case FLOAT -> Float.intBitsToFloat(in.getInt());
            case DOUBLE -> Double.longBitsToDouble(in.getLong());
            case STRING -> in.getString();
            case BYTES -> in.getBytes(in.getSize());
            case CHAR -> (char) in.getUnsignedShort();
            default -> throw ProtocolException.malformed("no value type " + type);
        };
    }

    /** Moves behind the next value without making an object of it. */
    public static void skip(ByteReader in) {
        int type = in.getUnsignedByte();
        switch (type) {
            case NULL -> {}
            case BOOLEAN, BYTE -> in.skip(1);
            case SHORT, CHAR -> in.skip(2);
            case INT, FLOAT -> in.skip(4);
            case LONG, DOUBLE -> in.skip(8);
            case STRING, BYTES -> in.skip(in.getSize());
            default -> throw ProtocolException.malformed("no value type " + type);
        }
    }

    /**
     * Finds a property of the message at {@code at}, which {@link MessageLayout#check} has let through.
     *
     * @param name   UTF-8 of the property's name
     * @param reader scratch; on success it stands at the value's type byte
     * @return whether the message has the property
     */
    public static boolean findProperty(ByteBuffer message, int at, byte[] name, ByteReader reader) {
        int from = MessageLayout.propertiesAt(message, at);
        reader.reset(message, from, from + message.getInt(at + MessageLayout.PROPERTY_SIZE));
        int count = reader.getUnsignedShort();
        for (int i = 0; i < count; i++) {
            int length = reader.getUnsignedShort();
            int nameAt = reader.position();
            reader.skip(length);
            if (length == name.length && same(message, nameAt, name)) return true;
            skip(reader);
        }
        return false;
    }

    private static boolean same(ByteBuffer buffer, int at, byte[] name) {
        for (int i = 0; i < name.length; i++) {
            if (buffer.get(at + i) != name[i]) return false;
        }
        return true;
    }
}
