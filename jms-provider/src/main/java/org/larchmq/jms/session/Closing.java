package org.larchmq.jms.session;

import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/** Whether something is being closed, and by whom. One thread closes it; another one that wants to waits for it. */
final class Closing {
    private final AtomicReference<Thread> closer = new AtomicReference<>();
    private final CountDownLatch done = new CountDownLatch(1);

    /** True for the first caller, which is to close it and then to call {@link #end}. */
    boolean begin() {
        return closer.compareAndSet(null, Thread.currentThread());
    }

    boolean hasBegun() {
        return closer.get() != null;
    }

    void end() {
        done.countDown();
    }

    boolean isDone() {
        return done.getCount() == 0;
    }

    /** Waits until it is closed, also when the thread is interrupted; returns at once in the thread that closes it. */
    void await(int timeoutMillis) {
        if (closer.get() == Thread.currentThread()) return;
        long endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        boolean interrupted = false;
        while (true) {
            try {
                if (done.await(endNanos - System.nanoTime(), TimeUnit.NANOSECONDS) || endNanos - System.nanoTime() <= 0)
                    break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
    }
}
