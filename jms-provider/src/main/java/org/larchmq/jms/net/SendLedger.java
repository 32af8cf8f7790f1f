package org.larchmq.jms.net;

import java.util.Arrays;
import java.util.List;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;

/**
 * The sends of a connection that wait for their answer, by send sequence: a ring that grows with what is under way,
 * which the send window bounds. Guarded by the lock of {@link Outbound}.
 */
final class SendLedger {
    private PendingSend[] ring = new PendingSend[64];
    private long oldest = 1;
    private long next = 1;
    private int count;
    private long unconfirmedBytes;

    long nextSequence() {
        return next;
    }

    long unconfirmedBytes() {
        return unconfirmedBytes;
    }

    /** Messages without an answer. */
    int count() {
        return count;
    }

    void add(PendingSend send) {
        if (next - oldest == ring.length) grow();
        ring[index(next)] = send;
        next++;
        count++;
        unconfirmedBytes += send.bytes();
    }

    /** Takes out one send. @throws ProtocolException when it is not waiting */
    PendingSend remove(long sequence) {
        PendingSend send = sequence >= oldest && sequence < next ? ring[index(sequence)] : null;
        if (send == null) {
            throw new ProtocolException(ErrorCode.PROTOCOL, "answer to send " + sequence + ", which is not waiting");
        }
        ring[index(sequence)] = null;
        count--;
        unconfirmedBytes -= send.bytes();
        while (oldest < next && ring[index(oldest)] == null) oldest++;
        return send;
    }

    /** Takes out all. */
    void drainTo(List<PendingSend> all) {
        for (; oldest < next; oldest++) {
            PendingSend send = ring[index(oldest)];
            if (send != null) all.add(send);
        }
        Arrays.fill(ring, null);
        count = 0;
        unconfirmedBytes = 0;
    }

    private void grow() {
        PendingSend[] larger = new PendingSend[ring.length * 2];
        for (long sequence = oldest; sequence < next; sequence++) {
            larger[(int) (sequence & (larger.length - 1))] = ring[index(sequence)];
        }
        ring = larger;
    }

    private int index(long sequence) {
        return (int) (sequence & (ring.length - 1));
    }
}
