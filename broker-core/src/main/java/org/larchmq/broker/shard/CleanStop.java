package org.larchmq.broker.shard;

import org.larchmq.broker.journal.Journal;
import org.larchmq.broker.journal.MessageEntry.MessageStored;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.journal.SettlementEntry.Returned;
import org.larchmq.broker.journal.SettlementEntry.Settled;
import org.larchmq.broker.journal.ShardEntry.CleanlyStopped;
import org.larchmq.broker.state.Cursor;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.Level;
import org.larchmq.broker.state.MemoryQueue;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.Subscription;
import org.larchmq.message.MessageRef;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.log.CommitLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Puts non-persistent messages that are in memory into the log and says that the stop was clean: such messages may be
 * lost by a failure (specification 7.7), not by an orderly restart.
 */
final class CleanStop {
    private static final Logger LOG = LoggerFactory.getLogger(CleanStop.class);
    private static final long WRITTEN_AT_ONCE_BYTES = 1 << 20;

    private final ShardState state;
    private final Journal journal;
    private final CommitLog log;
    private final Branches branches;
    private final BranchPlaces places;
    private volatile long stored;
    /** Whether the log holds only some of the entries that belong together, and so would deliver a message twice. */
    private boolean torn;

    CleanStop(ShardState state, Journal journal, CommitLog log, Branches branches) {
        this.state = state;
        this.journal = journal;
        this.log = log;
        this.branches = branches;
        this.places = new BranchPlaces(state, journal);
    }

    /**
     * Keeps what a clean stop promises to keep.
     *
     * @param nothingOwed whether everything that ended connections left is in the log. Otherwise the stop is not recorded as
     *                    clean: the next start would take what they held for not delivered
     * @return whether everything is kept
     */
    boolean run(boolean nothingOwed) {
        long lost = 0;
        for (Destination destination : state.destinations()) {
            if (!state.isLogged(destination)) continue;
            for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
                Level level = destination.level(priority);
                if (level != null) lost += spool(destination, level);
            }
        }
        if (lost > 0) {
            LOG.error(
                    "{} non-persistent messages are lost with this stop: the disk of the data directory has no room for"
                            + " them. Free space before the next stop, or let consumers drain them first",
                    lost);
        }
        return isRecorded(nothingOwed && !torn) && lost == 0;
    }

    /** Without room for the entry that says so, the next start takes the stop for an unclean one. */
    private boolean isRecorded(boolean nothingOwed) {
        if (!nothingOwed) {
            reportUnrecorded();
            return false;
        }
        try {
            if (!places.write()) return false;
            journal.append(new CleanlyStopped());
            return true;
        } catch (StoreException e) {
            if (!e.error().isPassing()) throw e;
            reportUnrecorded();
            return false;
        }
    }

    private static void reportUnrecorded() {
        LOG.error("The log has no room to say that this stop is in order: the next start loses the non-persistent"
                + " messages that are left, and may flag messages as redelivered that were not delivered."
                + " Free space on the disk of the data directory before the next stop");
    }

    /** For the log, any thread. */
    String progress() {
        return stored + " non-persistent messages stored so far";
    }

    private long spool(Destination destination, Level level) {
        long lost = 0;
        long end = level.inMemory().endOffset();
        OverflowRows overflow = null;
        for (long offset = level.inMemory().next(0);
                offset < end;
                offset = level.inMemory().next(offset + 1)) {
            MemoryQueue.Message message = level.inMemory().get(offset);
            if (overflow == null) {
                overflow =
                        new OverflowRows(journal, places, this::together, destination, level, message.loggedBefore());
            }
            if (!log.acceptsMessages()) {
                lost++;
                continue;
            }
            try {
                overflow.moveOlderThan(message.loggedBefore());
                long queueOffset = offset;
                together(() -> store(destination, level, queueOffset, message));
                stored++;
                if (log.endOffset() - log.writtenOffset() >= WRITTEN_AT_ONCE_BYTES) log.write();
            } catch (StoreException e) {
                if (!e.error().isPassing()) throw e;
                lost++;
            }
        }
        if (overflow != null) moveRest(overflow);
        return lost;
    }

    private void store(Destination destination, Level level, long offset, MemoryQueue.Message message) {
        journal.append(new MessageStored()
                .set(
                        destination.id(),
                        0,
                        level.logged().endOffset(),
                        true,
                        message.publisher(),
                        new MessageRef(message.bytes(), 0, message.bytes().limit())));
        for (Subscription subscription : destination.subscriptions()) remember(subscription, level, offset);
    }

    /** Writes all of some entries, or notes that it was not all of them. */
    private void together(Runnable entries) {
        long before = log.endOffset();
        boolean whole = false;
        try {
            entries.run();
            whole = true;
        } finally {
            torn |= !whole && log.endOffset() > before;
        }
    }

    /** Without room they stay where they are: not lost, but before older ones. */
    private void moveRest(OverflowRows overflow) {
        try {
            if (log.acceptsMessages()) overflow.moveOlderThan(Long.MAX_VALUE);
            log.write();
        } catch (StoreException e) {
            if (!e.error().isPassing()) throw e;
        }
    }

    /** What a subscription had settled stays so; what was delivered to it before the stop is redelivered after it. */
    private void remember(Subscription subscription, Level level, long offset) {
        Cursor cursor = subscription.inMemory(level.priority());
        branches.spooled(
                places, subscription, level.priority(), offset, level.logged().endOffset() - 1);
        OffsetRanges spooled = new OffsetRanges();
        spooled.add(level.logged().endOffset() - 1);
        if (cursor.isSettled(offset)) {
            Settled.appendTo(journal, subscription.id(), level.priority(), spooled);
            return;
        }
        if (cursor.deliveryCount(offset) == 1) return;
        int attempts = cursor.attempts(offset);
        if (attempts == 0) Returned.appendTo(journal, subscription.id(), level.priority(), spooled, false);
        for (int i = 0; i < attempts; i++)
            Returned.appendTo(journal, subscription.id(), level.priority(), spooled, true);
    }
}
