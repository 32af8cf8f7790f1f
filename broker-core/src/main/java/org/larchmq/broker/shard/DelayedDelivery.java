package org.larchmq.broker.shard;

import java.util.concurrent.TimeUnit;
import org.larchmq.broker.journal.DueMessages;
import org.larchmq.broker.journal.Journal;
import org.larchmq.broker.journal.ScheduleEntry.DelayDue;
import org.larchmq.broker.state.ShardState;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.StoreException;

/**
 * Makes delayed messages visible when their delivery time has come (specification 7.9): the shard's clock decides, and an
 * entry says so, one for many messages. While any message is delayed it looks at least twice a second, since the wall
 * clock may be set; a message is never visible before this clock has reached its delivery time. Shard thread only.
 */
final class DelayedDelivery {
    private static final int MOST_PER_ENTRY = 2048;
    private static final long LONGEST_WAIT_MILLIS = 500;

    private final ShardState state;
    private final Journal journal;
    private final Clock clock;
    private final ShardLoop loop;
    private final CommitCycle cycle;
    private boolean timerRuns;
    private long timerEndsNanos;

    DelayedDelivery(ShardState state, Journal journal, Clock clock, ShardLoop loop, CommitCycle cycle) {
        this.state = state;
        this.journal = journal;
        this.clock = clock;
        this.loop = loop;
        this.cycle = cycle;
    }

    /** To be called when there may be a message that is due earlier than those before. */
    void start() {
        long due = state.nextDueMillis();
        if (due == Long.MAX_VALUE && state.delayedMessages() == 0) return;
        wakeIn(Math.max(0, Math.min(LONGEST_WAIT_MILLIS, due - clock.currentTimeMillis())));
    }

    private void wakeIn(long millis) {
        long nowNanos = clock.nanoTime();
        long endsNanos = nowNanos + TimeUnit.MILLISECONDS.toNanos(millis);
        if (timerRuns && timerEndsNanos - endsNanos <= 0) return;
        timerRuns = true;
        timerEndsNanos = endsNanos;
        if (millis == 0) loop.execute(() -> look(endsNanos));
        else loop.executeLater(() -> look(endsNanos), millis);
    }

    private void look(long timer) {
        if (timer == timerEndsNanos) timerRuns = false;
        if (cycle.isEnding()) return;
        try {
            DueMessages due = state.dueMessages(clock.currentTimeMillis(), MOST_PER_ENTRY);
            if (due.size() > 0) {
                journal.append(new DelayDue(due));
                cycle.schedule();
            }
            start();
        } catch (StoreException e) {
            if (e.error().isPassing()) wakeIn(LONGEST_WAIT_MILLIS); // nothing has changed; space may come
            else cycle.fail(e);
        } catch (RuntimeException e) {
            cycle.fail(e);
        }
    }
}
