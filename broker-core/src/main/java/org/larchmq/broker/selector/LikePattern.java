package org.larchmq.broker.selector;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.larchmq.message.Utf8;

/**
 * Pattern of LIKE, matched against UTF-8 bytes: {@code _} is one code point, {@code %} any number of them. No
 * backtracking beyond the last {@code %}, so that the cost is at most the product of both lengths.
 */
final class LikePattern {
    private static final int ONE = 256;
    private static final int MANY = 257;

    /** Bytes, {@link #ONE} and {@link #MANY}. */
    private final short[] elements;

    /** @param escape code point that makes the next one an ordinary character, -1 for none */
    LikePattern(String pattern, int escape) {
        short[] compiled = new short[pattern.length() * 3];
        int size = 0;
        for (int i = 0; i < pattern.length(); ) {
            int character = pattern.codePointAt(i);
            i += Character.charCount(character);
            boolean isEscaped = character == escape;
            if (isEscaped) {
                if (i == pattern.length()) throw new IllegalArgumentException("nothing follows the escape character");
                character = pattern.codePointAt(i);
                i += Character.charCount(character);
            }
            if (!isEscaped && character == '_') {
                compiled[size++] = ONE;
            } else if (!isEscaped && character == '%') {
                if (size == 0 || compiled[size - 1] != MANY) compiled[size++] = MANY;
            } else {
                for (byte b : Utf8.encode(Character.toString(character))) {
                    compiled[size++] = (short) (b & 0xFF);
                }
            }
        }
        elements = Arrays.copyOf(compiled, size);
    }

    /** {@link Expression#TRUE}, {@link Expression#FALSE}, or unknown when the evaluation has no work left to spend. */
    int test(ByteBuffer text, int at, int length, Evaluation evaluation) {
        int end = at + length;
        int position = at;
        int element = 0;
        int afterMany = -1;
        int retryAt = 0;
        while (position < end) {
            if (!evaluation.spend(1)) return Expression.UNKNOWN;
            int wanted = element < elements.length ? elements[element] : -1;
            if (wanted == MANY) {
                afterMany = ++element;
                if (afterMany == elements.length) return Expression.TRUE;
                retryAt = position;
            } else if (wanted == ONE) {
                element++;
                position = nextCodePoint(text, position, end);
            } else if (wanted == (text.get(position) & 0xFF)) {
                element++;
                position++;
            } else if (afterMany >= 0) {
                retryAt = nextCodePoint(text, retryAt, end);
                position = retryAt;
                element = afterMany;
            } else {
                return Expression.FALSE;
            }
        }
        if (element < elements.length && elements[element] == MANY) element++;
        return element == elements.length ? Expression.TRUE : Expression.FALSE;
    }

    /** Passes one byte and the continuation bytes behind it, which also makes way in what is no UTF-8. */
    private static int nextCodePoint(ByteBuffer text, int position, int end) {
        int next = position + 1;
        while (next < end && (text.get(next) & 0xC0) == 0x80) next++;
        return next;
    }
}
