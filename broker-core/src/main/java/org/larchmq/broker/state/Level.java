package org.larchmq.broker.state;

import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;
import org.larchmq.store.queue.ConsumeQueue;
import org.larchmq.store.queue.Row;

/**
 * The messages of one priority of a destination: those in the log (a consume queue) and those in memory. Shard thread
 * only.
 */
public final class Level {
    private final Destination destination;
    private final int priority;
    private ConsumeQueue logged;
    private final MemoryQueue inMemory;
    private long visibleEnd;
    private long sealedEnd;
    private boolean changedSinceSeal;
    private long overflowEnd;
    private final ExpiryIndex expiry = new ExpiryIndex();
    private boolean mayExpire;
    private long volatileLostBelow;
    private TreeMap<Long, EarlyRow> early;

    private record EarlyRow(long physicalOffset, int entryBytes, int tagHash, int flags) {}

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

    /** When messages of the log may expire. */
    public ExpiryIndex expiry() {
        return expiry;
    }

    /** True for the first message that may expire. */
    boolean markMayExpire() {
        if (mayExpire) return false;
        mayExpire = true;
        return true;
    }

    void forgetMayExpire() {
        mayExpire = false;
    }

    /** The last row is of a message for which there was no room in memory. */
    void overflowed() {
        overflowEnd = logged.endOffset();
    }

    /** Whether an older message, which went to the log only for want of memory, is not committed yet. */
    public boolean isBehindUncommitted(MemoryQueue.Message message) {
        return overflowEnd > visibleEnd && message.loggedBefore() > visibleEnd;
    }

    /** Rows of volatile messages below were stored before an unclean stop: at most once means they are gone. */
    public long volatileLostBelow() {
        return volatileLostBelow;
    }

    void volatileLostBelow(long queueOffset) {
        volatileLostBelow = queueOffset;
    }

    // ---- what waits in the log's queue

    /** Whether some subscription has not settled the message at a place. */
    public boolean isWaiting(long queueOffset) {
        List<Subscription> all = destination.subscriptions();
        for (int i = 0; i < all.size(); i++) if (!all.get(i).logged(priority).isSettled(queueOffset)) return true;
        return false;
    }

    /** The first place at or above one that some subscription has not settled; not below the queue's end for none. */
    public long nextWaiting(long queueOffset) {
        long from = Math.max(queueOffset, logged.startOffset());
        long next = logged.endOffset();
        List<Subscription> all = destination.subscriptions();
        for (int i = 0; i < all.size(); i++) {
            next = Math.min(next, all.get(i).logged(priority).firstUnsettledFrom(from));
        }
        return next;
    }

    // ---- reading the log from a segment behind messages that were moved

    /** The row of a message that was moved, before the first one that is kept. */
    void addEarly(long queueOffset, long physicalOffset, int entryBytes, int tagHash, int flags) {
        if (early == null) early = new TreeMap<>();
        early.put(queueOffset, new EarlyRow(physicalOffset, entryBytes, tagHash, flags));
    }

    boolean hasEarly() {
        return early != null && !early.isEmpty();
    }

    void forgetEarlyUnless(LongPredicate waits) {
        early.keySet().removeIf(queueOffset -> !waits.test(queueOffset));
    }

    /** The places of the early rows, rising. */
    Set<Long> placesOfEarly() {
        return early.keySet();
    }

    /** Puts the early rows before the others, with nothing between. */
    void placeEarly(ConsumeQueue rows) {
        ConsumeQueue later = logged;
        rows.startAt(early.firstKey());
        early.forEach((queueOffset, row) -> {
            rows.skipTo(queueOffset);
            rows.append(row.physicalOffset, row.entryBytes, row.tagHash, row.flags);
        });
        Row row = new Row();
        for (long offset = later.startOffset(); offset < later.endOffset(); offset++) {
            if (!later.hasRow(offset)) continue;
            later.read(offset, row);
            rows.skipTo(offset);
            rows.append(row.physicalOffset(), row.sizeBytes(), row.tagHash(), row.flags());
        }
        rows.skipTo(later.endOffset());
        later.delete();
        early = null;
        logged = rows;
        makeAllVisible();
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
