package org.larchmq.jms.net;

import jakarta.jms.JMSException;
import java.util.concurrent.atomic.AtomicReferenceFieldUpdater;
import java.util.concurrent.locks.LockSupport;

/** Something that one thread may wait for and the thread that reads completes, once. */
abstract class Answer {
    private static final AtomicReferenceFieldUpdater<Answer, Thread> WAITER =
            AtomicReferenceFieldUpdater.newUpdater(Answer.class, Thread.class, "waiter");

    private volatile boolean complete;
    private volatile Thread waiter;
    private ReadTurn awaited;
    private JMSException failure;

    /** Null when it went well; valid once complete. */
    public final JMSException failure() {
        return failure;
    }

    public final boolean isComplete() {
        return complete;
    }

    final void setFailure(JMSException why) {
        failure = why;
    }

    final void complete() {
        complete = true;
        Thread waiting = waiter;
        if (waiting != null && noLongerWaits(waiting)) LockSupport.unpark(waiting);
    }

    private boolean noLongerWaits(Thread waiting) {
        if (!WAITER.compareAndSet(this, waiting, null)) return false;
        awaited.endWaiting(1);
        return true;
    }

    /**
     * Waits without being disturbed by interrupts, since what was sent is under way: the interrupt is kept for later.
     * Reads the socket itself when nobody else does.
     *
     * @return false when the time is over
     */
    final boolean await(ReadTurn turn, long timeoutNanos) {
        if (complete) return true;
        long deadline = System.nanoTime() + timeoutNanos;
        if (turn.mayRead(timeoutNanos) && turn.tryTake()) read(turn, deadline);
        if (!complete) park(turn, deadline);
        return complete;
    }

    private void read(ReadTurn turn, long deadline) {
        turn.readUntil(() -> complete || deadline - System.nanoTime() <= 0, deadline);
    }

    private void park(ReadTurn turn, long deadline) {
        awaited = turn;
        waiter = Thread.currentThread();
        turn.beginWaiting();
        boolean interrupted = false;
        while (!complete) {
            long left = deadline - System.nanoTime();
            if (left <= 0) break;
            LockSupport.parkNanos(this, left);
            interrupted |= Thread.interrupted();
        }
        noLongerWaits(Thread.currentThread());
        if (interrupted) Thread.currentThread().interrupt();
    }
}
