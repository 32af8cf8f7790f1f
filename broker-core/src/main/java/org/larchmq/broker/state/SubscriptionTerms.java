package org.larchmq.broker.state;

import java.util.Objects;
import org.larchmq.broker.journal.TopologyEntry;

/**
 * What a subscriber asked for: who it is, and which of the topic's messages it wants. Another selector or noLocal under
 * the same name is another subscription (specification 8.3).
 *
 * @param owner    client id, empty for a shared subscription of clients without one; of an unshared subscription that is
 *                 not durable, how its connection is named as a publisher
 * @param name     empty for an unshared subscription that is not durable
 * @param durable  whether it outlives its consumers
 * @param shared   whether it can have several consumers at once
 * @param noLocal  whether what its owner publishes is not for it
 * @param selector empty for none
 */
public record SubscriptionTerms(
        String owner, String name, boolean durable, boolean shared, boolean noLocal, String selector) {
    static final SubscriptionTerms OF_A_QUEUE = new SubscriptionTerms("", "", false, true, false, "");

    public SubscriptionTerms {
        Objects.requireNonNull(owner, "owner");
        Objects.requireNonNull(name, "name");
        Objects.requireNonNull(selector, "selector");
        if (durable && name.isEmpty()) throw new IllegalArgumentException("a durable subscription needs a name");
    }

    /** Those of a durable subscription, as the log has them. */
    static SubscriptionTerms durable(TopologyEntry.Terms terms) {
        return new SubscriptionTerms(
                terms.clientId(), terms.name(), true, terms.shared(), terms.noLocal(), terms.selector());
    }
}
