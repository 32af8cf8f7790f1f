package org.larchmq.broker.state;

import org.larchmq.store.queue.ConsumeQueue;

/**
 * The messages of one priority of a destination: those in the log (a consume queue) and those in memory. Shard thread
 * only.
 */
public final class Level {
    private final Destination destination;
    private final int priority;
    private final ConsumeQueue logged;
    private final MemoryQueue inMemory;
    private long visibleEnd;
    private long sealedEnd;
    private boolean changedSinceSeal;
    private long volatileLostBelow;

    Level(Destination destination, int priority, ConsumeQueue logged, MemoryBudget budget) {
        this.destination = destination;
        this.priority = priority;
        this.logged = logged;
        this.inMemory = new MemoryQueue(budget);
        this.visibleEnd = logged.endOffset();
        this.sealedEnd = visibleEnd;
    }

    public Destination destination() {
        return destination;
    }

    public int priority() {
        return priority;
    }

    /** Index of the messages in the log. */
    public ConsumeQueue logged() {
        return logged;
    }

    public MemoryQueue inMemory() {
        return inMemory;
    }

    /** Rows below are committed: consumers may see them. */
    public long visibleEnd() {
        return visibleEnd;
    }

    /** Rows of volatile messages below were stored before an unclean stop: at most once means they are gone. */
    public long volatileLostBelow() {
        return volatileLostBelow;
    }

    void volatileLostBelow(long queueOffset) {
        volatileLostBelow = queueOffset;
    }

    /** Notes an appended row; true for the first since the last seal. */
    boolean markChanged() {
        if (changedSinceSeal) return false;
        changedSinceSeal = true;
        return true;
    }

    /** What was appended so far belongs to the batch that is being committed. */
    void seal() {
        changedSinceSeal = false;
        sealedEnd = logged.endOffset();
    }

    /** The sealed batch is committed. */
    void makeVisible() {
        visibleEnd = sealedEnd;
    }

    void makeAllVisible() {
        visibleEnd = logged.endOffset();
        sealedEnd = visibleEnd;
        changedSinceSeal = false;
    }
}
