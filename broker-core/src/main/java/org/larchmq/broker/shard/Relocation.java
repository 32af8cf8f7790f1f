package org.larchmq.broker.shard;

import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Collections;
import java.util.Deque;
import java.util.Iterator;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.larchmq.broker.delivery.Expiry;
import org.larchmq.broker.journal.Journal;
import org.larchmq.broker.journal.LargeBody;
import org.larchmq.broker.journal.MessageEntry.LargePart;
import org.larchmq.broker.journal.MessageEntry.MessageMoved;
import org.larchmq.broker.journal.MessageEntry.StagedMoved;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.journal.SettlementEntry.Settled;
import org.larchmq.broker.journal.StoredPayload;
import org.larchmq.broker.state.Cursor;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.Level;
import org.larchmq.broker.state.OpenTransactions.StagedPlace;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.ShardState.DelayedPlace;
import org.larchmq.broker.state.SpaceCount;
import org.larchmq.broker.state.Subscription;
import org.larchmq.message.MessageLayout;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.log.CommitLog;
import org.larchmq.store.log.CommitLogSettings;
import org.larchmq.store.queue.Row;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Copies what still waits in the oldest segment to the end of the log, so that the segment can go: a queue that nobody
 * reads, an absent subscriber, a message delayed for a month or a prepared branch does not keep all that was stored after
 * it. Messages keep their places, their ids and their delivery counts. Works in small steps after a checkpoint, beside
 * everything else. Shard thread only.
 *
 * <p>It goes round and round, always at the oldest segment. While the log has more than two segments of what is settled, a
 * byte is moved for each that others write. When the settled part is larger than the unsettled one and two segments, it
 * does not wait for others: a round then moves no more than it frees. So the log has at most twice the unsettled bytes and
 * a few segments, and what is written to the disk is at most doubled by this.
 */
final class Relocation {
    private static final Logger LOG = LoggerFactory.getLogger(Relocation.class);
    /** Settled bytes that are not worth a copy, in segments. */
    private static final int LEFT_ALONE_SEGMENTS = 2;
    /** What may be settled beside as much as is unsettled, in segments, before it gets urgent. */
    private static final int MOST_SEGMENTS = 2;
    /** What others have written and nothing was moved for counts up to so much, in segments. */
    private static final int CREDIT_SEGMENTS = 4;
    /** The count of what is unsettled holds while the log grows by less than this part of it. */
    private static final int COUNT_AGAIN_PART = 8;
    /** A full disk does not grow: there it is counted again after so long. */
    private static final long COUNT_AGAIN_WHEN_FULL_MILLIS = 5_000;
    /** Of the room that is kept on a full disk, what a copy may take. */
    private static final int PART_OF_RESERVE = 8;

    private static final int ROWS_PER_STEP = 1024;
    private static final int MOVES_PER_STEP = 256;
    private static final int BYTES_PER_STEP = 256 << 10;
    private static final int STAGED_AT_ONCE = 4096;

    private final CommitLog log;
    private final CommitLogSettings settings;
    private final ShardState state;
    private final Journal journal;
    private final LongSupplier clockMillis;
    private final ShardLoop loop;
    private final CommitCycle cycle;
    private final Runnable checkpointSoon;

    private final Row row = new Row();
    private Iterator<Destination> destinations = Collections.emptyIterator();
    private final Deque<Level> levels = new ArrayDeque<>();
    private final Deque<StagedPlace> staged = new ArrayDeque<>();
    private boolean running;
    private SpaceCount count;
    private long unsettledBytes;
    private long oldestUnsettledBytes;
    private long countedAtEnd = Long.MIN_VALUE;
    private long countedAtMillis;
    private long countedFrom;
    /** Where the oldest segment begins that was not emptied in this run, and ends. */
    private long from;

    private long end;
    private long movedInRun;
    private int messagesInRun;
    private long nextPlace;
    /** Whether the level at hand was moved, and rows of it that nobody waits for are given up. */
    private boolean forgetting;

