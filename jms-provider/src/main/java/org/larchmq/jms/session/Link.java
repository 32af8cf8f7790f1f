package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BiConsumer;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.net.Transport;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.Frames;

/**
 * A connection's way to the broker: one transport, or with failover one after the other. Calls through it wait while the
 * connection is being restored. It ends once, for good. Safe from any thread.
 */
final class Link {
    private final boolean failsOver;
    private final int waitMillis;
    private final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private volatile Transport transport;
    private volatile JMSException end;

    /** @param waitMillis how long a call waits for the connection to be restored; -1: as long as it takes */
    Link(boolean failsOver, int waitMillis) {
        this.failsOver = failsOver;
        this.waitMillis = waitMillis;
    }

    /** Whether a lost connection is restored. */
    boolean failsOver() {
        return failsOver;
    }

    /** The last one; it may be at its end. */
    Transport transport() {
        return transport;
    }

    /** Whether the broker cannot be reached now: the connection is lost for good, or not restored yet. */
    boolean isDown() {
        return transport.end() != null;
    }

    /** Null until it is over for good. */
    JMSException end() {
        return end != null || failsOver ? end : transport.end();
    }

    /** Whether a failure is that of a transport that is restored, so that what it concerns goes on. */
    boolean isRestored(Transport lost) {
        return failsOver && lost.end() != null && end == null;
    }

    /** Whether this is what a lost transport that is restored fails its callers with, so that they can begin again. */
    boolean isLoss(JMSException failure, Transport on) {
        JMSException end = on.end();
        return isRestored(on) && (failure == end || failure.getCause() == end);
    }

    void replace(Transport by) {
        lock.lock();
        try {
            transport = by;
            changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing is restored any more; whoever waits is told why. False when it was over already. */
    boolean end(JMSException why) {
        lock.lock();
        try {
            if (end != null) return false;
            end = why;
            changed.signalAll();
            return true;
        } finally {
            lock.unlock();
        }
    }

    /**
     * The transport, when it is usable.
     *
     * @throws JMSException when it is over, or not restored within the time that a call waits
     */
    Transport usable() throws JMSException {
        Transport now = transport;
        if (now.end() == null && end == null) return now;
        return failsOver ? awaitRestored() : fail(now.end());
    }

    private static Transport fail(JMSException why) throws JMSException {
        throw JmsErrors.again(why);
    }

    private Transport awaitRestored() throws JMSException {
        long left = waitMillis < 0 ? Long.MAX_VALUE : TimeUnit.MILLISECONDS.toNanos(waitMillis);
        lock.lock();
        try {
            while (true) {
                if (end != null) throw JmsErrors.again(end);
                if (transport.end() == null) return transport;
                if (left <= 0) {
                    throw JmsErrors.failed(
                            ClientError.TIMEOUT,
                            "the connection was lost and is not restored after " + waitMillis
                                    + " ms (timeout); it goes on trying",
                            transport.end());
                }
                left = changed.awaitNanos(left);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw JmsErrors.failed(ClientError.INTERRUPTED, "the thread was interrupted while it waited", e);
        } finally {
            lock.unlock();
        }
    }

    /** Waits so long or until it is over. False when it is over. */
    boolean pause(long nanos) {
        lock.lock();
        try {
            long left = nanos;
            while (end == null && left > 0) left = changed.awaitNanos(left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            lock.unlock();
        }
        return end == null;
    }

    /** A request that can be repeated: when its transport is lost it is made again on the next. */
    Frames.Reply callOrThrow(int timeoutMillis, BiConsumer<Integer, ByteWriter> frame) throws JMSException {
        Frames.Reply reply = call(timeoutMillis, frame);
        if (reply.code() != ErrorCode.OK) throw JmsErrors.refused(reply.code(), reply.text());
        return reply;
    }

    /** The same, with whatever code. */
    Frames.Reply call(int timeoutMillis, BiConsumer<Integer, ByteWriter> frame) throws JMSException {
        while (true) {
            Transport on = usable();
            try {
                return on.call(timeoutMillis, frame);
            } catch (JMSException e) {
                if (!isLoss(e, on)) throw e;
            }
        }
    }
}
