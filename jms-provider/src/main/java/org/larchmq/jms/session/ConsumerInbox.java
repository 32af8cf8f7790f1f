package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import java.util.ArrayDeque;
import java.util.function.BiConsumer;
import org.larchmq.jms.message.LarchDestination;
import org.larchmq.jms.net.DeliveryBatch;
import org.larchmq.jms.net.DeliveryBatch.Delivered;
import org.larchmq.message.ByteWriter;

/**
 * What one consumer has been sent, and what became of it. Guarded by the lock of its session's inbox, except for what is
 * final.
 *
 * <p>A message is <em>buffered</em>, then handed over; then <em>current</em> (in a listener of an AUTO or DUPS_OK
 * session), <em>delivered</em> (waits for acknowledge or commit) or <em>settled</em> (waits to be told to the broker). One that
 * cannot be read is not handed over but given back.
 */
final class ConsumerInbox {
    private final int id;
    private final SessionInbox session;
    private final LarchDestination destination;
    private final boolean tracked;
    private final boolean lent;
    private final int prefetch;
    private final int prefetchBytes;
    private final ArrayDeque<DeliveryBatch> batches = new ArrayDeque<>();
    private final ArrayDeque<Delivered> again = new ArrayDeque<>();
    private final AckRanges delivered = new AckRanges();
    private final AckRanges settled = new AckRanges();
    private final AckRanges unreadable = new AckRanges();
    private final AckRanges outlived = new AckRanges();
    private int buffered;
    private Delivered current;
    private JMSException refusal;
    private long lastSeen;
    private int consumedMessages;
    private long consumedBytes;
    private boolean announced;
    private boolean granted;
    private boolean demanded;
    private boolean wanted;
    private boolean recalled;
    private MessageListener listener;
    private boolean ready;
    private boolean dirty;
    private boolean closed;
    private JMSException failure;
    private BiConsumer<Integer, ByteWriter> creation;

    /** @param tracked whether the broker waits for acknowledgements */
    ConsumerInbox(
            int id,
            SessionInbox session,
            LarchDestination destination,
            boolean tracked,
            int prefetch,
            int prefetchBytes) {
        this(id, session, destination, tracked, false, prefetch, prefetchBytes);
    }

    private ConsumerInbox(
            int id,
            SessionInbox session,
            LarchDestination destination,
            boolean tracked,
            boolean lent,
            int prefetch,
            int prefetchBytes) {
        this.id = id;
        this.session = session;
        this.destination = destination;
        this.tracked = tracked;
        this.lent = lent;
        this.prefetch = prefetch;
        this.prefetchBytes = prefetchBytes;
    }

    /** An inbox in another session for messages of the same consumer at the broker, whose credit and end stay here. */
    ConsumerInbox lentTo(SessionInbox borrower) {
        return new ConsumerInbox(id, borrower, destination, tracked, true, prefetch, prefetchBytes);
    }

    /** Whether the consumer at the broker is another session's. */
    boolean isLent() {
        return lent;
    }

    /** A message of the other session's consumer, which has counted it. */
    void addLent(Delivered message) {
        again.add(message);
        buffered++;
    }

    int id() {
        return id;
    }

    SessionInbox session() {
        return session;
    }

    LarchDestination destination() {
        return destination;
    }

    boolean isTracked() {
        return tracked;
    }

    int prefetch() {
        return prefetch;
    }

    int prefetchBytes() {
        return prefetchBytes;
    }

    /** Writes the request that makes it at the broker; given the request's id. */
    BiConsumer<Integer, ByteWriter> creation() {
        return creation;
    }

    void setCreation(BiConsumer<Integer, ByteWriter> frame) {
        creation = frame;
    }

    /**
     * The transport is lost: the broker delivers everything again that was not acknowledged, under other numbers.
     *
     * @return whether the application holds unacknowledged messages
     */
    boolean connectionLost() {
        boolean held = !delivered.isEmpty();
        dropBuffered();
        delivered.clear();
        settled.clear();
        unreadable.clear();
        outlived.clear();
        current = null;
        lastSeen = 0;
        announced = false;
        creditReturned();
        wanted |= demanded;
        demanded = false;
        granted = false;
        recalled = false;
        dirty = false;
        return held;
    }

    // Buffered messages.

    void add(DeliveryBatch batch) {
        batches.add(batch);
        buffered += batch.remaining();
        demanded = false;
    }

    boolean hasMessages() {
        return buffered > 0;
    }

    /** Takes the next message; there must be one. */
    Delivered next() {
        buffered--;
        Delivered message = again.poll();
        if (message == null) {
            DeliveryBatch batch = batches.peek();
            message = batch.next();
            if (batch.remaining() == 0) batches.poll();
        }
        lastSeen = Math.max(lastSeen, message.sequence());
        return message;
    }

    /** Puts a message that the broker does not track in front, to be handed over again. */
    void handOverAgain(Delivered message) {
        again.addFirst(message.again());
        buffered++;
    }

    /** The current message is not handed over after all: it is the next again. */
    void putBackCurrent() {
        if (current == null) return;
        again.addFirst(current);
        buffered++;
        current = null;
    }

