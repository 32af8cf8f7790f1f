package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.net.DeliveryBatch;
import org.larchmq.jms.net.DeliveryBatch.Delivered;
import org.larchmq.jms.net.ReadTurn;
import org.larchmq.jms.net.Transport;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageParts;
import org.larchmq.wire.AckFrame;
import org.larchmq.wire.FrameType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The messages that wait in a session, and who may have them now. The thread that reads puts batches in with one wake-up;
 * a receiver or the session's dispatch thread takes messages out one by one. The dispatch thread reads itself when nobody
 * else does.
 */
final class SessionInbox {
    private static final Logger LOG = LoggerFactory.getLogger(SessionInbox.class);

    /** In place of a message that was given back unread: the receiver may have to ask for another one. */
    static final Delivered UNREADABLE = new Delivered(ByteBuffer.allocate(0), 0, 0, 0, false, 0, null, null, null, 0);

    private static final long ASK_AFTER_NANOS = TimeUnit.MILLISECONDS.toNanos(10);
    /** A receiver with less time than this does not wait for an answer. */
    private static final long SHORTEST_ASK_NANOS = TimeUnit.MICROSECONDS.toNanos(500);

    private static final long NOT_YET = Long.MIN_VALUE;

    /** Then a message that cannot be read is handed over after all: its queue does not give it up. */
    private static final int ATTEMPTS_TO_READ = 100;

    final ReentrantLock lock = new ReentrantLock();
    private final Condition changed = lock.newCondition();
    private final List<ConsumerInbox> consumers = new ArrayList<>();
    private final ArrayDeque<ConsumerInbox> ready = new ArrayDeque<>();
    private final Acknowledger acknowledger;
    private final MessageParts parts = new MessageParts();
    private int waiting;
    private int wakeUps;
    private Thread reading;
    private boolean running;
    private boolean suspended;
    private boolean closed;
    private boolean detached;
    private boolean unitLost;
    private volatile boolean abandoned;
    private int losses;
    private JMSException failure;
    private ConsumerInbox busy;
    private Thread busyThread;
    private Transport announcedOn;

    SessionInbox(Acknowledger acknowledger) {
        this.acknowledger = acknowledger;
    }

    /** All consumers that the broker knows, closed ones with unacknowledged messages too. Guarded by the lock. */
    List<ConsumerInbox> consumers() {
        return consumers;
    }

    void wake() {
        if (waiting > 0) {
            wakeUps++;
            acknowledger.readTurn().endWaiting(waiting);
            waiting = 0;
            changed.signalAll();
        }
        if (reading != null && reading != Thread.currentThread())
            acknowledger.readTurn().nudge();
    }

    // The reading thread.

    void delivered(ConsumerInbox consumer, DeliveryBatch batch, Transport from) {
        lock.lock();
        try {
            if (detached || !acknowledger.isOn(from)) return; // it comes again on the next transport
            consumer.add(batch);
            makeReady(consumer);
            wake();
        } finally {
            lock.unlock();
        }
    }

