package org.larchmq.jms.net;

import jakarta.jms.JMSException;
import java.io.IOException;
import java.io.OutputStream;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageLayout;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Protocol;
import org.larchmq.wire.SendFrame;
import org.larchmq.wire.SendLargeFrame;

/**
 * The way out of a connection: frames are appended to a pending buffer, and whoever needs them to leave becomes the
 * writer, unless somebody is writing already, who then takes them along. So frames that wait share a system call, and
 * a lone sender pays no hand-over. Consecutive sends share one SEND frame.
 *
 * <p>Bounds: an appender waits while 1 MiB is pending, and a sender while the send window is full, both with a limit.
 */
public final class Outbound {
    private static final int WRITE_AT_ONCE_BYTES = 64 * 1024;
    private static final int MAX_PENDING_BYTES = 1 << 20;
    private static final int KEEP_BUFFER_BYTES = 2 * WRITE_AT_ONCE_BYTES;
    private static final int FEW_UNDER_WAY = 4;
    private static final int MAX_TURNS = 32;
    private static final int NO_BATCH = -1;
    static final long NOT_WRITING = 0;

    private final ReentrantLock lock = new ReentrantLock();
    private final ReentrantLock largeLock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final OutputStream socket;
    private final Consumer<IOException> onFailure;
    private final Flusher flusher;
    private final SendLedger ledger = new SendLedger();
    private final int timeoutMillis;
    private final BooleanSupplier mayWrite;

    private ByteWriter pending = new ByteWriter(WRITE_AT_ONCE_BYTES);
    private ByteWriter spare = new ByteWriter(WRITE_AT_ONCE_BYTES);
    private volatile boolean somethingPending;
    private volatile long writes;
    private volatile long writingSinceNanos = NOT_WRITING;
    private boolean writing;
    private int waiting;
    private long windowBytes;
    private int batchMark = NO_BATCH;
    private int batchCount;
    private FrameType batchType;
    private long batchTransaction;
    private JMSException failure;

    Outbound(OutputStream socket, Consumer<IOException> onFailure, int timeoutMillis, String name) {
        this(socket, onFailure, timeoutMillis, name, Threads::mayUseSocket);
    }

    /** @param mayWrite whether the calling thread may; otherwise the flusher writes */
    Outbound(
            OutputStream socket,
            Consumer<IOException> onFailure,
            int timeoutMillis,
            String name,
            BooleanSupplier mayWrite) {
        this.mayWrite = mayWrite;
        this.socket = socket;
        this.onFailure = onFailure;
        this.timeoutMillis = timeoutMillis;
        flusher = new Flusher(this, name);
    }

    public Flusher flusher() {
        return flusher;
    }

    /** Changes whenever something has left. */
    long writes() {
        return writes;
    }

    boolean hasPending() {
        return somethingPending;
    }

    /**
     * Appends whole frames. They leave with the next flush.
     *
     * @throws JMSException when the connection is at its end; a broker that does not read ends it here, because what the
     *                      frames say would be known to one side only
     */
    public void append(Consumer<ByteWriter> frames) throws JMSException {
        try {
            appendInTime(frames);
        } catch (BrokerDoesNotRead e) {
            onFailure.accept(new SocketTimeoutException(e.getMessage()));
            throw JmsErrors.failed(ClientError.TIMEOUT, e.getMessage());
        }
    }

    private void appendInTime(Consumer<ByteWriter> frames) throws JMSException {
        lock.lock();
        try {
            awaitRoom(timeoutMillis, "requestTimeout");
            closeBatch();
            int mark = pending.size();
            boolean whole = false;
            try {
                frames.accept(pending);
                whole = true;
            } finally {
                if (!whole) pending.truncate(mark); // a name that cannot be encoded
            }
            somethingPending = true;
        } finally {
            lock.unlock();
        }
    }

