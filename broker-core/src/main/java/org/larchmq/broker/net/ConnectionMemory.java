package org.larchmq.broker.net;

import java.util.concurrent.atomic.AtomicLong;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Memory outside of the heap that all connections together take: what waits until clients read it, and frames of which
 * only a part has arrived. Each has a bound, so that clients that do not read, or do not finish, cannot take what the log
 * and other clients need. Any thread.
 */
final class ConnectionMemory {
    private static final Logger LOG = LoggerFactory.getLogger(ConnectionMemory.class);

    private final long mostOutputBytes;
    private final long mostInputBytes;
    private final AtomicLong outputBytes = new AtomicLong();
    private final AtomicLong inputBytes = new AtomicLong();
    private volatile boolean saidThatFull;

    /** @param mostBytes for output, and the same again for unfinished frames */
    ConnectionMemory(long mostBytes) {
        if (mostBytes < 1) throw new IllegalArgumentException("mostBytes must be at least 1, is " + mostBytes);
        this.mostOutputBytes = mostBytes;
        this.mostInputBytes = mostBytes;
    }

    /** Bytes wait to be written; a negative number when they were written. */
    void waiting(long bytes) {
        long now = outputBytes.addAndGet(bytes);
        if (bytes > 0 && now >= mostOutputBytes && !saidThatFull) {
            saidThatFull = true;
            LOG.warn(
                    "{} bytes wait until clients read them, which is all that connections may take: who does not read"
                            + " gets nothing more, and is closed when that lasts. Find out why clients do not read, or"
                            + " raise -XX:MaxDirectMemorySize",
                    now);
        } else if (saidThatFull && now < mostOutputBytes / 2) {
            saidThatFull = false;
            LOG.warn("{} bytes wait until clients read them: connections get their output again", now);
        }
    }

    /** Whether a connection for which so much waits may be given more. One that reads always may. */
    boolean permits(long alreadyWaitingBytes) {
        return alreadyWaitingBytes == 0 || outputBytes.get() < mostOutputBytes;
    }

    /** Whether so much waits that connections which do not read have to go. */
    boolean isOutputFull() {
        return outputBytes.get() >= mostOutputBytes;
    }

    /** Whether frames of which only a part has arrived take more than half of what they may. */
    boolean isInputShort() {
        return inputBytes.get() > mostInputBytes / 2;
    }

    /** Keeps part of a frame until the rest comes; false when all connections together keep too much already. */
    boolean keep(long bytes) {
        if (inputBytes.addAndGet(bytes) <= mostInputBytes) return true;
        inputBytes.addAndGet(-bytes);
        return false;
    }

    void release(long keptBytes) {
        inputBytes.addAndGet(-keptBytes);
    }

    long outputBytes() {
        return outputBytes.get();
    }

    long mostOutputBytes() {
        return mostOutputBytes;
    }

    long mostInputBytes() {
        return mostInputBytes;
    }

    long inputBytes() {
        return inputBytes.get();
    }
}
