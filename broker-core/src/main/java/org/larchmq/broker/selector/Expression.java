package org.larchmq.broker.selector;

import java.nio.ByteBuffer;
import java.util.List;

/**
 * The closed list of what a selector is made of. Every expression can be loaded as a value; the conditions among them
 * can be tested. Immutable: what changes during an evaluation is in {@link Evaluation}, where each expression that
 * needs registers has its own.
 */
abstract sealed class Expression {
    /** Three-valued logic: NOT is the sign, AND the minimum, OR the maximum. */
    static final int TRUE = 1;

    static final int UNKNOWN = 0;
    static final int FALSE = -1;

    /** What is known of a value's type when the selector is parsed. */
    enum Type {
        BOOLEAN("a boolean"),
        STRING("a string"),
        NUMBER("a number"),
        /** A property: every message may have another type. */
        ANY("a property");

        final String text;

        Type(String text) {
            this.text = text;
        }
    }

    abstract Type type();

    abstract void load(Evaluation evaluation, Value into);

    abstract int test(Evaluation evaluation);

    /** What is loaded first of all and tested only as a boolean property. */
    abstract static sealed class Operand extends Expression {
        @Override
        int test(Evaluation evaluation) {
            throw new AssertionError("not a condition: " + this);
        }
    }

    /** What is tested first of all. */
    abstract static sealed class Condition extends Expression {
        @Override
        final Type type() {
            return Type.BOOLEAN;
        }

        @Override
        final void load(Evaluation evaluation, Value into) {
            int result = test(evaluation);
            if (result == UNKNOWN) into.kind = Value.NULL;
            else into.setExact(Value.BOOLEAN, result == TRUE ? 1 : 0);
        }
    }

    static final class Literal extends Operand {
        final Value value;
        private final Type type;

        Literal(Value value, Type type) {
            this.value = value;
            this.type = type;
        }

        @Override
        Type type() {
            return type;
        }

        @Override
        void load(Evaluation evaluation, Value into) {
            into.kind = value.kind;
            into.exact = value.exact;
            into.approximate = value.approximate;
            into.source = value.source;
            into.at = value.at;
            into.length = value.length;
        }

        @Override
        int test(Evaluation evaluation) {
            return value.exact != 0 ? TRUE : FALSE;
        }
    }

    static final class Property extends Operand {
        final String name;
        private final int index;
        private final int register;

        Property(String name, int index, int register) {
            this.name = name;
            this.index = index;
            this.register = register;
        }

        @Override
        Type type() {
            return Type.ANY;
        }

        @Override
        void load(Evaluation evaluation, Value into) {
            evaluation.property(index, into);
        }

        @Override
        int test(Evaluation evaluation) {
            Value value = evaluation.register(register);
            evaluation.property(index, value);
            if (value.kind == Value.NULL) return UNKNOWN;
            return value.kind == Value.BOOLEAN && value.exact != 0 ? TRUE : FALSE;
        }
    }

    static final class HeaderField extends Operand {
        private final Header header;

        HeaderField(Header header) {
            this.header = header;
        }

        @Override
        Type type() {
            return header.type;
        }

        @Override
        void load(Evaluation evaluation, Value into) {
            evaluation.header(header, into);
        }
    }

    /** Unary plus and minus. */
    static final class Sign extends Operand {
        private final Expression operand;
        private final boolean isMinus;

        Sign(Expression operand, boolean isMinus) {
            this.operand = operand;
            this.isMinus = isMinus;
        }

        @Override
        Type type() {
            return Type.NUMBER;
        }

        @Override
        void load(Evaluation evaluation, Value into) {
            operand.load(evaluation, into);
            switch (into.kind) {
                case Value.NULL -> {}
                case Value.INT -> into.exact = isMinus ? -(int) into.exact : into.exact;
                case Value.LONG -> into.exact = isMinus ? -into.exact : into.exact;
                case Value.FLOAT, Value.DOUBLE -> into.approximate = isMinus ? -into.approximate : into.approximate;
                default -> into.kind = Value.UNFIT;
            }
        }
    }

    /** Plus, minus, times, divided by: with the types and the overflow of Java. */
    static final class Arithmetic extends Operand {
        private final char operator;
        private final Expression left;
        private final Expression right;
        private final int register;

        Arithmetic(char operator, Expression left, Expression right, int register) {
            this.operator = operator;
            this.left = left;
            this.right = right;
            this.register = register;
        }

        @Override
        Type type() {
            return Type.NUMBER;
        }

        @Override
        void load(Evaluation evaluation, Value into) {
            left.load(evaluation, into);
            Value other = evaluation.register(register);
            right.load(evaluation, other);
            if (into.kind == Value.NULL || other.kind == Value.NULL) into.kind = Value.NULL;
            else if (!into.isNumber() || !other.isNumber()) into.kind = Value.UNFIT;
            else calculate(into, other, Math.max(into.kind, other.kind));
        }