    /** As the other one, for a frame without a body. */
    void appendUrgent(FrameType empty) {
        appendUrgent(out -> FrameType.end(out, empty.begin(out)));
    }

    /** Appends without waiting for room, and leaves the writing to the flusher: for the thread that reads. */
    public void appendUrgent(Consumer<ByteWriter> frames) {
        lock.lock();
        try {
            if (failure != null) return;
            closeBatch();
            frames.accept(pending);
            somethingPending = true;
        } finally {
            lock.unlock();
        }
        flusher.wake();
    }

    /**
     * Appends a send and gives it its place in the order of the connection.
     *
     * @param transactionId 0, or the transaction it is staged for
     * @param message       the encoded message: {@code size} bytes from {@code offset}
     */
    public void appendSend(
            PendingSend send, int handle, long transactionId, byte[] message, int offset, int size, int waitMillis)
            throws JMSException {
        append(FrameType.SEND, transactionId, send, handle, message, offset, size, waitMillis);
    }

    /**
     * The same for a message that was sent on an earlier connection and not answered there.
     *
     * @param sentSince position in the WELCOME of that connection
     */
    public void appendResend(PendingSend send, int handle, long sentSince, byte[] message, int waitMillis)
            throws JMSException {
        append(FrameType.RESEND, sentSince, send, handle, message, 0, message.length, waitMillis);
    }

    private void append(
            FrameType type,
            long transactionId,
            PendingSend send,
            int handle,
            byte[] message,
            int offset,
            int size,
            int waitMillis)
            throws JMSException {
        lock.lock();
        try {
            send.setBytes(size);
            awaitWindow(size, waitMillis);
            awaitRoom(waitMillis, "sendTimeout");
            openBatch(type, transactionId, size);
            addToBatch(send, handle, message, offset, size);
        } finally {
            lock.unlock();
        }
    }

    /** All of it or nothing, also when memory is used up. */
    private void addToBatch(PendingSend send, int handle, byte[] message, int offset, int size) {
        int before = pending.size();
        boolean whole = false;
        try {
            pending.putInt(handle).putInt(size).putBytes(message, offset, size);
            ledger.add(send);
            batchCount++;
            somethingPending = true;
            whole = true;
        } finally {
            if (!whole) pending.truncate(batchCount == 0 ? batchMark : before);
            if (!whole && batchCount == 0) batchMark = NO_BATCH;
        }
    }

    /**
     * Sends a message above {@link Protocol#LARGE_MESSAGE_BYTES}: its body in parts, written as they are appended, then the
     * rest, which takes its place in the order of the connection. One at a time.
     *
     * @param sentSince as in {@link #appendResend} when it was sent before, otherwise
     *     {@link SendLargeFrame#NOT_SENT_BEFORE}
     */
    public void appendLarge(
            PendingSend send, int handle, long transactionId, long sentSince, byte[] message, int size, int waitMillis)
            throws JMSException {
        ByteBuffer bytes = ByteBuffer.wrap(message, 0, size);
        int bodyAt = MessageLayout.bodyAt(bytes, 0);
        lockLarge(waitMillis);
        try {
            for (int at = bodyAt; at < size; at += Protocol.PART_BYTES) {
                int from = at;
                int partBytes = Math.min(Protocol.PART_BYTES, size - at);
                append(out -> {
                    int mark = FrameType.PART.begin(out);
                    out.putInt(from - bodyAt).putInt(partBytes).putBytes(message, from, partBytes);
                    FrameType.end(out, mark);
                });
            }
            lock.lock();
            try {
                send.setBytes(bodyAt);
                awaitWindow(bodyAt, waitMillis);
                awaitRoom(waitMillis, "sendTimeout");
                closeBatch();
                int mark = FrameType.SEND_LARGE.begin(pending);
                pending.putLong(ledger.nextSequence()).putLong(transactionId);
                pending.putLong(sentSince);
                pending.putInt(handle).putInt(bodyAt).putBytes(message, 0, bodyAt);
                FrameType.end(pending, mark);
                ledger.add(send);
                somethingPending = true;
            } finally {
                lock.unlock();
            }
        } finally {
            largeLock.unlock();
        }
    }

