package org.larchmq.broker.shard;

import java.util.Collection;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.larchmq.broker.shard.ClientConnection.OpenTransaction;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.log.CommitLog;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives up what keeps the log and gets no further, while the disk is near its high-water mark: bodies of large messages of
 * which only a part has come, and local transactions with staged messages. Without pressure they may idle as long as they
 * like. Their clients are told when they go on. Shard thread only.
 */
final class IdleHolders {
    private static final Logger LOG = LoggerFactory.getLogger(IdleHolders.class);
    private static final long LOOK_MILLIS = 1_000;
    private static final long MOST_IDLE_NANOS = TimeUnit.SECONDS.toNanos(10);
    /** Large messages that come slower than this do not keep the log while the disk is short, nor do long transactions. */
    private static final long SLOWEST_BYTES_PER_SECOND = 64 << 10;

    private static final long LONGEST_TRANSACTION_NANOS = TimeUnit.MINUTES.toNanos(2);
    /** Between the work for a branch and its prepare others of its transaction are at work. */
    private static final long MOST_IDLE_BRANCH_NANOS = TimeUnit.MINUTES.toNanos(1);

    private static final String BRANCH_BECAUSE =
            "the disk of the data directory is near its high-water mark, and nothing"
                    + " came for this branch for " + TimeUnit.NANOSECONDS.toSeconds(MOST_IDLE_BRANCH_NANOS)
                    + " s, or it was open for "
                    + TimeUnit.NANOSECONDS.toSeconds(LONGEST_TRANSACTION_NANOS)
                    + " s: it was rolled back, because the log was kept for it; free space, or prepare sooner";
    private static final String BECAUSE =
            "the disk of the data directory is near its high-water mark, and nothing came for"
                    + " this transaction for " + TimeUnit.NANOSECONDS.toSeconds(MOST_IDLE_NANOS)
                    + " s: it was rolled back, because the log was kept for it; free space, or commit sooner, and send it again";

    private final CommitLog log;
    private final Consumer<OpenTransaction> forget;
    private final Branches branches;
    private final Collection<ClientConnection> connections;
    private final Clock clock;
    private final ShardLoop loop;
    private final CommitCycle cycle;
    private boolean isWatching;

    /** @param forget has the log forget what a transaction has staged */
    IdleHolders(
            CommitLog log,
            Consumer<OpenTransaction> forget,
            Branches branches,
            Collection<ClientConnection> connections,
            Clock clock,
            ShardLoop loop,
            CommitCycle cycle) {
        this.log = log;
        this.forget = forget;
        this.branches = branches;
        this.connections = connections;
        this.clock = clock;
        this.loop = loop;
        this.cycle = cycle;
    }

    /** There is something to look after. */
    void watch() {
        if (isWatching) return;
        isWatching = true;
        loop.executeLater(this::look, LOOK_MILLIS);
    }

    private void look() {
        isWatching = false;
        if (cycle.isEnding()) return;
        try {
            boolean some = false;
            boolean isShort = log.spacePressure() > 0 || !log.acceptsMessages();
            for (ClientConnection connection : connections) some |= look(connection, isShort);
            some |= branches.rollBackIdle(isShort, clock.nanoTime() - MOST_IDLE_BRANCH_NANOS, BRANCH_BECAUSE);
            if (some) watch();
        } catch (StoreException e) {
            if (e.error().isPassing()) watch(); // the rest has its turn when there is room for its end
            else cycle.fail(e);
        } catch (RuntimeException e) {
            cycle.fail(e);
        }
    }

    /** Whether it still has something that keeps the log. */
    private boolean look(ClientConnection connection, boolean isShort) {
        boolean some = false;
        LargeUpload upload = connection.upload();
        if (upload != null && upload.holdsLog()) {
            if (isShort && (isIdle(upload.touchedNanos()) || isTooSlow(upload))) {
                LOG.warn(
                        "A large message of {} is given up: its rest does not come or comes too slowly,"
                                + " and the disk is short",
                        connection);
                upload.giveUp();
            } else {
                some = true;
            }
        }
        for (OpenTransaction transaction : connection.transactions().values()) {
            if (transaction.isBranch() || transaction.isEmpty() || transaction.givenUpBecause() != null) continue;
            if (isShort && (isIdle(transaction.touchedNanos) || isTooLong(transaction))) {
                forget.accept(transaction);
                transaction.giveUp(BECAUSE);
                LOG.warn(
                        "A transaction of {} is rolled back: it idles or takes too long, and the disk is" + " short",
                        connection);
                cycle.schedule();
            } else {
                some = true;
            }
        }
        return some;
    }

    /** Slower than it should be since it began, with the time that one may be idle to spare. */
    private boolean isTooSlow(LargeUpload upload) {
        long nanos = clock.nanoTime() - upload.begunNanos() - MOST_IDLE_NANOS;
        return nanos > 0 && upload.bytes() < SLOWEST_BYTES_PER_SECOND * TimeUnit.NANOSECONDS.toSeconds(nanos);
    }

    private boolean isTooLong(OpenTransaction transaction) {
        return clock.nanoTime() - transaction.begunNanos() > LONGEST_TRANSACTION_NANOS;
    }

    private boolean isIdle(long touchedNanos) {
        return clock.nanoTime() - touchedNanos > MOST_IDLE_NANOS;
    }
}
