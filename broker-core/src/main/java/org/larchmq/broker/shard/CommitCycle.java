package org.larchmq.broker.shard;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.larchmq.broker.delivery.ClientLink;
import org.larchmq.broker.delivery.Dispatcher;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.state.ShardState;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.io.Clock;
import org.larchmq.store.log.CommitLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Commits in batches: at the end of a cycle of the loop, everything appended meanwhile is written with one call and
 * flushed with one flush; when that is done the answers that waited for it are released, its messages become visible,
 * and what can be handed out is. While a flush is under way the next batch fills.
 *
 * <p>Everything on the shard's loop.
 */
final class CommitCycle {
    private static final Logger LOG = LoggerFactory.getLogger(CommitCycle.class);
    /** Quiet time after which the log says how far it was flushed. */
    private static final long IDLE_MARK_MILLIS = 20;
    /** A batch of this size is worth a flush of its own. */
    private static final long GATHERED_BYTES = 64 * 1024;

    private static final long ROOM_RETRY_MILLIS = 200;
    /** Long requests that go on in one cycle. */
    private static final int CONTINUED_AT_ONCE = 2;

    private static final long GATHER_NANOS = TimeUnit.MICROSECONDS.toNanos(60);

    private final SendBrake brake;
    private final CommitLog log;
    private final ShardState state;
    private final Dispatcher dispatcher;
    private final Checkpointer checkpointer;
    private final ShardLoop loop;
    private final Flusher flusher;
    private final Shard.FailureListener failures;
    private final boolean flushEachBatch;
    private final int flushIntervalMillis;
    private final Confirmations confirmations = new Confirmations();
    private final BatchDelay batchDelay = new BatchDelay(GATHER_NANOS);
    private final Clock clock;
    private final List<ClientLink> toFlush = new ArrayList<>();
    private final ArrayDeque<Runnable> continued = new ArrayDeque<>(0);

    private volatile boolean down;
    private boolean quiesced;
    private boolean scheduled;
    private boolean flushing;
    private boolean flushWanted;
    private boolean lazyFlushScheduled;
    private boolean idleMarkScheduled;
    private boolean roomRetryScheduled;
    private final long runBegan;
    private long batchEnd;
    private long commits;

    CommitCycle(
            BrokerSettings.Store settings,
            SendBrake brake,
            CommitLog log,
            ShardState state,
            Dispatcher dispatcher,
            Checkpointer checkpointer,
            ShardLoop loop,
            Flusher flusher,
            Clock clock,
            Shard.FailureListener failures) {
        this.brake = brake;
        this.log = log;
        this.clock = clock;
        this.state = state;
        this.dispatcher = dispatcher;
        this.checkpointer = checkpointer;
        this.loop = loop;
        this.flusher = flusher;
        this.failures = failures;
        this.runBegan = log.endOffset();
        this.flushEachBatch = settings.flush() == BrokerSettings.Flush.SYNC;
        this.flushIntervalMillis = settings.flushIntervalMillis();
    }

    /** Confirms a send when what was appended so far is committed. */
    void receiptWhenCommitted(ClientLink link, long sendSequence) {
        confirmations.receipt(log.endOffset(), link, sendSequence);
        flushWanted = true;
    }

    /** Answers a request with OK when what was appended so far is committed. */
    void replyWhenCommitted(ClientLink link, int requestId) {
        replyWhenCommitted(link, requestId, 0);
    }

    /** The same, with what the request asked for. */
    void replyWhenCommitted(ClientLink link, int requestId, int value) {
        confirmations.reply(log.endOffset(), link, requestId, value);
        flushWanted = true;
    }

    /** Has something said when what was appended so far is committed. */
    void whenCommitted(ClientLink link, Runnable answer) {
        confirmations.run(log.endOffset(), link, answer);
        flushWanted = true;
    }

    /** As {@link #replyWhenCommitted}, to one who has sent messages: later when senders are slowed. */
    void replyToSenderWhenCommitted(ClientLink link, int requestId) {
        if (brake.isOff()) replyWhenCommitted(link, requestId);
        else whenCommitted(link, () -> brake.answer(link, () -> link.reply(requestId, ErrorCode.OK, "", 0, "")));
    }

    /** Has something done when what was appended so far is committed: later when senders are slowed. */
    void goOnWhenCommitted(ClientLink link, Runnable rest) {
        whenCommitted(link, () -> {
            if (brake.isOff()) rest.run();
            else brake.answer(link, rest);
        });
        schedule();
    }

    /** How many batches were committed. */
    long commits() {
        return commits;
    }

    /** Bytes of the log for which the next answers wait. */
    long uncommittedBytes() {
        return log.endOffset() - Math.max(batchEnd, runBegan);
    }

    /** A link has something to flush. */
    void touched(ClientLink link) {
        toFlush.add(link);
        schedule();
    }

    /** Has a cycle end after what the loop has at hand, once. */
    void schedule() {
        if (scheduled) return;
        scheduled = true;
        loop.execute(this::end);
    }

