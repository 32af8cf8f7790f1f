package org.larchmq.broker.journal;

import java.util.ArrayList;
import java.util.List;

/** Delayed messages that become visible together, in the order of their delivery times. Not thread safe. */
public final class DueMessages {
    /**
     * One message, with all that its row needs: so an entry that makes it visible can be read without the one that stored
     * it.
     *
     * @param isVolatile     lost by an unclean stop
     * @param queueOffset    its place in the queue from now on
     * @param dueMillis      its JMSDeliveryTime, ms since 1970
     * @param physicalOffset where its entry is
     * @param entryBytes     size of that entry
     */
    public record Due(
            int destinationId,
            int priority,
            boolean isVolatile,
            long queueOffset,
            long dueMillis,
            long physicalOffset,
            int entryBytes,
            int tagHash) {}

    private final List<Due> messages = new ArrayList<>();

    public void add(Due message) {
        messages.add(message);
    }

    public List<Due> messages() {
        return messages;
    }

    public int size() {
        return messages.size();
    }
}
