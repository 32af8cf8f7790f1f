package org.larchmq.broker.delivery;

import java.util.List;
import org.larchmq.broker.journal.AckList;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.journal.SettlementEntry.Returned;
import org.larchmq.broker.state.Subscription;

/**
 * Messages that a branch of a distributed transaction held go back to their subscriptions: they are ready again, or go to
 * the dead-letter queue. When the log has no room, {@link #run} throws, and goes on where it was when it is called again.
 * Shard thread only.
 */
public final class GivingBack {
    private static final int RANGES_AT_ONCE = 1000;

    private final Dispatcher dispatcher;
    private final Redeliveries redeliveries;
    private final List<AckList.Part> parts;
    private final How how;
    private int part;
    private int range;
    private int writtenRanges;
    private long done;

    /** What it means for a message. */
    public enum How {
        /** An attempt that counts, which the log says already. */
        COUNTED_IN_THE_LOG,
        /** An attempt that counts. */
        COUNTED,
        /** No attempt: an application may have seen it, which is only flagged. */
        FLAGGED
    }

    public GivingBack(Dispatcher dispatcher, Redeliveries redeliveries, AckList acknowledged, How how) {
        this.dispatcher = dispatcher;
        this.redeliveries = redeliveries;
        this.parts = List.copyOf(acknowledged.parts());
        this.how = how;
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
            if (how != How.COUNTED_IN_THE_LOG && range == writtenRanges) {
                OffsetRanges next = ranges.slice(range, RANGES_AT_ONCE);
                Returned.appendTo(
                        dispatcher.journal(), holds.subscriptionId(), holds.priority(), next, how == How.COUNTED);
                writtenRanges += next.size();
            }
            for (; done < ranges.count(range); done++) {
                long offset = ranges.from(range) + done;
                if (how == How.FLAGGED) redeliveries.readyAgain(subscription, holds.priority(), offset);
                else redeliveries.afterFailedAttempt(subscription, holds.priority(), offset);
            }
            done = 0;
        }
    }
}
