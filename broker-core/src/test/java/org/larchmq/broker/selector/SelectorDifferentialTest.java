package org.larchmq.broker.selector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.larchmq.message.MessageLayout;

/** Random selectors over random messages: the engine and {@link SelectorModel} must agree. */
class SelectorDifferentialTest {
    private static final int SELECTORS = 34_000;
    private static final int MESSAGES_PER_SELECTOR = 3;
    private static final List<String> NAMES =
            List.of("a", "b", "c", "d", "größe", "$e", "_f", "aLongerName", MessageLayout.TAG_PROPERTY, "neverSet");
    private static final List<String> HEADERS = List.of(
            "JMSPriority",
            "JMSTimestamp",
            "JMSXDeliveryCount",
            "JMSType",
            "JMSCorrelationID",
            "JMSDeliveryMode",
            "JMSMessageID");
    private static final List<String> NUMERIC_HEADERS = HEADERS.subList(0, 3);
    private static final List<String> STRINGS = List.of(
            "", "a", "b", "ab", "ba", "abab", "a%b", "a_b", "it's", "größe", "😀", "a😀b", "PERSISTENT", "line\nbreak");
    private static final List<Object> NUMBERS = List.of(
            (byte) 0,
            (byte) -1,
            (short) 2,
            (short) -300,
            0,
            1,
            2,
            3,
            -7,
            Integer.MAX_VALUE,
            Integer.MIN_VALUE,
            0L,
            2L,
            1L << 53,
            Long.MAX_VALUE,
            Long.MIN_VALUE,
            0f,
            0.1f,
            2f,
            -1.5f,
            1.6777216e7f,
            Float.MAX_VALUE,
            0.0,
            -0.0,
            0.1,
            2.0,
            1e300,
            Double.MIN_VALUE,
            Double.NaN,
            Double.POSITIVE_INFINITY);

    private Random random;

    @Test
    void theEngineAndTheModelAgree() {
        long seed = Long.getLong("larchmq.seed", System.nanoTime());
        System.out.println("SelectorDifferentialTest seed=" + seed);
        random = new Random(seed);
        int[] outcomes = new int[3];
        for (int i = 0; i < SELECTORS; i++) {
            SelectorModel model = condition(random.nextInt(5));
            String text = model.text(random);
            Selector selector = Selector.parse(text);
            Selector negation = Selector.parse("NOT (" + text + ")");
            for (int j = 0; j < MESSAGES_PER_SELECTOR; j++) {
                TestMessage message = message();
                Boolean expected = SelectorModel.truth(model.value(values(message)));
                ByteBuffer encoded = message.encode();
                String about = "seed=" + seed + " selector=" + text + " message=" + message.properties;
                boolean matches = selector.matches(encoded, 0, message.deliveryCount);
                assertEquals(expected != null && expected, matches, about);
                boolean isFalse = negation.matches(encoded, 0, message.deliveryCount);
                assertEquals(expected != null && !expected, isFalse, "NOT, " + about);
                assertTrue(!matches || selector.mayMatchTag(MessageLayout.tagHash(encoded, 0)), "tag, " + about);
                outcomes[expected == null ? 0 : expected ? 1 : 2]++;
            }
        }
        System.out.printf("unknown %d, true %d, false %d%n", outcomes[0], outcomes[1], outcomes[2]);
        for (int count : outcomes) assertTrue(count > 1000, "one outcome is hardly tested, seed=" + seed);
    }

    private SelectorModel condition(int depth) {
        if (depth == 0) return predicate();
        return switch (random.nextInt(5)) {
            case 0 -> new SelectorModel.Not(condition(depth - 1));
            case 1, 2 -> new SelectorModel.And(condition(depth - 1), condition(depth - 1));
            default -> new SelectorModel.Or(condition(depth - 1), condition(depth - 1));
        };
    }

    private SelectorModel predicate() {
        boolean negated = random.nextBoolean();
        return switch (random.nextInt(10)) {
            case 0 -> property();
            case 1 -> new SelectorModel.Literal(negated, negated ? "true" : "FALSE");
            case 2 -> new SelectorModel.IsNull(anyName(), negated);
            case 3 -> new SelectorModel.In(stringName(), manyStrings(), negated);
            case 4 -> like(negated);
            case 5 -> new SelectorModel.Between(number(2), number(1), number(1), negated);
            case 6 -> new SelectorModel.Compare(pick(List.of("=", "<>")), stringName(), string());
            case 7 -> new SelectorModel.Compare(pick(List.of("=", "<>")), property(), booleanOrProperty());
            default -> new SelectorModel.Compare(pick(List.of("=", "<>", "<", "<=", ">", ">=")), number(2), number(2));
        };
    }

    private SelectorModel booleanOrProperty() {
        return switch (random.nextInt(4)) {
            case 0 -> property();
            case 1 -> new SelectorModel.Compare("=", number(0), number(0));
            default -> new SelectorModel.Literal(true, "TRUE");
        };
    }