    void consumerFailed(ConsumerInbox consumer, JMSException why) {
        lock.lock();
        try {
            consumer.fail(why);
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** Whether the broker has ended the consumer. */
    boolean hasFailed(ConsumerInbox consumer) {
        lock.lock();
        try {
            return consumer.failure() != null;
        } finally {
            lock.unlock();
        }
    }

    /** The transport is lost, and the connection will be restored: what was under way is void, whoever waits goes on. */
    void detach() {
        lock.lock();
        try {
            if (detached) return;
            detached = true;
            losses++;
            for (ConsumerInbox consumer : consumers) unitLost |= consumer.connectionLost();
            consumers.removeIf(ConsumerInbox::isClosed);
            acknowledger.connectionLost();
            wake();
        } finally {
            lock.unlock();
        }
    }

    /**
     * Whether the transaction manager has ended the work for a branch while the application may still be at it: then nothing
     * is handed over until another begins, since it would not be the branch's. Whoever waits for a message is told so.
     */
    void abandoned(boolean isSo) {
        lock.lock();
        try {
            abandoned = isSo;
            if (isSo) wake();
        } finally {
            lock.unlock();
        }
    }

    boolean isAbandoned() {
        return abandoned;
    }

    /** The connection is being restored: consumers are going to be made on this transport. */
    void attach(Transport to) {
        lock.lock();
        try {
            wake(); // who waited counted on the old one
            acknowledger.restore(to);
            detached = false;
        } finally {
            lock.unlock();
        }
    }

    /** Whether a unit of CLIENT_ACKNOWLEDGE or of a transaction was lost with its transport; asked once. */
    boolean takeUnitLost() {
        lock.lock();
        try {
            boolean was = unitLost;
            unitLost = false;
            return was;
        } finally {
            lock.unlock();
        }
    }

    /** Guarded by the lock. */
    boolean isDetached() {
        return detached;
    }

    boolean isAttachedTo(Transport transport) {
        lock.lock();
        try {
            return !detached && acknowledger.isOn(transport);
        } finally {
            lock.unlock();
        }
    }

    /** The connection is lost: what is buffered is not handed over any more, whoever waits is told. */
    void fail(JMSException why) {
        lock.lock();
        try {
            failure = why;
            for (ConsumerInbox consumer : consumers) consumer.dropBuffered();
            wake();
        } finally {
            lock.unlock();
        }
    }

    /**
     * The broker has taken a consumer's credit back and asks for what the application has not seen.
     *
     * @return writes the answer; where messages are wanted all the time or at this moment, with new credit
     */
    java.util.function.Consumer<ByteWriter> recalled(ConsumerInbox consumer) {
        lock.lock();
        try {
            AckRanges unseen = consumer.isTracked() && !consumer.isClosed() ? consumer.giveUpHalf() : new AckRanges();
            boolean grants = !consumer.isClosed() && acknowledger.recalled(consumer, !unseen.isEmpty());
            int messages = consumer.creditMessages();
            int bytes = consumer.creditBytes();
            if (grants) consumer.creditReturned();
            wake();
            return out -> {
                int mark = FrameType.RETURN.begin(out);
                out.putInt(0).putByte(AckFrame.RECALLED).putShort(1);
                unseen.encode(consumer.id(), consumer.lastSeen(), out);
                FrameType.end(out, mark);
                if (grants) Acknowledger.credit(consumer.id(), messages, bytes, out);
            };
        } finally {
            lock.unlock();
        }
    }

    void makeReady(ConsumerInbox consumer) {
        if (consumer.listener() == null || consumer.isReady() || !consumer.hasMessages() || consumer.isClosed()) return;
        consumer.setReady(true);
        ready.add(consumer);
    }

    // Receivers.

    /**
     * Waits for a message of the consumer.
     *
     * @param deadlineNanos of System.nanoTime; {@link Long#MAX_VALUE} for none
     * @param hold          the message may be put back; {@link #release} says what became of it
     * @return null when the time is over or the consumer is closed; {@link #UNREADABLE} when there was one that is no use
     * @throws JMSException also when its body cannot be read here: then it has gone back, as an attempt
     */
    Delivered take(ConsumerInbox consumer, long deadlineNanos, boolean hold) throws JMSException {
        return take(consumer, deadlineNanos, hold, true);
    }

    /** The same for a message that another session hands over, whose compression is that one's affair. */
    Delivered takeToLend(ConsumerInbox consumer, long deadlineNanos) throws JMSException {
        Delivered message = take(consumer, deadlineNanos, false, false);
        while (message == UNREADABLE) message = take(consumer, deadlineNanos, false, false);
        return message;
    }

    private Delivered take(ConsumerInbox consumer, long deadlineNanos, boolean hold, boolean toRead)
            throws JMSException {
        boolean flush;
        JMSException unreadable = null;
        boolean ask = false;
        long askAtNanos = consumer.isTracked() ? NOT_YET : Long.MAX_VALUE;
        int askedAfterLosses = -1;
        Delivered message = null;
        Transport announced;
        while (true) {
            lock.lock();
            try {
                flush = false;
                while (message == null && !flush && !ask) {
                    if (isOver(consumer)) return null;
                    if (abandoned) throw Transaction.abandoned();
                    if (askedAfterLosses >= 0 && askedAfterLosses != losses) {
                        askAtNanos = NOT_YET;
                        askedAfterLosses = -1; // once for each loss: without time left to ask, the time ends it
                    }
                    if (mayHandOver() && consumer.hasMessages() && acknowledger.mayHandOver(consumer)) {
                        message = consumer.next();
                        if (refuses(consumer, message)) message = UNREADABLE;
                        else unreadable = toRead ? acknowledger.whyUnreadable(message) : null;
                        if (unreadable != null) acknowledger.refused(consumer, message);
                        else if (message != UNREADABLE) {
                            if (toRead) announce(consumer, message);
                            flush = acknowledger.received(consumer, message, hold);
                        }
                    } else if (acknowledger.hasPending()) {
                        flush = true;
                    } else if (consumer.isRecalled() && !consumer.hasMessages()) {
                        acknowledger.wantCredit(consumer);
                        flush = true;
                    } else if (askAtNanos == Long.MAX_VALUE || !mayHandOver() || detached) {
                        if (!await(deadlineNanos)) return null;
                    } else {
                        if (askAtNanos == NOT_YET) askAtNanos = whenToAsk(deadlineNanos);
                        if (askAtNanos != Long.MAX_VALUE) ask = !await(askAtNanos);
                        if (ask) askedAfterLosses = losses;
                    }
                }
                announced = takeAnnounced();
            } finally {
                lock.unlock();
            }
            if (announced != null) announced.outbound().flush();
            if (flush || unreadable != null) acknowledger.flush();
            if (unreadable != null) throw unreadable;
            if (message != null) return message;
            if (ask) acknowledger.ask(consumer);
            if (ask) askAtNanos = Long.MAX_VALUE;
            ask = false;
        }
    }

    /** Says that the application is about to have the message in hand, so that this counts as an attempt whatever happens. */
    private void announce(ConsumerInbox consumer, Delivered message) {
        if (!consumer.isToAnnounce(message)) return;
        announcedOn = acknowledger.transport();
        int id = consumer.id();
        long sequence = message.sequence();
        announcedOn.outbound().appendUrgent(out -> {
            int mark = FrameType.SEEN.begin(out);
            out.putInt(id).putLong(sequence);
            FrameType.end(out, mark);
        });
    }

    /** Where something was announced that has to leave before the application gets the message; null for nowhere. */
    private Transport takeAnnounced() {
        Transport on = announcedOn;
        announcedOn = null;
        return on;
    }

    /** Gives back a message that cannot be read: to be tried elsewhere, and at last to the dead-letter queue. */
    private boolean refuses(ConsumerInbox consumer, Delivered message) {
        if (message.expirationMillis() != 0 && acknowledger.passesOver(consumer, message)) return true;
        if (message.originKind() != null || message.deliveryCount() > ATTEMPTS_TO_READ) return false;
        String damage = damage(message);
        if (damage == null) return false;
        LOG.warn(
                "A message of {} is {} (attempt {}): {}",
                consumer.destination(),
                consumer.isTracked() ? "given back" : "dropped",
                message.deliveryCount(),
                damage);
        acknowledger.refused(consumer, message);
        return true;
    }

    /** What no client can read in it, null for nothing; a compressed map or stream is decompressed for that. */
    private String damage(Delivered message) {
        String damage = parts.damage(message.frame(), message.at(), message.size());
        if (damage != null || !message.isCompressed() || !MessageParts.hasValues(message.bodyType())) return damage;
        if (acknowledger.whyUnreadable(message) != null) return null; // that is no fault of the message
        try {
            return parts.bodyDamage(message.bodyType(), acknowledger.decompress(message));
        } catch (JMSException e) {
            return e.getMessage();
        }
    }

    /** Soon, so that nobody starves; not at once, because most often the message is on its way. */
    private static long whenToAsk(long deadlineNanos) {
        long now = System.nanoTime();
        if (deadlineNanos == Long.MAX_VALUE) return now + ASK_AFTER_NANOS;
        long half = (deadlineNanos - now) / 2;
        return half < SHORTEST_ASK_NANOS ? Long.MAX_VALUE : now + Math.min(ASK_AFTER_NANOS, half);
    }

    /** What was taken with {@code hold} is kept, or is put back to be taken again before any other message. */
    void release(ConsumerInbox consumer, boolean keep) throws JMSException {
        boolean flush = false;
        lock.lock();
        try {
            if (keep) flush = acknowledger.accepted(consumer);
            else consumer.putBackCurrent();
        } finally {
            lock.unlock();
        }
        if (flush) acknowledger.flush();
    }

    private boolean isOver(ConsumerInbox consumer) throws JMSException {
        if (closed || consumer.isClosed()) return true;
        if (consumer.failure() != null) throw JmsErrors.again(consumer.failure());
        if (failure != null) throw JmsErrors.again(failure);
        return false;
    }

    /** Whether there is a message, or will never be one, so that asking the broker is of no use. */
    boolean needsAsking(ConsumerInbox consumer) {
        lock.lock();
        try {
            return !consumer.hasMessages() && mayHandOver() && !closed && !consumer.isClosed() && failure == null;
        } finally {
            lock.unlock();
        }
    }

    private boolean mayHandOver() {
        return running && !suspended;
    }

    private boolean await(long deadlineNanos) throws JMSException {
        int before = wakeUps;
        waiting++;
        acknowledger.readTurn().beginWaiting();
        try {
            if (deadlineNanos == Long.MAX_VALUE) {
                changed.await();
                return true;
            }
            long left = deadlineNanos - System.nanoTime();
            if (left <= 0) return false;
            changed.awaitNanos(left);
            return true;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw JmsErrors.failed(ClientError.INTERRUPTED, "the thread was interrupted while it waited", e);
        } finally {
            if (before == wakeUps) { // nobody has counted us out
                waiting--;
                acknowledger.readTurn().endWaiting(1);
            }
        }
    }

    // The dispatch thread.

    /**
     * Ends the previous hand-over and waits for the next message for a listener.
     *
     * @param finished the consumer whose listener has returned; null for the first call
     * @param waits    whether to wait when there is nothing
     * @return the consumer, with the message as its current one, or with a refusal when it cannot be read here; null when
     *     the session is closed, or there is nothing
     */
    ConsumerInbox nextForListener(ConsumerInbox finished, boolean waits) throws JMSException {
        ConsumerInbox done = finished;
        while (true) {
            boolean flush = false;
            ConsumerInbox next = null;
            ReadTurn turn = null;
            Transport announced = null;
            lock.lock();
            try {
                if (done != null) flush = notBusy(done);
                done = null;
                reading = null;
                while (next == null && !flush && reading == null) {
                    if (closed || failure != null) return null;
                    next = mayHandOver() ? pollReady() : null;
                    announced = takeAnnounced();
                    if (next != null) break;
                    if (acknowledger.hasPending()) flush = true;
                    else if (!waits && ready.isEmpty()) return null;
                    else if (!detached && (turn = acknowledger.readTurn()).tryTake()) reading = Thread.currentThread();
                    else await(Long.MAX_VALUE);
                }
            } finally {
                lock.unlock();
            }
            if (announced != null) announced.outbound().flush();
            if (flush) acknowledger.flush();
            if (next != null) return next;
            if (!flush) turn.readUntil(this::hasListenerWork);
        }
    }

    /** Whether the dispatch thread, which reads, has something else to do. */
    private boolean hasListenerWork() {
        lock.lock();
        try {
            if (closed || failure != null || acknowledger.hasPending()) return true;
            return mayHandOver() && !ready.isEmpty() && acknowledger.mayHandOver(ready.peek());
        } finally {
            lock.unlock();
        }
    }

    private boolean notBusy(ConsumerInbox finished) {
        busy = null;
        busyThread = null;
        boolean due = acknowledger.finished(finished, ready.isEmpty());
        wake();
        return due;
    }

    private ConsumerInbox pollReady() {
        ConsumerInbox next = firstReady();
        if (next == null || !acknowledger.mayHandOver(next)) return null;
        Delivered message = next.next();
        while (refuses(next, message)) {
            next = firstReady();
            if (next == null || !acknowledger.mayHandOver(next)) return null;
            message = next.next();
        }
        JMSException unreadable = acknowledger.whyUnreadable(message);
        if (unreadable == null) {
            next.setCurrent(message);
            announce(next, message);
            acknowledger.handedToListener(next, message);
        } else {
            next.setRefusal(unreadable);
            acknowledger.refused(next, message);
        }
        if (!next.hasMessages()) {
            ready.poll();
            next.setReady(false);
        } else if (ready.size() > 1) {
            ready.add(ready.poll());
        }
        busy = next;
        busyThread = Thread.currentThread();
        return next;
    }

    /** The listener has failed: whatever happens next, its message is not acknowledged. */
    void refuseCurrent(ConsumerInbox consumer) {
        lock.lock();
        try {
            consumer.refuseCurrent();
        } finally {
            lock.unlock();
        }
    }

    /** What could not be handed over goes back now. */
    void giveBackUnreadable() throws JMSException {
        acknowledger.flush();
    }

    private ConsumerInbox firstReady() {
        ConsumerInbox next = ready.peek();
        while (next != null && (next.isClosed() || !next.hasMessages() || next.listener() == null)) {
            ready.poll();
            next.setReady(false);
            next = ready.peek();
        }
        return next;
    }

    /** With the lock held: the message that this thread's listener has in hand belongs to the unit that begins now. */
    void enlistCurrent() {
        if (busy != null && busyThread == Thread.currentThread()) acknowledger.enlist(busy);
    }

    /** Whether this thread is inside a listener of this session. */
    boolean isInListener() {
        lock.lock();
        try {
            return busyThread == Thread.currentThread();
        } finally {
            lock.unlock();
        }
    }

    // Start, stop, close.

    void setListener(ConsumerInbox consumer, MessageListener listener) {
        lock.lock();
        try {
            consumer.setListener(listener);
            makeReady(consumer);
            wake();
        } finally {
            lock.unlock();
        }
    }

    void setRunning(boolean run) {
        lock.lock();
        try {
            running = run;
            wake();
        } finally {
            lock.unlock();
        }
    }

    boolean isRunning() {
        lock.lock();
        try {
            return running;
        } finally {
            lock.unlock();
        }
    }

    /** While suspended nothing is handed over: what is buffered is being given back. */
    void setSuspended(boolean changedTo) {
        lock.lock();
        try {
            suspended = changedTo;
            wake();
        } finally {
            lock.unlock();
        }
    }

    /** Receivers that wait get null, the dispatch thread ends. */
    void close() {
        lock.lock();
        try {
            closed = true;
            wake();
        } finally {
            lock.unlock();
        }
    }

    boolean isClosed() {
        lock.lock();
        try {
            return closed;
        } finally {
            lock.unlock();
        }
    }

    /**
     * Waits until no listener runs, unless it is this thread's.
     *
     * @param consumer only its listener, or null for any
     * @return false when the time is over
     */
    boolean awaitListener(ConsumerInbox consumer, int timeoutMillis) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        boolean interrupted = false;
        lock.lock();
        try {
            while (busy != null && (consumer == null || busy == consumer) && busyThread != Thread.currentThread()) {
                try {
                    if (!await(deadline)) return false;
                } catch (JMSException e) { // the interrupt is for later: whoever closes must come to an end
                    interrupted |= Thread.interrupted();
                }
            }
            return true;
        } finally {
            lock.unlock();
            if (interrupted) Thread.currentThread().interrupt();
        }
    }
}
