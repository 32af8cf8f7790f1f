package org.larchmq.broker.selector;

import java.util.Locale;
import java.util.Set;
import org.larchmq.broker.selector.Token.Kind;

/** Splits a selector into tokens. White space, identifiers and numbers are those of the Java language. */
final class Lexer {
    private static final Set<String> KEYWORDS =
            Set.of("NULL", "TRUE", "FALSE", "NOT", "AND", "OR", "BETWEEN", "LIKE", "IN", "IS", "ESCAPE");
    private static final String LONG_MIN_DIGITS = "9223372036854775808";

    private final String text;
    private int position;

    Lexer(String text) {
        this.text = text;
    }

    Token next() {
        while (position < text.length() && " \t\f\r\n".indexOf(text.charAt(position)) >= 0) position++;
        int start = position;
        if (start == text.length()) return new Token(Kind.END, "", null, start);
        char first = text.charAt(start);
        if (first == '\'') return string(start);
        if (isDigit(first) || first == '.' && isDigit(charAt(start + 1))) return number(start);
        if (Character.isJavaIdentifierStart(text.codePointAt(start))) return word(start);
        return operator(start, first);
    }

    private Token operator(int start, char first) {
        String two = text.substring(start, Math.min(start + 2, text.length()));
        if (two.equals("<>") || two.equals("<=") || two.equals(">=")) {
            position = start + 2;
            return new Token(Kind.OPERATOR, two, null, start);
        }
        if ("=<>+-*/(),".indexOf(first) < 0) throw wrong(start, "unexpected character");
        position = start + 1;
        return new Token(Kind.OPERATOR, String.valueOf(first), null, start);
    }

    private Token word(int start) {
        position = endOfWord(start);
        String word = text.substring(start, position);
        String upper = isAscii(word) ? word.toUpperCase(Locale.ROOT) : word;
        if (KEYWORDS.contains(upper)) return new Token(Kind.KEYWORD, upper, null, start);
        return new Token(Kind.IDENTIFIER, word, null, start);
    }

    private int endOfWord(int start) {
        int end = start;
        while (end < text.length() && Character.isJavaIdentifierPart(text.codePointAt(end))) {
            end += Character.charCount(text.codePointAt(end));
        }
        return end;
    }

    private Token string(int start) {
        StringBuilder value = new StringBuilder();
        int i = start + 1;
        while (true) {
            int quote = text.indexOf('\'', i);
            if (quote < 0) throw wrong(start, "a string without a closing quote");
            value.append(text, i, quote);
            if (charAt(quote + 1) != '\'') {
                position = quote + 1;
                return new Token(Kind.STRING, value.toString(), null, start);
            }
            value.append('\'');
            i = quote + 2;
        }
    }

    private Token number(int start) {
        String prefix =
                text.substring(start, Math.min(start + 2, text.length())).toLowerCase(Locale.ROOT);
        boolean isHex = prefix.equals("0x");
        boolean isDecimal = !isHex && !prefix.equals("0b");
        position = endOfNumber(start, isHex ? 'p' : isDecimal ? 'e' : 0);
        String raw = text.substring(start, position);
        String digits = withoutUnderscores(raw, start).toLowerCase(Locale.ROOT);
        try {
            boolean isApproximate = isHex && digits.indexOf('p') > 0
                    || isDecimal && (indexOfAny(digits, ".e") >= 0 || indexOfAny(last(digits), "fd") >= 0);
            if (isApproximate) return new Token(Kind.NUMBER, raw, approximate(digits, start), start);
            return new Token(Kind.NUMBER, raw, exact(digits), start);
        } catch (NumberFormatException malformed) {
            throw wrong(start, "not a number, or one that does not fit into 64 bits: " + raw);
        }
    }

    /** All that could belong to a number, so that an error shows it whole; a sign only behind the exponent letter. */
    private int endOfNumber(int start, int exponent) {
        int end = start;
        while (end < text.length()) {
            char c = text.charAt(end);
            boolean isSign = (c == '+' || c == '-') && Character.toLowerCase(text.charAt(end - 1)) == exponent;
            if (!isSign && c != '.' && !Character.isJavaIdentifierPart(text.codePointAt(end))) break;
            end += Character.charCount(text.codePointAt(end));
        }
        return end;
    }

    private Value exact(String digits) {
        String number = digits.endsWith("l") ? digits.substring(0, digits.length() - 1) : digits;
        if (number.equals(LONG_MIN_DIGITS)) return null;
        if (number.startsWith("0x")) return Value.ofExact(Long.parseUnsignedLong(unsigned(number.substring(2)), 16));
        if (number.startsWith("0b")) return Value.ofExact(Long.parseUnsignedLong(unsigned(number.substring(2)), 2));
        if (number.length() > 1 && number.startsWith("0")) {
            return Value.ofExact(Long.parseUnsignedLong(unsigned(number.substring(1)), 8));
        }
        return Value.ofExact(Long.parseLong(unsigned(number)));
    }

    private Value approximate(String digits, int start) {
        boolean isFloat = digits.endsWith("f");
        double value = isFloat ? Float.parseFloat(digits) : Double.parseDouble(digits);
        if (Double.isInfinite(value)) throw wrong(start, "a number that is too large");
        return Value.ofApproximate(isFloat ? Value.FLOAT : Value.DOUBLE, value);
    }

    /** The JDK's parsers take a sign and digits of every script, Java's literals do not. */
    private static String unsigned(String digits) {
        if (digits.isEmpty() || !Character.isLetterOrDigit(digits.charAt(0)) || !isAscii(digits)) {
            throw new NumberFormatException();
        }
        return digits;
    }

    private String withoutUnderscores(String raw, int start) {
        if (raw.indexOf('_') < 0) return raw;
        for (int i = 0; i < raw.length(); i++) {
            if (raw.charAt(i) != '_') continue;
            boolean isBetween = i + 1 < raw.length() && isDigitOr_(raw.charAt(i - 1)) && isDigitOr_(raw.charAt(i + 1));
            if (!isBetween) throw wrong(start, "not a number, an underscore must stand between digits: " + raw);
        }
        return raw.replace("_", "");
    }

    private static boolean isDigitOr_(char c) {
        return c == '_' || Character.digit(c, 16) >= 0;
    }

    private static boolean isDigit(int c) {
        return c >= '0' && c <= '9';
    }

    private static boolean isAscii(String word) {
        return word.chars().allMatch(c -> c < 0x80);
    }

    private static int indexOfAny(String text, String characters) {
        for (int i = 0; i < text.length(); i++) {
            if (characters.indexOf(text.charAt(i)) >= 0) return i;
        }
        return -1;
    }

    private static String last(String digits) {
        return digits.substring(digits.length() - 1);
    }

    /** -1 behind the end. */
    private int charAt(int index) {
        return index < text.length() ? text.charAt(index) : -1;
    }

    private SelectorSyntaxException wrong(int at, String problem) {
        return new SelectorSyntaxException(text, at, problem);
    }
}
