package org.larchmq.wire;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.MessageParts;

class MessagePartsTest {
    private static final byte[] GOLDEN = HexFile.golden("MESSAGE");

    private final long seed = Long.getLong("larchmq.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private final MessageParts parts = new MessageParts();

    private String damage(byte[] message) {
        ByteBuffer buffer = ByteBuffer.allocate(message.length + 20).put(7, message);
        return parts.damage(buffer, 7, message.length);
    }

    @Test
    void whatWasWrittenCanBeRead() {
        assertThat(damage(GOLDEN)).isNull();
        for (int i = 0; i < 5_000; i++) {
            assertThat(damage(Samples.randomMessage(random))).as("seed=" + seed).isNull();
        }
    }

    @Test
    void headersThatReachTooFarAreNamed() {
        byte[] message = GOLDEN.clone();
        message[MessageLayout.headersAt(0) + 1] = 1; // a correlation id of 16 MiB
        assertThat(damage(message)).contains("headers").contains("does not fit");
    }

    @Test
    void propertiesThatAreNoneAreNamed() {
        byte[] message = GOLDEN.clone();
        int at = MessageLayout.propertiesAt(ByteBuffer.wrap(message), 0);
        message[at] = 15; // thousands of them
        assertThat(damage(message)).contains("properties");
    }

    @Test
    void aBodyWithValuesOfNoTypeIsNamedAndAnUnknownKindOfBodyIsNotLookedAt() {
        ByteWriter out = new ByteWriter(100);
        out.putByte(MessageLayout.CURRENT_VERSION).putByte(MessageLayout.BODY_STREAM);
        out.putByte(MessageLayout.FLAG_PERSISTENT).putByte(4);
        for (int i = 0; i < 5; i++) out.putLong(i);
        out.putInt(0).putInt(1).putInt(2).putInt(5);
        out.putByte(0).putShort(0).putInt(1).putByte(99);
        byte[] message = out.toByteArray();
        MessageLayout.check(ByteBuffer.wrap(message), 0, message.length);
        assertThat(damage(message)).contains("body").contains("99");
        for (int flag : new int[] {MessageLayout.FLAG_NULL_BODY, 8, 16, MessageLayout.FLAG_LARGE, 128}) {
            message[MessageLayout.FLAGS] = (byte) flag;
            assertThat(damage(message)).as("flag " + flag).isNull();
        }
    }
}
