package org.larchmq.broker.delivery;

import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.journal.SettlementEntry.DeadLetterRow;
import org.larchmq.broker.journal.SettlementEntry.DeadLettered;
import org.larchmq.broker.journal.SettlementEntry.Returned;
import org.larchmq.broker.state.Cursor;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.Level;
import org.larchmq.broker.state.Subscription;
import org.larchmq.store.queue.Row;

/**
 * Gives messages that a consumer holds back to their subscription: for another attempt, or to the dead-letter queue when
 * there were enough. Shard thread only.
 */
public final class Redeliveries {
    private final Dispatcher dispatcher;
    private final Row row = new Row();

    public Redeliveries(Dispatcher dispatcher) {
        this.dispatcher = dispatcher;
    }

    /**
     * @param seen whether an application has seen the messages, which makes it an attempt that counts
     * @return how many of them it had held
     */
    public int giveBack(Consumer consumer, long fromSequence, long count, boolean seen) {
        HeldMessages held = consumer.held();
        long from = Math.max(fromSequence, held.firstSequence());
        long to = Math.min(fromSequence + count, held.nextSequence());
        int given = 0;
        for (long sequence = from; sequence < to; sequence++) {
            if (!held.isHeld(sequence)) continue;
            giveBackOne(consumer, sequence, seen);
            given++;
        }
        return given;
    }

    /**
     * What a lost connection's consumer holds goes back. The last message that its application is known to have been handed
     * counts as an attempt, if it is still held; the others may have been seen, or not, which is only flagged. A client says
     * so before it hands over what was delivered before: what ends it each time is given up in the end, and what came before
     * that in the same batch is not.
     */
    public void giveBackAll(Consumer consumer) {
        HeldMessages held = consumer.held();
        Subscription subscription = consumer.feed().subscription();
        if (subscription.isGone()) {
            held.clear();
            return;
        }
        long attempted = consumer.lastHanded();
        if (held.isHeld(attempted)) giveBackOne(consumer, attempted, true);
        long from = held.firstSequence();
        long to = held.nextSequence();
        flagAll(subscription, held, from, to);
        for (long sequence = from; sequence < to; sequence++) {
            if (held.isHeld(sequence)) letGo(consumer, sequence, 0);
        }
    }

    private void flagAll(Subscription subscription, HeldMessages held, long from, long to) {
        OffsetRanges[] maybe = new OffsetRanges[Destination.PRIORITIES];
        for (long sequence = from; sequence < to; sequence++) {
            if (!held.isHeld(sequence)) continue;
            int priority = held.priority(sequence);
            long offset = held.queueOffset(sequence);
            if (held.inMemory(sequence)) {
                dispatcher.state().returnInMemory(subscription, priority, offset, false);
            } else if (!subscription.isDurable()) {
                dispatcher.state().returnSoft(subscription, priority, offset, false);
            } else {
                if (maybe[priority] == null) maybe[priority] = new OffsetRanges();
                maybe[priority].add(offset);
            }
        }
        for (int priority = 0; priority < maybe.length; priority++) {
            if (maybe[priority] != null) {
                Returned.appendTo(dispatcher.journal(), subscription.id(), priority, maybe[priority], false);
            }
        }
    }

    private void giveBackOne(Consumer consumer, long sequence, boolean seen) {
        if (consumer.feed().subscription().isGone()) {
            consumer.held().remove(sequence);
            return;
        }
        if (!seen) {
            letGo(consumer, sequence, 0);
            return;
        }
        HeldMessages held = consumer.held();
        int priority = held.priority(sequence);
        long offset = held.queueOffset(sequence);
        boolean inMemory = held.inMemory(sequence);
        attemptFailed(consumer.feed().subscription(), priority, offset, inMemory);
        held.remove(sequence);
    }

