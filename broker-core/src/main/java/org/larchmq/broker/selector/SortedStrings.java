package org.larchmq.broker.selector;

import java.nio.ByteBuffer;
import java.util.Collection;
import org.larchmq.message.Utf8;

/** Sets of UTF-8 strings, searched for bytes of a buffer. The order is by length first, which decides most searches. */
final class SortedStrings {
    private SortedStrings() {}

    static byte[][] of(Collection<String> strings) {
        return strings.stream()
                .distinct()
                .map(Utf8::encode)
                .sorted((a, b) -> compare(ByteBuffer.wrap(a), 0, a.length, b))
                .toArray(byte[][]::new);
    }

    /** Index of the string at {@code buffer[at, at + length)}, or -1. */
    static int find(byte[][] sorted, ByteBuffer buffer, int at, int length) {
        int low = 0;
        int high = sorted.length - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            int order = compare(buffer, at, length, sorted[middle]);
            if (order == 0) return middle;
            if (order < 0) high = middle - 1;
            else low = middle + 1;
        }
        return -1;
    }

    static int find(byte[][] sorted, String string) {
        byte[] bytes = Utf8.encode(string);
        return find(sorted, ByteBuffer.wrap(bytes), 0, bytes.length);
    }

    private static int compare(ByteBuffer buffer, int at, int length, byte[] string) {
        if (length != string.length) return length - string.length;
        for (int i = 0; i < length; i++) {
            int difference = buffer.get(at + i) - string[i];
            if (difference != 0) return difference;
        }
        return 0;
    }
}
