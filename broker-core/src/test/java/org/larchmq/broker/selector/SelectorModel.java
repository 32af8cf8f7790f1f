package org.larchmq.broker.selector;

import java.math.BigInteger;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.UnaryOperator;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Section 3.8 a second time, as plainly as possible and with nothing of the engine's: a tree over a map of boxed
 * values, where null is NULL and unknown. Every node can write itself down, with the brackets that it needs and some
 * that it does not.
 */
interface SelectorModel {
    /** Stands for a value that fits nowhere. */
    Object UNFIT = new Object();

    Object value(Map<String, Object> values);

    /** Binds tighter the higher: 1 OR, 2 AND, 3 NOT, 4 comparisons, 5 sum, 6 product, 7 sign, 8 the rest. */
    int precedence();

    String text(Random random);

    default String text(Random random, int lowestPrecedence) {
        boolean needsBrackets = precedence() < lowestPrecedence;
        String text = text(random);
        return needsBrackets || random.nextInt(12) == 0 ? "(" + space(random) + text + space(random) + ")" : text;
    }

    record Literal(Object constant, String text) implements SelectorModel {
        @Override
        public Object value(Map<String, Object> values) {
            return constant;
        }

        @Override
        public int precedence() {
            return 8;
        }

        @Override
        public String text(Random random) {
            return text;
        }
    }

    record Name(String name) implements SelectorModel {
        @Override
        public Object value(Map<String, Object> values) {
            Object value = values.get(name);
            if (value instanceof Byte || value instanceof Short) return ((Number) value).intValue();
            return value instanceof byte[] || value instanceof Character ? UNFIT : value;
        }

        @Override
        public int precedence() {
            return 8;
        }

        @Override
        public String text(Random random) {
            return name;
        }
    }

    record Minus(SelectorModel operand) implements SelectorModel {
        @Override
        public Object value(Map<String, Object> values) {
            Object value = operand.value(values);
            if (value instanceof Integer v) return -v;
            if (value instanceof Long v) return -v;
            if (value instanceof Float v) return -v;
            if (value instanceof Double v) return -v;
            return value == null ? null : UNFIT;
        }

        @Override
        public int precedence() {
            return 7;
        }

        @Override
        public String text(Random random) {
            return "-" + space(random) + operand.text(random, 7);
        }
    }

    record Sum(char operator, SelectorModel left, SelectorModel right) implements SelectorModel {
        @Override
        public Object value(Map<String, Object> values) {
            Object a = left.value(values);
            Object b = right.value(values);
            if (a == null || b == null) return null;
            if (!(a instanceof Number x && b instanceof Number y)) return UNFIT;
            if (a instanceof Double || b instanceof Double) return calculate(x.doubleValue(), y.doubleValue());
            if (a instanceof Float || b instanceof Float) return calculate(x.floatValue(), y.floatValue());
            return exact(x, y);
        }

        private Object exact(Number x, Number y) {
            if (operator == '/' && y.longValue() == 0) return null;
            BigInteger a = BigInteger.valueOf(x.longValue());
            BigInteger b = BigInteger.valueOf(y.longValue());
            BigInteger result = switch (operator) {
                case '+' -> a.add(b);
                case '-' -> a.subtract(b);
                case '*' -> a.multiply(b);
                default -> a.divide(b);
            };
            boolean isLong = x instanceof Long || y instanceof Long;
            return isLong ? (Object) result.longValue() : (Object) result.intValue();
        }

        private Object calculate(double a, double b) {
            return operator == '+' ? a + b : operator == '-' ? a - b : operator == '*' ? a * b : a / b;
        }

        private Object calculate(float a, float b) {
            return operator == '+' ? a + b : operator == '-' ? a - b : operator == '*' ? a * b : a / b;
        }

        @Override
        public int precedence() {
            return operator == '+' || operator == '-' ? 5 : 6;
        }

        @Override
        public String text(Random random) {
            return left.text(random, precedence())
                    + space(random)
                    + operator
                    + space(random)
                    + right.text(random, precedence() + 1);
        }
    }

    record Compare(String operator, SelectorModel left, SelectorModel right) implements SelectorModel {
        @Override
        public Object value(Map<String, Object> values) {
            return of(operator, left.value(values), right.value(values));
        }

        static Boolean of(String operator, Object a, Object b) {
            if (a == null || b == null) return null;
            if (a instanceof Number x && b instanceof Number y) return ofNumbers(operator, x, y);
            boolean areLike =
                    a instanceof String && b instanceof String || a instanceof Boolean && b instanceof Boolean;
            if (!areLike) return false;
            return operator.equals("=") ? a.equals(b) : operator.equals("<>") && !a.equals(b);
        }

        private static boolean ofNumbers(String operator, Number x, Number y) {
            boolean isDouble = x instanceof Double || y instanceof Double;
            boolean isFloat = x instanceof Float || y instanceof Float;
            double a = isDouble ? x.doubleValue() : x.floatValue();
            double b = isDouble ? y.doubleValue() : y.floatValue();
            if (!isDouble && !isFloat) {
                a = Long.compare(x.longValue(), y.longValue());
                b = 0;
            }
            return switch (operator) {
                case "=" -> a == b;
                case "<>" -> a != b;
                case "<" -> a < b;
                case "<=" -> a <= b;
                case ">" -> a > b;
                default -> a >= b;
            };
        }

        @Override
        public int precedence() {
            return 4;
        }

