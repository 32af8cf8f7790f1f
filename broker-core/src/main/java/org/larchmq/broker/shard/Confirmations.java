package org.larchmq.broker.shard;

import java.util.ArrayDeque;
import java.util.Arrays;
import org.larchmq.broker.delivery.ClientLink;
import org.larchmq.message.ErrorCode;

/**
 * Answers that wait until the log is committed up to an offset, in the order of the offsets: a growing ring of plain
 * arrays, since there is one per message sent. Shard thread only.
 */
final class Confirmations {
    private static final byte RECEIPT = 0, REPLY = 1, RUN = 2;

    private long[] offset = new long[64];
    private long[] id = new long[64];
    private byte[] kind = new byte[64];
    private ClientLink[] link = new ClientLink[64];
    private final ArrayDeque<Runnable> runs = new ArrayDeque<>(0);
    private long first;
    private long next;
    private ClientLink lastWaiting;
    private int waitingLinks;

    void receipt(long commitOffset, ClientLink to, long sendSequence) {
        add(commitOffset, to, sendSequence, RECEIPT);
    }

    /** @param value 0, or what the request asked for */
    void reply(long commitOffset, ClientLink to, int requestId, int value) {
        add(commitOffset, to, (long) value << 32 | requestId & 0xFFFF_FFFFL, REPLY);
    }

    /** Clients that have come to wait since the last {@link #sealed}; one that takes turns with others counts each time. */
    int waitingLinks() {
        return waitingLinks;
    }

    /** Who comes from now on waits for the next batch. */
    void sealed() {
        lastWaiting = null;
        waitingLinks = 0;
    }

    /** An answer that is rarer and says more. */
    void run(long commitOffset, ClientLink to, Runnable answer) {
        runs.add(answer);
        add(commitOffset, to, 0, RUN);
    }

    /** Answers everything whose entries end at or below {@code committedOffset}; sends by way of the brake. */
    void release(long committedOffset, SendBrake brake) {
        while (first < next) {
            int index = index(first);
            if (offset[index] > committedOffset) return;
            ClientLink to = link[index];
            link[index] = null;
            first++;
            if (kind[index] == RECEIPT) brake.receipt(to, id[index]);
            else if (kind[index] == RUN) runs.remove().run();
            else to.reply((int) id[index], ErrorCode.OK, "", id[index] >> 32, "");
        }
    }

    private void add(long commitOffset, ClientLink to, long what, byte how) {
        if (next - first == offset.length) grow();
        if (to != lastWaiting) {
            lastWaiting = to;
            waitingLinks++;
        }
        int index = index(next++);
        offset[index] = commitOffset;
        link[index] = to;
        id[index] = what;
        kind[index] = how;
    }

    private int index(long position) {
        return (int) position & (offset.length - 1);
    }

    private void grow() {
        int length = offset.length;
        int shift = index(first);
        offset = rotate(offset, shift);
        id = rotate(id, shift);
        byte[] kinds = new byte[length * 2];
        ClientLink[] links = new ClientLink[length * 2];
        for (int i = 0; i < length; i++) {
            kinds[i] = kind[(i + shift) & (length - 1)];
            links[i] = link[(i + shift) & (length - 1)];
        }
        kind = kinds;
        link = links;
        first = 0;
        next = length;
    }

    private static long[] rotate(long[] values, int shift) {
        long[] larger = Arrays.copyOf(values, values.length * 2);
        for (int i = 0; i < values.length; i++) larger[i] = values[(i + shift) & (values.length - 1)];
        return larger;
    }
}
