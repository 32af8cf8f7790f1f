package org.larchmq.broker.shard;

import java.util.function.LongSupplier;
import org.larchmq.broker.delivery.Dispatcher;
import org.larchmq.broker.delivery.Feed;
import org.larchmq.broker.journal.Journal;
import org.larchmq.broker.journal.TopologyEntry.SubscriptionCreated;
import org.larchmq.broker.journal.TopologyEntry.SubscriptionDeleted;
import org.larchmq.broker.journal.TopologyEntry.Terms;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.Subscription;
import org.larchmq.broker.state.SubscriptionTerms;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.Names;
import org.larchmq.message.ProtocolException;
import org.larchmq.wire.Frames;

/**
 * Finds, makes and ends the subscriptions of topics by the rules of specification 8.3: what a name means, who may use it
 * with whom, and when other terms make it a new subscription. Shard thread only.
 */
final class TopicSubscriptions {
    private final BrokerSettings settings;
    private final ShardState state;
    private final Journal journal;
    private final Dispatcher dispatcher;
    private final LongSupplier logEnd;

    TopicSubscriptions(
            BrokerSettings settings, ShardState state, Journal journal, Dispatcher dispatcher, LongSupplier logEnd) {
        this.settings = settings;
        this.state = state;
        this.journal = journal;
        this.dispatcher = dispatcher;
        this.logEnd = logEnd;
    }

    /** After recovery: durable subscriptions say what they want before they have a consumer. */
    void recovered() {
        for (Destination destination : state.destinations()) {
            if (!destination.isTopic()) continue;
            for (Subscription subscription : destination.subscriptions()) dispatcher.feed(subscription);
        }
    }

    /**
     * The subscription that a new consumer of a topic reads; made when it is missing or was asked for differently.
     *
     * @throws ProtocolException when the name is in use otherwise, or cannot be one
     */
    Subscription open(ClientConnection connection, Destination topic, Frames.CreateConsumer frame) {
        boolean durable = frame.has(Frames.CreateConsumer.DURABLE);
        boolean shared = frame.has(Frames.CreateConsumer.SHARED);
        boolean noLocal = frame.has(Frames.CreateConsumer.NO_LOCAL) && !shared;
        String selector = frame.selector().isBlank()
                ? ""
                : dispatcher.selectors().parse(frame.selector()).text(); // equal ones have one text
        if (!durable && !shared) {
            var own = new SubscriptionTerms(connection.publisher(), "", false, false, noLocal, selector);
            return made(state.subscribe(topic, own, logEnd.getAsLong()));
        }
        checkRequest(connection, topic, frame.subscription(), durable, shared);
        var terms =
                new SubscriptionTerms(connection.clientId(), frame.subscription(), durable, shared, noLocal, selector);
        Subscription existing = state.findSubscription(durable, terms.owner(), terms.name());
        if (existing == null) return create(topic, terms);
        boolean active = dispatcher.feed(existing).hasConsumers();
        if (existing.terms().shared() != shared) throw conflict(existing);
        boolean same = existing.destination() == topic && existing.terms().equals(terms);
        if (same && (shared || !active)) return existing;
        if (active) throw inUse(existing, same ? "it is not shared" : "it has another topic or selector");
        if (durable) journal.append(new SubscriptionDeleted(existing.id()));
        else end(existing);
        return create(topic, terms);
    }

    private static void checkRequest(
            ClientConnection connection, Destination topic, String name, boolean durable, boolean shared) {
        if (name.isEmpty() || name.length() > Names.MAX_NAME_BYTES) {
            throw new ProtocolException(
                    ErrorCode.ILLEGAL_STATE,
                    "a subscription name has 1 to " + Names.MAX_NAME_BYTES + " characters, not " + name.length());
        }
        if (!Names.isText(name)) {
            throw new ProtocolException(
                    ErrorCode.ILLEGAL_STATE, "a subscription name has half of a character (an unpaired surrogate)");
        }
        if (durable && topic.kind().isTemporary()) {
            throw new ProtocolException(
                    ErrorCode.INVALID_DESTINATION, "a temporary topic cannot have a durable subscription");
        }
        if (!shared && connection.clientId().isEmpty()) {
            throw new ProtocolException(
                    ErrorCode.ILLEGAL_STATE, "an unshared durable subscription needs a connection with a client id");
        }
    }

    private Subscription create(Destination topic, SubscriptionTerms terms) {
        if (!terms.durable()) return made(state.subscribe(topic, terms, logEnd.getAsLong()));
        int most = settings.limits().maxDestinations();
        if (state.durableSubscriptions() >= most) {
            throw new ProtocolException(
                    ErrorCode.LIMIT_REACHED,
                    "there are " + most + " durable subscriptions already, which is limits.maxDestinations;"
                            + " unsubscribe some or raise it");
        }
        journal.append(new SubscriptionCreated(
                state.nextId(),
                topic.id(),
                new Terms(terms.owner(), terms.name(), terms.shared(), terms.noLocal(), terms.selector())));
        return made(state.findSubscription(true, terms.owner(), terms.name()));
    }

    /** Its feed says from the first message on what it wants. */
    private Subscription made(Subscription subscription) {
        dispatcher.feed(subscription);
        return subscription;
    }

    /** The last consumer of one that is not durable has gone. */
    void end(Subscription subscription) {
        state.unsubscribe(subscription);
    }

    /**
     * Deletes a durable subscription of the connection's client, with its messages.
     *
     * @throws ProtocolException SUBSCRIPTION_UNKNOWN or SUBSCRIPTION_IN_USE
     */
    void unsubscribe(ClientConnection connection, String name) {
        unsubscribe(connection.clientId(), name);
    }

    /** The same for the subscription of any client; empty for one without a client id. */
    void unsubscribe(String clientId, String name) {
        Subscription subscription = state.findSubscription(true, clientId, name);
        if (subscription == null) {
            throw new ProtocolException(
                    ErrorCode.SUBSCRIPTION_UNKNOWN, "there is no durable subscription " + text(clientId, name));
        }
        Feed feed = dispatcher.feed(subscription);
        if (feed.hasConsumers()) throw inUse(subscription, "close its consumers first");
        if (feed.isInUse()) throw inUse(subscription, "messages received from it are not acknowledged or committed");
        journal.append(new SubscriptionDeleted(subscription.id()));
        dispatcher.forget(feed);
    }

    private static String text(String clientId, String name) {
        return "'" + name + "' " + (clientId.isEmpty() ? "without client id" : "of client id '" + clientId + "'");
    }

    private static ProtocolException inUse(Subscription existing, String why) {
        return new ProtocolException(
                ErrorCode.SUBSCRIPTION_IN_USE,
                "the subscription '" + existing.terms().name() + "' of " + existing.destination() + " is in use: "
                        + why);
    }

    private static ProtocolException conflict(Subscription existing) {
        return new ProtocolException(
                ErrorCode.SUBSCRIPTION_CONFLICT,
                "the durable subscription '" + existing.terms().name() + "' of " + existing.destination() + " is "
                        + (existing.terms().shared() ? "shared" : "not shared")
                        + "; use it so, unsubscribe it, or choose another name");
    }
}
