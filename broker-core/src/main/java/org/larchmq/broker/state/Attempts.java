package org.larchmq.broker.state;

import java.util.Map;
import java.util.TreeMap;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

/**
 * How often messages were tried that are not settled: for each number of attempts the set of its messages, so that millions
 * of messages that came back as often take little room, here and in each head of a log segment. Not thread safe.
 */
final class Attempts {
    /** What JMSXDeliveryCount can say; more attempts are not counted. */
    static final int MOST = 65_535;

    private final TreeMap<Integer, OffsetSet> byCount = new TreeMap<>(); // none of them empty

    /** 0 when it was never tried. */
    int of(long queueOffset) {
        if (byCount.isEmpty()) return 0;
        for (Map.Entry<Integer, OffsetSet> tried : byCount.entrySet()) {
            if (tried.getValue().contains(queueOffset)) return tried.getKey();
        }
        return 0;
    }

    /** One more attempt. */
    void add(long queueOffset) {
        int before = of(queueOffset);
        if (before == MOST) return;
        if (before > 0) {
            OffsetSet set = byCount.get(before);
            set.remove(queueOffset);
            if (set.isEmpty()) byCount.remove(before);
        }
        byCount.computeIfAbsent(before + 1, count -> new OffsetSet()).add(queueOffset);
    }

    /** The messages are settled. */
    void forget(long from, long count) {
        if (byCount.isEmpty()) return;
        byCount.values().removeIf(set -> {
            set.remove(from, count);
            return set.isEmpty();
        });
    }

    void encode(ByteWriter out) {
        out.putInt(byCount.size());
        byCount.forEach((count, set) -> set.encode(out.putInt(count)));
    }

    void decode(ByteReader in) {
        byCount.clear();
        for (int left = in.getCount(8); left > 0; left--) {
            int count = in.getInt();
            OffsetSet set = new OffsetSet();
            set.decode(in);
            if (!set.isEmpty()) byCount.put(count, set);
        }
    }
}