    private long againAtLogEnd;
    private long startSeen = -1;
    private long endAtStartSeen;
    private long endSeen;
    private long credit;
    private LargeMove largeMove;
    private ByteBuffer copy = ByteBuffer.allocate(0);

    /** A message in a queue or topic. */
    private record Waiting(Level level, long queueOffset) {}

    /** @param checkpointSoon what has a checkpoint taken before its time: only that frees what was emptied */
    Relocation(
            CommitLog log,
            CommitLogSettings settings,
            ShardState state,
            Journal journal,
            LongSupplier clockMillis,
            ShardLoop loop,
            CommitCycle cycle,
            Runnable checkpointSoon) {
        this.log = log;
        this.settings = settings;
        this.state = state;
        this.journal = journal;
        this.clockMillis = clockMillis;
        this.loop = loop;
        this.cycle = cycle;
        this.checkpointSoon = checkpointSoon;
        this.endSeen = log.endOffset();
    }

    /** To be called when segments that nothing needs have been deleted. */
    void start() {
        if (running) return;
        noteGrowth();
        if (log.endOffset() < againAtLogEnd || !isStuck() || size(log.startOffset()) <= segments(1)) return;
        running = true;
        movedInRun = 0;
        messagesInRun = 0;
        from = log.startOffset();
        countOr(this::decide);
    }

    /** What others write is what allows to move. */
    private void noteGrowth() {
        credit = Math.min(segments(CREDIT_SEGMENTS), credit + log.endOffset() - endSeen);
        endSeen = log.endOffset();
    }

    /** What is consumed sooner or later needs no copying: the log has grown, and its beginning has stayed. */
    private boolean isStuck() {
        if (log.startOffset() != startSeen) {
            // what this has freed itself says nothing about consumers
            boolean byItself = startSeen >= 0 && log.startOffset() <= from;
            startSeen = log.startOffset();
            if (!byItself) endAtStartSeen = log.endOffset();
        }
        return log.endOffset() - endAtStartSeen >= segments(1) || !log.acceptsMessages();
    }

    private long segments(int number) {
        return number * settings.segmentSizeBytes();
    }

    private long size(long fromOffset) {
        return log.endOffset() - fromOffset;
    }

    // ---- how much is unsettled

    private void countOr(Runnable then) {
        long since = log.endOffset() - countedAtEnd;
        boolean isOld = clockMillis.getAsLong() - countedAtMillis > COUNT_AGAIN_WHEN_FULL_MILLIS;
        boolean isFresh = countedAtEnd != Long.MIN_VALUE
                && since < Math.max(segments(1), size(log.startOffset()) / COUNT_AGAIN_PART)
                && (log.acceptsMessages() || !isOld && from == countedFrom);
        if (isFresh) {
            then.run();
            return;
        }
        count = new SpaceCount(state, log.segmentEnd(from), 0);
        count(count, () -> {
            unsettledBytes = count.unsettledBytes();
            oldestUnsettledBytes = count.bytesBefore();
            count = null;
            countedAtEnd = log.endOffset();
            countedAtMillis = clockMillis.getAsLong();
            countedFrom = from;
            then.run();
        });
    }

    private void count(SpaceCount counting, Runnable then) {
        next(() -> {
            if (counting.step(ROWS_PER_STEP)) then.run();
            else count(counting, then);
        });
    }

    // ---- which segment

    /** Begins with the oldest segment that is left, when it is worth it. */
    private void decide() {
        noteGrowth();
        end = log.segmentEnd(from);
        if (!isWorthIt() || state.oldestImmovable() < end || size(end) < segments(1)) {
            finish();
            return;
        }
        levels.clear();
        staged.clear();
        staged.addAll(state.openTransactions().before(end, STAGED_AT_ONCE));
        nextPlace = 0;
        forgetting = false;
        destinations = List.copyOf(state.destinations()).iterator();
        next(this::move);
    }