        private void calculate(Value into, Value other, int kind) {
            if (kind == Value.DOUBLE) {
                into.setApproximate(kind, doubles(into.asDouble(), other.asDouble()));
            } else if (kind == Value.FLOAT) {
                into.setApproximate(kind, floats(into.asFloat(), other.asFloat()));
            } else if (operator == '/' && other.exact == 0) {
                into.kind = Value.NULL;
            } else {
                long result = longs(into.exact, other.exact);
                into.setExact(kind, kind == Value.INT ? (int) result : result);
            }
        }

        private long longs(long a, long b) {
            return switch (operator) {
                case '+' -> a + b;
                case '-' -> a - b;
                case '*' -> a * b;
                default -> a / b;
            };
        }

        private float floats(float a, float b) {
            return switch (operator) {
                case '+' -> a + b;
                case '-' -> a - b;
                case '*' -> a * b;
                default -> a / b;
            };
        }

        private double doubles(double a, double b) {
            return switch (operator) {
                case '+' -> a + b;
                case '-' -> a - b;
                case '*' -> a * b;
                default -> a / b;
            };
        }
    }

    /** = <> < <= > >= */
    static final class Comparison extends Condition {
        static final int EQUAL = 0;
        static final int NOT_EQUAL = 1;
        static final int LESS = 2;
        static final int LESS_OR_EQUAL = 3;
        static final int GREATER = 4;
        static final int GREATER_OR_EQUAL = 5;

        final int operator;
        final Expression left;
        /** The right side when it is a literal, otherwise null. */
        final Value constant;

        private final Expression right;
        private final int register;

        /** @param register the first of two */
        Comparison(int operator, Expression left, Expression right, int register) {
            boolean isMirrored = left instanceof Literal && !(right instanceof Literal);
            this.operator = isMirrored ? mirrored(operator) : operator;
            this.left = isMirrored ? right : left;
            this.right = isMirrored ? left : right;
            this.constant = this.right instanceof Literal literal ? literal.value : null;
            this.register = register;
        }

        @Override
        int test(Evaluation evaluation) {
            Value a = evaluation.register(register);
            left.load(evaluation, a);
            Value b = constant;
            if (b == null) {
                b = evaluation.register(register + 1);
                right.load(evaluation, b);
            }
            return compare(operator, a, b, evaluation);
        }

        static boolean isOrdering(int operator) {
            return operator >= LESS;
        }

        static int compare(int operator, Value a, Value b, Evaluation evaluation) {
            if (a.kind == Value.NULL || b.kind == Value.NULL) return UNKNOWN;
            if (a.isNumber() && b.isNumber()) return compareNumbers(operator, a, b) ? TRUE : FALSE;
            if (a.kind != b.kind || isOrdering(operator)) return FALSE;
            return switch (a.kind) {
                case Value.STRING -> compareStrings(operator, a, b, evaluation);
                case Value.BOOLEAN -> (a.exact == b.exact) == (operator == EQUAL) ? TRUE : FALSE;
                default -> FALSE;
            };
        }

        private static boolean compareNumbers(int operator, Value a, Value b) {
            int kind = Math.max(a.kind, b.kind);
            if (kind <= Value.LONG) return holds(operator, a.exact, b.exact);
            if (kind == Value.FLOAT) return holds(operator, a.asFloat(), b.asFloat());
            return holds(operator, a.asDouble(), b.asDouble());
        }

        private static boolean holds(int operator, long a, long b) {
            return switch (operator) {
                case EQUAL -> a == b;
                case NOT_EQUAL -> a != b;
                case LESS -> a < b;
                case LESS_OR_EQUAL -> a <= b;
                case GREATER -> a > b;
                default -> a >= b;
            };
        }

        private static boolean holds(int operator, double a, double b) {
            return switch (operator) {
                case EQUAL -> a == b;
                case NOT_EQUAL -> a != b;
                case LESS -> a < b;
                case LESS_OR_EQUAL -> a <= b;
                case GREATER -> a > b;
                default -> a >= b;
            };
        }

        private static int compareStrings(int operator, Value a, Value b, Evaluation evaluation) {
            boolean areEqual = false;
            if (a.length == b.length) {
                if (!evaluation.spend(a.length >>> 3)) return UNKNOWN;
                areEqual = areSame(a.source, a.at, b.source, b.at, a.length);
            }
            return areEqual == (operator == EQUAL) ? TRUE : FALSE;
        }

        private static boolean areSame(ByteBuffer a, int aAt, ByteBuffer b, int bAt, int length) {
            int i = 0;
            for (; i + 8 <= length; i += 8) {
                if (a.getLong(aAt + i) != b.getLong(bAt + i)) return false;
            }
            for (; i < length; i++) {
                if (a.get(aAt + i) != b.get(bAt + i)) return false;
            }
            return true;
        }

