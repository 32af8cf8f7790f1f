package org.larchmq.broker.selector;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.ProtocolException;
import org.larchmq.wire.Protocol;

/**
 * A parsed message selector. Immutable; any thread may use it at any time.
 *
 * <p>Where section 3.8 leaves a choice:
 *
 * <ul>
 *   <li>An operator applied to values of unlike types is false, also in its negated form: with {@code a} a number,
 *       {@code a = 'x'}, {@code a <> 'x'}, {@code a IN ('x')} and {@code a NOT IN ('x')} are all false. Where the types
 *       are known when the selector is parsed ({@code TRUE = 0}, {@code JMSPriority > 'x'}), it is refused instead.
 *   <li>Exact literals are longs. Arithmetic and comparison promote as Java does, overflow wraps as in Java; an exact
 *       division by zero is NULL.
 *   <li>{@code _} in a LIKE pattern is one Unicode code point.
 *   <li>A JMSCorrelationID that was set as bytes is NULL, and so is JMSMessageID of a message that was sent without.
 *   <li>Evaluating one selector on one message is bounded: string comparisons beyond
 *       {@value Evaluation#WORK_LIMIT} steps (megabytes of text in properties) are unknown, so that the message is not
 *       selected by them.
 * </ul>
 */
public final class Selector {
    /** Longest selector in encoded bytes. */
    public static final int MAX_TEXT_BYTES = Protocol.MAX_SELECTOR_BYTES;

    /** Most operators, identifiers and literals of one selector. */
    public static final int MAX_NODES = 256;

    /** Deepest nesting of parentheses, NOT and signs. */
    public static final int MAX_DEPTH = 32;

    /** Most strings of one IN. */
    public static final int MAX_IN_STRINGS = 2_000;

    private final String text;
    private final Expression condition;
    private final byte[][] names;
    private final int registers;
    private final int[] tagHashes;

    Selector(String text, Expression condition, byte[][] names, int registers) {
        this.text = text;
        this.condition = condition;
        this.names = names;
        this.registers = registers;
        this.tagHashes = TagHashes.requiredBy(condition);
    }

    /**
     * @param text not empty: that an empty selector is none is the caller's to know
     * @throws SelectorSyntaxException when it is not a selector, or too large
     */
    public static Selector parse(String text) {
        return new Parser(text).parse();
    }

    /**
     * Whether the condition is true of the message; false when it is false or unknown.
     *
     * @param message       big-endian; its position is neither used nor moved
     * @param at            where the message begins, see {@link MessageLayout}
     * @param deliveryCount JMSXDeliveryCount of the delivery to be made
     * @throws ProtocolException when what was looked at is not laid out as a message
     */
    public boolean matches(ByteBuffer message, int at, int deliveryCount) {
        Evaluation evaluation = Evaluation.ofThisThread();
        evaluation.begin(message, at, deliveryCount, names, registers);
        try {
            return condition.test(evaluation) == Expression.TRUE;
        } finally {
            evaluation.end(registers);
        }
    }

    /** What all evaluations on this thread have cost so far: about a nanosecond or two for each. */
    public static long workSoFar() {
        return Evaluation.ofThisThread().workSoFar();
    }

    /**
     * False when no message of this tag hash can match, so that it need not be read. True says nothing: hashes collide,
     * and the rest of the condition is still to be evaluated.
     *
     * @param tagHash as in a consume queue's row, 0 for a message without a tag
     */
    public boolean mayMatchTag(int tagHash) {
        return tagHashes == null || Arrays.binarySearch(tagHashes, tagHash) >= 0;
    }

    /** Whether {@link #mayMatchTag} can ever be false. */
    public boolean requiresTag() {
        return tagHashes != null;
    }

    /** The tag hashes of which a matching message has one, ascending; empty when {@link #requiresTag} is false. */
    public int[] requiredTagHashes() {
        return tagHashes == null ? new int[0] : tagHashes.clone();
    }

    /** What was parsed. */
    public String text() {
        return text;
    }

    @Override
    public String toString() {
        return "Selector[" + text + "]";
    }
}
