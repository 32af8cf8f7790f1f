package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReentrantLock;
import org.larchmq.jms.compression.CompressedBody;
import org.larchmq.jms.net.DeliveryBatch.Delivered;
import org.larchmq.jms.net.Flusher;
import org.larchmq.jms.net.ReadTurn;
import org.larchmq.jms.net.Transport;
import org.larchmq.message.ByteWriter;
import org.larchmq.wire.AckFrame;
import org.larchmq.wire.FrameType;

/**
 * Decides when a session tells the broker what was consumed, and returns credit. AUTO_ACKNOWLEDGE collects at most 64
 * messages, and only as long as there is a next message to hand over and for less than half a millisecond; the flusher
 * sends what is older than {@link Flusher#LOOK_NANOS}. So they leave within a millisecond, whatever the application does
 * meanwhile; DUPS_OK collects half the prefetch. In AUTO_ACKNOWLEDGE the broker confirms, and with more than the window
 * unconfirmed nothing is handed over.
 *
 * <p>State is guarded by the inbox's lock. {@link #flush} appends under a lock of its own, so that the acknowledgements
 * of a consumer cannot come behind its end.
 */
final class Acknowledger implements Flusher.Watch {
    private static final int MAX_COLLECTED = 64;
    private static final long AUTO_DELAY_NANOS = TimeUnit.MICROSECONDS.toNanos(400);
    private static final long LAZY_DELAY_NANOS = TimeUnit.MILLISECONDS.toNanos(100);

    private final Link link;
    private Transport transport; // guarded by the inbox's lock
    private final Expiry expiry;
    private final ReentrantLock flushing = new ReentrantLock();
    private final ByteWriter frames = new ByteWriter(256);
    private final List<ConsumerInbox> dirty = new ArrayList<>();
    private final SessionInbox inbox = new SessionInbox(this);
    private boolean automatic;
    private final boolean confirmed;
    private final int collect;
    private final int window;
    private int collected;
    private boolean givesBack;
    private volatile long firstCollectedNanos;
    private long settledTotal;
    private long requestedTotal;
    private long confirmedTotal;
    private long inDoubt;

    /** @param window of AUTO_ACKNOWLEDGE: messages whose acknowledgement may be unconfirmed */
    Acknowledger(Link link, Transport transport, int mode, int window, int prefetch, Expiry expiry) {
        this.expiry = expiry;
        this.link = link;
        this.transport = transport;
        automatic = mode == Session.AUTO_ACKNOWLEDGE || mode == Session.DUPS_OK_ACKNOWLEDGE;
        confirmed = mode == Session.AUTO_ACKNOWLEDGE;
        this.window = window;
        collect = confirmed ? Math.min(MAX_COLLECTED, Math.max(1, window / 2)) : Math.max(1, prefetch / 2);
    }

    SessionInbox inbox() {
        return inbox;
    }

    /** The transport that acknowledgements belong to. */
    Transport transport() {
        inbox.lock.lock();
        try {
            return transport;
        } finally {
            inbox.lock.unlock();
        }
    }

    /** With the inbox's lock held. */
    boolean isOn(Transport other) {
        return transport == other;
    }

    /** With the inbox's lock held: what is not confirmed is delivered again. */
    void connectionLost() {
        dirty.clear();
        collected = 0;
        givesBack = false;
        firstCollectedNanos = 0;
        inDoubt = confirmed ? settledTotal - confirmedTotal : 0;
        requestedTotal = settledTotal;
        confirmedTotal = settledTotal;
    }

    /** With the inbox's lock held: from now on everything goes over this one. */
    void restore(Transport to) {
        transport = to;
        inDoubt = 0;
    }

    /** Who reads what this session waits for. */
    ReadTurn readTurn() {
        return transport.readTurn();
    }

    /** Whether messages are acknowledged without the application asking for it. */
    boolean isAutomatic() {
        return automatic;
    }

    // With the inbox's lock held.

    /** For sessions that work for branches of distributed transactions at times: not while they do. */
    void setAutomatic(boolean changedTo) {
        automatic = changedTo;
    }

