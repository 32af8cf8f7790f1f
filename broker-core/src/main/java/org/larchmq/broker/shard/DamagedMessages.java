package org.larchmq.broker.shard;

import java.util.ArrayList;
import java.util.List;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.Level;
import org.larchmq.broker.state.ShardState;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.queue.Row;

/** Which waiting messages stand in damaged bytes of the log. Shard thread only, and for no longer than a moment. */
final class DamagedMessages {
    private static final int MOST_ROWS = 100_000;
    private static final int MOST_NAMED = 3;

    private final ShardState state;
    private final long from;
    private final long to;
    private final List<String> named = new ArrayList<>();
    private final Row row = new Row();
    private int rows;
    private int found;

    /** @param from physicalOffset of the first damaged byte, {@code to} behind the last */
    DamagedMessages(ShardState state, long from, long to) {
        this.state = state;
        this.from = from;
        this.to = to;
    }

    /** A clause for the operator. */
    String describe(long logEnd) {
        try {
            if (to <= state.oldestNeeded(logEnd)) return "everything in it is settled, so nothing is lost";
            for (Destination destination : state.destinations()) search(destination);
        } catch (StoreException e) {
            return "what it held cannot be told, for a queue page is damaged too";
        }
        if (found > 0) {
            String more = found > named.size() ? " and " + (found - named.size()) + " more" : "";
            return "it cannot be delivered any more: " + String.join(", ", named) + more;
        }
        if (rows >= MOST_ROWS) return "which message it held was not looked for, since too many wait";
        return "no message that waits in a queue or subscription is in it";
    }

    private void search(Destination destination) {
        for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
            Level level = destination.level(priority);
            if (level != null) search(destination, level);
        }
    }

    private void search(Destination destination, Level level) {
        long end = level.logged().endOffset();
        long offset = level.nextWaiting(0);
        for (; offset < end && rows < MOST_ROWS; offset = level.nextWaiting(offset + 1)) {
            rows++;
            level.logged().read(offset, row);
            if (row.physicalOffset() >= from && row.physicalOffset() < to) {
                found++;
                if (named.size() < MOST_NAMED) named.add(destination + " queueOffset " + offset);
            }
        }
    }
}
