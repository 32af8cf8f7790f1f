package org.larchmq.jms.net;

import jakarta.jms.JMSException;
import java.util.concurrent.locks.LockSupport;

/** Something that one thread may wait for and the reading thread completes, once. */
abstract class Answer {
    private volatile boolean complete;
    private volatile Thread waiter;
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
        if (waiting != null) LockSupport.unpark(waiting);
    }

    /**
     * Waits without being disturbed by interrupts, since what was sent is under way: the interrupt is kept for later.
     *
     * @return false when the time is over
     */
    final boolean await(long timeoutNanos) {
        if (complete) return true;
        waiter = Thread.currentThread();
        long deadline = System.nanoTime() + timeoutNanos;
        boolean interrupted = false;
        while (!complete) {
            long left = deadline - System.nanoTime();
            if (left <= 0) break;
            LockSupport.parkNanos(this, left);
            interrupted |= Thread.interrupted();
        }
        waiter = null;
        if (interrupted) Thread.currentThread().interrupt();
        return complete;
    }
}
