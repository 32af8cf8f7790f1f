package org.larchmq.wire;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.larchmq.message.ByteReader;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.ProtocolException;
import org.larchmq.message.Values;

/**
 * Any bytes as a message: what {@link MessageLayout#check} lets through can be searched and read to its end, or is a
 * {@link ProtocolException}. To fuzz: {@code JAZZER_FUZZ=1 mvn -o -B -pl wire surefire:test
 * -Dtest=MessageCodecFuzzTest}.
 */
class MessageCodecFuzzTest {
    private static final byte[][] NAMES = {
        MessageLayout.TAG_PROPERTY.getBytes(StandardCharsets.UTF_8),
        {'a'},
        {'j'},
        {},
        "missing".getBytes(StandardCharsets.UTF_8)
    };

    @FuzzTest(maxDuration = "60s")
    void anyBytesAreAMessageOrRefused(byte[] bytes) {
        ByteBuffer message = ByteBuffer.allocate(bytes.length + 3).put(3, bytes);
        try {
            MessageLayout.check(message, 3, bytes.length);
        } catch (ProtocolException refused) {
            return;
        }
        ByteReader reader = new ByteReader();
        for (byte[] name : NAMES) find(message, name, reader);
        try {
            FrameWalk.message(message, 3, bytes.length);
        } catch (ProtocolException refused) {
            // its parts are not looked at by check
        }
    }

    private static void find(ByteBuffer message, byte[] name, ByteReader reader) {
        try {
            if (Values.findProperty(message, 3, name, reader)) FrameWalk.value(reader);
        } catch (ProtocolException refused) {
            // properties that are none
        }
    }
}
