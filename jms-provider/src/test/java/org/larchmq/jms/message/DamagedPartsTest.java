package org.larchmq.jms.message;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.JMSException;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.MessageParts;

/** MessageParts says that a message can be read exactly when this package can read it. */
class DamagedPartsTest {
    private static final int AT = 8;

    private static LarchMessage[] samples() throws JMSException {
        LarchMapMessage map = new LarchMapMessage();
        map.setString("name", "value");
        map.setBytes("bytes", new byte[5]);
        LarchStreamMessage stream = new LarchStreamMessage();
        stream.writeLong(7);
        stream.writeString("text");
        LarchMessage[] all = {map, stream, new LarchTextMessage("text"), new LarchMessage()};
        for (LarchMessage message : all) {
            message.setStringProperty("colour", "green");
            message.setIntProperty("number", 5);
            message.setJMSType("type");
            message.setJMSCorrelationID("correlation");
            message.setJMSReplyTo(Wire.QUEUE);
        }
        return all;
    }

    private static boolean canBeRead(byte[] bytes) {
        LarchMessage message = new MessageDecoder(Wire.QUEUE, new ObjectTrust(List.of()), 1 << 20, () -> {})
                .decode(ByteBuffer.wrap(bytes), AT, bytes.length - AT, false, 1, null, null);
        try {
            message.getJMSType();
            message.getPropertyNames();
            message.decodeBody();
            return true;
        } catch (JMSException | RuntimeException e) {
            return false;
        }
    }

    @Test
    void bothAgreeWhateverIsDamaged() throws JMSException {
        long seed = Long.getLong("larchmq.seed", System.nanoTime());
        Random random = new Random(seed);
        MessageParts parts = new MessageParts();
        int unreadable = 0;
        for (LarchMessage sample : samples()) {
            byte[] whole = Wire.encode(sample, Wire.SEND);
            for (int i = 0; i < 5_000; i++) {
                byte[] bytes = whole.clone();
                for (int damages = random.nextInt(3); damages > 0; damages--) {
                    int at = AT + MessageLayout.FIXED_BYTES;
                    bytes[at + random.nextInt(bytes.length - at)] = (byte) random.nextInt();
                }
                String damage = parts.damage(ByteBuffer.wrap(bytes), AT, bytes.length - AT);
                assertThat(damage == null).as("seed=%d damage=%s", seed, damage).isEqualTo(canBeRead(bytes));
                if (damage != null) unreadable++;
            }
        }
        assertThat(unreadable).isGreaterThan(1_000);
    }
}
