package org.larchmq.broker.delivery;

import java.util.ArrayList;
import java.util.List;
import org.larchmq.broker.state.Cursor;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.Level;
import org.larchmq.broker.state.Subscription;

/**
 * Looks for the messages of a queue's consumers with selectors. Each remembers how far it has looked, and those that
 * have come equally far look together: a message is read and verified once for all of them. What is looked at in one
 * turn is bounded and shared evenly, so that neither the consumers nor the rest of the broker wait for one of them.
 * Shard thread only.
 */
final class SelectiveScan {
    /** Messages that may be looked at, and passed over, in one turn. */
    private static final int MAX_LOOKS = 2048;
    /** What a look costs, compared to a place of a message that somebody has or has settled, which is not looked at. */
    private static final int LOOK_COST = 32;

    private final Feed feed;
    private final Subscription subscription;
    private final StoredMessage message;
    private final List<Consumer> consumers;
    private final List<Consumer> companions = new ArrayList<>(0);
    private int budget;
    private int share;
    private boolean unfinished;

    SelectiveScan(Feed feed, List<Consumer> consumers, StoredMessage message) {
        this.feed = feed;
        this.subscription = feed.subscription();
        this.consumers = consumers;
        this.message = message;
    }

    /** A new turn of the feed. */
    void begin() {
        unfinished = false;
        int selective = 0;
        for (int i = 0; i < consumers.size(); i++) if (consumers.get(i).isSelective()) selective++;
        if (selective == 0) return;
        budget = LOOK_COST * Math.max(MAX_LOOKS, selective);
        share = budget / selective;
    }

    /** Whether somebody could have looked further in this turn. */
    boolean isUnfinished() {
        return unfinished;
    }

    /** Hands out at most {@code most} to this consumer, and what others find on the way; returns how many in all. */
    int deliver(Consumer consumer, int most) {
        int delivered = 0;
        int delivering = most;
        int left = Math.min(share, budget);
        budget -= left;
        boolean lookAtReturned = consumer.returnsSeen() != feed.returnsVersion();
        consumer.returnsSeen(feed.returnsVersion());
        companions.clear();
        for (int priority = Destination.PRIORITIES - 1; priority >= 0; priority--) {
            Level level = subscription.destination().level(priority);
            if (level == null) continue;
            for (int source = 0; source < 2; source++) {
                boolean inMemory = source == 0;
                Cursor cursor = cursor(priority, inMemory);
                long end = end(level, inMemory);
                long offset = lookedUpTo(consumer, priority, inMemory);
                if (lookAtReturned) {
                    long again = cursor.firstReturned(0);
                    while (again >= 0 && again < offset) {
                        if (delivering <= 0 || !consumer.canTake()) {
                            consumer.returnsSeen(feed.returnsVersion() - 1);
                            return delivered;
                        }
                        if (offer(consumer, level, cursor, again, inMemory) == consumer) {
                            delivering--;
                            delivered++;
                        }
                        again = cursor.firstReturned(again + 1);
                    }
                }
                if (offset < end && left > 0 && consumers.size() > 1) {
                    findCompanions(consumer, priority, inMemory, offset);
                }
                boolean mayDeliver = true;
                while (offset < end && delivering > 0 && left > 0 && consumer.canTake()) {
                    mayDeliver = inMemory || feed.mayDeliver(cursor, priority, offset);
                    if (!mayDeliver) break;
                    boolean available = cursor.isAvailable(offset);
                    left -= available ? LOOK_COST : 1;
                    Consumer taker = available ? offer(consumer, level, cursor, offset, inMemory) : null;
                    if (taker != null) delivered++;
                    if (taker == consumer) delivering--;
                    if (!companions.isEmpty()) takeAlong(priority, inMemory, offset, taker);
                    offset++;
                }
                consumer.scanned(priority, inMemory, offset);
                companions.clear();
                if (!mayDeliver) { // lower priorities do not overtake it (3.4.10)
                    if (lookAtReturned) consumer.returnsSeen(feed.returnsVersion() - 1);
                    return delivered;
                }
                if (left <= 0 && offset < end) unfinished = true;
            }
        }
        budget += Math.max(0, left);
        return delivered;
    }

