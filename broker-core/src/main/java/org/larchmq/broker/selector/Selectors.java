package org.larchmq.broker.selector;

import java.lang.ref.Reference;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;

/** Parses selectors, and shares equal ones as long as somebody uses them. One thread. */
public final class Selectors {
    private final Map<String, Shared> byText = new HashMap<>();
    private final ReferenceQueue<Selector> unused = new ReferenceQueue<>();

    private static final class Shared extends WeakReference<Selector> {
        private final String text;

        Shared(Selector selector, ReferenceQueue<Selector> unused) {
            super(selector, unused);
            this.text = selector.text();
        }
    }

    /**
     * The selector of this text: one that is in use already, if there is one.
     *
     * @param text not empty
     * @throws SelectorSyntaxException when it is not a selector, or too large
     */
    public Selector parse(String text) {
        forgetUnused();
        Shared known = byText.get(text);
        Selector selector = known == null ? null : known.get();
        if (selector != null) return selector;
        Selector parsed = Selector.parse(text);
        byText.put(parsed.text(), new Shared(parsed, unused));
        return parsed;
    }

    private void forgetUnused() {
        for (Reference<?> gone = unused.poll(); gone != null; gone = unused.poll()) {
            byText.remove(((Shared) gone).text, gone); // another may have its place already
        }
    }

    /** Different selectors that are in use, or were until a while ago. */
    public int count() {
        return byText.size();
    }
}
