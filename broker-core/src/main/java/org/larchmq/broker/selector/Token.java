package org.larchmq.broker.selector;

/**
 * A word of a selector.
 *
 * @param text  an operator, a keyword in capitals, a property's name, a string's value, or a number as written
 * @param value of a number; null for {@code 9223372036854775808}, which only a minus before it makes a long
 */
record Token(Kind kind, String text, Value value, int position) {
    enum Kind {
        KEYWORD,
        IDENTIFIER,
        STRING,
        NUMBER,
        OPERATOR,
        END
    }

    boolean is(Kind wantedKind, String wantedText) {
        return kind == wantedKind && text.equals(wantedText);
    }

    /** How an error message calls it. */
    String shown() {
        return switch (kind) {
            case KEYWORD, OPERATOR, NUMBER -> text;
            case IDENTIFIER -> "the identifier " + text;
            case STRING -> "a string";
            case END -> "the end";
        };
    }
}
