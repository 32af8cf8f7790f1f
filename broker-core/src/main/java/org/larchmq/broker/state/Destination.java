package org.larchmq.broker.state;

import java.util.ArrayList;
import java.util.List;
import org.larchmq.message.DestinationKind;

/** A queue or topic: up to ten levels (one per JMS priority in use) and the subscriptions on them. Shard thread only. */
public final class Destination {
    /** JMS priorities 0 to 9. */
    public static final int PRIORITIES = 10;

    private final int id;
    private final DestinationKind kind;
    private final String name;
    private final Level[] levels = new Level[PRIORITIES];
    private final List<Subscription> subscriptions = new ArrayList<>(1);
    private final Earnings.Account earned = new Earnings.Account();
    private int durableSubscriptions;
    private int noLocalSubscriptions;
    private Object owner;
    private int delayedMessages;
    private boolean changedSinceCheckpoint = true;

    Destination(int id, DestinationKind kind, String name) {
        this.id = id;
        this.kind = kind;
        this.name = name;
    }

    public int id() {
        return id;
    }

    public DestinationKind kind() {
        return kind;
    }

    public String name() {
        return name;
    }

    public boolean isTopic() {
        return kind.isTopic();
    }

    /** The time that handing out its messages may take at once. */
    public Earnings.Account earned() {
        return earned;
    }

    /** The level of a priority, null when it was never used. */
    public Level level(int priority) {
        return levels[priority];
    }

    void level(int priority, Level level) {
        levels[priority] = level;
    }

    public List<Subscription> subscriptions() {
        return subscriptions;
    }

    void add(Subscription subscription) {
        subscriptions.add(subscription);
        if (subscription.isDurable()) durableSubscriptions++;
        if (subscription.terms().noLocal()) noLocalSubscriptions++;
    }

    void remove(Subscription subscription) {
        if (!subscriptions.remove(subscription)) return;
        if (subscription.isDurable()) durableSubscriptions--;
        if (subscription.terms().noLocal()) noLocalSubscriptions--;
    }

    /** Whether somebody will have its messages after a restart. */
    public boolean hasDurableSubscriptions() {
        return durableSubscriptions > 0;
    }

    /** Whether a subscription wants to know who published. */
    public boolean hasNoLocalSubscriptions() {
        return noLocalSubscriptions > 0;
    }

    /** A queue's one subscription. */
    public Subscription onlySubscription() {
        return subscriptions.get(0);
    }

    /** The connection that made a temporary destination; null for others. */
    public Object owner() {
        return owner;
    }

    public void owner(Object connection) {
        owner = connection;
    }

    /** Messages whose delivery time has not come. */
    public int delayedMessages() {
        return delayedMessages;
    }

    void addDelayed(int messages) {
        delayedMessages += messages;
    }

    /** True for the first change since the last checkpoint. */
    boolean markChanged() {
        if (changedSinceCheckpoint) return false;
        changedSinceCheckpoint = true;
        return true;
    }

    void checkpointed() {
        changedSinceCheckpoint = false;
    }

    /** Messages in the log or in memory that some subscription has not settled. */
    public long unsettledMessages() {
        long most = 0;
        for (Subscription subscription : subscriptions) most = Math.max(most, subscription.unsettled());
        return most;
    }

    @Override
    public String toString() {
        return (isTopic() ? "topic '" : "queue '") + name + "'";
    }
}
