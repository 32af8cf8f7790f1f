package org.larchmq.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ProtocolException;

/** {@link ByteWriter} and {@link ByteReader}. */
class WireBuffersTest {
    @Test
    void numbersAreBigEndian() {
        ByteWriter out = new ByteWriter(0);
        out.putByte(-1).putShort(0x1234).putInt(0x12345678).putLong(0x123456789ABCDEF0L);
        byte[] expected = {
            -1,
            0x12,
            0x34,
            0x12,
            0x34,
            0x56,
            0x78,
            0x12,
            0x34,
            0x56,
            0x78,
            (byte) 0x9A,
            (byte) 0xBC,
            (byte) 0xDE,
            (byte) 0xF0
        };
        assertArrayEquals(expected, out.toByteArray());
        ByteReader in = new ByteReader(out.toByteBuffer());
        assertEquals(0xFF, in.getUnsignedByte());
        assertEquals(0x1234, in.getShort());
        assertEquals(0x12345678, in.getInt());
        assertEquals(0x123456789ABCDEF0L, in.getLong());
        in.end();
    }

    @Test
    void signsAreKeptOrNotAsTheNameSays() {
        ByteBuffer ones = ByteBuffer.wrap(new byte[] {-1, -1, -1, -1, -1, -1});
        ByteReader in = new ByteReader(ones);
        assertEquals(-1, in.getByte());
        assertEquals(255, in.getUnsignedByte());
        assertEquals(-1, in.getShort());
        assertEquals(65_535, in.getUnsignedShort());
    }

    @Test
    void stringsAreReadAsTheyWereWritten() {
        Random random = new Random(1);
        ByteWriter out = new ByteWriter(0);
        for (int i = 0; i < 1000; i++) out.putString(Samples.string(random)).putShortString(Samples.string(random));
        for (ByteBuffer buffer : new ByteBuffer[] {
            out.toByteBuffer(), direct(out), out.toByteBuffer().asReadOnlyBuffer()
        }) {
            random.setSeed(1);
            ByteReader in = new ByteReader(buffer);
            for (int i = 0; i < 1000; i++) {
                assertEquals(Samples.string(random), in.getString());
                assertEquals(Samples.string(random), in.getShortString());
            }
            in.end();
        }
    }

    @Test
    void encodingIsThatOfTheJdk() {
        for (String text : new String[] {"a", "aö", "öa", "\uD83D\uDE00", "\u0000\u007F\u0080"}) {
            ByteWriter out = new ByteWriter(0);
            byte[] expected = text.getBytes(StandardCharsets.UTF_8);
            assertEquals(expected.length, out.putUtf8(text));
            assertArrayEquals(expected, out.toByteArray());
        }
    }

    @Test
    void unpairedSurrogatesComeThroughExceptInNames() {
        ByteWriter out = new ByteWriter(0);
        out.putString("a\uD800").putShortText("\uDC00b").putShortString("c\uD800");
        for (ByteBuffer buffer : new ByteBuffer[] {out.toByteBuffer(), direct(out)}) {
            ByteReader in = new ByteReader(buffer);
            assertEquals("a\uD800", in.getString());
            assertEquals("\uDC00b", in.getShortText());
            assertEquals("c?", in.getShortString());
            in.end();
        }
    }

    @Test
    void aNameTooLongIsRefusedAndLeavesNothingBehind() {
        ByteWriter out = new ByteWriter(16).putInt(7);
        out.putShortString("x".repeat(65_535));
        out.truncate(4);
        assertThrows(IllegalArgumentException.class, () -> out.putShortString("x".repeat(65_536)));
        assertThrows(IllegalArgumentException.class, () -> out.putShortString("ö".repeat(32_768)));
        assertEquals(4, out.size());
    }

    @Test
    void framesGetTheirLength() {
        ByteWriter out = new ByteWriter(0);
        out.putByte(9);
        int mark = FrameType.PING.begin(out);
        out.putInt(1);
        FrameType.end(out, mark);
        assertEquals(5, ByteBuffer.wrap(out.array()).getInt(1));
        out.patchShort(6, 0x0A0B);
        out.patchLong(0, -1);
        assertEquals(-1, ByteBuffer.wrap(out.array()).getLong(0));
    }

    @Test
    void memoryIsKeptWhenClearedAndGivenBackWhenShrunk() {
        ByteWriter out = new ByteWriter(16);
        out.putBytes(new byte[10_000]);
        byte[] before = out.array();
        out.shrink(100);
        assertEquals(before, out.array());
        out.clear();
        assertEquals(0, out.size());
        assertEquals(before, out.array());
        out.shrink(100);
        assertEquals(100, out.array().length);
        out.shrink(0);
        out.putLong(1);
        assertEquals(8, out.size());
        assertThrows(IllegalArgumentException.class, () -> out.truncate(9));
        assertThrows(IllegalArgumentException.class, () -> out.truncate(-1));
    }

    @Test
    void nothingIsReadBeyondTheLimit() {
        ByteBuffer buffer = ByteBuffer.allocate(100);
        ByteReader in = new ByteReader().reset(buffer, 10, 12);
        assertThrows(ProtocolException.class, in::getInt);
        assertThrows(ProtocolException.class, in::getLong);
        assertThrows(ProtocolException.class, () -> in.getBytes(3));
        assertThrows(ProtocolException.class, () -> in.skip(-1));
        assertThrows(ProtocolException.class, () -> in.skip(Integer.MAX_VALUE));
        assertThrows(ProtocolException.class, () -> in.utf8(3));
        assertEquals(2, in.remaining());
        assertEquals(0, in.getShort());
        assertThrows(ProtocolException.class, in::getByte);
        in.end();
        assertThrows(ProtocolException.class, () -> new ByteReader(buffer).end());
    }

    @Test
    void aRangeOutsideTheBufferIsTheCallersFault() {
        ByteBuffer buffer = ByteBuffer.allocate(10);
        int[][] ranges = {{-1, 5}, {0, 11}, {6, 5}, {Integer.MAX_VALUE, Integer.MIN_VALUE}};
        for (int[] range : ranges) {
            assertThrows(IllegalArgumentException.class, () -> new ByteReader().reset(buffer, range[0], range[1]));
        }
    }

    @Test
    void countsThatCannotBeTrueAreRefused() {
        for (int count : new int[] {-1, Integer.MIN_VALUE, 25, Integer.MAX_VALUE}) {
            ByteBuffer buffer = ByteBuffer.allocate(100).putInt(0, count);
            assertThrows(ProtocolException.class, () -> new ByteReader(buffer).getCount(4));
        }
        assertEquals(24, new ByteReader(ByteBuffer.allocate(100).putInt(0, 24)).getCount(4));
    }

    private static ByteBuffer direct(ByteWriter out) {
        return ByteBuffer.allocateDirect(out.size()).put(0, out.toByteArray());
    }
}
