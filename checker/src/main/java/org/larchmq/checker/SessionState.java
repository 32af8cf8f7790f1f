package org.larchmq.checker;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** One session of one connection: its unit of work and the failures it went through. */
final class SessionState {
    /** What may repeat because of one failure: of the deliveries {@code from <= position < to}, {@code window} at most. */
    static final class Failure {
        int from;
        int to;
        /** Whether the place is known: {@code to} is the first delivery after it. */
        boolean exact;

        Failure(int from, int to, boolean exact) {
            this.from = from;
            this.to = to;
            this.exact = exact;
        }

        boolean covers(int position) {
            return position >= from && position < to;
        }
    }

    /** A repeated delivery that is legal only if this session had failed; judged when all is known. */
    record Suspect(MessageState message, int position, boolean held, long at) {}

    final String id;
    final String proc;
    AckMode ackMode;
    int window;
    int deliveries;
    /** Counts rollbacks, recoveries and failures: after each, a block may be replayed from further back. */
    int replays;

    /** Its provider connects it again by itself: what it held when the broker failed comes again, to anybody. */
    boolean failsOver;

    boolean lost;
    boolean closing;
    boolean closedOk;
    boolean acknowledging;
    long lastSuccessAt = Long.MIN_VALUE;
    TransactionState tx;
    final List<CopyState> unit = new ArrayList<>(0);
    final List<Failure> failures = new ArrayList<>(0);
    final List<Suspect> suspects = new ArrayList<>(0);
    final Map<ConsumerState.Key, ConsumerState> consumers = new HashMap<>(2);

    SessionState(String id, String proc, AckMode ackMode, int window) {
        this.id = id;
        this.proc = proc;
        this.ackMode = ackMode;
        this.window = window;
    }

    boolean acknowledgesByItself() {
        return ackMode == AckMode.AUTO || ackMode == AckMode.DUPS_OK;
    }

    boolean ended() {
        return lost || closing;
    }

    /**
     * The moment is not exact: what the client had prefetched may be consumed for a while. A session that fails over
     * replays nothing before it is connected again, which {@link #failureIsOver} tells.
     */
    void failureNearby() {
        failures.add(new Failure(deliveries - window, deliveries + window, false));
        if (!failsOver) replays++;
    }

    /** Nothing is consumed after this with an acknowledgement from before. */
    void failureIsOver() {
        Failure last = failures.isEmpty() ? null : failures.get(failures.size() - 1);
        if (last == null || last.exact) failures.add(last = new Failure(0, 0, true));
        last.from = deliveries - window;
        last.to = deliveries;
        last.exact = true;
        replays++;
    }

    boolean failureCovers(int position) {
        for (Failure failure : failures) {
            if (failure.covers(position)) return true;
        }
        return false;
    }
}
