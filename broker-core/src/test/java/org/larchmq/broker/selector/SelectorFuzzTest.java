package org.larchmq.broker.selector;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.larchmq.message.ProtocolException;

/**
 * Any text as a selector over any bytes as a message: an answer, a {@link SelectorSyntaxException} or a {@link
 * ProtocolException}, soon. An input is the selector, a zero byte and the message; without the zero byte a valid
 * message is used. To fuzz: {@code JAZZER_FUZZ=1 mvn -o -B -pl broker-core surefire:test -Dtest=SelectorFuzzTest}.
 */
class SelectorFuzzTest {
    @FuzzTest(maxDuration = "60s")
    void anyTextOverAnyBytes(byte[] input) {
        int end = 0;
        while (end < input.length && input[end] != 0) end++;
        Selector selector;
        try {
            selector = Selector.parse(new String(input, 0, end, StandardCharsets.UTF_8));
        } catch (SelectorSyntaxException refused) {
            if (refused.position() < 0 || refused.position() > end) throw new AssertionError("position", refused);
            return;
        }
        try {
            selector.matches(messageAfter(input, end), 0, 1);
        } catch (ProtocolException malformed) {
            // what a stranger's bytes get
        }
    }

    private static ByteBuffer messageAfter(byte[] input, int end) {
        if (end < input.length) return ByteBuffer.wrap(Arrays.copyOfRange(input, end + 1, input.length));
        TestMessage valid = TestMessage.with("a", "x", "b", 7, "c", true, "d", 2.5);
        valid.type = "t";
        return valid.encode();
    }
}
