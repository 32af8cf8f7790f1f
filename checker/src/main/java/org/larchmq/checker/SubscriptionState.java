package org.larchmq.checker;

import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/** A queue, or a subscription of a topic during one life: from its first consumer until it is gone. */
final class SubscriptionState {
    final String dest;
    final String sub;
    final boolean durable;
    final long since;
    /** With a selector, or known only from its deliveries: what it should have got is not known. */
    final boolean expectsAll;

    long until = Long.MAX_VALUE;
    final Set<ConsumerState> open = new HashSet<>(2);
    final Map<ConsumerState.OrderKey, long[]> highest = new HashMap<>(4);

    SubscriptionState(String dest, String sub, boolean durable, long since, boolean expectsAll) {
        this.dest = dest;
        this.sub = sub;
        this.durable = durable;
        this.since = since;
        this.expectsAll = expectsAll;
    }

    boolean isGone() {
        return until != Long.MAX_VALUE;
    }

    void saw(MessageState message) {
        long[] max = highest.computeIfAbsent(ConsumerState.OrderKey.of(message), k -> new long[] {-1});
        max[0] = Math.max(max[0], message.seq);
    }

    boolean sawLaterThan(MessageState message) {
        long[] max = highest.get(ConsumerState.OrderKey.of(message));
        return max != null && max[0] > message.seq;
    }
}