    boolean mayHandOver(ConsumerInbox consumer) {
        if (transport.end() != null) return false; // known to be lost: it comes again, or never
        return !confirmed || !consumer.isTracked() || settledTotal - confirmedTotal < window;
    }

    /**
     * A receiver gets the message now.
     *
     * @param hold it may be put back: not settled before {@link #accepted}
     * @return whether to flush
     */
    boolean received(ConsumerInbox consumer, Delivered message, boolean hold) {
        count(consumer, message);
        if (!automatic) consumer.delivered().add(message.sequence());
        else if (hold) consumer.setCurrent(message);
        else if (consumer.isTracked()) settle(consumer, message);
        if (collected > 0) transport.outbound().flusher().activate();
        return isDue(!consumer.hasMessages()) || consumer.isCreditDue();
    }

    /** Why its body cannot be read here; null when it can. */
    JMSException whyUnreadable(Delivered message) {
        if (!message.isCompressed() || expiry.isOver(message)) return null;
        int maxBodyBytes = transport.welcome().maxMessageBytes();
        return CompressedBody.whyUnreadable(message.frame(), message.at(), maxBodyBytes);
    }

    /** The body of a compressed message as it was before. */
    byte[] decompress(Delivered message) throws JMSException {
        int maxBodyBytes = transport.welcome().maxMessageBytes();
        return CompressedBody.decompress(message.frame(), message.at(), message.size(), maxBodyBytes);
    }

    /** The receiver keeps what it held. @return whether to flush */
    boolean accepted(ConsumerInbox consumer) {
        Delivered message = consumer.current();
        consumer.setCurrent(null);
        if (message != null && consumer.isTracked()) settle(consumer, message);
        return isDue(!consumer.hasMessages());
    }

    /** A listener gets the message now. */
    void handedToListener(ConsumerInbox consumer, Delivered message) {
        if (consumer.prefetch() > 0) count(consumer, message);
        if (!automatic) consumer.delivered().add(message.sequence());
        if (collected > 0) transport.outbound().flusher().activate();
    }

    /** What the listener has in hand is not acknowledged when it returns, but with the unit that has begun. */
    void enlist(ConsumerInbox consumer) {
        Delivered message = consumer.current();
        if (message == null || !consumer.isTracked()) return;
        if (consumer.prefetch() == 0) count(consumer, message);
        consumer.delivered().add(message.sequence());
        consumer.setCurrent(null);
    }

    /** The listener has returned. @return whether to flush */
    boolean finished(ConsumerInbox consumer, boolean nothingLeft) {
        Delivered message = consumer.current();
        consumer.setCurrent(null);
        if (message != null) {
            if (consumer.prefetch() == 0) count(consumer, message);
            if (automatic && consumer.isTracked()) settle(consumer, message);
        }
        if (consumer.isCreditDue()) markDirty(consumer);
        return isDue(nothingLeft) || consumer.isCreditDue();
    }

    /** Nobody gets the message: it is given back, as after an attempt, and may be better readable elsewhere. */
    void refused(ConsumerInbox consumer, Delivered message) {
        count(consumer, message);
        if (!consumer.isTracked()) return;
        consumer.unreadable().add(message.sequence());
        markDirty(consumer);
        givesBack = true;
    }

    /**
     * Gives a message back whose time was over while it waited here, so that the broker decides by its own clock; one that
     * the broker does not keep is dropped when it has waited for its whole life.
     *
     * @return whether it is not to be handed over
     */
    boolean passesOver(ConsumerInbox consumer, Delivered message) {
        if (!consumer.isTracked()) {
            if (!expiry.hasWaitedItsLife(message)) return false;
            count(consumer, message);
            return true;
        }
        if (!expiry.wasOutlivedHere(message)) return false;
        count(consumer, message);
        consumer.outlived().add(message.sequence());
        markDirty(consumer);
        givesBack = true;
        return true;
    }

    private void settle(ConsumerInbox consumer, Delivered message) {
        if (collected++ == 0) firstCollectedNanos = System.nanoTime();
        settledTotal++;
        markDirty(consumer);
        consumer.settled().add(message.sequence());
    }

