package org.larchmq.broker.shard;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.larchmq.broker.journal.EntryWriter;
import org.larchmq.broker.journal.LargeBody;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.state.Cursor;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.Level;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.ShardState.DelayedPlace;
import org.larchmq.broker.state.Subscription;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.log.CommitLog;
import org.larchmq.store.log.CommitLogSettings;
import org.larchmq.store.queue.Row;
import org.larchmq.wire.MessageLayout;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies the few messages that still wait in the oldest segments to the end of the log, so that those segments can go: a
 * message in the dead-letter queue, or one that is delayed for a month, does not keep all that was stored after it.
 * Messages keep their places, their ids and their delivery counts. Works in small steps after a checkpoint, beside
 * everything else. Shard thread only.
 */
final class Relocation {
    private static final Logger LOG = LoggerFactory.getLogger(Relocation.class);
    /** A shorter log is left as it is. */
    private static final int LEAST_SEGMENTS = 4;
    /** What the log grows by before its beginning counts as stuck. */
    private static final int PATIENCE_SEGMENTS = 2;
    /** Of a segment, what may still wait in the segments that are freed: copying more would cost more than it gives. */
    private static final int LARGEST_PART = 4;

    private static final int MOST_MESSAGES = 50_000;
    private static final int ROWS_PER_STEP = 4096;
    private static final int BYTES_PER_STEP = 256 << 10;

    private final CommitLog log;
    private final CommitLogSettings settings;
    private final ShardState state;
    private final EntryWriter writer;
    private final LongSupplier clockMillis;
    private final ShardLoop loop;
    private final CommitCycle cycle;

    private final Row row = new Row();
    private final List<Waiting> rows = new ArrayList<>();
    private final List<DelayedPlace> delayed = new ArrayList<>();
    private final Deque<Level> levels = new ArrayDeque<>();
    private boolean running;
    private long end;
    private long bytes;
    private long nextPlace;
    private int moved;
    private long againAtLogEnd;
    private long startSeen = -1;
    private long endAtStartSeen;
    private LargeMove largeMove;
    private ByteBuffer copy = ByteBuffer.allocate(0);

    /** A message in a queue or topic. */
    private record Waiting(Level level, long queueOffset) {}

    Relocation(
            CommitLog log,
            CommitLogSettings settings,
            ShardState state,
            EntryWriter writer,
            LongSupplier clockMillis,
            ShardLoop loop,
            CommitCycle cycle) {
        this.log = log;
        this.settings = settings;
        this.state = state;
        this.writer = writer;
        this.clockMillis = clockMillis;
        this.loop = loop;
        this.cycle = cycle;
    }

    /** To be called when segments that nothing needs have been deleted. */
    void start() {
        if (running || log.endOffset() < againAtLogEnd || !isStuck()) return;
        bytes = 0;
        moved = 0;
        running = true;
        look(log.startOffset());
    }

    /** What is consumed sooner or later needs no copying: the log has grown by segments, and its beginning has stayed. */
    private boolean isStuck() {
        if (log.startOffset() != startSeen) {
            startSeen = log.startOffset();
            endAtStartSeen = log.endOffset();
        }
        boolean grew = log.endOffset() - endAtStartSeen >= PATIENCE_SEGMENTS * settings.segmentSizeBytes();
        return grew || !log.acceptsMessages();
    }

