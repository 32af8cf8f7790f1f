package org.larchmq.broker.selector;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.larchmq.message.Utf8;

/** A register of an evaluation, or a literal: one value with its type, without boxing. Strings stay where they are. */
final class Value {
    static final int NULL = 0;
    /** A value that no operator accepts, such as the sum of a string and a number. */
    static final int UNFIT = 1;

    static final int BOOLEAN = 2;
    static final int STRING = 3;
    /** From here on numbers, in the order of Java's numeric promotion; byte and short are promoted when they are read. */
    static final int INT = 4;

    static final int LONG = 5;
    static final int FLOAT = 6;
    static final int DOUBLE = 7;

    int kind;
    /** Of INT and LONG; 0 or 1 of BOOLEAN. */
    long exact;
    /** Of FLOAT and DOUBLE. */
    double approximate;
    /** Of STRING: where its UTF-8 bytes are. */
    ByteBuffer source;

    int at;
    int length;

    boolean isNumber() {
        return kind >= INT;
    }

    void setExact(int exactKind, long value) {
        kind = exactKind;
        exact = value;
    }

    void setApproximate(int approximateKind, double value) {
        kind = approximateKind;
        approximate = value;
    }

    void setString(ByteBuffer buffer, int from, int bytes) {
        kind = STRING;
        source = buffer;
        at = from;
        length = bytes;
    }

    double asDouble() {
        return kind >= FLOAT ? approximate : (double) exact;
    }

    float asFloat() {
        return kind >= FLOAT ? (float) approximate : (float) exact;
    }

    String string() {
        byte[] bytes = new byte[length];
        source.get(at, bytes);
        return new String(bytes, StandardCharsets.UTF_8);
    }

    static Value ofBoolean(boolean value) {
        Value constant = new Value();
        constant.setExact(BOOLEAN, value ? 1 : 0);
        return constant;
    }

    static Value ofExact(long value) {
        Value constant = new Value();
        constant.setExact(LONG, value);
        return constant;
    }

    static Value ofApproximate(int kind, double value) {
        Value constant = new Value();
        constant.setApproximate(kind, value);
        return constant;
    }

    static Value ofString(String value) {
        byte[] bytes = Utf8.encode(value);
        Value constant = new Value();
        constant.setString(ByteBuffer.wrap(bytes), 0, bytes.length);
        return constant;
    }
}
