package org.larchmq.broker.shard;

import org.larchmq.broker.journal.EntryWriter;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.state.Cursor;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.Level;
import org.larchmq.broker.state.MemoryQueue;
import org.larchmq.broker.state.ShardState;
import org.larchmq.store.io.StoreError;
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

    private final ShardState state;
    private final EntryWriter writer;
    private final CommitLog log;

    CleanStop(ShardState state, EntryWriter writer, CommitLog log) {
        this.state = state;
        this.writer = writer;
        this.log = log;
    }

    void run() {
        long lost = 0;
        for (Destination destination : state.destinations()) {
            if (!state.isLogged(destination) || destination.isTopic()) continue;
            for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
                Level level = destination.level(priority);
                if (level != null) lost += spool(destination, level);
            }
        }
        if (lost > 0) LOG.warn("{} non-persistent messages are lost with this stop: the disk has no room", lost);
        writer.cleanlyStopped();
    }

    private long spool(Destination destination, Level level) {
        Cursor cursor = destination.onlySubscription().inMemory(level.priority());
        long lost = 0;
        for (long offset = cursor.lowWater(); offset < level.inMemory().endOffset(); offset++) {
            MemoryQueue.Message message = level.inMemory().get(offset);
            if (message == null || cursor.isSettled(offset)) continue;
            if (!log.acceptsMessages()) {
                lost++;
                continue;
            }
            try {
                writer.storeMessage(
                        destination.id(),
                        0,
                        level.logged().endOffset(),
                        true,
                        message.bytes(),
                        0,
                        message.bytes().limit());
                rememberDeliveries(destination, level, cursor, offset);
                log.write();
            } catch (StoreException e) {
                if (e.error() != StoreError.DISK_FULL) throw e;
                lost++;
            }
        }
        return lost;
    }

    /** What was delivered before the stop is redelivered after it. */
    private void rememberDeliveries(Destination destination, Level level, Cursor cursor, long offset) {
        if (cursor.deliveryCount(offset) == 1) return;
        OffsetRanges spooled = new OffsetRanges();
        spooled.add(level.logged().endOffset() - 1);
        int subscriptionId = destination.onlySubscription().id();
        int attempts = cursor.attempts(offset);
        if (attempts == 0) writer.returned(subscriptionId, level.priority(), spooled, false);
        for (int i = 0; i < attempts; i++) writer.returned(subscriptionId, level.priority(), spooled, true);
    }
}
