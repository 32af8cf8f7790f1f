package org.larchmq.broker.state;

import java.util.HashMap;
import java.util.Map;

/** Finds subscriptions: by the number that log entries have, and by the name that clients have. Shard thread only. */
final class Subscriptions {
    private final Map<Integer, Subscription> byId = new HashMap<>();
    private final Map<Key, Subscription> durable = new HashMap<>();
    private final Map<Key, Subscription> shared = new HashMap<>();

    /** Durable subscriptions have names of their own, apart from those that are shared only. */
    private record Key(String owner, String name) {}

    void add(Subscription subscription) {
        if (subscription.id() != 0) byId.put(subscription.id(), subscription);
        SubscriptionTerms terms = subscription.terms();
        if (!terms.name().isEmpty()) named(terms.durable()).put(new Key(terms.owner(), terms.name()), subscription);
    }

    void remove(Subscription subscription) {
        if (subscription.id() != 0) byId.remove(subscription.id());
        SubscriptionTerms terms = subscription.terms();
        if (!terms.name().isEmpty()) {
            named(terms.durable()).remove(new Key(terms.owner(), terms.name()), subscription);
        }
    }

    /** Null when there is none. */
    Subscription find(int id) {
        return byId.get(id);
    }

    /** Null when there is none. */
    Subscription find(boolean isDurable, String owner, String name) {
        return named(isDurable).get(new Key(owner, name));
    }

    /** Number of durable subscriptions of topics. */
    int durableCount() {
        return durable.size();
    }

    private Map<Key, Subscription> named(boolean isDurable) {
        return isDurable ? durable : shared;
    }
}
