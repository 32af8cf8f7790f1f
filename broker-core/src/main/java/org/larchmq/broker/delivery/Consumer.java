package org.larchmq.broker.delivery;

import java.nio.ByteBuffer;
import org.larchmq.broker.selector.Selector;
import org.larchmq.broker.state.Destination;
import org.larchmq.message.ProtocolException;

/** A client's consumer: its credit, what it holds, how far it has looked. Shard thread only. */
public final class Consumer {
    /** What a consumer may leave behind the first message that it holds, in sizes of what it may hold. */
    private static final int SPANS = 8;

    private final int id;
    private final ClientLink link;
    private final Selector selector;
    private final boolean untracked;
    private final int maxHeld;
    private final HeldMessages held = new HeldMessages();
    private final long[] scannedLogged = new long[Destination.PRIORITIES];
    private final long[] scannedInMemory = new long[Destination.PRIORITIES];
    private Feed feed;
    private long creditMessages;
    private long creditBytes;
    private boolean closed;
    private final ReturnsInOrder[] returnedToLog = new ReturnsInOrder[Destination.PRIORITIES];
    private final ReturnsInOrder[] returnedToMemory = new ReturnsInOrder[Destination.PRIORITIES];
    private boolean waiting;
    private boolean wantsRecall;
    private boolean mayHoldUnseen;
    private long lastHanded;

    /**
     * @param selector  of a queue's consumer; null for none, and for a topic's, whose subscription has it
     * @param untracked whether messages are settled when they are sent
     * @param maxHeld   messages it may hold unsettled
     */
    public Consumer(int id, ClientLink link, Selector selector, boolean untracked, int maxHeld) {
        this.id = id;
        this.link = link;
        this.selector = selector;
        this.untracked = untracked;
        this.maxHeld = maxHeld;
    }

    public int id() {
        return id;
    }

    /** The client says that its application was handed the deliveries up to this one. */
    public void handed(long sequence) {
        lastHanded = Math.max(lastHanded, sequence);
    }

    /** Delivery sequence of the last message that the application is known to have been handed; 0 for none. */
    public long lastHanded() {
        return lastHanded;
    }

    /** The subscription it reads. */
    public Feed feed() {
        return feed;
    }

    void feed(Feed attached) {
        feed = attached;
    }

    ClientLink link() {
        return link;
    }

    boolean isUntracked() {
        return untracked;
    }

    Selector selector() {
        return selector;
    }

    /** Empty for none. */
    public String selectorText() {
        return selector == null ? "" : selector.text();
    }

    /** Messages that it has and has not settled. */
    public int heldMessages() {
        return held.size();
    }

    HeldMessages held() {
        return held;
    }

    /** Whether it holds nothing. */
    public boolean isEmptyHanded() {
        return held.size() == 0;
    }

    /** Whether it gets no more messages; what it holds can still be settled. */
    public boolean isClosed() {
        return closed;
    }

    void close() {
        closed = true;
    }

    /** The client takes more; sums are bounded. */
    public void addCredit(int messages, int bytes) {
        creditMessages = Math.min(Integer.MAX_VALUE, creditMessages + messages);
        creditBytes = Math.min(Integer.MAX_VALUE, creditBytes + bytes);
    }

    public void revokeCredit() {
        waiting = false;
        wantsRecall = false;
        creditMessages = 0;
        creditBytes = 0;
    }

    void useCredit(int bytes) {
        creditMessages--;
        creditBytes -= bytes;
    }

    /** Its application waits for a message and has none. */
    void setWaiting() {
        waiting = true;
        wantsRecall = true;
    }

    /** Its application asks whether there is something, and does not wait. */
    void setWantsRecall() {
        wantsRecall = true;
    }

    boolean isWaiting() {
        return waiting;
    }

    /** Whether others should be asked for what they have not used, so that this one gets something. */
    boolean wantsRecall() {
        return wantsRecall;
    }

    void recallIsOfNoUse() {
        wantsRecall = false;
    }

    /** It was given a message. */
    void served() {
        waiting = false;
        wantsRecall = false;
        mayHoldUnseen = true;
    }

    /** Whether it was given something since a recall found nothing unseen. */
    boolean mayHoldUnseen() {
        return mayHoldUnseen && held.size() > 0;
    }

    void holdsNothingUnseen() {
        mayHoldUnseen = false;
    }

    /** How many messages it could be given, as far as their number goes. */
    int mayTake() {
        return (int) Math.max(0, Math.min(creditMessages, maxHeld - held.size()));
    }

    public boolean canTake() {
        return !closed
                && creditMessages > 0
                && creditBytes > 0
                && held.size() < maxHeld
                && held.span() < SPANS * (long) maxHeld
                && link.isWritable();
    }

    /** Whether it must look at messages one by one instead of taking the next in turn. */
    boolean isSelective() {
        return selector != null;
    }

    /** A message whose properties are malformed matches no selector. */
    boolean wants(ByteBuffer buffer, int at, int deliveryCount) {
        if (selector == null) return true;
        try {
            return selector.matches(buffer, at, deliveryCount);
        } catch (ProtocolException e) {
            return false;
        }
    }

    long scanned(int priority, boolean inMemory) {
        return (inMemory ? scannedInMemory : scannedLogged)[priority];
    }

    void scanned(int priority, boolean inMemory, long upTo) {
        (inMemory ? scannedInMemory : scannedLogged)[priority] = upTo;
    }

    /** What came back of a priority and it has not looked at. */
    ReturnsInOrder returns(int priority, boolean inMemory) {
        ReturnsInOrder[] all = inMemory ? returnedToMemory : returnedToLog;
        if (all[priority] == null) all[priority] = new ReturnsInOrder();
        return all[priority];
    }
}
