package org.larchmq.jms.net;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * A connection's helper thread: writes what nobody waits for, and sees to acknowledgements that an application holds up
 * by taking its time. Started when first needed; parked while there is nothing to do. Under load it finds the next
 * frames pending when it has written the last, so that nobody has to wake it.
 */
public final class Flusher {
    private static final long TICK_NANOS = TimeUnit.MICROSECONDS.toNanos(500);
    private static final int IDLE_TICKS = 20;

    private final Outbound outbound;
    private final String name;
    private final List<Watch> watches = new CopyOnWriteArrayList<>();
    private volatile Thread thread;
    private volatile boolean parked;
    private volatile boolean ticking;
    private volatile boolean stopped;

    /** Somebody with a deadline. */
    @FunctionalInterface
    public interface Watch {
        /** Does what is due; called every half a millisecond while anybody has something pending. @return whether something is */
        boolean tick(long nowNanos);
    }

    Flusher(Outbound outbound, String name) {
        this.outbound = outbound;
        this.name = name;
    }

    public void watch(Watch watch) {
        watches.add(watch);
    }

    public void unwatch(Watch watch) {
        watches.remove(watch);
    }

    /** Something has to leave soon. */
    void wake() {
        Thread running = thread;
        if (running == null) running = start();
        if (parked && running != null) {
            parked = false;
            LockSupport.unpark(running);
        }
    }

    /** A watch has something pending. Cheap when the thread is about anyway. */
    public void activate() {
        if (ticking) return;
        ticking = true;
        wake();
    }

    private synchronized Thread start() {
        if (thread == null && !stopped) {
            Thread made = Threads.daemon(this::run, name + "-flusher");
            made.start(); // may fail; the next one tries again
            thread = made;
        }
        return thread;
    }

    synchronized void stop() {
        stopped = true;
        LockSupport.unpark(thread);
    }

    Thread thread() {
        return thread;
    }

    private void run() {
        try {
            work();
        } catch (Throwable e) { // top of the thread: nothing would leave any more
            outbound.failed(e);
        }
    }

    private void work() {
        int idle = 0;
        while (!stopped) {
            outbound.flush();
            if (ticking) {
                idle = tick() ? 0 : idle + 1;
                if (idle > IDLE_TICKS) {
                    idle = 0;
                    ticking = false;
                    if (tick()) ticking = true; // became pending while it was being switched off
                }
            }
            park();
        }
    }

    private boolean tick() {
        long now = System.nanoTime();
        boolean pending = false;
        for (Watch watch : watches) pending |= watch.tick(now);
        return pending;
    }

    private void park() {
        parked = true;
        if (outbound.hasPending() || stopped) {
            parked = false;
            return;
        }
        if (ticking) LockSupport.parkNanos(this, TICK_NANOS);
        else LockSupport.park(this);
        parked = false;
    }
}
