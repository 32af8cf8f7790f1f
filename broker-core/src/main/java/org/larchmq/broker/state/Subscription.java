package org.larchmq.broker.state;

import java.util.HashSet;
import java.util.Set;

/**
 * Who wants a destination's messages: a cursor per priority over the log and one over memory. A queue has one, which its
 * consumers share; a topic one per subscription. Shard thread only.
 */
public final class Subscription {
    private final int id;
    private final Destination destination;
    private final SubscriptionTerms terms;
    private final boolean durable;
    private final long beganAt;
    private final Cursor[] logged = new Cursor[Destination.PRIORITIES];
    private final Cursor[] inMemory = new Cursor[Destination.PRIORITIES];
    private Listener listener;
    private boolean gone;
    private Set<Long> older = Set.of();

    /** Told when there may be something to deliver. */
    public interface Listener {
        /** A message came, or came back, in this priority. */
        void workAvailable(int priority);

        /** Whether the subscription wants this message at all; asked before it is kept in memory. */
        boolean wants(java.nio.ByteBuffer buffer, int at, String publisher);
    }

    private Subscription(int id, Destination destination, SubscriptionTerms terms, boolean durable, long beganAt) {
        this.id = id;
        this.destination = destination;
        this.terms = terms;
        this.durable = durable;
        this.beganAt = beganAt;
    }

    /** The one of a queue. */
    static Subscription ofQueue(Destination queue) {
        boolean durable = !queue.kind().isTemporary();
        return new Subscription(queue.id(), queue, SubscriptionTerms.OF_A_QUEUE, durable, 0);
    }

    /** @param id 0 for one that ends with its consumers */
    static Subscription ofTopic(int id, Destination topic, SubscriptionTerms terms, long beganAt) {
        return new Subscription(id, topic, terms, terms.durable(), beganAt);
    }

    /** What its subscriber asked for; nothing in particular for a queue's. */
    public SubscriptionTerms terms() {
        return terms;
    }

    /**
     * The physical offset from which on messages are for it. Only messages with a delivery delay can be older and become
     * visible later; those are not for it (7.9).
     */
    public long beganAt() {
        return beganAt;
    }

    /**
     * A delayed message was moved from one place in the log to another. When it was sent before this subscription began,
     * that cannot be seen any more in where it is, and is remembered.
     */
    void moved(long from, long to) {
        boolean isOlder = from < beganAt || takeOlder(from);
        if (isOlder && to >= beganAt) addOlder(to);
    }

    void addOlder(long physicalOffset) {
        if (older.isEmpty()) older = new HashSet<>();
        older.add(physicalOffset);
    }

    /** Whether the message at a place is remembered as older; it is forgotten now. */
    boolean takeOlder(long physicalOffset) {
        return !older.isEmpty() && older.remove(physicalOffset);
    }

    /** Places in the log of delayed messages that were sent before it began, and moved. */
    Set<Long> older() {
        return older;
    }

    /** Whether it ends with its last consumer: a topic's that is not durable. */
    public boolean endsWithItsConsumers() {
        return id == 0;
    }

    /** Whether it was deleted: what is held of it has no meaning any more. */
    public boolean isGone() {
        return gone;
    }

    void end() {
        gone = true;
    }

    /** For a queue the id of the queue; 0 for a subscription that ends with its consumers. */
    public int id() {
        return id;
    }

    public Destination destination() {
        return destination;
    }

    /** Whether its state is in the log: of queues that are not temporary, and of durable subscriptions. */
    public boolean isDurable() {
        return durable;
    }

    /** A new subscription of a topic gets what is published from now on. */
    void startAtEnd() {
        for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
            Level level = destination.level(priority);
            if (level == null) continue;
            logged[priority] = new Cursor(level.logged().endOffset());
            inMemory[priority] = new Cursor(level.inMemory().endOffset());
        }
    }

    /** How far it got in the log's messages of a priority; made on first use. */
    public Cursor logged(int priority) {
        if (logged[priority] == null) logged[priority] = new Cursor(0);
        return logged[priority];
    }

    /** How far it got in the messages in memory of a priority; made on first use. */
    public Cursor inMemory(int priority) {
        if (inMemory[priority] == null) inMemory[priority] = new Cursor(0);
        return inMemory[priority];
    }

    /** Without making one: null when the priority was never used. */
    public Cursor loggedIfAny(int priority) {
        return logged[priority];
    }

    Cursor inMemoryIfAny(int priority) {
        return inMemory[priority];
    }

    void restore(int priority, Cursor cursor) {
        logged[priority] = cursor;
    }

    public void listener(Listener changed) {
        listener = changed;
    }

    public Listener listener() {
        return listener;
    }

    void workAvailable(int priority) {
        if (listener != null) listener.workAvailable(priority);
    }

    /** Messages not settled yet, in the log and in memory. */
    public long unsettled() {
        long sum = 0;
        for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
            Level level = destination.level(priority);
            if (level == null) continue;
            long logEnd = level.visibleEnd();
            long memoryEnd = level.inMemory().endOffset();
            sum += logged[priority] == null ? logEnd : logged[priority].unsettled(logEnd);
            sum += inMemory[priority] == null ? memoryEnd : inMemory[priority].unsettled(memoryEnd);
        }
        return sum;
    }
}
