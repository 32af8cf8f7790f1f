package org.larchmq.broker.state;

import java.util.TreeMap;
import org.larchmq.wire.WireReader;
import org.larchmq.wire.WireWriter;

/**
 * Where the bodies of large messages begin in the log: before their messages, so that the log must be kept from there on
 * for as long as the message is. Durable: in checkpoints, and found again where the log is read. Shard thread only.
 *
 * <pre>
 * large: messages 4, per message: physicalOffset 8, physicalOffset of its first part 8
 * </pre>
 */
final class LargeMessages {
    private final TreeMap<Long, Long> firstPart = new TreeMap<>();
    private boolean changed;

    void stored(long physicalOffset, long firstPartOffset) {
        firstPart.put(physicalOffset, firstPartOffset);
        changed = true;
    }

    /** Where the log must begin when messages from an offset on are needed; earlier ones are forgotten. */
    long oldestNeeded(long oldestMessage) {
        if (firstPart.isEmpty()) return oldestMessage;
        var gone = firstPart.headMap(oldestMessage);
        if (!gone.isEmpty()) {
            gone.clear();
            changed = true;
        }
        long oldest = oldestMessage;
        for (long part : firstPart.values()) oldest = Math.min(oldest, part);
        return oldest;
    }

    /** Null when nothing has changed since the last call. */
    byte[] drainChanged() {
        if (!changed) return null;
        changed = false;
        WireWriter out = new WireWriter(4 + firstPart.size() * 16).putInt(firstPart.size());
        firstPart.forEach((message, part) -> out.putLong(message).putLong(part));
        return out.toByteArray();
    }

    void restore(WireReader in) {
        for (int left = in.getCount(16); left > 0; left--) firstPart.put(in.getLong(), in.getLong());
    }
}