    /** Begins with the segment at an offset, when it is worth it. */
    private void look(long segmentStart) {
        end = log.segmentEnd(segmentStart);
        boolean worthIt = log.endOffset() - end >= (LEAST_SEGMENTS - 1) * settings.segmentSizeBytes()
                && state.oldestImmovable(log.endOffset()) >= end;
        if (!worthIt) {
            finish();
            return;
        }
        rows.clear();
        delayed.clear();
        levels.clear();
        nextPlace = 0;
        for (Destination destination : state.destinations()) {
            for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
                Level level = destination.level(priority);
                if (level != null && level.logged().minPhysicalOffsetFrom(0) < end) levels.add(level);
            }
        }
        for (DelayedPlace place : state.delayedBefore(end, MOST_MESSAGES + 1)) {
            bytes += place.entryBytes();
            delayed.add(place);
        }
        next(this::gather);
    }

    private void next(Runnable step) {
        loop.execute(() -> {
            if (cycle.isEnding()) return;
            try {
                step.run();
            } catch (StoreException e) {
                if (e.error() != StoreError.DISK_FULL && e.error() != StoreError.DAMAGED_ENTRY) {
                    cycle.fail(e);
                    return;
                }
                LOG.warn("Messages that wait in the oldest part of the log are not moved for now: {}", e.getMessage());
                giveUp();
            } catch (RuntimeException e) {
                cycle.fail(e);
            }
        });
    }

    private void giveUp() {
        againAtLogEnd = log.endOffset() + settings.segmentSizeBytes();
        finish();
    }

    private void finish() {
        running = false;
        if (largeMove != null) largeMove.close();
        largeMove = null;
        rows.clear();
        delayed.clear();
        levels.clear();
        if (moved > 0) LOG.info("Moved {} messages from the oldest part of the log to its end", moved);
    }

    // ---- what waits there

    private void gather() {
        for (int left = ROWS_PER_STEP; left > 0 && !levels.isEmpty() && isWithinBounds(); left--) {
            Level level = levels.peek();
            long place = isThere(level) ? level.logged().firstBefore(end, nextPlace, row) : -1;
            if (place < 0) {
                levels.remove();
                nextPlace = 0;
                continue;
            }
            nextPlace = place + 1;
            if (!state.isWaiting(level, place)) continue;
            rows.add(new Waiting(level, place));
            bytes += row.sizeBytes();
        }
        if (!isWithinBounds()) giveUp();
        else next(levels.isEmpty() ? this::move : this::gather);
    }

    private boolean isWithinBounds() {
        return bytes <= limit() && rows.size() + delayed.size() <= MOST_MESSAGES;
    }

    /** A full disk has little room for this, and nothing else makes room on it. */
    private long limit() {
        long usual = settings.segmentSizeBytes() / LARGEST_PART;
        return log.acceptsMessages() ? usual : Math.min(usual, settings.reservedBytes() / 8);
    }

    private boolean isThere(Level level) {
        Destination destination = level.destination();
        return state.destination(destination.id()) == destination;
    }

    // ---- to the end of the log

    private void move() {
        long stepEnd = log.endOffset() + BYTES_PER_STEP;
        while (log.endOffset() < stepEnd) {
            if (largeMove != null) {
                if (largeMove.copyPart()) continue;
                largeMove = null;
            } else if (!rows.isEmpty()) {
                move(rows.remove(rows.size() - 1));
            } else if (!delayed.isEmpty()) {
                move(delayed.remove(delayed.size() - 1));
            } else {
                cycle.schedule();
                look(end);
                return;
            }
        }
        cycle.schedule();
        next(this::move);
    }

    private void move(Waiting message) {
        Level level = message.level;
        long place = message.queueOffset;
        if (!stillWaits(message)) return;
        level.logged().read(place, row);
        if (row.physicalOffset() >= end) return;
        ByteBuffer stored = read(row.physicalOffset(), row.sizeBytes());
        int at = EntryWriter.messageAt(stored, 0);
        boolean lost = ShardState.isVolatile(row.flags()) && place < level.volatileLostBelow();
        long expiration = MessageLayout.expirationMillis(stored, at);
        boolean expired = expiration != 0 && expiration <= clockMillis.getAsLong();
        boolean wasDelayed = MessageLayout.deliveryTimeMillis(stored, at) != 0;
        for (Subscription subscription : level.destination().subscriptions()) {
            Cursor cursor = subscription.logged(level.priority());
            // such a one is never handed out (7.9), and would be taken for a younger message at its new place
            boolean older = wasDelayed && row.physicalOffset() < subscription.beganAt();
            if ((lost || expired || older) && cursor.isAvailable(place)) settle(subscription, level.priority(), place);
        }
        if (!stillWaits(message)) return;
        move(level.destination().id(), place, stored, at, () -> stillWaits(message));
    }

    /** A copy from 0 to limit, which stays when something is appended to the log. */
    private ByteBuffer read(long physicalOffset, int entryBytes) {
        ByteBuffer payload = log.read(physicalOffset, entryBytes);
        if (copy.capacity() < payload.remaining()) copy = ByteBuffer.allocate(payload.remaining());
        return copy.clear().put(payload).flip();
    }

    private boolean stillWaits(Waiting message) {
        return isThere(message.level)
                && message.queueOffset >= message.level.logged().startOffset()
                && state.isWaiting(message.level, message.queueOffset);
    }

    private void settle(Subscription subscription, int priority, long place) {
        if (!subscription.isDurable()) {
            state.settleSoft(subscription, priority, place);
            return;
        }
        OffsetRanges one = new OffsetRanges();
        one.add(place);
        writer.settled(subscription.id(), priority, one);
    }

    private void move(DelayedPlace message) {
        if (!state.isDelayed(message)) return;
        Destination destination = state.destination(message.destinationId());
        for (Subscription subscription : destination.subscriptions()) {
            // only where the message is says that it is not for this subscription (7.9)
            if (subscription.beganAt() > message.physicalOffset()) return;
        }
        ByteBuffer stored = read(message.physicalOffset(), message.entryBytes());
        int at = EntryWriter.messageAt(stored, 0);
        move(message.destinationId(), ~message.physicalOffset(), stored, at, () -> state.isDelayed(message));
    }

    private void move(int holderId, long place, ByteBuffer stored, int at, BooleanSupplier stillWaits) {
        if (!MessageLayout.isLarge(stored, at)) {
            writer.moveMessage(holderId, place, stored);
            moved++;
            return;
        }
        bytes += LargeBody.bodyBytes(stored, at);
        if (bytes > limit()) return; // stays where it is
        largeMove = new LargeMove(holderId, place, stored, stillWaits);
    }

    /** A large message, whose body is copied part by part before it. */
    private final class LargeMove {
        private final int holderId;
        private final long place;
        private final ByteBuffer stored;
        private final int at;
        private final BooleanSupplier stillWaits;
        private final long firstPart;
        private int parts;

        LargeMove(int holderId, long place, ByteBuffer read, BooleanSupplier stillWaits) {
            this.holderId = holderId;
            this.place = place;
            this.stillWaits = stillWaits;
            stored = ByteBuffer.allocate(read.remaining()).put(read).flip();
            at = EntryWriter.messageAt(stored, 0);
            firstPart = LargeBody.physicalOffset(stored, at, 0);
            state.holds().hold(firstPart);
        }

        /** Copies the next part, or in the end the message; false when there is nothing more to do. */
        boolean copyPart() {
            boolean waits = stillWaits.getAsBoolean();
            if (waits && parts < LargeBody.parts(stored, at)) {
                ByteBuffer part =
                        read(LargeBody.physicalOffset(stored, at, parts), LargeBody.entryBytes(stored, at, parts));
                long physicalOffset = writer.storePart(part, 0, part.limit());
                LargeBody.movePart(stored, at, parts++, physicalOffset);
                if (parts == 1) state.holds().hold(physicalOffset);
                return true;
            }
            if (waits) writer.moveMessage(holderId, place, stored);
            if (waits) moved++;
            close();
            return false;
        }

        void close() {
            state.holds().release(firstPart);
            if (parts > 0) state.holds().release(LargeBody.physicalOffset(stored, at, 0));
        }
    }
}
