package org.larchmq.wire;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.larchmq.message.ByteReader;
import org.larchmq.message.Compression;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.ProtocolException;
import org.larchmq.message.Values;

class MessageLayoutTest {
    private static final byte[] GOLDEN = HexFile.golden("MESSAGE");

    private final long seed = Long.getLong("larchmq.seed", System.nanoTime());
    private final Random random = new Random(seed);

    @Test
    void theBytesAreThoseOfTheFile() {
        assertArrayEquals(GOLDEN, Samples.fullMessage());
        FrameWalk.message(ByteBuffer.wrap(GOLDEN), 0, GOLDEN.length);
    }

    @Test
    void theBytesOfACompressedMessageAreThoseOfTheFile() {
        byte[] golden = HexFile.golden("MESSAGE_COMPRESSED");
        assertArrayEquals(golden, Samples.compressedMessage());
        ByteBuffer message = inTheMiddle(golden, 7);
        FrameWalk.message(message, 7, golden.length);
        assertTrue(MessageLayout.isCompressed(message, 7));
        assertEquals(Compression.LZ4, MessageLayout.compression(message, 7));
        assertTrue(MessageLayout.isPersistent(message, 7));
        assertFalse(MessageLayout.isCompressed(ByteBuffer.wrap(GOLDEN), 0));
        // headers and properties are where they are in any message
        assertTrue(Values.findProperty(message, 7, utf8("e"), new ByteReader()));
    }

    @Test
    void aCompressedMessageNamesOneKnownAlgorithmAndHasABody() {
        byte[] golden = HexFile.golden("MESSAGE_COMPRESSED");
        for (int flags : new int[] {0, 1, 24, 32 | 8, 32 | 16}) {
            ByteBuffer message = ByteBuffer.wrap(golden.clone()).put(MessageLayout.FLAGS, (byte) flags);
            assertThrows(ProtocolException.class, () -> MessageLayout.check(message, 0, golden.length), "" + flags);
        }
        int bodyAt = MessageLayout.bodyAt(ByteBuffer.wrap(golden), 0);
        for (int bodyBytes = 0; bodyBytes <= 5; bodyBytes++) {
            ByteBuffer message = ByteBuffer.wrap(golden.clone()).putInt(MessageLayout.BODY_SIZE, bodyBytes);
            int size = bodyAt + bodyBytes;
            if (bodyBytes == 5) assertDoesNotThrow(() -> MessageLayout.check(message, 0, size));
            else assertThrows(ProtocolException.class, () -> MessageLayout.check(message, 0, size));
        }
        // in a message of version 1 these flags have no meaning
        ByteBuffer plain = ByteBuffer.wrap(GOLDEN.clone()).put(MessageLayout.FLAGS, (byte) 24);
        assertDoesNotThrow(() -> MessageLayout.check(plain, 0, GOLDEN.length));
    }

    @Test
    void theFixedFieldsAreWhereTheTableSays() {
        ByteBuffer message = inTheMiddle(GOLDEN, 11);
        assertTrue(MessageLayout.isPersistent(message, 11));
        assertEquals(7, MessageLayout.priority(message, 11));
        assertEquals(1_700_000_000_000L, MessageLayout.timestampMillis(message, 11));
        assertEquals(1_700_000_000_500L, MessageLayout.expirationMillis(message, 11));
        assertEquals(1_700_000_000_100L, MessageLayout.deliveryTimeMillis(message, 11));
        assertEquals(-2, MessageLayout.producerId(message, 11));
        assertEquals(256, MessageLayout.sequence(message, 11));
        assertEquals(MessageLayout.tagHash("blue"), MessageLayout.tagHash(message, 11));
        assertEquals(11 + 60, MessageLayout.headersAt(11));
        assertEquals(11 + 60 + 27, MessageLayout.propertiesAt(message, 11));
        assertEquals(11 + 60 + 27 + 102, MessageLayout.bodyAt(message, 11));
        assertEquals("ID:fffffffffffffffe-256", MessageLayout.messageId(-2, 256));
    }

    @Test
    void randomMessagesAreWalkedToTheirEnd() {
        System.out.println("MessageLayoutTest seed=" + seed);
        for (int i = 0; i < 5_000; i++) {
            byte[] message = Samples.randomMessage(random);
            ByteBuffer buffer = inTheMiddle(message, 5);
            assertDoesNotThrow(() -> FrameWalk.message(buffer, 5, message.length), "seed=" + seed);
        }
    }

    @Test
    void everyTruncationIsRefused() {
        for (int size = 0; size < GOLDEN.length; size++) {
            int cut = size;
            ByteBuffer shorter = ByteBuffer.wrap(Arrays.copyOf(GOLDEN, size));
            assertThrows(ProtocolException.class, () -> MessageLayout.check(shorter, 0, cut), "size " + size);
        }
    }

