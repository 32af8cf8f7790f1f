package org.larchmq.jms.net;

import java.net.SocketTimeoutException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.larchmq.jms.error.JmsErrors;

/**
 * Whose turn it is to read the socket. A thread that waits for the broker takes the turn and reads what it waits for
 * itself: waking another thread costs more than reading. The connection's own reading thread stands by: it reads when
 * nobody has for a while, and when several wait, of whom only one can read. Safe from any thread; of those that read,
 * one at a time.
 */
public final class ReadTurn {
    private static final int KEEP_WHEN_CROWDED_FRAMES = 64;
    private static final long NO_DEADLINE = Long.MAX_VALUE;

    private final Inbound inbound;
    private final Runnable ping;
    private final Consumer<Exception> onFailure;
    private final Patience patience;
    private final AtomicBoolean taken = new AtomicBoolean(true);
    private final AtomicInteger waiting = new AtomicInteger();
    private final Thread standby;
    private volatile boolean wanted;
    private volatile boolean asleep;
    private volatile boolean ended;
    private volatile long turns;
    private volatile long deadlineNanos;
    private volatile boolean deadlineSet;

    /**
     * @param standByNanos      nobody has read for so long: the connection's own thread does
     * @param lastChanceNanos   how long a broker may take to answer a PING when somebody's time is over
     * @param shortestWaitNanos a thread that waits for less does not read itself, since only the broker's bytes wake a reader
     */
    record Patience(long standByNanos, long lastChanceNanos, long shortestWaitNanos) {
        static final Patience USUAL = new Patience(
                TimeUnit.MILLISECONDS.toNanos(5), TimeUnit.SECONDS.toNanos(5), TimeUnit.SECONDS.toNanos(10));
    }

    /**
     * @param ping      makes the broker answer, so that whoever reads looks round
     * @param onFailure told by the thread that reads when the connection is at its end
     */
    ReadTurn(Inbound inbound, Runnable ping, Consumer<Exception> onFailure, Patience patience, String name) {
        this.inbound = inbound;
        this.ping = ping;
        this.onFailure = onFailure;
        this.patience = patience;
        standby = Threads.daemon(this::standBy, name + "-reader");
    }

    /** Begins to read. */
    void start() {
        taken.set(false);
        standby.start();
    }

    /** Nobody reads any more. */
    void end() {
        ended = true;
        LockSupport.unpark(standby);
    }

    Thread standby() {
        return standby;
    }

    /**
     * Whether this thread may wait in the socket: not if it can be interrupted there, or wants to be back soon, since
     * only the broker's bytes wake it.
     */
    boolean mayRead(long timeoutNanos) {
        return timeoutNanos >= patience.shortestWaitNanos() && Threads.mayUseSocket();
    }

    /** Takes the turn if nobody has it; {@link #readUntil} gives it back. */
    public boolean tryTake() {
        if (!taken.get() && taken.compareAndSet(false, true)) return true;
        wanted = true;
        return false;
    }

    /** With the turn taken: reads until done, or until the connection is at its end, and gives the turn back. */
    public void readUntil(BooleanSupplier done) {
        readUntil(done, NO_DEADLINE);
    }

    /** The same with an end in time, kept to within some seconds if the broker says nothing at all. */
    void readUntil(BooleanSupplier done, long deadline) {
        if (deadline != NO_DEADLINE) {
            deadlineNanos = deadline;
            deadlineSet = true;
        }
        try {
            while (!ended && !done.getAsBoolean()) inbound.readAndDispatch();
        } catch (Throwable e) { // whatever it is, half of a frame may be gone: the connection is of no more use
            onFailure.accept(JmsErrors.asException(e));
        } finally {
            deadlineSet = false;
            release();
        }
    }

    private void release() {
        turns = turns + 1;
        taken.set(false);
        if (asleep || waiting.get() > 0) LockSupport.unpark(standby);
    }

    /** The caller is going to wait for something that reading brings, and does not read itself. */
    public void beginWaiting() {
        waiting.incrementAndGet();
        if (!taken.get()) LockSupport.unpark(standby);
    }

    /** So many have what they waited for, or have given up. */
    public void endWaiting(int threads) {
        waiting.addAndGet(-threads);
    }

    /** Makes the thread that reads look round: something has changed that does not come from the broker. */
    public void nudge() {
        if (taken.get()) ping.run();
    }

    private void standBy() {
        long seen = 0;
        while (!ended) {
            long now = turns;
            boolean quiet = now == seen;
            seen = now;
            if ((quiet || waiting.get() > 0) && tryTake()) {
                readWhileNeeded();
                LockSupport.parkNanos(this, patience.standByNanos());
            } else if (quiet) {
                sleepUntilReleased();
            } else {
                LockSupport.parkNanos(this, patience.standByNanos());
            }
        }
    }

    /** Reads until the thread that waits had better do so itself. */
    private void readWhileNeeded() {
        int keep = 0;
        wanted = false;
        try {
            do {
                inbound.readAndDispatch();
                boolean others = waiting.get() > 0;
                keep = others ? KEEP_WHEN_CROWDED_FRAMES : Math.max(0, keep - 1);
            } while (!ended && !(wanted && keep == 0));
        } catch (Throwable e) { // as above; an OutOfMemoryError, too, must not leave everybody waiting
            onFailure.accept(JmsErrors.asException(e));
        } finally {
            release();
        }
    }

    /** Somebody reads and nothing comes: woken when that one is done, or is overdue. */
    private void sleepUntilReleased() {
        asleep = true;
        long turn = turns;
        if (taken.get() && !ended) {
            if (deadlineSet) awaitDeadline(turn);
            else LockSupport.parkNanos(this, patience.lastChanceNanos());
        }
        asleep = false;
    }

    private void awaitDeadline(long turn) {
        LockSupport.parkNanos(this, Math.max(1, deadlineNanos - System.nanoTime()));
        if (!isOverdue(turn)) return;
        ping.run();
        long end = System.nanoTime() + patience.lastChanceNanos();
        while (isOverdue(turn) && end - System.nanoTime() > 0) {
            LockSupport.parkNanos(this, end - System.nanoTime());
        }
        if (isOverdue(turn)) {
            onFailure.accept(
                    new SocketTimeoutException("the broker has not answered in time, and then not even a PING"));
        }
    }

    private boolean isOverdue(long turn) {
        return !ended && deadlineSet && turn == turns && deadlineNanos - System.nanoTime() <= 0;
    }
}
