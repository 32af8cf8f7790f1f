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
    /** Between two looks at watches with nothing pending, and so the age at which it finds what became so since the last. */
    public static final long LOOK_NANOS = TimeUnit.MICROSECONDS.toNanos(800);

    private static final long SHORTEST_PARK_NANOS = TimeUnit.MICROSECONDS.toNanos(50);
    private static final int IDLE_LOOKS = 60;

    private final Outbound outbound;
    private final String name;
    private final List<Watch> watches = new CopyOnWriteArrayList<>();
    private volatile Thread thread;
    private volatile boolean parked;
    private volatile boolean looking;
    private volatile boolean stopped;

    /** Somebody with a deadline. */
    @FunctionalInterface
    public interface Watch {
        /** Value of {@link #doDue} with nothing pending. */
        long NOTHING = Long.MAX_VALUE;

        /**
         * Does what is due. Called by the flusher's thread when the time is over that the last call returned, and every
         * {@link Flusher#LOOK_NANOS} while any watch has something pending.
         *
         * @return nanoseconds until what is pending will be due, or {@link #NOTHING}
         */
        long doDue(long nowNanos);
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
        if (looking) return;
        looking = true;
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
            long parkNanos = LOOK_NANOS;
            if (looking) {
                long untilDue = look();
                idle = untilDue == Watch.NOTHING ? idle + 1 : 0;
                if (idle > IDLE_LOOKS) {
                    idle = 0;
                    looking = false;
                    untilDue = look();
                    if (untilDue != Watch.NOTHING) looking = true; // became pending while it was being switched off
                }
                parkNanos = Math.max(SHORTEST_PARK_NANOS, Math.min(LOOK_NANOS, untilDue));
            }
            park(parkNanos);
        }
    }

    /** Nanoseconds until the first watch has something due. */
    private long look() {
        long now = System.nanoTime();
        long untilDue = Watch.NOTHING;
        for (Watch watch : watches) untilDue = Math.min(untilDue, watch.doDue(now));
        return untilDue;
    }

    private void park(long nanos) {
        parked = true;
        if (outbound.hasPending() || stopped) {
            parked = false;
            return;
        }
        if (looking) LockSupport.parkNanos(this, nanos);
        else LockSupport.park(this);
        parked = false;
    }
}
