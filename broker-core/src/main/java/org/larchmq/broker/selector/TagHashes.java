package org.larchmq.broker.selector;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.larchmq.broker.selector.Expression.And;
import org.larchmq.broker.selector.Expression.Comparison;
import org.larchmq.broker.selector.Expression.In;
import org.larchmq.broker.selector.Expression.Or;
import org.larchmq.broker.selector.Expression.Property;
import org.larchmq.message.MessageLayout;

/** Finds out which tags a condition asks for, to pass over messages by their tag hash alone. */
final class TagHashes {
    private TagHashes() {}

    /** Hashes of which a message must have one for the condition to be true, ascending; null when it need not. */
    static int[] requiredBy(Expression condition) {
        if (condition instanceof Comparison comparison) return ofComparison(comparison);
        if (condition instanceof In in) return in.negated || !isTag(in.operand) ? null : hashes(in.strings);
        if (condition instanceof And and) return ofAll(and);
        if (condition instanceof Or or) return ofAny(or);
        return null;
    }

    private static int[] ofComparison(Comparison comparison) {
        boolean isEquality = comparison.operator == Comparison.EQUAL && isTag(comparison.left);
        if (!isEquality || comparison.constant == null || comparison.constant.kind != Value.STRING) return null;
        return hashes(List.of(comparison.constant.string()));
    }

    /** Every term must be true: what two terms require, both require. */
    private static int[] ofAll(And and) {
        int[] required = null;
        for (Expression term : and.terms) {
            int[] ofTerm = requiredBy(term);
            if (ofTerm == null) continue;
            int[] ofOthers = required;
            required = ofOthers == null
                    ? ofTerm
                    : IntStream.of(ofTerm)
                            .filter(hash -> Arrays.binarySearch(ofOthers, hash) >= 0)
                            .toArray();
        }
        return required;
    }

    /** Any term may be true: one that requires nothing lets every message through. */
    private static int[] ofAny(Or or) {
        IntStream required = IntStream.empty();
        for (Expression term : or.terms) {
            int[] ofTerm = requiredBy(term);
            if (ofTerm == null) return null;
            required = IntStream.concat(required, IntStream.of(ofTerm));
        }
        return required.sorted().distinct().toArray();
    }

    private static boolean isTag(Expression operand) {
        return operand instanceof Property property && property.name.equals(MessageLayout.TAG_PROPERTY);
    }

    private static int[] hashes(List<String> tags) {
        return tags.stream()
                .mapToInt(MessageLayout::tagHash)
                .sorted()
                .distinct()
                .toArray();
    }
}
