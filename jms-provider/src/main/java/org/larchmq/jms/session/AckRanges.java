package org.larchmq.jms.session;

import java.util.Arrays;
import org.larchmq.message.ByteWriter;

/** Delivery sequences as ascending ranges; the messages of a consumer are added in order, so that most often it is one. */
final class AckRanges {
    private long[] from = new long[4];
    private int[] count = new int[4];
    private int ranges;
    private int messages;

    boolean isEmpty() {
        return ranges == 0;
    }

    /** Messages in all ranges. */
    int messages() {
        return messages;
    }

    /** @param sequence above all that were added */
    void add(long sequence) {
        messages++;
        if (ranges > 0 && from[ranges - 1] + count[ranges - 1] == sequence) {
            count[ranges - 1]++;
            return;
        }
        if (ranges == from.length) {
            from = Arrays.copyOf(from, ranges * 2);
            count = Arrays.copyOf(count, ranges * 2);
        }
        from[ranges] = sequence;
        count[ranges++] = 1;
    }

    /** As {@link #add(long)} for consecutive ones. */
    void add(long first, int messagesToAdd) {
        for (int i = 0; i < messagesToAdd; i++) add(first + i);
    }

    void clear() {
        ranges = 0;
        messages = 0;
    }

    /** Writes consumerId, lastSeen, the number of ranges and the ranges: one group of {@link org.larchmq.wire.AckFrame}. */
    void encode(int consumerId, long lastSeen, ByteWriter out) {
        out.putInt(consumerId).putLong(lastSeen).putInt(ranges);
        for (int i = 0; i < ranges; i++) out.putLong(from[i]).putInt(count[i]);
    }
}
