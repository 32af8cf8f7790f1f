package org.larchmq.jms.net;

import java.net.SocketTimeoutException;
import java.util.concurrent.Future;
import org.larchmq.wire.FrameType;

/**
 * Asks a silent broker whether it is there, and gives it up after three silent intervals. It also watches that
 * the broker hears from us.
 */
final class Heartbeat {
    private static final int GIVE_UP_AFTER = 3;

    private final Transport transport;
    private final FrameReader frames;
    private final Outbound outbound;
    private final int intervalMillis;
    private Future<?> schedule;
    private long lastReads = -1;
    private long lastWrites = -1;
    private int silentIntervals;

    private Heartbeat(Transport transport, FrameReader frames, Outbound outbound, int intervalMillis) {
        this.transport = transport;
        this.frames = frames;
        this.outbound = outbound;
        this.intervalMillis = intervalMillis;
    }

    /** @param intervalMillis 0 for none */
    static Heartbeat start(Transport transport, FrameReader frames, Outbound outbound, int intervalMillis) {
        Heartbeat heartbeat = new Heartbeat(transport, frames, outbound, intervalMillis);
        if (intervalMillis > 0) {
            heartbeat.schedule = SharedTimer.every(intervalMillis, heartbeat::check);
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
            transport.fail(new SocketTimeoutException(
                    "the broker has been silent for " + (long) GIVE_UP_AFTER * intervalMillis + " ms"));
        } else if (silentIntervals > 0 || quiet) {
            outbound.appendUrgent(FrameType.PING);
        }
    }
}