    private boolean isWorthIt() {
        long settled = size(from) - unsettledBytes;
        if (!log.acceptsMessages()) {
            // a full disk has little room for this, and nothing else makes room on it
            return from == log.startOffset()
                    && settled > segments(1)
                    && oldestUnsettledBytes <= settings.reservedBytes() / PART_OF_RESERVE;
        }
        if (movedInRun >= segments(1)) return false; // a checkpoint frees what was emptied, then it goes on
        if (settled > unsettledBytes + segments(MOST_SEGMENTS)) return true;
        return settled > segments(LEFT_ALONE_SEGMENTS) && credit > 0;
    }

    private void next(Runnable step) {
        loop.execute(() -> {
            if (cycle.isEnding()) return;
            try {
                step.run();
            } catch (StoreException e) {
                if (!e.error().isPassing() && e.error() != StoreError.DAMAGED_ENTRY) {
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
        destinations = Collections.emptyIterator();
        levels.clear();
        staged.clear();
        if (movedInRun >= segments(1) / 2) checkpointSoon.run();
        if (messagesInRun > 0) {
            LOG.debug(
                    "Moved {} messages ({} bytes) from the oldest part of the log to its end",
                    messagesInRun,
                    movedInRun);
        }
    }

    private boolean isThere(Level level) {
        Destination destination = level.destination();
        return state.destination(destination.id()) == destination;
    }

    // ---- to the end of the log

    private void move() {
        long began = log.endOffset();
        int looks = ROWS_PER_STEP;
        int messagesBefore = messagesInRun;
        boolean more = true;
        while (more && log.endOffset() - began < BYTES_PER_STEP && looks-- > 0) {
            if (messagesInRun - messagesBefore >= MOVES_PER_STEP) break;
            more = moveNext();
        }
        long moved = log.endOffset() - began;
        movedInRun += moved;
        credit -= moved;
        endSeen += moved;
        cycle.schedule();
        if (more) {
            next(this::move);
            return;
        }
        from = end;
        countOr(this::decide);
    }

    /** False when nothing of the segment is left. */
    private boolean moveNext() {
        if (largeMove != null) {
            if (!largeMove.copyPart()) largeMove = null;
            return true;
        }
        if (!levels.isEmpty()) {
            moveNextOf(levels.peek());
            return true;
        }
        if (destinations.hasNext()) {
            addLevels(destinations.next());
            return true;
        }
        DelayedPlace delayed = state.oldestDelayedBefore(end);
        if (delayed != null) {
            move(delayed);
            return true;
        }
        if (staged.isEmpty()) staged.addAll(state.openTransactions().before(end, STAGED_AT_ONCE));
        if (staged.isEmpty()) return false;
        move(staged.remove());
        return true;
    }

    private void addLevels(Destination destination) {
        for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
            Level level = destination.level(priority);
            if (level != null && isThere(level) && level.logged().minPhysicalOffsetFrom(0) < end) levels.add(level);
        }
    }

    private void moveNextOf(Level level) {
        boolean isThere = isThere(level);
        if (isThere && !forgetting) {
            long place = level.logged().firstBefore(end, level.nextWaiting(nextPlace), row);
            forgetting = place < 0;
            nextPlace = place + 1;
            if (place >= 0 && level.isWaiting(place)) move(new Waiting(level, place));
            return;
        }
        if (isThere) nextPlace = state.forgetSettled(level, end, nextPlace);
        if (isThere && nextPlace >= 0) return;
        levels.remove();
        forgetting = false;
        nextPlace = 0;
    }

    private void move(Waiting message) {
        Level level = message.level;
        long place = message.queueOffset;
        if (!stillWaits(message)) return;
        level.logged().read(place, row);
        if (row.physicalOffset() >= end) return;
        ByteBuffer stored = read(row.physicalOffset(), row.sizeBytes());
        int at = StoredPayload.messageAt(stored, 0);
        boolean isVolatile = ShardState.isVolatile(row.flags());
        boolean lost = isVolatile && place < level.volatileLostBelow();
        boolean expired = Expiry.isOver(stored, at, clockMillis.getAsLong());
        boolean wasDelayed = MessageLayout.deliveryTimeMillis(stored, at) != 0;
        for (Subscription subscription : level.destination().subscriptions()) {
            Cursor cursor = subscription.logged(level.priority());
            // such a one is never handed out (7.9), and would be taken for a younger message at its new place
            boolean older = wasDelayed && row.physicalOffset() < subscription.beganAt();
            if ((lost || expired || older) && cursor.isAvailable(place)) settle(subscription, level.priority(), place);
        }
        if (!stillWaits(message)) return;
        move(
                stored,
                at,
                () -> stillWaits(message),
                moved -> journal.append(MessageMoved.of(level.destination().id(), place, isVolatile, moved)));
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
                && message.level.isWaiting(message.queueOffset);
    }

    private void settle(Subscription subscription, int priority, long place) {
        if (!subscription.isDurable()) {
            state.settleSoft(subscription, priority, place);
            return;
        }
        OffsetRanges one = new OffsetRanges();
        one.add(place);
        Settled.appendTo(journal, subscription.id(), priority, one);
    }

    private void move(DelayedPlace message) {
        ByteBuffer stored = read(message.physicalOffset(), message.entryBytes());
        int at = StoredPayload.messageAt(stored, 0);
        boolean isVolatile = StoredPayload.isVolatile(stored, 0);
        BooleanSupplier stillWaits = () -> state.isDelayed(message);
        move(
                stored,
                at,
                stillWaits,
                moved -> journal.append(
                        MessageMoved.of(message.destinationId(), ~message.physicalOffset(), isVolatile, moved)));
    }

    private void move(StagedPlace message) {
        if (!state.openTransactions().contains(message)) return;
        ByteBuffer stored = read(message.physicalOffset(), message.entryBytes());
        int at = StoredPayload.messageAt(stored, 0);
        BooleanSupplier stillWaits = () -> state.openTransactions().contains(message);
        move(
                stored,
                at,
                stillWaits,
                moved -> journal.append(StagedMoved.of(message.transactionId(), message.physicalOffset(), moved)));
    }

    private void move(ByteBuffer stored, int at, BooleanSupplier stillWaits, Consumer<ByteBuffer> write) {
        if (MessageLayout.isLarge(stored, at)) {
            largeMove = new LargeMove(stored, stillWaits, write);
            return;
        }
        write.accept(stored);
        messagesInRun++;
    }

    /** A large message, whose body is copied part by part before it. */
    private final class LargeMove {
        private final ByteBuffer stored;
        private final int at;
        private final BooleanSupplier stillWaits;
        private final Consumer<ByteBuffer> write;
        private final long firstPart;
        private int parts;

        LargeMove(ByteBuffer read, BooleanSupplier stillWaits, Consumer<ByteBuffer> write) {
            this.stillWaits = stillWaits;
            this.write = write;
            stored = ByteBuffer.allocate(read.remaining()).put(read).flip();
            at = StoredPayload.messageAt(stored, 0);
            firstPart = LargeBody.physicalOffset(stored, at, 0);
            state.holds().hold(firstPart);
        }

        /** Copies the next part, or in the end the message; false when there is nothing more to do. */
        boolean copyPart() {
            boolean waits = stillWaits.getAsBoolean();
            if (waits && parts < LargeBody.parts(stored, at)) {
                ByteBuffer part =
                        read(LargeBody.physicalOffset(stored, at, parts), LargeBody.entryBytes(stored, at, parts));
                long physicalOffset = journal.append(new LargePart(part, 0, part.limit()));
                LargeBody.movePart(stored, at, parts++, physicalOffset);
                if (parts == 1) state.holds().hold(physicalOffset);
                return true;
            }
            if (waits) write.accept(stored);
            if (waits) messagesInRun++;
            close();
            return false;
        }

        void close() {
            state.holds().release(firstPart);
            if (parts > 0) state.holds().release(LargeBody.physicalOffset(stored, at, 0));
        }
    }
}
