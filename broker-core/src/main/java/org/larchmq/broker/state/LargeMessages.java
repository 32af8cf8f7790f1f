package org.larchmq.broker.state;

import java.nio.ByteBuffer;
import java.util.TreeMap;
import org.larchmq.broker.journal.LargeBody;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

/**
 * Where the bodies of large messages begin in the log: before their messages, so that the log must be kept from there on
 * for as long as the message is. Durable: in checkpoints, and found again where the log is read. Shard thread only.
 *
 * <pre>
 * large: messages 4, per message: physicalOffset 8, physicalOffset of its first part 8, bytes of its parts 8
 * </pre>
 */
final class LargeMessages {
    private final TreeMap<Long, Body> bodies = new TreeMap<>();
    private boolean changed;

    /** Where a body begins, and what its parts take in the log. */
    private record Body(long firstPart, long logBytes) {}

    /** @param message at an index of the buffer */
    void stored(long physicalOffset, ByteBuffer buffer, int message) {
        long logBytes = 0;
        int parts = LargeBody.parts(buffer, message);
        for (int part = 0; part < parts; part++) logBytes += LargeBody.entryBytes(buffer, message, part);
        bodies.put(physicalOffset, new Body(LargeBody.physicalOffset(buffer, message, 0), logBytes));
        changed = true;
    }

    /** What the body of the message at a place takes in the log; 0 when it is not a large one. */
    long logBytes(long physicalOffset) {
        if (bodies.isEmpty()) return 0;
        Body body = bodies.get(physicalOffset);
        return body == null ? 0 : body.logBytes;
    }

    /** Where the log must begin when messages from an offset on are needed; earlier ones are forgotten. */
    long oldestNeeded(long oldestMessage) {
        if (bodies.isEmpty()) return oldestMessage;
        var gone = bodies.headMap(oldestMessage);
        if (!gone.isEmpty()) {
            gone.clear();
            changed = true;
        }
        long oldest = oldestMessage;
        for (Body body : bodies.values()) oldest = Math.min(oldest, body.firstPart);
        return oldest;
    }

    /** Null when nothing has changed since the last call. */
    byte[] drainChanged() {
        if (!changed) return null;
        changed = false;
        ByteWriter out = new ByteWriter(4 + bodies.size() * 24).putInt(bodies.size());
        bodies.forEach(
                (message, body) -> out.putLong(message).putLong(body.firstPart).putLong(body.logBytes));
        return out.toByteArray();
    }

    void restore(ByteReader in) {
        for (int left = in.getCount(24); left > 0; left--) {
            bodies.put(in.getLong(), new Body(in.getLong(), in.getLong()));
        }
    }
}
