package org.larchmq.broker.state;

import java.util.Map;
import java.util.TreeMap;

/**
 * When a message of a queue may expire first, for every 256 places that have such messages, so that what is expired is found
 * without looking at the rest. What it says is never too late; it may be too early. Soft: after a start it is learnt again.
 * Shard thread only.
 */
public final class ExpiryIndex {
    /** Places that are looked at together. */
    public static final int CHUNK = 256;

    private final TreeMap<Long, Long> earliestMillis = new TreeMap<>();
    private long lastChunk = -1;
    private long lastEarliest;

    /** A message at a place may expire then. */
    void note(long queueOffset, long expirationMillis) {
        long chunk = queueOffset / CHUNK;
        if (chunk == lastChunk && expirationMillis >= lastEarliest) return; // the usual case, at no cost
        lastEarliest = earliestMillis.merge(chunk, expirationMillis, Math::min);
        lastChunk = chunk;
    }

    /** First place, from one on, of the next places that may have expired messages; -1 when there are none. */
    public long firstDue(long fromQueueOffset, long nowMillis) {
        for (Map.Entry<Long, Long> chunk :
                earliestMillis.tailMap(fromQueueOffset / CHUNK, true).entrySet()) {
            if (chunk.getValue() <= nowMillis) return chunk.getKey() * CHUNK;
        }
        return -1;
    }

    /** The places from one on were looked at; {@link Long#MAX_VALUE} when nothing expires there any more. */
    public void looked(long chunkStart, long nextMillis) {
        lastChunk = -1;
        if (nextMillis == Long.MAX_VALUE) earliestMillis.remove(chunkStart / CHUNK);
        else earliestMillis.put(chunkStart / CHUNK, nextMillis);
    }

    /** Nothing below waits any more. */
    public void forgetBelow(long queueOffset) {
        lastChunk = -1;
        earliestMillis.headMap(queueOffset / CHUNK, false).clear();
    }

    public boolean isEmpty() {
        return earliestMillis.isEmpty();
    }
}
