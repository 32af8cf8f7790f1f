package org.larchmq.broker.shard;

import java.nio.ByteBuffer;
import java.util.Arrays;
import org.larchmq.broker.journal.Journal;
import org.larchmq.broker.journal.LargeBody;
import org.larchmq.broker.journal.MessageEntry.LargePart;
import org.larchmq.broker.state.Holds;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.ProtocolException;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.log.CommitLog;
import org.larchmq.wire.Protocol;

/**
 * The body of a large message on its way in: each part goes to the log as it comes, unconfirmed, and only where it is is
 * remembered. What comes to no end is left behind in the log and goes with its segment. Shard thread only.
 */
final class LargeUpload {
    private final CommitLog log;
    private final Journal journal;
    private final Holds holds;
    private long[] physicalOffset = new long[4];
    private int[] entryBytes = new int[4];
    private int parts;
    private int bytes;
    private boolean lastWasShort;
    private boolean refused;
    private final long begunNanos;
    private long touchedNanos;

    LargeUpload(CommitLog log, Journal journal, Holds holds, long nowNanos) {
        this.begunNanos = nowNanos;
        this.log = log;
        this.journal = journal;
        this.holds = holds;
    }

    /**
     * Takes the next part.
     *
     * @throws ProtocolException when it does not follow the one before, or the body gets larger than allowed
     */
    void add(int bodyAt, ByteBuffer buffer, int at, int size, int maxBodyBytes) {
        if (bodyAt != bytes || size < 1 || lastWasShort) {
            throw ProtocolException.malformed("a part of " + size + " bytes at " + bodyAt + " of a body of which "
                    + bytes + " bytes were received");
        }
        if (size > maxBodyBytes - bytes) {
            throw new ProtocolException(
                    ErrorCode.MESSAGE_TOO_LARGE,
                    "a message is larger than " + maxBodyBytes + " bytes (limits.maxMessage)");
        }
        bytes += size;
        lastWasShort = size < Protocol.SMALLEST_PART_BYTES;
        int most = journal.maxPartBytes(); // with small segments a part takes several entries
        for (int from = 0; from < size && !refused; from += most) {
            refused = !store(buffer, at + from, Math.min(most, size - from));
        }
    }

    private boolean store(ByteBuffer buffer, int at, int size) {
        if (!log.acceptsMessages()) return false;
        try {
            long offset = journal.append(new LargePart(buffer, at, size));
            if (parts == 0) holds.hold(offset);
            if (parts == physicalOffset.length) {
                physicalOffset = Arrays.copyOf(physicalOffset, parts * 2);
                entryBytes = Arrays.copyOf(entryBytes, parts * 2);
            }
            physicalOffset[parts] = offset;
            entryBytes[parts++] = log.lastEntrySizeBytes();
            return true;
        } catch (StoreException e) {
            if (!e.error().isPassing()) throw e;
            return false;
        }
    }

    /** Size of what has come. */
    int bytes() {
        return bytes;
    }

    /** Whether the disk had no room for all of it. */
    boolean isRefused() {
        return refused;
    }

    /** The message as it is stored: its head, and where the parts of its body are. From 0 to the limit. */
    ByteBuffer message(ByteBuffer buffer, int headAt, int headBytes) {
        int listBytes = LargeBody.listBytes(parts);
        ByteBuffer message = ByteBuffer.allocate(headBytes + listBytes);
        message.put(0, buffer, headAt, headBytes);
        message.put(MessageLayout.FLAGS, (byte) (message.get(MessageLayout.FLAGS) | MessageLayout.FLAG_LARGE));
        message.putInt(MessageLayout.BODY_SIZE, listBytes);
        message.position(headBytes);
        LargeBody.begin(message, bytes, parts);
        for (int i = 0; i < parts; i++) LargeBody.addPart(message, physicalOffset[i], entryBytes[i]);
        return message.position(0);
    }

    /** What has come of it is forgotten, because the log cannot be kept for it any longer: it is refused at its end. */
    void giveUp() {
        refused = true;
        close();
    }

    /** Whether the log is kept for it. */
    boolean holdsLog() {
        return parts > 0;
    }

    long begunNanos() {
        return begunNanos;
    }

    long touchedNanos() {
        return touchedNanos;
    }

    void touched(long nowNanos) {
        touchedNanos = nowNanos;
    }

    /** The log need not be kept for it any more: its message is stored, or never will be. */
    void close() {
        if (parts > 0) holds.release(physicalOffset[0]);
        parts = 0;
    }
}