    private void count(ConsumerInbox consumer, Delivered message) {
        consumer.consumed(message.size());
        if (consumer.isCreditDue()) markDirty(consumer);
    }

    private void markDirty(ConsumerInbox consumer) {
        if (consumer.isDirty()) return;
        consumer.setDirty(true);
        dirty.add(consumer);
    }

    private boolean isDue(boolean nothingLeft) {
        if (givesBack) return true;
        if (collected == 0) return false;
        if (collected >= collect) return true;
        if (!confirmed) return false;
        return nothingLeft || System.nanoTime() - firstCollectedNanos > AUTO_DELAY_NANOS;
    }

    /** Whether somebody who is about to wait should flush first. */
    boolean hasPending() {
        return givesBack || confirmed && collected > 0;
    }

    /**
     * The broker has taken the credit back.
     *
     * @param gaveUp whether the application had not seen all
     * @return whether to grant it again at once: somebody waits, or there is a listener, or nothing lies idle here
     */
    boolean recalled(ConsumerInbox consumer, boolean gaveUp) {
        boolean onDemand = consumer.prefetch() == 0 && consumer.listener() == null;
        boolean hadCredit = onDemand ? consumer.isDemanded() || gaveUp : consumer.isGranted();
        if (!hadCredit) return false;
        consumer.setRecalled();
        if (consumer.listener() != null) return consumer.prefetch() > 0 || consumer.current() == null;
        if (onDemand) consumer.setDemanded(true);
        return onDemand || !gaveUp;
    }

    /** A receiver waits and the credit was taken back: the next flush grants it again. */
    void wantCredit(ConsumerInbox consumer) {
        markDirty(consumer);
    }

    // Without the inbox's lock.

    /** Tells the broker that an application waits at this consumer. */
    void ask(ConsumerInbox consumer) throws JMSException {
        Transport to = transport();
        try {
            to.outbound().append(out -> {
                int mark = FrameType.ASK.begin(out);
                out.putInt(consumer.id());
                FrameType.end(out, mark);
            });
        } catch (JMSException e) {
            if (!link.isRestored(to)) throw e;
        }
        to.outbound().flushSoon();
    }

    /** Tells the broker what has been collected. */
    void flush() throws JMSException {
        Transport to;
        flushing.lock();
        try {
            frames.clear();
            inbox.lock.lock();
            try {
                encode();
                to = transport;
            } finally {
                inbox.lock.unlock();
            }
            if (frames.size() == 0) return;
            append(to);
        } finally {
            flushing.unlock();
        }
        to.outbound().flushSoon();
    }

    private void append(Transport to) throws JMSException {
        try {
            to.outbound().append(out -> out.putBytes(frames.array(), 0, frames.size()));
        } catch (JMSException e) {
            if (!link.isRestored(to)) throw e; // otherwise the messages come again
        }
    }

    private void encode() {
        if (collected > 0) {
            AckGroups groups = AckGroups.begin(frames, FrameType.ACK, requestId(), 0);
            for (ConsumerInbox consumer : dirty) groups.add(consumer.id(), consumer.lastSeen(), consumer.settled());
            groups.end();
        }
        if (givesBack) {
            AckGroups returned = AckGroups.begin(frames, FrameType.RETURN, 0, AckFrame.SEEN);
            for (ConsumerInbox consumer : dirty) {
                returned.add(consumer.id(), consumer.lastSeen(), consumer.unreadable());
                consumer.unreadable().clear();
            }
            returned.end();
            AckGroups unseen = AckGroups.begin(frames, FrameType.RETURN, 0, 0);
            for (ConsumerInbox consumer : dirty) {
                unseen.add(consumer.id(), consumer.lastSeen(), consumer.outlived());
                consumer.outlived().clear();
            }
            unseen.end();
            givesBack = false;
        }
        for (ConsumerInbox consumer : dirty) {
            consumer.settled().clear();
            consumer.setDirty(false);
            if (consumer.isCreditDue()) returnCredit(consumer, frames);
        }
        dirty.clear();
        collected = 0;
        firstCollectedNanos = 0;
    }