    private void openBatch(FrameType type, long transactionId, int size) {
        if (batchMark != NO_BATCH) {
            boolean fits = pending.size() - batchMark + size + SendFrame.PER_MESSAGE_BYTES <= Protocol.BATCH_BYTES;
            if (fits && batchType == type && batchTransaction == transactionId) return;
            closeBatch();
        }
        batchMark = type.begin(pending);
        batchType = type;
        batchTransaction = transactionId;
        pending.putLong(ledger.nextSequence()).putLong(transactionId).putInt(0);
    }

    private void closeBatch() {
        if (batchMark == NO_BATCH) return;
        pending.patchInt(batchMark + FrameType.HEADER_BYTES + SendFrame.COUNT_AT, batchCount);
        FrameType.end(pending, batchMark);
        batchMark = NO_BATCH;
        batchCount = 0;
    }

    private static final class BrokerDoesNotRead extends JMSException {
        BrokerDoesNotRead(String reason) {
            super(reason, ClientError.TIMEOUT.text());
        }
    }

    private void awaitRoom(int waitMillis, String option) throws JMSException {
        long deadline = 0;
        while (true) {
            if (failure != null) throw JmsErrors.again(failure);
            if (pending.size() < MAX_PENDING_BYTES) return;
            if (writesItself()) continue;
            if (deadline == 0) deadline = deadline(waitMillis);
            if (!await(deadline)) {
                throw new BrokerDoesNotRead("the broker has not read from the connection for " + waitMillis + " ms ("
                        + option + "); " + pending.size() + " bytes wait to be sent");
            }
        }
    }

    private void awaitWindow(int size, int waitMillis) throws JMSException {
        long deadline = 0;
        while (true) {
            if (failure != null) throw JmsErrors.again(failure);
            long unconfirmed = ledger.unconfirmedBytes();
            if (unconfirmed + size <= windowBytes || unconfirmed == 0 && windowBytes > 0) return;
            if (pending.size() > 0 && writesItself()) continue;
            if (deadline == 0) deadline = deadline(waitMillis);
            if (!await(deadline)) {
                throw JmsErrors.exhausted(
                        ClientError.WINDOW_FULL,
                        "the broker has not confirmed " + unconfirmed + " bytes of " + ledger.count()
                                + " earlier messages within " + waitMillis + " ms (sendTimeout); it allows "
                                + windowBytes + " unconfirmed bytes on a connection. It is overloaded, or at a limit"
                                + " of memory or disk; try again later");
            }
        }
    }

