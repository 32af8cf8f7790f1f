package org.larchmq.broker.journal;

import java.util.ArrayList;
import java.util.List;

/** What a transaction acknowledges: ranges per subscription and priority. Not thread safe. */
public final class AckList {
    /** One subscription's part. */
    public record Part(int subscriptionId, int priority, OffsetRanges queueOffsets) {}

    private final List<Part> parts = new ArrayList<>();

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
}
