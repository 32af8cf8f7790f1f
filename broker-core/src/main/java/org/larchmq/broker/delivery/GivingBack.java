package org.larchmq.broker.delivery;

import java.util.List;
import org.larchmq.broker.journal.AckList;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.state.Subscription;

/**
 * Messages that a branch of a distributed transaction held go back to their subscriptions after an attempt that counts:
 * they are ready again, or go to the dead-letter queue. When the log has no room, {@link #run} throws, and goes on where it
 * was when it is called again. Shard thread only.
 */
public final class GivingBack {
    private static final int RANGES_AT_ONCE = 1000;

    private final Dispatcher dispatcher;
    private final Returning returning;
    private final List<AckList.Part> parts;
    private final boolean inTheLog;
    private int part;
    private int range;
    private int writtenRanges;
    private long done;

    /** @param inTheLog whether the log says already that the attempt has failed */
    public GivingBack(Dispatcher dispatcher, Returning returning, AckList acknowledged, boolean inTheLog) {
        this.dispatcher = dispatcher;
        this.returning = returning;
        this.parts = List.copyOf(acknowledged.parts());
        this.inTheLog = inTheLog;
    }

    public void run() {
        for (; part < parts.size(); part++) {
            giveBack(parts.get(part));
            range = 0;
            writtenRanges = 0;
        }
    }

    private void giveBack(AckList.Part holds) {
        OffsetRanges ranges = holds.queueOffsets();
        for (; range < ranges.size(); range++) {
            Subscription subscription = dispatcher.state().durableSubscription(holds.subscriptionId());
            if (subscription == null) return;
            if (!inTheLog && range == writtenRanges) {
                OffsetRanges next = ranges.slice(range, RANGES_AT_ONCE);
                dispatcher.writer().returned(holds.subscriptionId(), holds.priority(), next, true);
                writtenRanges += next.size();
            }
            for (; done < ranges.count(range); done++) {
                returning.afterFailedAttempt(subscription, holds.priority(), ranges.from(range) + done);
            }
            done = 0;
        }
    }
}
