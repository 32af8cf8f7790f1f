package org.larchmq.broker.delivery;

import java.util.ArrayList;
import java.util.List;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.state.Cursor;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.Level;
import org.larchmq.broker.state.MemoryQueue;
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

    /** Messages that are looked at before the time is. */
    private static final int LOOKS_AT_ONCE = 16;

    /** Messages that are reserved at once for a consumer that picks. */
    private static final int MOST_RESERVED = 512;

    private final Feed feed;
    private final Subscription subscription;
    private final StoredMessage message;
    private final List<Consumer> consumers;
    private final List<Consumer> companions = new ArrayList<>(0);
    private int budget;
    private int share;
    private int left;
    private int wanted;
    private int delivered;
    private boolean found;
    private long nextInMemory;
    private long nextLogged;
    private boolean unfinished;
    private int looks;
    private boolean turnIsOver;

    SelectiveScan(Feed feed, List<Consumer> consumers, StoredMessage message) {
        this.feed = feed;
        this.subscription = feed.subscription();
        this.consumers = consumers;
        this.message = message;
    }

    /** A new turn of the feed. */
    void begin() {
        unfinished = false;
        looks = 0;
        turnIsOver = false;
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
        delivered = 0;
        wanted = most;
        left = Math.min(share, budget);
        budget -= left;
        companions.clear();
        for (int priority = Destination.PRIORITIES - 1; priority >= 0; priority--) {
            Level level = subscription.destination().level(priority);
            if (level == null) continue;
            // what waits, or is not looked at yet, is not overtaken by lower priorities (3.4.10)
            if (!lookAtReturned(consumer, level)) break;
            if (!look(consumer, level)) break;
        }
        companions.clear();
        budget += Math.max(0, left);
        return delivered;
    }

    /** False when this consumer cannot look further now. */
    private boolean mayLook(Consumer consumer) {
        if (++looks % LOOKS_AT_ONCE == 0) turnIsOver = feed.isTurnOver();
        boolean mayWork = left > 0 && !turnIsOver && !feed.isWorkUsedUp();
        if (!mayWork) unfinished = true;
        return mayWork && wanted > 0 && consumer.canTake();
    }

    // ---- what came back

    /** Looks at what came back behind it, from older to younger messages; false when it cannot look at all of it now. */
    private boolean lookAtReturned(Consumer consumer, Level level) {
        int priority = level.priority();
        while (hasUnseenReturns(consumer, priority, false) || hasUnseenReturns(consumer, priority, true)) {
            advanceReturns(consumer, priority, false);
            advanceReturns(consumer, priority, true);
            if (!lookAtKept(consumer, level)) return false;
        }
        return true;
    }

    private void advanceReturns(Consumer consumer, int priority, boolean inMemory) {
        RecentReturns recent = feed.recentReturns(priority, inMemory);
        if (recent == null) return;
        ReturnsInOrder returns = consumer.returns(priority, inMemory);
        if (returns.done() < recent.begin()) { // not all are known any more
            consumer.scanned(priority, inMemory, 0);
            returns.forget(recent);
        }
        left -= returns.advance(recent, cursor(priority, inMemory), lookedUpTo(consumer, priority, inMemory));
    }

    private boolean lookAtKept(Consumer consumer, Level level) {
        int priority = level.priority();
        ReturnsInOrder logged = consumer.returns(priority, false);
        ReturnsInOrder inMemory = consumer.returns(priority, true);
        while (!logged.isEmpty() || !inMemory.isEmpty()) {
            boolean mayLackOlder = logged.isEmpty() && logged.hasLeft() || inMemory.isEmpty() && inMemory.hasLeft();
            if (mayLackOlder) return true;
            boolean fromMemory = !inMemory.isEmpty() && !isLogFirst(level, logged, inMemory);
            ReturnsInOrder returns = fromMemory ? inMemory : logged;
            long offset = returns.first();
            Cursor cursor = cursor(priority, fromMemory);
            if (cursor.isAvailable(offset)) {
                if (!mayLook(consumer)) return false;
                left -= LOOK_COST;
                Consumer taker = offer(consumer, level, cursor, offset, fromMemory);
                if (found) {
                    if (!cursor.isBeingReserved(offset)) reserve(cursor, priority, offset);
                    return false;
                }
                if (taker != null) delivered++;
                if (taker == consumer) wanted--;
            }
            returns.removeFirst();
        }
        return true;
    }

    /** Whether of what came back the first in the log is older than the first in memory. */
    private static boolean isLogFirst(Level level, ReturnsInOrder logged, ReturnsInOrder inMemory) {
        if (logged.isEmpty()) return false;
        MemoryQueue.Message stored = level.inMemory().get(inMemory.first());
        return stored != null && logged.first() < stored.loggedBefore();
    }

    private void reserve(Cursor cursor, int priority, long offset) {
        OffsetRanges one = new OffsetRanges();
        one.add(offset);
        feed.reserveSingly(cursor, priority, one);
    }

    // ---- what was not looked at yet

    /** Looks on, from older to younger messages; false when lower priorities have to wait. */
    private boolean look(Consumer consumer, Level level) {
        int priority = level.priority();
        nextInMemory = lookedUpTo(consumer, priority, true);
        nextLogged = lookedUpTo(consumer, priority, false);
        if (nextInMemory >= end(level, true) && nextLogged >= end(level, false)) return true;
        if (left > 0 && consumers.size() > 1) findCompanions(consumer, priority);
        boolean mayGoOn = true;
        while (nextInMemory < end(level, true) || nextLogged < end(level, false)) {
            mayGoOn = mayLook(consumer);
            if (!mayGoOn) break;
            nextInMemory = cursor(priority, true).firstUnsettledFrom(nextInMemory);
            nextLogged = cursor(priority, false).firstUnsettledFrom(nextLogged);
            if (nextInMemory >= end(level, true) && nextLogged >= end(level, false)) break;
            MemoryQueue.Message stored =
                    nextInMemory < end(level, true) ? level.inMemory().get(nextInMemory) : null;
            boolean isInMemory = nextInMemory < end(level, true) && !isLogNext(level, stored);
            mayGoOn = !isInMemory || stored == null || !level.isBehindUncommitted(stored);
            if (!mayGoOn) break; // the older one comes with the batch
            long offset = isInMemory ? nextInMemory : nextLogged;
            Cursor cursor = cursor(priority, isInMemory);
            boolean available = cursor.isAvailable(offset);
            left -= available ? LOOK_COST : 1;
            Consumer taker = available ? offer(consumer, level, cursor, offset, isInMemory) : null;
            mayGoOn = !found || !available;
            if (!mayGoOn) {
                if (!cursor.isBeingReserved(offset)) reserveFrom(consumer, level, offset);
                break;
            }
            if (taker != null) delivered++;
            if (taker == consumer) wanted--;
            if (!companions.isEmpty()) takeAlong(level, isInMemory, offset, taker);
            if (isInMemory) nextInMemory++;
            else nextLogged++;
        }
        consumer.scanned(priority, true, nextInMemory);
        consumer.scanned(priority, false, nextLogged);
        companions.clear();
        return mayGoOn;
    }

    /** Whether the next message of the log comes before the next one in memory. */
    private boolean isLogNext(Level level, MemoryQueue.Message stored) {
        return stored != null && nextLogged < end(level, false) && nextLogged < stored.loggedBefore();
    }

    /** Reserves what this consumer and its companions will pick from here on, so that they do not wait for each message. */
    private void reserveFrom(Consumer consumer, Level level, long from) {
        Cursor cursor = cursor(level.priority(), false);
        OffsetRanges singles = new OffsetRanges();
        singles.add(from);
        int most = consumer.mayTake();
        for (int i = 0; i < companions.size(); i++)
            most = Math.min(MOST_RESERVED, most + companions.get(i).mayTake());
        most = Math.min(MOST_RESERVED, most);
        long end = end(level, false);
        int reserved = 1;
        for (long offset = from + 1; offset < end && reserved < most && left > 0; offset++) {
            if (++looks % LOOKS_AT_ONCE == 0 && feed.isTurnOver())
                break; // the others are reserved when their turn comes
            boolean available = cursor.isAvailable(offset);
            left -= available ? LOOK_COST : 1;
            if (!available || feed.mayPick(cursor, offset) || cursor.isBeingReserved(offset)) continue;
            if (!isWanted(consumer, level, cursor, offset)) continue;
            singles.add(offset);
            reserved++;
        }
        feed.reserveSingly(cursor, level.priority(), singles);
    }

    /** By this consumer or a companion. */
    private boolean isWanted(Consumer consumer, Level level, Cursor cursor, long offset) {
        if (!message.loadRow(level, offset, false)) return false;
        int tagHash = message.tagHash(level, offset, false);
        boolean loaded = false;
        for (int i = -1; i < companions.size(); i++) {
            Consumer candidate = i < 0 ? consumer : companions.get(i);
            if (!candidate.selector().mayMatchTag(tagHash)) continue;
            if (feed.isWorkUsedUp()) return false; // it is reserved when its turn comes
            if (!loaded && !feed.loadUsable(level, offset, false)) return false;
            loaded = true;
            if (candidate.wants(message.buffer(), message.at(), cursor.deliveryCount(offset))) return true;
        }
        return false;
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

    /** Those who have nothing to look at before this priority; each looks along from where it is. */
    private void findCompanions(Consumer consumer, int priority) {
        companions.clear();
        for (int i = 0; i < consumers.size(); i++) {
            Consumer other = consumers.get(i);
            if (other == consumer || !other.isSelective() || !other.canTake()) continue;
            long inMemory = lookedUpTo(other, priority, true);
            long logged = lookedUpTo(other, priority, false);
            if (inMemory < nextInMemory || logged < nextLogged || !hasLookedAtAllBefore(other, priority)) continue;
            other.scanned(priority, true, inMemory);
            other.scanned(priority, false, logged);
            companions.add(other);
        }
    }

    private boolean hasLookedAtAllBefore(Consumer consumer, int priority) {
        for (int higher = Destination.PRIORITIES - 1; higher >= priority; higher--) {
            Level level = subscription.destination().level(higher);
            if (level == null) continue;
            if (hasUnseenReturns(consumer, higher, true) || hasUnseenReturns(consumer, higher, false)) return false;
            if (higher == priority) return true;
            if (lookedUpTo(consumer, higher, true) < end(level, true)) return false;
            if (lookedUpTo(consumer, higher, false) < end(level, false)) return false;
        }
        return true;
    }

    private boolean hasUnseenReturns(Consumer consumer, int priority, boolean inMemory) {
        RecentReturns recent = feed.recentReturns(priority, inMemory);
        return recent != null && !consumer.returns(priority, inMemory).isDone(recent);
    }

    /** Whether a companion has come exactly as far, so that this is its oldest message, too. */
    private boolean isHere(Consumer companion, Level level, boolean inMemory, long offset) {
        int priority = level.priority();
        if (firstUnsettled(companion, priority, inMemory) != offset) return false;
        if (inMemory) {
            MemoryQueue.Message stored = level.inMemory().get(offset);
            return stored == null
                    || firstUnsettled(companion, priority, false) >= Math.min(stored.loggedBefore(), end(level, false));
        }
        long memory = firstUnsettled(companion, priority, true);
        if (memory >= end(level, true)) return true;
        MemoryQueue.Message stored = level.inMemory().get(memory);
        return stored != null && stored.loggedBefore() > offset;
    }

    private long firstUnsettled(Consumer companion, int priority, boolean inMemory) {
        return cursor(priority, inMemory).firstUnsettledFrom(companion.scanned(priority, inMemory));
    }

    /** A companion that has got something is asked last next time; one that can take no more stays behind. */
    private void takeAlong(Level level, boolean inMemory, long offset, Consumer taker) {
        for (int i = 0; i < companions.size(); i++) {
            Consumer companion = companions.get(i);
            if (!isHere(companion, level, inMemory, offset)) continue;
            if (companion == taker || companion.canTake()) companion.scanned(level.priority(), inMemory, offset + 1);
        }
        if (companions.remove(taker)) companions.add(taker);
    }

    // ---- one message

    /**
     * Gives it to the one that looks, or else to a companion that is here and wants it; null when nobody gets it.
     * {@link #found} then says whether somebody will, when the log says that it may have been delivered.
     */
    private Consumer offer(Consumer consumer, Level level, Cursor cursor, long offset, boolean inMemory) {
        found = false;
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
            if (i >= 0 && (!isHere(candidate, level, inMemory, offset) || !candidate.canTake())) continue;
            if (!candidate.selector().mayMatchTag(tagHash)) continue;
            if (i >= 0 && feed.isWorkUsedUp()) {
                companions.subList(i, companions.size()).clear(); // they look for themselves, in another turn
                return null;
            }
            if (!loaded && !feed.loadUsable(level, offset, inMemory)) {
                cursor.take(offset); // it is expired, or damaged: nobody is to look at it again
                return null;
            }
            loaded = true;
            int count = cursor.deliveryCount(offset);
            if (!candidate.wants(message.buffer(), message.at(), count)) continue;
            if (!inMemory && !feed.mayPick(cursor, offset)) {
                found = true;
                return null;
            }
            cursor.take(offset);
            feed.handOver(candidate, priority, offset, inMemory, count);
            return candidate;
        }
        return null;
    }
}
