package org.larchmq.broker.delivery;

import java.util.List;
import java.util.function.LongSupplier;

/**
 * Gets back what one consumer of a subscription has been sent and its application has not looked at, when the application
 * of another waits and nothing else is left. One consumer is recalled at a time, the one that holds most first; one that
 * had nothing unseen is left alone until it was sent something. Shard thread only.
 */
final class Recalls {
    /** A consumer that does not answer for so long does not keep others from being recalled. */
    private static final long PATIENCE_MILLIS = 1000;

    private final List<Consumer> consumers;
    private final LongSupplier clockMillis;
    private boolean wanted;
    private Consumer recalled;
    private long recalledAtMillis;

    /** @param consumers of the subscription; the feed's own list */
    Recalls(List<Consumer> consumers, LongSupplier clockMillis) {
        this.consumers = consumers;
        this.clockMillis = clockMillis;
    }

    /** Whether a consumer may be waiting. */
    boolean isWanted() {
        return wanted;
    }

    void wanted() {
        wanted = true;
    }

    /** To be called when nothing is left to hand out. */
    void next() {
        Consumer inNeed = null;
        boolean waiting = false;
        for (int i = 0; i < consumers.size(); i++) {
            waiting |= consumers.get(i).isWaiting();
            if (consumers.get(i).wantsRecall()) inNeed = consumers.get(i);
        }
        wanted = waiting || inNeed != null;
        if (inNeed == null) return;
        if (recalled != null && clockMillis.getAsLong() - recalledAtMillis < PATIENCE_MILLIS) return;
        Consumer richest = richest();
        if (richest == null) nobodyHasAny();
        else recall(richest);
    }

    private Consumer richest() {
        Consumer richest = null;
        for (int i = 0; i < consumers.size(); i++) {
            Consumer consumer = consumers.get(i);
            if (consumer == recalled || consumer.wantsRecall() || !consumer.mayHoldUnseen()) continue;
            if (richest == null || consumer.held().size() > richest.held().size()) richest = consumer;
        }
        return richest;
    }

    private void nobodyHasAny() {
        for (int i = 0; i < consumers.size(); i++) consumers.get(i).recallIsOfNoUse();
    }

    private void recall(Consumer consumer) {
        recalled = consumer;
        recalledAtMillis = clockMillis.getAsLong();
        consumer.revokeCredit();
        consumer.link().recall(consumer.id());
    }

    void answered(Consumer consumer, boolean hadSome) {
        if (!hadSome) consumer.holdsNothingUnseen();
        forget(consumer);
    }

    /** It has answered, or will not. */
    void forget(Consumer consumer) {
        if (recalled == consumer) recalled = null;
    }
}