    /** An application has seen a message, and did not settle it. */
    void attemptFailed(Subscription subscription, int priority, long offset, boolean inMemory) {
        Cursor cursor = inMemory ? subscription.inMemory(priority) : subscription.logged(priority);
        if (subscription.isGone() || cursor.isSettled(offset)) return;
        int attempts = 1 + cursor.attempts(offset);
        if (isSpent(subscription, attempts) && deadLetter(subscription, priority, offset, inMemory)) return;
        if (inMemory) {
            dispatcher.state().returnInMemory(subscription, priority, offset, true);
        } else if (!subscription.isDurable()) {
            dispatcher.state().returnSoft(subscription, priority, offset, true);
        } else {
            OffsetRanges one = new OffsetRanges();
            one.add(offset);
            Returned.appendTo(dispatcher.journal(), subscription.id(), priority, one, true);
        }
        makeReadyAfter(attempts, subscription, priority, offset, inMemory);
    }

    /** An application may have seen a message that is not in the log, or of a subscription that is not. */
    void maybeSeen(Subscription subscription, int priority, long offset, boolean inMemory) {
        Cursor cursor = inMemory ? subscription.inMemory(priority) : subscription.logged(priority);
        if (subscription.isGone() || cursor.isSettled(offset)) return;
        if (inMemory) dispatcher.state().returnInMemory(subscription, priority, offset, false);
        else dispatcher.state().returnSoft(subscription, priority, offset, false);
        dispatcher.feed(subscription).makeReady(priority, offset, inMemory, 0);
    }

    /** The log says already that a message was returned, without an attempt. */
    void readyAgain(Subscription subscription, int priority, long offset) {
        if (subscription.logged(priority).isSettled(offset)) return;
        dispatcher.feed(subscription).makeReady(priority, offset, false, 0);
    }

    private boolean isSpent(Subscription subscription, int attempts) {
        return attempts >= dispatcher.deadLetters().maxDeliveries(subscription.destination());
    }

    private void makeReadyAfter(int attempts, Subscription subscription, int priority, long offset, boolean inMemory) {
        long delay = dispatcher.deadLetters().delayMillis(attempts);
        long readyAt = delay == 0 ? 0 : dispatcher.monotonicMillis() + delay;
        dispatcher.feed(subscription).makeReady(priority, offset, inMemory, readyAt);
    }

    /** The log says already that it was returned after an attempt: it is ready again, or goes to the dead letters. */
    void afterFailedAttempt(Subscription subscription, int priority, long offset) {
        Cursor cursor = subscription.logged(priority);
        if (cursor.isSettled(offset)) return;
        int attempts = cursor.attempts(offset);
        if (isSpent(subscription, attempts) && deadLetter(subscription, priority, offset, false)) return;
        makeReadyAfter(attempts, subscription, priority, offset, false);
    }

    /** False when the dead-letter queue cannot take it: then it stays where it is. */
    private boolean deadLetter(Subscription subscription, int priority, long offset, boolean inMemory) {
        Destination queue = dispatcher.deadLetters().queue();
        Level level = subscription.destination().level(priority);
        if (inMemory) {
            var message = level.inMemory().get(offset);
            if (message == null) return true;
            boolean kept = dispatcher.state().deadLetterInMemory(queue, message, subscription.destination());
            if (kept) dispatcher.state().settleInMemory(subscription, priority, offset);
            return kept;
        }
        level.logged().read(offset, row);
        dispatcher
                .journal()
                .append(new DeadLettered(
                        subscription.isDurable() ? subscription.id() : 0,
                        priority,
                        offset,
                        new DeadLetterRow(
                                queue.id(),
                                dispatcher.state().nextQueueOffset(queue.id(), priority),
                                row.physicalOffset(),
                                row.sizeBytes(),
                                row.tagHash())));
        if (!subscription.isDurable()) dispatcher.state().settleSoft(subscription, priority, offset);
        return true;
    }

    private void letGo(Consumer consumer, long sequence, long readyAtMillis) {
        HeldMessages held = consumer.held();
        int priority = held.priority(sequence);
        long offset = held.queueOffset(sequence);
        boolean inMemory = held.inMemory(sequence);
        held.remove(sequence);
        consumer.feed().makeReady(priority, offset, inMemory, readyAtMillis);
    }
}
