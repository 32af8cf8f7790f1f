package org.larchmq.jms.message;

import jakarta.jms.MessageFormatException;
import org.larchmq.jms.error.JmsErrors;

/**
 * The conversion tables of properties (specification 3.5.4), map entries and stream items (3.11.3). A missing value is
 * null and behaves as the {@code valueOf} of the wanted type does with a null string: false, NumberFormatException or
 * NullPointerException.
 */
final class Conversions {
    private Conversions() {}

    static boolean toBoolean(Object value) throws MessageFormatException {
        if (value instanceof Boolean v) return v;
        if (isText(value)) return Boolean.parseBoolean((String) value);
        throw impossible(value, "boolean");
    }

    static byte toByte(Object value) throws MessageFormatException {
        if (value instanceof Byte v) return v;
        if (isText(value)) return Byte.parseByte((String) value);
        throw impossible(value, "byte");
    }

    static short toShort(Object value) throws MessageFormatException {
        if (value instanceof Short || value instanceof Byte) return ((Number) value).shortValue();
        if (isText(value)) return Short.parseShort((String) value);
        throw impossible(value, "short");
    }

    static int toInt(Object value) throws MessageFormatException {
        if (value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).intValue();
        }
        if (isText(value)) return Integer.parseInt((String) value);
        throw impossible(value, "int");
    }

    static long toLong(Object value) throws MessageFormatException {
        if (value instanceof Long || value instanceof Integer || value instanceof Short || value instanceof Byte) {
            return ((Number) value).longValue();
        }
        if (isText(value)) return Long.parseLong((String) value);
        throw impossible(value, "long");
    }

    static float toFloat(Object value) throws MessageFormatException {
        if (value instanceof Float v) return v;
        if (isText(value)) return Float.parseFloat((String) value);
        throw impossible(value, "float");
    }

    static double toDouble(Object value) throws MessageFormatException {
        if (value instanceof Double || value instanceof Float) return ((Number) value).doubleValue();
        if (isText(value)) return Double.parseDouble((String) value);
        throw impossible(value, "double");
    }

    static char toChar(Object value) throws MessageFormatException {
        if (value instanceof Character v) return v;
        if (value == null) throw new NullPointerException("there is no such value, and no char for that");
        throw impossible(value, "char");
    }

    static String toText(Object value) throws MessageFormatException {
        if (value instanceof byte[]) throw impossible(value, "String");
        return value == null ? null : String.valueOf(value);
    }

    /** @throws MessageFormatException for anything but bytes and null; the array is not copied */
    static byte[] toBytes(Object value) throws MessageFormatException {
        if (value == null || value instanceof byte[]) return (byte[]) value;
        throw impossible(value, "byte[]");
    }

    private static boolean isText(Object value) {
        return value == null || value instanceof String;
    }

    static boolean isProperty(Object value) {
        return value == null
                || value instanceof String
                || value instanceof Integer
                || value instanceof Long
                || value instanceof Boolean
                || value instanceof Double
                || value instanceof Float
                || value instanceof Byte
                || value instanceof Short;
    }

    static boolean isBodyValue(Object value) {
        return isProperty(value) || value instanceof Character || value instanceof byte[];
    }

    private static MessageFormatException impossible(Object value, String wanted) {
        return JmsErrors.messageFormat("a " + value.getClass().getSimpleName() + " cannot be read as a " + wanted);
    }
}