        @Override
        public String text(Random random) {
            return left.text(random, 5) + space(random) + operator + space(random) + right.text(random, 5);
        }
    }

    record Between(SelectorModel operand, SelectorModel low, SelectorModel high, boolean negated)
            implements SelectorModel {
        @Override
        public Object value(Map<String, Object> values) {
            Object value = operand.value(values);
            Boolean first = Compare.of(negated ? "<" : ">=", value, low.value(values));
            Boolean second = Compare.of(negated ? ">" : "<=", value, high.value(values));
            return negated ? or(first, second) : and(first, second);
        }

        @Override
        public int precedence() {
            return 4;
        }

        @Override
        public String text(Random random) {
            return operand.text(random, 5)
                    + (negated ? word(random, "NOT") : "")
                    + word(random, "BETWEEN")
                    + low.text(random, 5)
                    + word(random, "AND")
                    + high.text(random, 5);
        }
    }

    record In(Name name, List<String> strings, boolean negated) implements SelectorModel {
        @Override
        public Object value(Map<String, Object> values) {
            Object value = name.value(values);
            if (value == null) return null;
            return value instanceof String && strings.contains(value) != negated;
        }

        @Override
        public int precedence() {
            return 4;
        }

        @Override
        public String text(Random random) {
            String list = strings.stream().map(SelectorModel::quoted).collect(Collectors.joining(space(random) + ","));
            return name.name + (negated ? word(random, "NOT") : "") + word(random, "IN") + "(" + list + ")";
        }
    }

    record Like(Name name, String pattern, String escape, boolean negated) implements SelectorModel {
        @Override
        public Object value(Map<String, Object> values) {
            Object value = name.value(values);
            if (value == null) return null;
            if (!(value instanceof String string)) return false;
            return Pattern.compile(regex(), Pattern.DOTALL).matcher(string).matches() != negated;
        }

        private String regex() {
            StringBuilder regex = new StringBuilder();
            boolean isEscaped = false;
            for (int c : pattern.codePoints().toArray()) {
                String character = Character.toString(c);
                if (!isEscaped && character.equals(escape)) {
                    isEscaped = true;
                } else {
                    if (!isEscaped && c == '_') regex.append('.');
                    else if (!isEscaped && c == '%') regex.append(".*");
                    else regex.append(Pattern.quote(character));
                    isEscaped = false;
                }
            }
            return regex.toString();
        }

        @Override
        public int precedence() {
            return 4;
        }

        @Override
        public String text(Random random) {
            return name.name
                    + (negated ? word(random, "NOT") : "")
                    + word(random, "LIKE")
                    + quoted(pattern)
                    + (escape == null ? "" : word(random, "ESCAPE") + quoted(escape));
        }
    }

    record IsNull(Name name, boolean negated) implements SelectorModel {
        @Override
        public Object value(Map<String, Object> values) {
            return (name.value(values) == null) != negated;
        }

        @Override
        public int precedence() {
            return 4;
        }

        @Override
        public String text(Random random) {
            return name.name
                    + word(random, "IS")
                    + (negated ? word(random, "NOT") : "")
                    + word(random, "NULL").strip();
        }
    }

    record Not(SelectorModel operand) implements SelectorModel {
        @Override
        public Object value(Map<String, Object> values) {
            Boolean truth = truth(operand.value(values));
            return truth == null ? null : !truth;
        }

        @Override
        public int precedence() {
            return 3;
        }

        @Override
        public String text(Random random) {
            return word(random, "NOT").stripLeading() + operand.text(random, 3);
        }
    }

    record And(SelectorModel left, SelectorModel right) implements SelectorModel {
        @Override
        public Object value(Map<String, Object> values) {
            return and(truth(left.value(values)), truth(right.value(values)));
        }

        @Override
        public int precedence() {
            return 2;
        }

        @Override
        public String text(Random random) {
            return left.text(random, 2) + word(random, "AND") + right.text(random, 2);
        }
    }

    record Or(SelectorModel left, SelectorModel right) implements SelectorModel {
        @Override
        public Object value(Map<String, Object> values) {
            return or(truth(left.value(values)), truth(right.value(values)));
        }

        @Override
        public int precedence() {
            return 1;
        }

        @Override
        public String text(Random random) {
            return left.text(random, 1) + word(random, "OR") + right.text(random, 1);
        }
    }

    static Boolean truth(Object value) {
        return value == null ? null : value instanceof Boolean truth && truth;
    }

    private static Boolean and(Boolean a, Boolean b) {
        if (Boolean.FALSE.equals(a) || Boolean.FALSE.equals(b)) return false;
        return a == null || b == null ? null : Boolean.TRUE;
    }

    private static Boolean or(Boolean a, Boolean b) {
        if (Boolean.TRUE.equals(a) || Boolean.TRUE.equals(b)) return true;
        return a == null || b == null ? null : Boolean.FALSE;
    }

    static String quoted(String string) {
        return "'" + string.replace("'", "''") + "'";
    }

    private static String space(Random random) {
        return List.of("", "", " ", "  ", "\t", "\n ").get(random.nextInt(6));
    }

    private static String word(Random random, String keyword) {
        UnaryOperator<String> asWritten = List.<UnaryOperator<String>>of(
                        w -> w,
                        String::toLowerCase,
                        w -> w.charAt(0) + w.substring(1).toLowerCase())
                .get(random.nextInt(3));
        return " " + asWritten.apply(keyword) + " ";
    }
}