    private void end() {
        scheduled = false;
        if (down || quiesced) return;
        try {
            runContinued();
            commitBatch();
            boolean more = dispatcher.run() || !continued.isEmpty();
            if (dispatcher.hasUncommittedReservations()) flushWanted = true;
            if (dispatcher.lacksRoom()) retryWithoutRoomLater();
            flushLinks();
            boolean unwritten = flushWanted || log.endOffset() > log.writtenOffset();
            if (more || unwritten && mayWrite()) schedule();
            checkpointer.checkpointIfDue();
        } catch (RuntimeException e) {
            fail(e);
        }
    }

    /** Goes on with something long in a later cycle, after what others want. */
    void later(Runnable rest) {
        continued.add(rest);
        schedule();
    }

    private void runContinued() {
        for (int most = Math.min(CONTINUED_AT_ONCE, continued.size()); most > 0; most--)
            continued.remove().run();
    }

    private void commitBatch() {
        if (!mayWrite() || gathers()) return;
        if (log.endOffset() > log.writtenOffset()) log.write();
        if (!flushEachBatch) {
            flushWanted = false;
            sealBatch();
            batchCommitted();
            if (log.writtenOffset() > log.flushedOffset()) {
                if (checkpointer.wantsFlush() && !flushing) flush(false);
                else flushLater();
            }
        } else if (flushWanted || state.hasUnsealedMessages() || checkpointer.wantsFlush()) {
            flushWanted = false;
            sealBatch();
            flush(true);
        } else if (log.writtenOffset() > log.flushedOffset()) {
            flushLater();
        }
    }

    /** Nothing is written yet: what would be flushed waits a moment for more. */
    private boolean gathers() {
        if (!flushEachBatch || !flushWanted || log.endOffset() - log.flushedOffset() > GATHERED_BYTES) return false;
        return batchDelay.putsOff(confirmations.waitingLinks(), clock.nanoTime());
    }

    /** When each batch is flushed, the next is written only then: at most one batch is unflushed. */
    private boolean mayWrite() {
        return !flushing || !flushEachBatch;
    }

    private void sealBatch() {
        batchEnd = log.writtenOffset();
        batchDelay.flushed(confirmations.waitingLinks());
        confirmations.sealed();
        state.sealBatch();
        dispatcher.sealBatch();
    }

    private void batchCommitted() {
        commits++;
        state.batchCommitted();
        dispatcher.batchCommitted();
        brake.look();
        confirmations.release(batchEnd, brake);
    }

    /** @param commits whether the sealed batch is committed by this flush, or was by writing it */
    private void flush(boolean commits) {
        flushing = true;
        flusher.flush(log::force, failure -> {
            flushing = false;
            if (down) return;
            if (failure != null) {
                fail(failure);
                return;
            }
            try {
                if (commits) batchCommitted();
                checkpointer.flushed(log.flushedOffset());
                markFlushedWhenIdle();
            } catch (RuntimeException e) {
                fail(e);
            }
            schedule();
        });
    }

    /** What nobody waits for (acknowledgements; everything, with asynchronous flushing) is flushed within the interval. */
    private void flushLater() {
        if (lazyFlushScheduled) return;
        lazyFlushScheduled = true;
        loop.executeLater(
                () -> {
                    lazyFlushScheduled = false;
                    if (down || quiesced || flushing || log.writtenOffset() == log.flushedOffset()) return;
                    if (flushEachBatch) {
                        flushWanted = true;
                        schedule();
                    } else {
                        flush(false);
                    }
                },
                flushIntervalMillis);
    }

    /** So that damage in the last confirmed entry can be told from a torn tail. */
    private void markFlushedWhenIdle() {
        if (idleMarkScheduled || !flushEachBatch) return;
        idleMarkScheduled = true;
        loop.executeLater(
                () -> {
                    idleMarkScheduled = false;
                    if (down || quiesced || flushing) return;
                    if (log.endOffset() != log.flushedOffset()) {
                        markFlushedWhenIdle();
                        return;
                    }
                    try {
                        log.markFlushed();
                    } catch (RuntimeException e) {
                        fail(e);
                    }
                },
                IDLE_MARK_MILLIS);
    }

    /** What has no room in the log is tried again, since space is freed by checkpoints and by people. */
    private void retryWithoutRoomLater() {
        if (roomRetryScheduled) return;
        roomRetryScheduled = true;
        loop.executeLater(
                () -> {
                    roomRetryScheduled = false;
                    if (down || quiesced) return;
                    dispatcher.retryWithoutRoom();
                    schedule();
                },
                ROOM_RETRY_MILLIS);
    }

    private void flushLinks() {
        int now = toFlush.size(); // who has more to send right away gets its turn in the next cycle
        for (int i = 0; i < now; i++) toFlush.get(i).flush();
        if (now == toFlush.size()) toFlush.clear();
        else toFlush.subList(0, now).clear();
    }

    /** First step of an orderly stop: no more batches begin. False when the shard has failed already. */
    boolean quiesce() {
        quiesced = true;
        return !down;
    }

    /** Whether a flush is running. */
    boolean isFlushing() {
        return flushing;
    }

    /** Nothing is taken any more. Any thread may look. */
    boolean isDown() {
        return down;
    }

    /** Whether nothing is begun any more. */
    boolean isEnding() {
        return down || quiesced;
    }

    void down() {
        down = true;
    }

    void fail(RuntimeException cause) {
        if (down) return;
        down = true;
        log.abandon(cause);
        LOG.error("The broker stops: {}", cause.getMessage());
        failures.failed(cause);
    }
}