    private Cursor cursor(int priority, boolean inMemory) {
        return inMemory ? subscription.inMemory(priority) : subscription.logged(priority);
    }

    private static long end(Level level, boolean inMemory) {
        return inMemory ? level.inMemory().endOffset() : level.visibleEnd();
    }

    private long lookedUpTo(Consumer consumer, int priority, boolean inMemory) {
        return Math.max(
                consumer.scanned(priority, inMemory), cursor(priority, inMemory).lowWater());
    }

    // ---- looking together

    /** Those who will look from here or from further on, and have nothing to look at before that. */
    private void findCompanions(Consumer consumer, int priority, boolean inMemory, long offset) {
        for (int i = 0; i < consumers.size(); i++) {
            Consumer other = consumers.get(i);
            if (other == consumer || !other.isSelective() || !other.canTake()) continue;
            if (other.returnsSeen() != feed.returnsVersion()) continue;
            long from = lookedUpTo(other, priority, inMemory);
            if (from < offset || !hasLookedAtAllBefore(other, priority, inMemory)) continue;
            other.scanned(priority, inMemory, from);
            companions.add(other);
        }
    }

    private boolean hasLookedAtAllBefore(Consumer consumer, int priority, boolean inMemory) {
        for (int higher = Destination.PRIORITIES - 1; higher >= priority; higher--) {
            Level level = subscription.destination().level(higher);
            if (level == null) continue;
            if (higher == priority && inMemory) return true;
            if (lookedUpTo(consumer, higher, true) < end(level, true)) return false;
            if (higher > priority && lookedUpTo(consumer, higher, false) < end(level, false)) return false;
        }
        return true;
    }

    private static boolean isHere(Consumer companion, int priority, boolean inMemory, long offset) {
        return companion.scanned(priority, inMemory) == offset;
    }

    /** A companion that has got something is asked last next time; one that can take no more stays behind. */
    private void takeAlong(int priority, boolean inMemory, long offset, Consumer taker) {
        for (int i = 0; i < companions.size(); i++) {
            Consumer companion = companions.get(i);
            if (!isHere(companion, priority, inMemory, offset)) continue;
            if (companion == taker || companion.canTake()) companion.scanned(priority, inMemory, offset + 1);
        }
        if (companions.remove(taker)) companions.add(taker);
    }

    // ---- one message

    /** Gives it to the one that looks, or else to a companion that is here and wants it; null when nobody does. */
    private Consumer offer(Consumer consumer, Level level, Cursor cursor, long offset, boolean inMemory) {
        int priority = level.priority();
        if (!message.loadRow(level, offset, inMemory)) {
            cursor.take(offset);
            feed.settle(priority, offset, inMemory);
            return null;
        }
        int tagHash = message.tagHash(level, offset, inMemory);
        boolean loaded = false;
        for (int i = -1; i < companions.size(); i++) {
            Consumer candidate = i < 0 ? consumer : companions.get(i);
            if (i >= 0 && (!isHere(candidate, priority, inMemory, offset) || !candidate.canTake())) continue;
            if (!candidate.selector().mayMatchTag(tagHash)) continue;
            if (!loaded && !feed.loadUsable(level, offset, inMemory)) {
                cursor.take(offset); // it is expired, or damaged: nobody is to look at it again
                return null;
            }
            loaded = true;
            int count = cursor.deliveryCount(offset);
            if (!candidate.wants(message.buffer(), message.at(), count)) continue;
            if (!candidate.canRead(message)) {
                feed.setUnfit(candidate);
                continue;
            }
            cursor.take(offset);
            feed.handOver(candidate, priority, offset, inMemory, count);
            return candidate;
        }
        return null;
    }
}
