package org.larchmq.broker.delivery;

import java.nio.ByteBuffer;
import org.larchmq.broker.selector.Selector;
import org.larchmq.broker.state.Destination;
import org.larchmq.wire.ProtocolException;

/** A client's consumer: its credit, what it holds, how far it has looked. Shard thread only. */
public final class Consumer {
    private final int id;
    private final ClientLink link;
    private final Object connection;
    private final Selector selector;
    private final boolean noLocal;
    private final boolean untracked;
    private final int maxHeld;
    private final HeldMessages held = new HeldMessages();
    private final long[] scannedLogged = new long[Destination.PRIORITIES];
    private final long[] scannedInMemory = new long[Destination.PRIORITIES];
    private Feed feed;
    private long creditMessages;
    private long creditBytes;
    private boolean closed;
    private int returnsSeen = -1;

    /**
     * @param connection identity of the connection, for noLocal
     * @param selector   null for none
     * @param untracked  whether messages are settled when they are sent
     * @param maxHeld    messages it may hold unsettled
     */
    public Consumer(
            int id,
            ClientLink link,
            Object connection,
            Selector selector,
            boolean noLocal,
            boolean untracked,
            int maxHeld) {
        this.id = id;
        this.link = link;
        this.connection = connection;
        this.selector = selector;
        this.noLocal = noLocal;
        this.untracked = untracked;
        this.maxHeld = maxHeld;
    }

    public int id() {
        return id;
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
        creditMessages = 0;
        creditBytes = 0;
    }

    void useCredit(int bytes) {
        creditMessages--;
        creditBytes -= bytes;
    }

    boolean canTake() {
        return !closed && creditMessages > 0 && creditBytes > 0 && held.size() < maxHeld && link.isWritable();
    }

    /** Whether it must look at messages one by one instead of taking the next in turn. */
    boolean isSelective() {
        return selector != null || noLocal;
    }

    /** A message whose properties are malformed matches no selector. */
    boolean wants(ByteBuffer buffer, int at, int deliveryCount, Object publisher) {
        if (noLocal && publisher != null && publisher == connection) return false;
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

    int returnsSeen() {
        return returnsSeen;
    }

    void returnsSeen(int version) {
        returnsSeen = version;
    }
}