    private SelectorModel number(int depth) {
        if (depth > 0 && random.nextBoolean()) {
            if (random.nextInt(4) == 0) return new SelectorModel.Minus(number(depth - 1));
            return new SelectorModel.Sum(pick(List.of('+', '-', '*', '/')), number(depth - 1), number(depth - 1));
        }
        return switch (random.nextInt(5)) {
            case 0, 1 -> numberLiteral();
            case 2 -> new SelectorModel.Name(pick(NUMERIC_HEADERS));
            default -> property();
        };
    }

    private SelectorModel numberLiteral() {
        Number value = (Number) pick(NUMBERS);
        if (value instanceof Float v) {
            float positive = Math.abs(v);
            return new SelectorModel.Literal(positive, Float.toString(positive) + pick(List.of("f", "F")));
        }
        if (value instanceof Double v) {
            double positive = Double.isFinite(v) ? Math.abs(v) : 3.5;
            return new SelectorModel.Literal(positive, Double.toString(positive) + pick(List.of("", "d", "D")));
        }
        long positive = Math.max(0, value.longValue());
        String digits = pick(List.of(
                Long.toString(positive),
                "0x" + Long.toHexString(positive),
                "0X" + Long.toHexString(positive).toUpperCase(),
                "0" + Long.toOctalString(positive),
                "0b" + Long.toBinaryString(positive)));
        return new SelectorModel.Literal(positive, digits + pick(List.of("", "", "l", "L")));
    }

    private SelectorModel like(boolean negated) {
        StringBuilder pattern = new StringBuilder();
        String escape = pick(List.of("!", "a", "_", "%", "😀", "'"));
        boolean hasEscape = random.nextInt(3) == 0;
        for (int i = random.nextInt(5); i >= 0; i--) {
            String piece = pick(List.of("%", "%", "_", "a", "b", "ab", "ö", "😀", "'"));
            if (hasEscape && random.nextInt(3) == 0) pattern.append(escape);
            else if (hasEscape && piece.contains(escape)) continue;
            pattern.append(piece);
        }
        return new SelectorModel.Like(stringName(), pattern.toString(), hasEscape ? escape : null, negated);
    }

    private SelectorModel.Name property() {
        return new SelectorModel.Name(pick(NAMES));
    }

    private SelectorModel.Name anyName() {
        return random.nextInt(3) == 0 ? new SelectorModel.Name(pick(HEADERS)) : property();
    }

    private SelectorModel.Name stringName() {
        return random.nextInt(3) == 0 ? new SelectorModel.Name(pick(HEADERS.subList(3, 7))) : property();
    }

    private SelectorModel string() {
        if (random.nextInt(3) == 0) return stringName();
        String value = random.nextInt(8) == 0 ? "ID:abcdef-17" : pick(STRINGS);
        return new SelectorModel.Literal(value, SelectorModel.quoted(value));
    }

    private List<String> manyStrings() {
        return IntStream.range(0, 1 + random.nextInt(6))
                .mapToObj(i -> pick(STRINGS))
                .toList();
    }

    private TestMessage message() {
        TestMessage message = new TestMessage();
        for (String name : NAMES.subList(0, NAMES.size() - 1)) {
            int kind = random.nextInt(10);
            if (kind == 0) continue;
            Object value = switch (kind) {
                case 1 -> null;
                case 2, 3 -> random.nextBoolean();
                case 4, 5, 6 -> pick(STRINGS);
                case 7 -> random.nextInt(4) == 0 ? pick(List.<Object>of(new byte[] {1}, 'c')) : pick(NUMBERS);
                default -> pick(NUMBERS);
            };
            message.properties.put(name, value);
        }
        message.priority = random.nextInt(10);
        message.timestampMillis = random.nextInt(3);
        message.deliveryCount = 1 + random.nextInt(3);
        message.persistent = random.nextBoolean();
        message.hasMessageId = random.nextBoolean();
        if (random.nextBoolean()) message.type = pick(STRINGS);
        if (random.nextBoolean()) message.correlationId = random.nextBoolean() ? pick(STRINGS) : new byte[] {'a'};
        if (random.nextBoolean()) message.replyTo = "answers";
        return message;
    }

    private static Map<String, Object> values(TestMessage message) {
        Map<String, Object> values = new HashMap<>(message.properties);
        values.put("JMSPriority", message.priority);
        values.put("JMSTimestamp", message.timestampMillis);
        values.put("JMSXDeliveryCount", message.deliveryCount);
        values.put("JMSType", message.type);
        values.put("JMSCorrelationID", message.correlationId instanceof String id ? id : null);
        values.put("JMSDeliveryMode", message.persistent ? "PERSISTENT" : "NON_PERSISTENT");
        values.put("JMSMessageID", message.hasMessageId ? "ID:abcdef-17" : null);
        return values;
    }

    private <T> T pick(List<T> list) {
        return list.get(random.nextInt(list.size()));
    }
}
