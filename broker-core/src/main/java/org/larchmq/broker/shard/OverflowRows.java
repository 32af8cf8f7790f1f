package org.larchmq.broker.shard;

import java.util.function.Consumer;
import org.larchmq.broker.journal.DueMessages;
import org.larchmq.broker.journal.Journal;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.journal.ScheduleEntry.DelayDue;
import org.larchmq.broker.journal.SettlementEntry.Returned;
import org.larchmq.broker.journal.SettlementEntry.Settled;
import org.larchmq.broker.state.Cursor;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.Level;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.Subscription;
import org.larchmq.store.queue.Row;

/**
 * Non-persistent messages of one queue or topic that went through the log because memory was full, while older ones were
 * still in memory. At a stop in order the older ones come into the log behind them; so that the order stays (6.2.9), the
 * younger ones are given a place behind those. Only their rows move, the messages stay where they are in the log.
 */
final class OverflowRows {
    private final Journal journal;
    private final BranchPlaces places;
    private final Consumer<Runnable> together;
    private final Destination destination;
    private final Level level;
    private final long end;
    private final Row row = new Row();
    private final long oldestInMemory;
    private long next;

    /**
     * @param together       runs what must be written as a whole
     * @param oldestInMemory where the rows ended when the oldest message in memory came
     */
    OverflowRows(
            Journal journal,
            BranchPlaces places,
            Consumer<Runnable> together,
            Destination destination,
            Level level,
            long oldestInMemory) {
        this.journal = journal;
        this.places = places;
        this.together = together;
        this.destination = destination;
        this.level = level;
        this.oldestInMemory = oldestInMemory;
        this.end = level.logged().endOffset();
        this.next = nextWanted(0);
    }

    /** Gives those a place at the end whose places are below one. */
    void moveOlderThan(long loggedBefore) {
        for (; next < end && next < loggedBefore; next = nextWanted(next + 1)) {
            long offset = next;
            if (offset < oldestInMemory || offset < level.volatileLostBelow()) continue;
            level.logged().read(offset, row);
            if (ShardState.isVolatile(row.flags())) together.accept(() -> move(offset));
        }
    }

    private long nextWanted(long queueOffset) {
        long first = end;
        for (Subscription subscription : destination.subscriptions()) {
            if (!subscription.isDurable()) continue;
            first = Math.min(first, subscription.logged(level.priority()).firstUnsettledFrom(queueOffset));
        }
        return first;
    }

    private void move(long offset) {
        long place = level.logged().endOffset();
        DueMessages again = new DueMessages();
        again.add(new DueMessages.Due(
                destination.id(),
                level.priority(),
                true,
                place,
                0,
                row.physicalOffset(),
                row.sizeBytes(),
                row.tagHash()));
        journal.append(new DelayDue(again));
        for (Subscription subscription : destination.subscriptions()) {
            if (subscription.isDurable()) moveFor(subscription, offset, place);
        }
    }

    private void moveFor(Subscription subscription, long offset, long place) {
        Cursor cursor = subscription.logged(level.priority());
        boolean settled = cursor.isSettled(offset);
        boolean delivered = cursor.deliveryCount(offset) > 1;
        int attempts = cursor.attempts(offset);
        if (settled) {
            Settled.appendTo(journal, subscription.id(), level.priority(), one(place));
            return;
        }
        places.moved(subscription, level.priority(), offset, place);
        Settled.appendTo(journal, subscription.id(), level.priority(), one(offset));
        if (delivered && attempts == 0)
            Returned.appendTo(journal, subscription.id(), level.priority(), one(place), false);
        for (int i = 0; i < attempts; i++)
            Returned.appendTo(journal, subscription.id(), level.priority(), one(place), true);
    }

    private static OffsetRanges one(long offset) {
        OffsetRanges ranges = new OffsetRanges();
        ranges.add(offset);
        return ranges;
    }
}
