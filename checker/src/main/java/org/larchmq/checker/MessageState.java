package org.larchmq.checker;

/** What the history tells about one message. Ten million of them must fit: no collections in here. */
final class MessageState {
    enum Outcome {
        CONFIRMED,
        UNKNOWN,
        REFUSED
    }

    final StreamState stream;
    final long seq;
    long bodyCrc = -1;
    boolean persistent = true;
    byte priority;
    /** It may have been delivered and consumed, or not: nothing follows from its absence. */
    boolean deliveryInDoubt;

    Phase sendPhase = Phase.INVOKE;
    long ttlMillis;
    long delayMillis;
    long invokedAt;
    long invokedWall;
    long completedAt;
    long completedWall;
    TransactionState tx;
    CopyState copies;

    MessageState(StreamState stream, long seq) {
        this.stream = stream;
        this.seq = seq;
    }

    Mid mid() {
        return new Mid(stream.producer, stream.session, stream.dest, seq);
    }

    Outcome outcome() {
        if (sendPhase == Phase.FAIL) return Outcome.REFUSED;
        if (tx != null && !tx.mayBeCommitted()) return Outcome.REFUSED;
        if (tx != null && tx.outcome == TransactionState.Outcome.IN_DOUBT) return Outcome.UNKNOWN;
        return sendPhase == Phase.OK ? Outcome.CONFIRMED : Outcome.UNKNOWN;
    }

    long confirmedAt() {
        return tx == null ? completedAt : tx.endedAt;
    }

    boolean mayBeExpired(long wallMillis) {
        return ttlMillis > 0 && wallMillis >= invokedWall + ttlMillis;
    }

    boolean mayBeScheduled(long wallMillis) {
        return delayMillis > 0 && wallMillis < completedWall + delayMillis;
    }

    CopyState copy(String dest, String sub) {
        for (CopyState copy = copies; copy != null; copy = copy.next) {
            if (copy.isOn(dest, sub)) return copy;
        }
        return null;
    }
}