    private static void returnCredit(ConsumerInbox consumer, ByteWriter out) {
        credit(consumer.id(), consumer.creditMessages(), consumer.creditBytes(), out);
        consumer.creditReturned();
    }

    static void credit(int consumerId, int messages, int bytes, ByteWriter out) {
        int mark = FrameType.CREDIT.begin(out);
        out.putInt(consumerId).putInt(messages).putInt(bytes);
        FrameType.end(out, mark);
    }

    /** Asks for a confirmation when half of the window is unconfirmed and not asked about yet. */
    private int requestId() {
        if (!confirmed || settledTotal - requestedTotal < Math.max(1, window / 2)) return 0;
        long covered = settledTotal;
        requestedTotal = covered;
        Transport asked = transport;
        return asked.expectConfirmation("an acknowledgement", () -> {
            if (asked.end() == null) confirmed(covered); // a lost connection confirms nothing
        });
    }

    /** How many messages were acknowledged so far; {@link #confirmed} takes the number back. */
    long settledSoFar() {
        inbox.lock.lock();
        try {
            return settledTotal;
        } finally {
            inbox.lock.unlock();
        }
    }

    /** Messages of AUTO_ACKNOWLEDGE whose acknowledgement the broker has not confirmed. */
    long unconfirmed() {
        inbox.lock.lock();
        try {
            return inDoubt + (confirmed ? settledTotal - confirmedTotal : 0);
        } finally {
            inbox.lock.unlock();
        }
    }

    /** The broker has confirmed so many. Any thread. */
    void confirmed(long covered) {
        inbox.lock.lock();
        try {
            confirmedTotal = Math.max(confirmedTotal, covered);
            inbox.wake();
        } finally {
            inbox.lock.unlock();
        }
    }

    /** CLIENT_ACKNOWLEDGE: acknowledges all that the session has handed over, and waits for the confirmation. */
    void acknowledgeDelivered(int timeoutMillis) throws JMSException {
        Transport to;
        Transport.PendingRequest request;
        flushing.lock();
        try {
            frames.clear();
            to = encodeDelivered();
            if (to == null) return;
            request = to.ask((id, out) -> {
                int at = out.size();
                out.putBytes(frames.array(), 0, frames.size());
                out.patchInt(at + FrameType.HEADER_BYTES, id);
            });
        } finally {
            flushing.unlock();
        }
        to.outbound().flush();
        request.awaitConfirmation("an acknowledgement", timeoutMillis);
        flush();
    }

    /** Returns where it is to be sent, null when there is nothing. */
    private Transport encodeDelivered() {
        inbox.lock.lock();
        try {
            AckGroups groups = AckGroups.begin(frames, FrameType.ACK, 0, 0);
            addDelivered(groups);
            groups.end();
            clearDelivered();
            return frames.size() > 0 ? transport : null;
        } finally {
            inbox.lock.unlock();
        }
    }

    /** With the inbox's lock held. */
    void addDelivered(AckGroups groups) {
        for (ConsumerInbox consumer : inbox.consumers())
            groups.add(consumer.id(), consumer.lastSeen(), consumer.delivered());
    }

    /** With the inbox's lock held. */
    void clearDelivered() {
        for (ConsumerInbox consumer : inbox.consumers()) consumer.delivered().clear();
        inbox.consumers().removeIf(consumer -> consumer.isClosed() && !consumer.holdsSeen());
    }

    /** The listener of the next message takes its time: what waits is sent without it. */
    @Override
    public long doDue(long nowNanos) {
        long first = firstCollectedNanos;
        if (first == 0) return NOTHING;
        long untilDue = first + (confirmed ? Flusher.LOOK_NANOS : LAZY_DELAY_NANOS) - nowNanos;
        if (untilDue > 0) return untilDue;
        if (!flushing.tryLock()) return Flusher.LOOK_NANOS / 4; // somebody is about to
        try {
            flush();
        } catch (JMSException e) {
            return NOTHING; // the connection is lost, and everybody is told
        } finally {
            flushing.unlock();
        }
        return NOTHING;
    }
}
