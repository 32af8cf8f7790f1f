package org.larchmq.broker.state;

import java.util.Arrays;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;

/**
 * What is remembered of one producer: which sequences are stored, as runs of consecutive ones, and how its last commit
 * ended. In order of sending there is one run, which grows; a refused or otherwise kept message leaves a hole. Shard
 * thread only.
 */
final class Producer {
    /** Runs that are kept; what lies below the oldest of them is not known any more. */
    static final int MOST_RUNS = 16;

    final long id;
    private long lastOffset;
    private long[] runs = new long[2];
    private int used;
    private long forgottenBelow = Long.MIN_VALUE;
    private long committed;
    private long fenced;

    Producer(long id) {
        this.id = id;
    }

    /** Where the log was when it was last heard of. */
    long lastOffset() {
        return lastOffset;
    }

    void heard(long physicalOffset) {
        lastOffset = Math.max(lastOffset, physicalOffset);
    }

    /** It may have been known before, and forgotten: what is below its first sequence from now on is not known. */
    void mayHaveBeenForgotten() {
        forgottenBelow = Long.MAX_VALUE;
    }

    /** A sequence is stored. */
    void stored(long sequence) {
        if (forgottenBelow == Long.MAX_VALUE) forgottenBelow = sequence;
        if (used > 0 && sequence - 1 == runs[used - 1]) {
            runs[used - 1] = sequence;
            return;
        }
        if (used == 0 || sequence > runs[used - 1]) insertRun(used, sequence);
        else storedLate(sequence);
    }

    /** One that was sent again, behind later ones. */
    private void storedLate(long sequence) {
        int at = used - 2;
        while (at >= 0 && runs[at] > sequence) at -= 2;
        boolean within = at >= 0 && sequence <= runs[at + 1];
        if (within || sequence < forgottenBelow) return;
        boolean joinsBefore = at >= 0 && runs[at + 1] == sequence - 1;
        boolean joinsAfter = runs[at + 2] == sequence + 1;
        if (joinsBefore && joinsAfter) {
            runs[at + 1] = runs[at + 3];
            remove(at + 2);
        } else if (joinsBefore) {
            runs[at + 1] = sequence;
        } else if (joinsAfter) {
            runs[at + 2] = sequence;
        } else {
            insertRun(at + 2, sequence);
        }
    }

    private void insertRun(int at, long sequence) {
        if (used == 2 * MOST_RUNS) {
            if (at == 0) { // older than all that is kept, which would push it out at once
                forgottenBelow = Math.max(forgottenBelow, sequence + 1);
                return;
            }
            forgottenBelow = runs[1] + 1;
            remove(0);
            at -= 2;
        }
        if (used == runs.length) runs = Arrays.copyOf(runs, used * 2);
        System.arraycopy(runs, at, runs, at + 2, used - at);
        runs[at] = sequence;
        runs[at + 1] = sequence;
        used += 2;
    }

    private void remove(int at) {
        System.arraycopy(runs, at + 2, runs, at, used - at - 2);
        used -= 2;
    }

    Memory remembers(long sequence) {
        for (int at = used - 2; at >= 0; at -= 2) {
            if (sequence >= runs[at]) return sequence <= runs[at + 1] ? Memory.STORED : Memory.NOT_STORED;
        }
        return sequence < forgottenBelow ? Memory.FORGOTTEN : Memory.NOT_STORED;
    }

    /** Whether one that was sent later is stored. */
    boolean hasStoredLater(long sequence) {
        return used > 0 && runs[used - 1] > sequence;
    }

    /** Number of its last transaction that was committed; 0 for none. */
    long committed() {
        return committed;
    }

    void committed(long transactionNumber) {
        committed = Math.max(committed, transactionNumber);
    }

    /** Transactions up to this number that are not committed never will be. */
    long fenced() {
        return fenced;
    }

    void fenced(long upTo) {
        fenced = Math.max(fenced, upTo);
    }

    void encode(ByteWriter out) {
        out.putLong(id).putLong(lastOffset).putLong(forgottenBelow).putLong(committed);
        out.putLong(fenced).putShort(used / 2);
        for (int i = 0; i < used; i++) out.putLong(runs[i]);
    }

    static Producer decode(ByteReader in) {
        Producer producer = new Producer(in.getLong());
        producer.lastOffset = in.getLong();
        producer.forgottenBelow = in.getLong();
        producer.committed = in.getLong();
        producer.fenced = in.getLong();
        int runs = in.getUnsignedShort();
        if (runs > MOST_RUNS) throw new ProtocolException(ErrorCode.PROTOCOL, runs + " runs of a producer");
        producer.runs = new long[Math.max(2, runs * 2)];
        producer.used = runs * 2;
        for (int i = 0; i < producer.used; i++) producer.runs[i] = in.getLong();
        return producer;
    }
}
