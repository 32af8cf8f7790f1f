package org.larchmq.bench.support;

import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** Writes maps, lists, strings, numbers, booleans and null. Nothing here reads JSON. */
public final class Json {
    private Json() {}

    public static String write(Object value) {
        var out = new StringBuilder();
        append(out, value);
        return out.toString();
    }

    private static void append(StringBuilder out, Object value) {
        if (value instanceof Map<?, ?> map) appendMap(out, map);
        else if (value instanceof List<?> list) appendList(out, list);
        else if (value instanceof CharSequence text) appendText(out, text);
        else if (value instanceof Double number) appendDouble(out, number);
        else if (value == null || value instanceof Number || value instanceof Boolean) out.append(value);
        else throw new IllegalArgumentException("no JSON for " + value.getClass());
    }

    private static void appendMap(StringBuilder out, Map<?, ?> map) {
        out.append('{');
        for (Iterator<? extends Map.Entry<?, ?>> it = map.entrySet().iterator(); it.hasNext(); ) {
            Map.Entry<?, ?> entry = it.next();
            appendText(out, (String) entry.getKey());
            out.append(':');
            append(out, entry.getValue());
            if (it.hasNext()) out.append(',');
        }
        out.append('}');
    }

    private static void appendList(StringBuilder out, List<?> list) {
        out.append('[');
        for (int i = 0; i < list.size(); i++) {
            if (i > 0) out.append(',');
            append(out, list.get(i));
        }
        out.append(']');
    }

    private static void appendDouble(StringBuilder out, double number) {
        boolean finite = !Double.isNaN(number) && !Double.isInfinite(number);
        out.append(finite ? String.format(Locale.ROOT, "%.3f", number) : "null");
    }

    private static void appendText(StringBuilder out, CharSequence text) {
        out.append('"');
        for (int i = 0; i < text.length(); i++) {
            char c = text.charAt(i);
            if (c == '"' || c == '\\') out.append('\\').append(c);
            else if (c < ' ') out.append(String.format("\\u%04x", (int) c));
            else out.append(c);
        }
        out.append('"');
    }
}
