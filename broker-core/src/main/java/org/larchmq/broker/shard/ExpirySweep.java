package org.larchmq.broker.shard;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import org.larchmq.broker.delivery.Expiry;
import org.larchmq.broker.journal.Journal;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.journal.SettlementEntry.Settled;
import org.larchmq.broker.journal.StoredPayload;
import org.larchmq.broker.state.Cursor;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.ExpiryIndex;
import org.larchmq.broker.state.Level;
import org.larchmq.broker.state.MemoryQueue;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.Subscription;
import org.larchmq.message.MessageLayout;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.log.CommitLog;
import org.larchmq.store.queue.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Settles expired messages that no consumer comes for: of queues and of subscriptions that are away, in memory and in the
 * log. Looks every few seconds at what may be expired by then, see {@link ExpiryIndex}, in small steps beside everything
 * else; what a consumer holds is left to it. After a start the rows are looked through once for messages that may expire.
 * Shard thread only.
 */
final class ExpirySweep {
    private static final Logger LOG = LoggerFactory.getLogger(ExpirySweep.class);
    private static final long INTERVAL_MILLIS = 10_000;
    /** Messages of one chunk that expire at different times are read again after so long, not sooner. */
    private static final long AGAIN_MILLIS = 20_000;

    private static final int ROWS_PER_STEP = 2048;
    private static final int BYTES_PER_STEP = 256 << 10;

    private final ShardState state;
    private final Journal journal;
    private final CommitLog log;
    private final Clock clock;
    private final ShardLoop loop;
    private final CommitCycle cycle;

    private final Row row = new Row();
    private final Deque<Level> learning = new ArrayDeque<>();
    private final Deque<Level> levels = new ArrayDeque<>();
    private final Map<Subscription, OffsetRanges> expired = new HashMap<>();
    private boolean timerRuns;
    private boolean running;
    private long nextToLearn;
    private boolean inMemory = true;
    private long nextChunk;
    private long chunk = -1;
    private long next;
    private long earliest;
    private long nowMillis;
    private int rowsLeft;
    private int bytesLeft;
    private long settled;

    ExpirySweep(ShardState state, Journal journal, CommitLog log, Clock clock, ShardLoop loop, CommitCycle cycle) {
        this.state = state;
        this.journal = journal;
        this.log = log;
        this.clock = clock;
        this.loop = loop;
        this.cycle = cycle;
    }

