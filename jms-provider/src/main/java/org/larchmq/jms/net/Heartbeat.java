package org.larchmq.jms.net;

import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.larchmq.wire.FrameType;

/**
 * Asks a silent broker whether it is there, and gives it up after three silent intervals. All connections share one
 * timer thread, which ends when there are none.
 */
final class Heartbeat {
    private static final int GIVE_UP_AFTER = 3;
    private static final ScheduledThreadPoolExecutor TIMER = timer();

    private final Transport transport;
    private final FrameReader frames;
    private final Outbound outbound;
    private final int intervalMillis;
    private ScheduledFuture<?> schedule;
    private long lastReads = -1;
    private long lastWrites = -1;
    private int silentIntervals;

    private Heartbeat(Transport transport, FrameReader frames, Outbound outbound, int intervalMillis) {
        this.transport = transport;
        this.frames = frames;
        this.outbound = outbound;
        this.intervalMillis = intervalMillis;
    }

    private static ScheduledThreadPoolExecutor timer() {
        ScheduledThreadPoolExecutor timer = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "larchmq-heartbeat");
            thread.setDaemon(true);
            thread.setContextClassLoader(null);
            return thread;
        });
        timer.setRemoveOnCancelPolicy(true);
        timer.setKeepAliveTime(1, TimeUnit.SECONDS);
        timer.allowCoreThreadTimeOut(true);
        return timer;
    }

    /** @param intervalMillis 0 for none */
    static Heartbeat start(Transport transport, FrameReader frames, Outbound outbound, int intervalMillis) {
        Heartbeat heartbeat = new Heartbeat(transport, frames, outbound, intervalMillis);
        if (intervalMillis > 0) {
            heartbeat.schedule = TIMER.scheduleWithFixedDelay(
                    heartbeat::check, intervalMillis, intervalMillis, TimeUnit.MILLISECONDS);
        }
        return heartbeat;
    }

    void stop() {
        if (schedule != null) schedule.cancel(false);
    }

    private void check() {
        long reads = frames.reads();
        long writes = outbound.writes();
        boolean quiet = writes == lastWrites; // the broker watches our silence as we watch its
        silentIntervals = reads == lastReads ? silentIntervals + 1 : 0;
        lastReads = reads;
        lastWrites = writes;
        if (silentIntervals >= GIVE_UP_AFTER) {
            transport.fail(new java.net.SocketTimeoutException(
                    "the broker has been silent for " + (long) GIVE_UP_AFTER * intervalMillis + " ms"));
        } else if (silentIntervals > 0 || quiet) {
            outbound.appendUrgent(FrameType.PING);
        }
    }
}
