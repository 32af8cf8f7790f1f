package org.larchmq.embedded.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** What must be at the brokers in the end: how often each text may be found there. Safe from any thread. */
final class Ledger {
    private enum Expected {
        ONCE,
        AT_MOST_ONCE,
        NEVER
    }

    private final Map<String, Expected> texts = new ConcurrentHashMap<>();

    /** It is confirmed to be stored, and not consumed. */
    void must(String text) {
        texts.put(text, Expected.ONCE);
    }

    /** Nobody knows. */
    void may(String text) {
        texts.put(text, Expected.AT_MOST_ONCE);
    }

    /** It is confirmed to be consumed, or not to be stored. */
    void gone(String text) {
        texts.put(text, Expected.NEVER);
    }

    /** A text is found under another name. */
    void rename(String from, String to) {
        texts.put(to, texts.remove(from));
    }

    /** What is wrong with what was found; empty when nothing is. */
    List<String> compare(List<String> found) {
        List<String> wrong = new ArrayList<>();
        for (String text : found) {
            if (!texts.containsKey(text)) wrong.add("'" + text + "' was found, and nobody has sent it");
        }
        texts.forEach((text, expected) -> {
            long count = found.stream().filter(text::equals).count();
            if (expected == Expected.ONCE && count == 0) wrong.add("'" + text + "' is lost");
            if (expected == Expected.NEVER && count > 0) wrong.add("'" + text + "' is there though it must not be");
            if (count > 1) wrong.add("'" + text + "' is there " + count + " times");
        });
        return wrong;
    }
}
