package org.larchmq.message;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;

/**
 * UTF-8 for every string that Java can hold. A text of Unicode has no unpaired surrogates, a Java string may: such a one
 * becomes the three bytes that UTF-8's rule gives for its code point (0xED, 0xA0 to 0xBF, 0x80 to 0xBF), which stand for
 * nothing else, where the JDK would write a question mark. All other strings are encoded and decoded by the JDK.
 */
public final class Utf8 {
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());
    private static final long QUESTION_MARKS = 0x3F3F_3F3F_3F3F_3F3FL;
    private static final long LOW_BITS = 0x0101_0101_0101_0101L;
    private static final long HIGH_BITS = 0x8080_8080_8080_8080L;
    private static final char UNKNOWN = '\uFFFD';

    private Utf8() {}

    public static byte[] encode(String value) {
        byte[] encoded = value.getBytes(StandardCharsets.UTF_8); // the JDK's copy loop beats any of ours
        if (!hasQuestionMark(encoded)) return encoded;
        return new String(encoded, StandardCharsets.UTF_8).equals(value) ? encoded : encodeChars(value);
    }

    /** Eight bytes at a time: exclusive or makes a question mark zero, and a borrow shows a zero. */
    private static boolean hasQuestionMark(byte[] bytes) {
        int at = 0;
        for (int whole = bytes.length & ~7; at < whole; at += 8) {
            long eight = (long) LONG.get(bytes, at) ^ QUESTION_MARKS;
            if ((eight - LOW_BITS & ~eight & HIGH_BITS) != 0) return true;
        }
        for (; at < bytes.length; at++) if (bytes[at] == '?') return true;
        return false;
    }

    private static byte[] encodeChars(String value) {
        ByteWriter out = new ByteWriter(3 * value.length());
        int from = 0;
        for (int i = 0; i < value.length(); ) {
            int c = value.codePointAt(i); // a pair is one, and no surrogate
            int next = i + Character.charCount(c);
            if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
                out.putBytes(value.substring(from, i).getBytes(StandardCharsets.UTF_8));
                out.putByte(0xE0 | c >> 12).putByte(0x80 | c >> 6 & 0x3F).putByte(0x80 | c & 0x3F);
                from = next;
            }
            i = next;
        }
        out.putBytes(value.substring(from).getBytes(StandardCharsets.UTF_8));
        return out.toByteArray();
    }

    public static String decode(byte[] bytes, int offset, int length) {
        String text = new String(bytes, offset, length, StandardCharsets.UTF_8);
        return text.indexOf(UNKNOWN) < 0 ? text : decodeSurrogates(bytes, offset, offset + length);
    }

    private static String decodeSurrogates(byte[] bytes, int offset, int end) {
        StringBuilder text = new StringBuilder(end - offset);
        int from = offset;
        for (int at = offset; at + 2 < end; at++) {
            if (!isSurrogate(bytes, at)) continue;
            text.append(new String(bytes, from, at - from, StandardCharsets.UTF_8));
            text.append((char) (0xD000 | (bytes[at + 1] & 0x3F) << 6 | bytes[at + 2] & 0x3F));
            from = at + 3;
            at += 2;
        }
        return text.append(new String(bytes, from, end - from, StandardCharsets.UTF_8))
                .toString();
    }

    private static boolean isSurrogate(byte[] bytes, int at) {
        return bytes[at] == (byte) 0xED && (bytes[at + 1] & 0xE0) == 0xA0 && (bytes[at + 2] & 0xC0) == 0x80;
    }
}
