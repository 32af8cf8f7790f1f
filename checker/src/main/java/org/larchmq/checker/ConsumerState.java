package org.larchmq.checker;

import java.util.HashMap;
import java.util.Map;

/** A consumer from subscribe to close: what order it saw. */
final class ConsumerState {
    record Key(String dest, String sub) {}

    /** Messages that must arrive in order relative to each other. */
    record OrderKey(StreamState stream, int priority, boolean persistent) {
        static OrderKey of(MessageState message) {
            return new OrderKey(message.stream, message.priority, message.persistent);
        }
    }

    static final class Order {
        long highest = -1;
        long lastRedelivered = -1;
        int replays;
    }

    final SessionState session;
    final SubscriptionState subscription;
    /** No other consumer of the same queue or subscription while this one was open. */
    boolean sole = true;

    final Map<OrderKey, Order> orders = new HashMap<>(4);

    ConsumerState(SessionState session, SubscriptionState subscription) {
        this.session = session;
        this.subscription = subscription;
    }
}
