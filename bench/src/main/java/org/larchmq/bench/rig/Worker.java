package org.larchmq.bench.rig;

import jakarta.jms.JMSException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A thread that works through one recorded session after another: when the broker goes away, it waits until it is back
 * and connects anew, by hand.
 */
abstract class Worker implements Runnable {
    private static final long RECONNECT_MILLIS = 50;

    final Client client;
    final String proc;
    private final AtomicBoolean stopping = new AtomicBoolean();
    private final AtomicBoolean broken = new AtomicBoolean();
    private final Thread thread;
    private volatile Throwable failure;
    private volatile long lastStepNanos = System.nanoTime();

    Worker(Client client, String proc) {
        this.client = client;
        this.proc = proc;
        this.thread = new Thread(this, proc);
        this.thread.setDaemon(true);
    }

    /** Connects and subscribes, without starting delivery; the connection may break at any time. */
    abstract RecordedSession connect() throws JMSException;

    /** One short piece of work, bounded in time while the broker lives. */
    abstract void step(RecordedSession session) throws JMSException, InterruptedException;

    final void connectionBroken(JMSException e) {
        broken.set(true);
    }

    final void start() {
        thread.start();
    }

    @Override
    public final void run() {
        try {
            while (!stopping.get()) oneSession();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (Exception e) {
            failure = e; // the top of a thread: the rig ends with it
        }
    }

    private void oneSession() throws InterruptedException {
        broken.set(false);
        RecordedSession session;
        try {
            session = connect();
        } catch (JMSException e) {
            stepped();
            Thread.sleep(RECONNECT_MILLIS); // the broker is down for a moment
            return;
        }
        try {
            session.start();
            while (!stopping.get() && !broken.get()) {
                step(session);
                stepped();
            }
            if (broken.get()) session.lost("exception listener");
            else session.close();
        } catch (JMSException e) {
            session.lost(e.toString());
        }
    }

    private void stepped() {
        lastStepNanos = System.nanoTime();
    }

    double secondsSinceStep() {
        return (System.nanoTime() - lastStepNanos) / 1e9;
    }

    final void stop() {
        stopping.set(true);
    }

    final boolean isStopping() {
        return stopping.get();
    }

    final void join(long millis) throws InterruptedException {
        thread.join(millis);
        if (failure != null) throw new RigException(proc + " failed: " + failure, failure);
        if (!thread.isAlive()) return;
        var where = new StringBuilder(proc + " hangs:");
        for (StackTraceElement frame : thread.getStackTrace())
            where.append("\n    at ").append(frame);
        throw new RigException(where.toString());
    }
}