        private static int mirrored(int operator) {
            return switch (operator) {
                case LESS -> GREATER;
                case LESS_OR_EQUAL -> GREATER_OR_EQUAL;
                case GREATER -> LESS;
                case GREATER_OR_EQUAL -> LESS_OR_EQUAL;
                default -> operator;
            };
        }
    }

    /** {@code a BETWEEN b AND c} is {@code a >= b AND a <= c}; with NOT it is {@code a < b OR a > c}. */
    static final class Between extends Condition {
        private final Expression operand;
        private final Expression lowest;
        private final Expression highest;
        private final boolean negated;
        private final int register;

        /** @param register the first of two */
        Between(Expression operand, Expression lowest, Expression highest, boolean negated, int register) {
            this.operand = operand;
            this.lowest = lowest;
            this.highest = highest;
            this.negated = negated;
            this.register = register;
        }

        @Override
        int test(Evaluation evaluation) {
            Value value = evaluation.register(register);
            Value bound = evaluation.register(register + 1);
            operand.load(evaluation, value);
            lowest.load(evaluation, bound);
            int low = compare(negated ? Comparison.LESS : Comparison.GREATER_OR_EQUAL, value, bound, evaluation);
            highest.load(evaluation, bound);
            int high = compare(negated ? Comparison.GREATER : Comparison.LESS_OR_EQUAL, value, bound, evaluation);
            return negated ? Math.max(low, high) : Math.min(low, high);
        }

        private static int compare(int operator, Value value, Value bound, Evaluation evaluation) {
            return Comparison.compare(operator, value, bound, evaluation);
        }
    }

    static final class In extends Condition {
        final Expression operand;
        final List<String> strings;
        final boolean negated;
        private final byte[][] sorted;
        private final int register;

        In(Expression operand, List<String> strings, boolean negated, int register) {
            this.operand = operand;
            this.strings = List.copyOf(strings);
            this.negated = negated;
            this.sorted = SortedStrings.of(strings);
            this.register = register;
        }

        @Override
        int test(Evaluation evaluation) {
            Value value = evaluation.register(register);
            operand.load(evaluation, value);
            if (value.kind == Value.NULL) return UNKNOWN;
            if (value.kind != Value.STRING) return FALSE;
            boolean isIn = SortedStrings.find(sorted, value.source, value.at, value.length) >= 0;
            return isIn != negated ? TRUE : FALSE;
        }
    }

    static final class Like extends Condition {
        private final Expression operand;
        private final LikePattern pattern;
        private final boolean negated;
        private final int register;

        Like(Expression operand, LikePattern pattern, boolean negated, int register) {
            this.operand = operand;
            this.pattern = pattern;
            this.negated = negated;
            this.register = register;
        }

        @Override
        int test(Evaluation evaluation) {
            Value value = evaluation.register(register);
            operand.load(evaluation, value);
            if (value.kind == Value.NULL) return UNKNOWN;
            if (value.kind != Value.STRING) return FALSE;
            int result = pattern.test(value.source, value.at, value.length, evaluation);
            return negated ? -result : result;
        }
    }

    static final class IsNull extends Condition {
        private final Expression operand;
        private final boolean negated;
        private final int register;

        IsNull(Expression operand, boolean negated, int register) {
            this.operand = operand;
            this.negated = negated;
            this.register = register;
        }

        @Override
        int test(Evaluation evaluation) {
            Value value = evaluation.register(register);
            operand.load(evaluation, value);
            return (value.kind == Value.NULL) != negated ? TRUE : FALSE;
        }
    }

    static final class Not extends Condition {
        private final Expression operand;

        Not(Expression operand) {
            this.operand = operand;
        }

        @Override
        int test(Evaluation evaluation) {
            return -operand.test(evaluation);
        }
    }

    static final class And extends Condition {
        final Expression[] terms;

        And(List<Expression> terms) {
            this.terms = terms.toArray(Expression[]::new);
        }

        @Override
        int test(Evaluation evaluation) {
            int result = TRUE;
            for (Expression term : terms) {
                int next = term.test(evaluation);
                if (next == FALSE) return FALSE;
                result = Math.min(result, next);
            }
            return result;
        }
    }

    static final class Or extends Condition {
        final Expression[] terms;

        Or(List<Expression> terms) {
            this.terms = terms.toArray(Expression[]::new);
        }

        @Override
        int test(Evaluation evaluation) {
            int result = FALSE;
            for (Expression term : terms) {
                int next = term.test(evaluation);
                if (next == TRUE) return TRUE;
                result = Math.max(result, next);
            }
            return result;
        }
    }
}