    @Test
    void aSizeBeyondTheBufferIsRefused() {
        ByteBuffer half = ByteBuffer.wrap(GOLDEN, 0, GOLDEN.length / 2);
        assertThrows(ProtocolException.class, () -> MessageLayout.check(half, 0, GOLDEN.length));
        ByteBuffer whole = ByteBuffer.wrap(GOLDEN);
        assertThrows(ProtocolException.class, () -> MessageLayout.check(whole, -1, GOLDEN.length));
        assertThrows(ProtocolException.class, () -> MessageLayout.check(whole, 1, GOLDEN.length));
        assertThrows(ProtocolException.class, () -> MessageLayout.check(whole, Integer.MAX_VALUE, GOLDEN.length));
        assertThrows(ProtocolException.class, () -> MessageLayout.check(whole, 0, -1));
        assertThrows(ProtocolException.class, () -> MessageLayout.check(whole, 0, Integer.MIN_VALUE));
    }

    @Test
    void fixedFieldsOutOfRangeAreRefused() {
        refused(MessageLayout.BODY_TYPE, -1, ErrorCode.PROTOCOL);
        refused(MessageLayout.BODY_TYPE, 6, ErrorCode.PROTOCOL);
        refused(MessageLayout.PRIORITY, -1, ErrorCode.PROTOCOL);
        refused(MessageLayout.PRIORITY, 10, ErrorCode.PROTOCOL);
        refused(MessageLayout.VERSION, 0, ErrorCode.VERSION);
        refused(MessageLayout.VERSION, 2, ErrorCode.PROTOCOL); // no algorithm in the flags
        refused(MessageLayout.VERSION, 3, ErrorCode.VERSION);
    }

    private static void refused(int field, int value, ErrorCode expected) {
        ByteBuffer message = ByteBuffer.wrap(GOLDEN.clone()).put(field, (byte) value);
        var refused = assertThrows(ProtocolException.class, () -> MessageLayout.check(message, 0, GOLDEN.length));
        assertEquals(expected, refused.code());
    }

    @Test
    void sizesThatDoNotAddUpAreRefused() {
        int[] fields = {MessageLayout.HEADER_SIZE, MessageLayout.PROPERTY_SIZE, MessageLayout.BODY_SIZE};
        int[] sizes = {Integer.MIN_VALUE, -1, 0, 1, GOLDEN.length, Integer.MAX_VALUE - 100, Integer.MAX_VALUE};
        for (int field : fields) {
            for (int size : sizes) {
                ByteBuffer message = ByteBuffer.wrap(GOLDEN.clone()).putInt(field, size);
                assertThrows(ProtocolException.class, () -> MessageLayout.check(message, 0, GOLDEN.length));
            }
        }
        // sizes whose sum wraps around to the right one
        ByteBuffer wrapping = ByteBuffer.wrap(GOLDEN.clone());
        wrapping.putInt(MessageLayout.HEADER_SIZE, Integer.MAX_VALUE)
                .putInt(MessageLayout.PROPERTY_SIZE, Integer.MAX_VALUE);
        wrapping.putInt(MessageLayout.BODY_SIZE, GOLDEN.length - 60 + 2);
        assertThrows(ProtocolException.class, () -> MessageLayout.check(wrapping, 0, GOLDEN.length));
    }

    @Test
    void aTagHashIsNeverZero() {
        assertEquals(1, MessageLayout.tagHash(""));
        assertEquals("blue".hashCode(), MessageLayout.tagHash("blue"));
    }

    @Test
    void everyPropertyIsFoundAndNoOther() {
        ByteBuffer message = inTheMiddle(GOLDEN, 9);
        ByteReader reader = new ByteReader();
        assertTrue(Values.findProperty(message, 9, utf8(MessageLayout.TAG_PROPERTY), reader));
        assertEquals("blue", Values.read(reader));
        Object[] expected = {null, true, (byte) -128, Short.MAX_VALUE, -1, Long.MIN_VALUE, 1.5f, -2.5};
        for (int i = 0; i < expected.length; i++) {
            assertTrue(Values.findProperty(message, 9, utf8(Character.toString('a' + i)), reader));
            assertEquals(expected[i], Values.read(reader));
        }
        assertTrue(Values.findProperty(message, 9, utf8("j"), reader));
        assertEquals('A', Values.read(reader));
        for (String name : new String[] {"", "k", "A", "aa", "JMS_LARCH_TAGS", "JMS_LARCH_TA"}) {
            assertFalse(Values.findProperty(message, 9, utf8(name), reader), name);
        }
    }

    @Test
    void damagedPropertiesAreRefusedWhenTheyAreSearched() {
        int properties = MessageLayout.propertiesAt(ByteBuffer.wrap(GOLDEN), 0);
        byte[] name = utf8("not there");
        for (int at = properties; at < properties + 102 - 1; at++) {
            ByteBuffer message = ByteBuffer.wrap(GOLDEN.clone()).putShort(at, (short) 0xFFFF);
            try {
                assertFalse(Values.findProperty(message, 0, name, new ByteReader()));
            } catch (ProtocolException refused) {
                assertEquals(ErrorCode.PROTOCOL, refused.code());
            }
        }
        ByteBuffer moreThanThereAre = ByteBuffer.wrap(GOLDEN.clone()).putShort(properties, (short) 12);
        assertThrows(ProtocolException.class, () -> Values.findProperty(moreThanThereAre, 0, name, new ByteReader()));
    }

    private static ByteBuffer inTheMiddle(byte[] message, int at) {
        return ByteBuffer.allocateDirect(message.length + 20).put(at, message);
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
