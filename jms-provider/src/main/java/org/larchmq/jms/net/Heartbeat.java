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
    private final Intervals intervals;
    private Future<?> schedule;
    private long lastReads = -1;
    private long lastWrites = -1;
    private long silentMillis;

    /**
     * @param tickMillis    how often it is looked
     * @param silenceMillis of the broker, after which it is asked, and after three times of which it is given up; 0: never
     */
    record Intervals(int tickMillis, int silenceMillis) {
        /**
         * @param application what it has said; {@link Transport.Limits#AS_THE_BROKER_SAYS}; 0: the broker is not asked
         * @param broker      how often the broker wants to hear from us; 0: it does not mind
         */
        static Intervals of(int application, int broker) {
            if (application == Transport.Limits.AS_THE_BROKER_SAYS) return new Intervals(broker, broker);
            if (application == 0 || broker == 0) return new Intervals(Math.max(application, broker), application);
            return new Intervals(Math.min(application, broker), application);
        }
    }

    private Heartbeat(Transport transport, FrameReader frames, Outbound outbound, Intervals intervals) {
        this.transport = transport;
        this.frames = frames;
        this.outbound = outbound;
        this.intervals = intervals;
    }

    static Heartbeat start(Transport transport, FrameReader frames, Outbound outbound, Intervals intervals) {
        Heartbeat heartbeat = new Heartbeat(transport, frames, outbound, intervals);
        if (intervals.tickMillis > 0) {
            heartbeat.schedule = SharedTimer.every(intervals.tickMillis, heartbeat::check);
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
        silentMillis = reads == lastReads ? silentMillis + intervals.tickMillis : 0;
        lastReads = reads;
        lastWrites = writes;
        boolean isWatched = intervals.silenceMillis > 0;
        if (isWatched && silentMillis >= (long) GIVE_UP_AFTER * intervals.silenceMillis) {
            transport.fail(new SocketTimeoutException(
                    "the broker has been silent for " + silentMillis + " ms, three times the heartbeat"));
        } else if (isWatched && silentMillis >= intervals.silenceMillis || quiet) {
            outbound.appendUrgent(FrameType.PING);
        }
    }
}