    private static long deadline(int millis) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(millis);
        return deadline == 0 ? 1 : deadline;
    }

    private boolean await(long deadline) {
        long left = deadline - System.nanoTime();
        if (left <= 0) return false;
        boolean interrupted = Thread.interrupted();
        waiting++;
        try {
            changed.awaitNanos(left);
        } catch (InterruptedException e) {
            interrupted = true;
        } finally {
            waiting--;
            if (interrupted) Thread.currentThread().interrupt();
        }
        return true;
    }

    private static long nowNanos() {
        long now = System.nanoTime();
        return now == NOT_WRITING ? 1 : now;
    }

    /** Since when a write has not returned; {@link #NOT_WRITING}. */
    long writingSinceNanos() {
        return writingSinceNanos;
    }

    /** Nothing can leave any more. */
    void failed(Throwable why) {
        onFailure.accept(why instanceof IOException e ? e : new IOException("writing failed: " + why, why));
    }

    /** With the lock held: writes what is pending; false when somebody else does. */
    private boolean writesItself() {
        if (writing) return false;
        if (mayWrite.getAsBoolean()) {
            writeOutsideLock();
            return true;
        }
        flusher.wake();
        return false;
    }

    /** Large messages of other sessions go first. */
    private void lockLarge(int waitMillis) throws JMSException {
        long deadline = deadline(waitMillis);
        boolean locked = false;
        boolean interrupted = false;
        while (!locked && deadline - System.nanoTime() > 0) {
            try {
                locked = largeLock.tryLock(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) Thread.currentThread().interrupt();
        if (locked) return;
        throw JmsErrors.exhausted(
                ClientError.WINDOW_FULL,
                "large messages of other sessions of the connection have been on their way for " + waitMillis
                        + " ms (sendTimeout); try again later");
    }

    private void writeOutsideLock() {
        lock.unlock();
        try {
            flush();
        } finally {
            lock.lock();
        }
    }

    /** Sees to it that what is pending leaves: writes it, unless another thread is writing, which takes it along. */
    public void flush() {
        if (!mayWrite.getAsBoolean()) {
            flusher.wake();
            return;
        }
        IOException broken = null;
        boolean handOver = false;
        lock.lock();
        if (writing) {
            lock.unlock();
            return;
        }
        writing = true;
        try {
            for (int turn = 0; pending.size() > 0 && failure == null && broken == null; turn++) {
                if (turn == MAX_TURNS) {
                    handOver = true; // the others' frames are not this caller's business for ever
                    break;
                }
                broken = writePending();
            }
        } finally {
            writing = false;
            lock.unlock();
        }
        if (broken != null) onFailure.accept(broken);
        else if (handOver) flusher.wake();
    }

    private IOException writePending() {
        closeBatch();
        ByteWriter out = pending;
        pending = spare;
        somethingPending = false;
        writes = writes + 1;
        if (waiting > 0) changed.signalAll();
        lock.unlock();
        try {
            writingSinceNanos = nowNanos();
            socket.write(out.array(), 0, out.size());
            return null;
        } catch (IOException e) {
            return e;
        } catch (Throwable e) { // half of a frame may be gone
            return new IOException("writing failed: " + e, e);
        } finally {
            writingSinceNanos = NOT_WRITING;
            lock.lock();
            out.clear();
            out.shrink(KEEP_BUFFER_BYTES);
            spare = out;
        }
    }

    /** For what nobody waits for: writes when it pays or when little is under way, and otherwise wakes the flusher. */
    public void flushSoon() {
        boolean self;
        lock.lock();
        try {
            if (writing) return;
            self = pending.size() >= WRITE_AT_ONCE_BYTES || ledger.count() <= FEW_UNDER_WAY;
        } finally {
            lock.unlock();
        }
        if (self) flush();
        else flusher.wake();
    }

    // What the reading thread reports.

    /** Takes what RECEIPT confirms out of the ledger. */
    void confirmed(ByteReader ranges, List<PendingSend> completed) {
        lock.lock();
        try {
            for (int left = ranges.getUnsignedShort(); left > 0; left--) {
                long first = ranges.getLong();
                int messages = ranges.getInt();
                for (int i = 0; i < messages; i++) completed.add(ledger.remove(first + i));
            }
            ranges.end();
            if (waiting > 0) changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    PendingSend refused(long sequence) {
        lock.lock();
        try {
            if (waiting > 0) changed.signalAll();
            return ledger.remove(sequence);
        } finally {
            lock.unlock();
        }
    }

    void setWindow(long bytes) {
        lock.lock();
        try {
            windowBytes = bytes;
            if (waiting > 0) changed.signalAll();
        } finally {
            lock.unlock();
        }
    }

    /** Nothing leaves from now on. Returns the sends that will get no answer. */
    List<PendingSend> fail(JMSException why) {
        List<PendingSend> orphans = new ArrayList<>();
        lock.lock();
        try {
            if (failure == null) failure = why;
            ledger.drainTo(orphans);
            changed.signalAll();
        } finally {
            lock.unlock();
        }
        flusher.stop();
        return orphans;
    }
}
