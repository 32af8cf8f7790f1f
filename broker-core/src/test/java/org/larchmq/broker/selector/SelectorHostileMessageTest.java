package org.larchmq.broker.selector;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.ProtocolException;

/** Bytes that are no message, and messages made to be expensive. */
class SelectorHostileMessageTest {
    private static final Selector ALL_PARTS =
            Selector.parse("last IS NULL OR a = 'x' OR b > 5 OR c LIKE '%y_' OR JMSType = 't'"
                    + " OR JMSCorrelationID = 'c' OR JMSMessageID = 'i' OR d OR e IN ('z') OR missing IS NULL");

    private static TestMessage message() {
        TestMessage message = TestMessage.with(
                "a", "xx", "b", 5, "c", "yyyyyy", "d", false, "e", "zz", "f", 1.5, "g", 1.5f, "h", 7L, "last",
                (byte) 1);
        message.type = "type";
        message.correlationId = "correlation";
        message.replyTo = "reply";
        return message;
    }

    @Test
    void everyTruncationIsRefused() {
        ByteBuffer whole = message().encode();
        assertTrue(ALL_PARTS.matches(whole, 0, 1));
        for (int size = 0; size < whole.limit(); size++) {
            ByteBuffer cut = ByteBuffer.wrap(whole.array(), 0, size);
            assertThrows(ProtocolException.class, () -> ALL_PARTS.matches(cut, 0, 1), "size " + size);
        }
    }

    @Test
    void aPlaceOutsideTheBufferIsRefused() {
        ByteBuffer whole = message().encode();
        for (int at : new int[] {-1, Integer.MIN_VALUE, 1, whole.limit(), Integer.MAX_VALUE}) {
            assertThrows(ProtocolException.class, () -> ALL_PARTS.matches(whole, at, 1), "at " + at);
        }
    }

    @Test
    void sizesThatDoNotFitAreRefused() {
        for (int field : new int[] {MessageLayout.HEADER_SIZE, MessageLayout.PROPERTY_SIZE}) {
            for (int size : new int[] {Integer.MIN_VALUE, -1, 0, 1 << 16, Integer.MAX_VALUE - 60, Integer.MAX_VALUE}) {
                ByteBuffer damaged = message().encode().putInt(field, size);
                assertThrows(ProtocolException.class, () -> ALL_PARTS.matches(damaged, 0, 1), field + " " + size);
            }
        }
    }

    @Test
    void anyDamageIsAnAnswerOrAProtocolException() {
        long seed = Long.getLong("larchmq.seed", System.nanoTime());
        System.out.println("SelectorHostileMessageTest seed=" + seed);
        Random random = new Random(seed);
        byte[] whole = message().encode().array();
        for (int round = 0; round < 50_000; round++) {
            byte[] damaged = whole.clone();
            for (int i = random.nextInt(4); i >= 0; i--)
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
            try {
                ALL_PARTS.matches(ByteBuffer.wrap(damaged), 0, 1);
            } catch (ProtocolException expected) {
                // the answer to a stranger
            }
        }
    }

    @Test
    void anExpensivePatternOnALargeTextIsBoundedAndUnknown() {
        TestMessage large = TestMessage.with("a", "x".repeat(8_000_000));
        String pattern = "'%" + "x".repeat(4000) + "_y%'";
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            assertFalse(large.matches("a LIKE " + pattern));
            assertFalse(large.matches("a NOT LIKE " + pattern));
            assertFalse(large.matches("NOT (a LIKE " + pattern + ")"));
        });
        assertTrue(TestMessage.with("a", "x".repeat(1000)).matches("a NOT LIKE " + pattern));
    }

    @Test
    void manyComparisonsOfLargeTextsAreBounded() {
        TestMessage large = TestMessage.with("a", "x".repeat(4_000_000), "b", "x".repeat(4_000_000));
        assertTrue(large.matches("a = b"));
        String condition = "a <> b" + " OR a <> b".repeat(80);
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> assertFalse(large.matches(condition)));
    }

    @Test
    void manyPropertiesAreReadOnce() {
        TestMessage many = new TestMessage();
        for (int i = 0; i < 60_000; i++) many.properties.put("a-common-beginning-of-every-name-" + i, i);
        StringBuilder condition = new StringBuilder("JMSPriority = 0");
        for (int i = 0; i < 80; i++)
            condition
                    .append(" OR aCommonBeginningOfEveryName")
                    .append(10_000 + i)
                    .append(" = 1");
        ByteBuffer encoded = many.encode();
        Selector selector = Selector.parse(condition.toString());
        assertTimeoutPreemptively(Duration.ofSeconds(5), () -> {
            for (int i = 0; i < 20; i++) assertFalse(selector.matches(encoded, 0, 1));
        });
    }

    @Test
    void whatIsNoUtf8IsComparedAsBytes() {
        TestMessage message = TestMessage.with("a", "xxxx");
        ByteBuffer encoded = message.encode();
        int at = encoded.limit() - 4;
        encoded.put(at, (byte) 0x80)
                .put(at + 1, (byte) 0xFF)
                .put(at + 2, (byte) 0xC3)
                .put(at + 3, (byte) 0xF0);
        assertTrue(Selector.parse("a LIKE '%' AND a <> 'xxxx'").matches(encoded, 0, 1));
        assertFalse(Selector.parse("a LIKE 'x___' OR a LIKE '' OR a = '????'").matches(encoded, 0, 1));
    }
}
