package org.larchmq.broker.selector;

/** A selector cannot be accepted. The message says what was expected, and where. */
public final class SelectorSyntaxException extends RuntimeException {
    private static final int SHOWN_CHARS = 60;

    private final int position;

    SelectorSyntaxException(String text, int position, String problem) {
        super(
                "selector: " + problem + " at position " + position + ", at: " + excerpt(text, position),
                null,
                false,
                false);
        this.position = position;
    }

    /** Index of the first character that is wrong; the text's length when something is missing at its end. */
    public int position() {
        return position;
    }

    private static String excerpt(String text, int position) {
        if (position >= text.length()) return "the end";
        boolean isLong = text.length() - position > SHOWN_CHARS;
        return isLong ? text.substring(position, position + SHOWN_CHARS) + "..." : text.substring(position);
    }
}