    /** Goes on with what recovery found. */
    void begin() {
        state.onMayExpire(this::wakeLater);
        for (Destination destination : state.destinations()) {
            for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
                Level level = destination.level(priority);
                if (level != null && level.logged().endOffset() > level.logged().startOffset()) learning.add(level);
            }
        }
        if (!learning.isEmpty()) next(this::learn);
    }

    private void wakeLater() {
        if (timerRuns || running) return;
        timerRuns = true;
        loop.executeLater(
                () -> {
                    timerRuns = false;
                    if (cycle.isEnding() || running) return;
                    running = true;
                    settled = 0;
                    levels.addAll(state.mayExpire());
                    next(this::sweep);
                },
                INTERVAL_MILLIS);
    }

    private void next(Runnable step) {
        loop.execute(() -> {
            if (cycle.isEnding()) return;
            try {
                step.run();
            } catch (StoreException e) {
                if (!e.error().isPassing()) cycle.fail(e);
                else finish(); // they are looked at again
            } catch (RuntimeException e) {
                cycle.fail(e);
            }
        });
    }

    private boolean isThere(Level level) {
        return state.destination(level.destination().id()) == level.destination();
    }

    // ---- after a start

    private void learn() {
        for (int left = ROWS_PER_STEP; left > 0 && !learning.isEmpty(); left--) {
            Level level = learning.peek();
            if (isThere(level)) nextToLearn = level.nextWaiting(nextToLearn);
            if (!isThere(level) || nextToLearn >= level.logged().endOffset()) {
                learning.remove();
                nextToLearn = 0;
                continue;
            }
            level.logged().read(nextToLearn, row);
            if (ShardState.mayExpire(row.flags())) state.noteExpiry(level, nextToLearn, 0);
            nextToLearn++;
        }
        if (!learning.isEmpty()) next(this::learn);
    }

    // ---- every few seconds

    private void sweep() {
        nowMillis = clock.currentTimeMillis();
        rowsLeft = ROWS_PER_STEP;
        bytesLeft = BYTES_PER_STEP;
        while (rowsLeft > 0 && bytesLeft > 0 && !levels.isEmpty()) {
            Level level = levels.peek();
            if (isThere(level) && lookAtChunk(level)) continue;
            chunk = -1;
            nextChunk = 0;
            if (inMemory) {
                inMemory = false;
                continue;
            }
            inMemory = true;
            state.forgetUnlessMayExpire(levels.remove());
        }
        if (!levels.isEmpty()) {
            if (chunk >= 0) write(levels.peek());
            next(this::sweep);
            return;
        }
        finish();
    }

    private void finish() {
        running = false;
        levels.clear();
        expired.clear();
        inMemory = true;
        chunk = -1;
        nextChunk = 0;
        if (settled > 0) LOG.debug("{} expired messages that no consumer came for were settled", settled);
        if (!state.mayExpire().isEmpty()) wakeLater();
    }

    /** False when nothing more of this level may be expired. */
    private boolean lookAtChunk(Level level) {
        ExpiryIndex index = inMemory ? level.inMemory().expiry() : level.expiry();
        long first = inMemory ? level.inMemory().startOffset() : level.nextWaiting(0);
        long end = inMemory ? level.inMemory().endOffset() : level.visibleEnd();
        if (chunk < 0) {
            index.forgetBelow(first);
            chunk = index.firstDue(nextChunk, nowMillis);
            if (chunk < 0) return false;
            next = chunk;
            earliest = Long.MAX_VALUE;
        }
        next = Math.max(next, first);
        long chunkEnd = chunk + ExpiryIndex.CHUNK;
        for (; next < Math.min(chunkEnd, end) && rowsLeft > 0 && bytesLeft > 0; next++, rowsLeft--) {
            if (inMemory) lookInMemory(level);
            else lookInLog(level);
        }
        if (next < Math.min(chunkEnd, end)) return true; // in the next step
        boolean isOpen = !inMemory && end < chunkEnd && end < level.logged().endOffset();
        if (isOpen) earliest = nowMillis; // some are not committed yet
        if (!inMemory) write(level);
        index.looked(chunk, earliest == Long.MAX_VALUE ? earliest : Math.max(earliest, nowMillis + AGAIN_MILLIS));
        nextChunk = chunkEnd;
        chunk = -1;
        return true;
    }

    private void lookInMemory(Level level) {
        MemoryQueue.Message message = level.inMemory().get(next);
        if (message == null) return;
        long expiration = MessageLayout.expirationMillis(message.bytes(), 0);
        if (expiration == 0) return;
        if (!Expiry.isOver(message.bytes(), 0, nowMillis)) {
            earliest = Math.min(earliest, expiration);
            return;
        }
        for (Subscription subscription : level.destination().subscriptions()) {
            Cursor cursor = subscription.inMemory(level.priority());
            if (cursor.isAvailable(next)) {
                state.settleInMemory(subscription, level.priority(), next);
                settled++;
            } else if (!cursor.isSettled(next)) {
                earliest = nowMillis; // a consumer has it
            }
        }
    }

    private void lookInLog(Level level) {
        if (!level.isWaiting(next)) return;
        level.logged().read(next, row);
        if (!ShardState.mayExpire(row.flags())) return;
        bytesLeft -= row.sizeBytes();
        ByteBuffer stored;
        try {
            stored = log.read(row.physicalOffset(), row.sizeBytes());
        } catch (StoreException e) {
            if (e.error() != StoreError.DAMAGED_ENTRY) throw e;
            return; // reported to the consumer that it would have gone to
        }
        int at = StoredPayload.messageAt(stored, stored.position());
        long expiration = MessageLayout.expirationMillis(stored, at);
        if (expiration == 0) return;
        if (!Expiry.isOver(stored, at, nowMillis)) {
            earliest = Math.min(earliest, expiration);
            return;
        }
        for (Subscription subscription : level.destination().subscriptions()) {
            Cursor cursor = subscription.logged(level.priority());
            if (cursor.isAvailable(next)) settle(subscription, level.priority());
            else if (!cursor.isSettled(next)) earliest = nowMillis; // a consumer has it
        }
    }

    private void settle(Subscription subscription, int priority) {
        settled++;
        if (subscription.isDurable()) {
            expired.computeIfAbsent(subscription, key -> new OffsetRanges()).add(next);
        } else {
            state.settleSoft(subscription, priority, next);
        }
    }

    private void write(Level level) {
        if (expired.isEmpty()) return;
        try {
            expired.forEach(
                    (subscription, ranges) -> Settled.appendTo(journal, subscription.id(), level.priority(), ranges));
        } finally {
            expired.clear();
        }
        cycle.schedule();
    }
}
