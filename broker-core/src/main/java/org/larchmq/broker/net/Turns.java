package org.larchmq.broker.net;

import java.util.ArrayDeque;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.larchmq.broker.state.Earnings;

/**
 * Divides the time of the shard's loop among connections. A connection that asks for little is served at once: it earns
 * a part of the time that passes. Those that ask for more share, in turn, a bounded part of each turn of the loop, however
 * many they are; so what one of them wants costs another connection a part of a turn, and never all of its work. Loop
 * thread only, unless a method says otherwise.
 */
final class Turns {
    /** Time of each turn of the loop for all connections that have used up what they had earned. */
    static final long SHARED_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
    /** The same, while hardly anybody else is there to wait. */
    static final long SHARED_BY_FEW_NANOS = TimeUnit.MILLISECONDS.toNanos(2);
    /** So many connections are few: a sender, a receiver, and somebody who looks at the broker now and then. */
    static final int FEW = 4;
    /** Connections that wanted something within this time, or the same time before, are there: 67 ms. */
    private static final int EPOCH_BITS = 26;
    /** What one of them gets before the next, when several wait. */
    static final long SLICE_NANOS = TimeUnit.MICROSECONDS.toNanos(125);
    /** For less than this nothing is begun. */
    private static final long LEAST_NANOS = TimeUnit.MICROSECONDS.toNanos(20);

    private final LongSupplier nanoTime;
    private final Consumer<Runnable> execute;
    private final Consumer<Runnable> atEndOfThisTurn;
    private final Earnings earnings = new Earnings();
    private final ArrayDeque<Share> waiting = new ArrayDeque<>();
    private volatile int waitingNow;
    private long epoch;
    private int presentInEpoch;
    private int presentBefore;
    private boolean knowsEnd;
    private long sharedUsedNanos;
    private Share running;
    private long runningUntil;

    /** What one connection has of the loop's time. */
    static final class Share {
        private final Runnable goOn;
        private final Earnings.Account earned = new Earnings.Account();
        private boolean isWaiting;
        private long seenInEpoch = -1;

        /** @param goOn goes on with what the connection wants, when its turn has come */
        Share(Runnable goOn) {
            this.goOn = goOn;
        }
    }

    /**
     * @param execute         runs a task on the loop, after it has looked at the network if it is at the end of a turn
     * @param atEndOfThisTurn runs a task when the loop has done what it has at hand
     */
    Turns(LongSupplier nanoTime, Consumer<Runnable> execute, Consumer<Runnable> atEndOfThisTurn) {
        this.nanoTime = nanoTime;
        this.execute = execute;
        this.atEndOfThisTurn = atEndOfThisTurn;
    }

    long nowNanos() {
        return nanoTime.getAsLong();
    }

    /**
     * A connection wants something done now.
     *
     * @return until when it may be done; {@code nowNanos} when the connection has to wait, see {@link #waitFor}
     */
    long begin(Share share, long nowNanos) {
        if (share == running) return runningUntil;
        if (share.isWaiting) return nowNanos;
        isThere(share, nowNanos);
        long shared = waiting.isEmpty() ? Math.max(0, sharedNanos() - sharedUsedNanos) : 0;
        long nanos = earnings.of(share.earned, nowNanos) + shared;
        return nanos < LEAST_NANOS ? nowNanos : nowNanos + nanos;
    }

    private void isThere(Share share, long nowNanos) {
        long now = nowNanos >> EPOCH_BITS;
        if (now != epoch) {
            presentBefore = now == epoch + 1 ? presentInEpoch : 0;
            presentInEpoch = 0;
            epoch = now;
        }
        if (share.seenInEpoch == now) return;
        share.seenInEpoch = now;
        presentInEpoch++;
    }

    private long sharedNanos() {
        return Math.max(presentBefore, presentInEpoch) <= FEW ? SHARED_BY_FEW_NANOS : SHARED_NANOS;
    }

    /** What the connection wanted is done, or is to go on later. */
    void end(Share share, long beganNanos, long nowNanos) {
        sharedUsedNanos += earnings.spend(share.earned, Math.max(0, nowNanos - beganNanos), nowNanos);
        knowEndOfTurn();
    }

    /** The connection goes on when its turn comes. */
    void waitFor(Share share) {
        if (share.isWaiting) return;
        share.isWaiting = true;
        waiting.add(share);
        waitingNow = waiting.size();
        knowEndOfTurn();
    }

    private void knowEndOfTurn() {
        if (knowsEnd) return;
        knowsEnd = true;
        atEndOfThisTurn.accept(this::turnEnds);
    }

    private void turnEnds() {
        knowsEnd = false;
        sharedUsedNanos = 0;
        earnings.turnEnds();
        if (!waiting.isEmpty()) execute.accept(this::serveWaiting);
    }

    private void serveWaiting() {
        knowEndOfTurn();
        long shared = sharedNanos();
        while (!waiting.isEmpty() && sharedUsedNanos < shared) {
            Share next = waiting.remove();
            waitingNow = waiting.size();
            next.isWaiting = false;
            long left = shared - sharedUsedNanos;
            long began = nowNanos();
            isThere(next, began);
            running = next;
            runningUntil = began + (waiting.isEmpty() ? left : Math.min(left, SLICE_NANOS));
            try {
                next.goOn.run();
            } finally {
                running = null;
            }
        }
    }

    /** Connections that wait for their turn. Any thread. */
    int waiting() {
        return waitingNow;
    }
}