    /** The current message is among those to give back; one that the broker does not track stays where it is. */
    void refuseCurrent() {
        if (current == null || !tracked) return;
        delivered.add(current.sequence());
        current = null;
    }

    /** Forgets what is buffered, as ranges to give back. */
    AckRanges dropBuffered() {
        AckRanges dropped = new AckRanges();
        for (Delivered message : again) dropped.add(message.sequence());
        for (DeliveryBatch batch : batches) {
            long first = batch.nextSequence();
            for (int i = 0; i < batch.remaining(); i++) dropped.add(first + i);
        }
        batches.clear();
        again.clear();
        buffered = 0;
        return dropped;
    }

    /** Forgets the later half of what is buffered, as ranges to give back; all of it if it is one message. */
    AckRanges giveUpHalf() {
        ArrayDeque<long[]> dropped = new ArrayDeque<>();
        int left = (buffered + 1) / 2;
        buffered -= left;
        while (left > 0 && !batches.isEmpty()) {
            DeliveryBatch last = batches.peekLast();
            int messages = Math.min(left, last.remaining());
            dropped.push(new long[] {last.dropLast(messages), messages});
            if (last.remaining() == 0) batches.pollLast();
            left -= messages;
        }
        for (; left > 0; left--) dropped.push(new long[] {again.pollLast().sequence(), 1});
        AckRanges ranges = new AckRanges();
        for (long[] range : dropped) ranges.add(range[0], (int) range[1]);
        return ranges;
    }

    /** Delivery sequence of the last message the application has seen. */
    long lastSeen() {
        return lastSeen;
    }

    /**
     * Whether the broker is to know that the application is handed this message now: its first one here, and each that was
     * delivered before. Of all others the acknowledgements say enough.
     */
    boolean isToAnnounce(Delivered message) {
        if (!tracked || announced && message.deliveryCount() <= 1) return false;
        announced = true;
        return true;
    }

    // What became of the messages.

    AckRanges delivered() {
        return delivered;
    }

    AckRanges settled() {
        return settled;
    }

    /** What is given back because nobody here can read it. */
    AckRanges unreadable() {
        return unreadable;
    }

    /** What is given back unseen, since its time was over while it waited here. */
    AckRanges outlived() {
        return outlived;
    }

    /** Why the listener does not get a message: asked once, by the thread that it was set by. */
    JMSException takeRefusal() {
        JMSException why = refusal;
        refusal = null;
        return why;
    }

    void setRefusal(JMSException why) {
        refusal = why;
    }

    Delivered current() {
        return current;
    }

    void setCurrent(Delivered message) {
        current = message;
    }

    /** Whether the application has messages that are not acknowledged at the broker. */
    boolean holdsSeen() {
        return current != null
                || !delivered.isEmpty()
                || !settled.isEmpty()
                || !unreadable.isEmpty()
                || !outlived.isEmpty();
    }

    // Credit.

    boolean isGranted() {
        return granted;
    }

    void setGranted() {
        granted = true;
    }

    void consumed(int bytes) {
        consumedMessages++;
        consumedBytes += bytes;
    }

    /** Half of what was granted is used up, or what a recall has left. */
    boolean isCreditDue() {
        if (recalled) return buffered == 0 && !closed;
        if (!granted || consumedMessages == 0 || closed) return false;
        return consumedMessages >= Math.max(1, prefetch / 2) || consumedBytes >= prefetchBytes / 2;
    }

    int creditMessages() {
        return recalled ? Math.max(1, prefetch) : consumedMessages;
    }

    int creditBytes() {
        return recalled ? prefetchBytes : (int) Math.min(consumedBytes, Integer.MAX_VALUE);
    }

    /** The broker has taken the credit back: it is granted anew when the application wants a message that is not here. */
    boolean isRecalled() {
        return recalled;
    }

    void setRecalled() {
        recalled = true;
    }

    void creditReturned() {
        recalled = false;
        consumedMessages = 0;
        consumedBytes = 0;
    }

    /** With prefetch 0: a message was asked for and has not come. */
    boolean isDemanded() {
        return demanded;
    }

    void setDemanded(boolean changed) {
        demanded = changed;
    }

    /** With prefetch 0: a receiver waits for the connection to be started. */
    boolean isWanted() {
        return wanted;
    }

    void setWanted(boolean changed) {
        wanted = changed;
    }

    // Listener, and the end.

    MessageListener listener() {
        return listener;
    }

    void setListener(MessageListener changed) {
        listener = changed;
    }

    /** Whether it stands in the session's queue of consumers with messages for a listener. */
    boolean isReady() {
        return ready;
    }

    void setReady(boolean changed) {
        ready = changed;
    }

    /** Whether it stands on the acknowledger's list of consumers with something to tell the broker. */
    boolean isDirty() {
        return dirty;
    }

    void setDirty(boolean changed) {
        dirty = changed;
    }

    boolean isClosed() {
        return closed;
    }

    void close() {
        closed = true;
    }

    /** Why the broker has ended this consumer; null while it has not. */
    JMSException failure() {
        return failure;
    }

    void fail(JMSException why) {
        failure = why;
    }
}
