package org.larchmq.broker.journal;

import java.util.ArrayList;
import java.util.List;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

/** What a transaction acknowledges: ranges per subscription and priority. Not thread safe. */
public final class AckList {
    /** One subscription's part. */
    public record Part(int subscriptionId, int priority, OffsetRanges queueOffsets) {}

    /** Layout, for the documentation. */
    static final String LAYOUT = "parts 4, per part: subscriptionId 4, priority 1, ranges";

    private static final int PART_BYTES = 9;

    private final List<Part> parts = new ArrayList<>(1);

    /** The ranges of a subscription and priority, made when missing. */
    public OffsetRanges of(int subscriptionId, int priority) {
        for (int i = parts.size() - 1; i >= 0; i--) {
            Part part = parts.get(i);
            if (part.subscriptionId == subscriptionId && part.priority == priority) return part.queueOffsets;
        }
        Part part = new Part(subscriptionId, priority, new OffsetRanges());
        parts.add(part);
        return part.queueOffsets;
    }

    public List<Part> parts() {
        return parts;
    }

    public boolean isEmpty() {
        return parts.isEmpty();
    }

    void encode(ByteWriter out) {
        out.putInt(parts.size());
        for (Part part : parts)
            part.queueOffsets.encode(out.putInt(part.subscriptionId).putByte(part.priority));
    }

    static AckList decode(ByteReader in) {
        int parts = in.getCount(PART_BYTES);
        AckList acknowledged = new AckList();
        for (int i = 0; i < parts; i++)
            acknowledged.of(in.getInt(), in.getByte()).readInto(in);
        return acknowledged;
    }

    /** At least the bytes that it takes in an entry. */
    long encodedBytes() {
        long bytes = 0;
        for (Part part : parts) {
            bytes += PART_BYTES + (long) part.queueOffsets.size() * OffsetRanges.RANGE_BYTES;
        }
        return bytes;
    }
}
