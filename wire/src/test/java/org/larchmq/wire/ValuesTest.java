package org.larchmq.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ProtocolException;
import org.larchmq.message.Values;

class ValuesTest {
    @Test
    void valuesAreReadAsTheyWereWritten() {
        long seed = Long.getLong("larchmq.seed", System.nanoTime());
        System.out.println("ValuesTest seed=" + seed);
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            ByteWriter out = new ByteWriter(16);
            List<Object> written = new ArrayList<>();
            for (int i = 0; i < 20; i++) {
                written.add(Samples.value(random));
                Values.write(out, written.get(i));
            }
            ByteReader in = new ByteReader(out.toByteBuffer());
            for (Object value : written) assertSame(value, FrameWalk.value(in), "seed=" + seed);
            in.end();
        }
    }

    private static void assertSame(Object expected, Object actual, String about) {
        if (expected instanceof byte[] bytes) assertArrayEquals(bytes, (byte[]) actual, about);
        else assertEquals(expected, actual, about);
    }

    @Test
    void extremesKeepTheirBits() {
        Object[] extremes = {
            Float.NaN,
            -0f,
            Float.MIN_VALUE,
            Double.NaN,
            -0.0,
            Double.NEGATIVE_INFINITY,
            Character.MAX_VALUE,
            Byte.MIN_VALUE
        };
        for (Object value : extremes) {
            ByteWriter out = new ByteWriter(16);
            Values.write(out, value);
            assertEquals(value, Values.read(new ByteReader(out.toByteBuffer())));
        }
    }

    @Test
    void aValueOfAnotherTypeHasNoEncoding() {
        assertThrows(IllegalArgumentException.class, () -> Values.write(new ByteWriter(16), new Object()));
        assertThrows(IllegalArgumentException.class, () -> Values.write(new ByteWriter(16), List.of()));
    }

    @Test
    void anUnknownTypeIsRefused() {
        for (int type = Values.CHAR + 1; type < 256; type++) {
            ByteBuffer unknown = ByteBuffer.allocate(100).put(0, (byte) type);
            assertThrows(ProtocolException.class, () -> Values.read(new ByteReader(unknown)));
            assertThrows(ProtocolException.class, () -> Values.skip(new ByteReader(unknown)));
        }
    }

    @Test
    void everyTruncationIsRefused() {
        Object[] values = {true, (byte) 1, (short) 1, 1, 1L, 1f, 1.0, "text", new byte[3], 'c'};
        for (Object value : values) {
            ByteWriter out = new ByteWriter(16);
            Values.write(out, value);
            for (int size = 0; size < out.size(); size++) {
                ByteBuffer cut = ByteBuffer.wrap(out.array(), 0, size);
                assertThrows(ProtocolException.class, () -> Values.read(new ByteReader(cut)));
                assertThrows(ProtocolException.class, () -> Values.skip(new ByteReader(cut)));
            }
        }
    }

    @Test
    void aLengthThatDoesNotFitIsRefusedBeforeAnythingIsAllocated() {
        for (int type : new int[] {Values.STRING, Values.BYTES}) {
            for (int length : new int[] {-1, Integer.MIN_VALUE, 96, Integer.MAX_VALUE}) {
                ByteBuffer hostile =
                        ByteBuffer.allocate(100).put(0, (byte) type).putInt(1, length);
                var refused = assertThrows(ProtocolException.class, () -> Values.read(new ByteReader(hostile)));
                assertTrue(refused.getMessage().contains("does not fit"));
                assertThrows(ProtocolException.class, () -> Values.skip(new ByteReader(hostile)));
            }
        }
    }
}
