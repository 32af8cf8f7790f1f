package org.larchmq.broker.shard;

import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import org.larchmq.broker.delivery.Feed;
import org.larchmq.broker.journal.Journal;
import org.larchmq.broker.journal.TopologyEntry.DestinationCreated;
import org.larchmq.broker.journal.TopologyEntry.DestinationDeleted;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.Level;
import org.larchmq.broker.state.PreparedBranch;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.Subscription;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.Names;
import org.larchmq.message.ProtocolException;

/** Finds and makes destinations, within the limits. Shard thread only. */
final class Destinations {
    /** So many connections can have as many temporary destinations as one may. */
    private static final int CONNECTION_SHARE = 10;

    private final BrokerSettings settings;
    private final ShardState state;
    private final Journal journal;
    private final Map<String, Integer> temporaryOfUser = new HashMap<>();

    Destinations(BrokerSettings settings, ShardState state, Journal journal) {
        this.settings = settings;
        this.state = state;
        this.journal = journal;
    }

    /**
     * The destination of a name, made when it is missing and may be made.
     *
     * @throws ProtocolException INVALID_DESTINATION or LIMIT_REACHED
     */
    Destination open(DestinationKind kind, String name) {
        Destination existing = state.find(kind.isTopic(), Names.checkName(name));
        if (existing != null) return existing;
        if (kind.isTemporary()) {
            throw new ProtocolException(
                    ErrorCode.INVALID_DESTINATION,
                    "the temporary destination '" + name + "' does not exist (any more): it ends with its connection");
        }
        if (!settings.createDestinationsOnFirstUse()) {
            throw new ProtocolException(
                    ErrorCode.INVALID_DESTINATION,
                    "the " + (kind.isTopic() ? "topic '" : "queue '") + name
                            + "' does not exist, and destinations.createOnFirstUse is off");
        }
        return create(kind, name);
    }

    private Destination create(DestinationKind kind, String name) {
        checkCount();
        int id = state.nextId();
        journal.append(new DestinationCreated(id, kind, name));
        return state.destination(id);
    }

    /** A new temporary destination of a connection. @throws ProtocolException LIMIT_REACHED */
    Destination createTemporary(DestinationKind kind, ClientConnection owner) {
        checkCount();
        checkTemporary(owner);
        return temporary(kind, prefix(kind, owner) + UUID.randomUUID(), owner);
    }

    /** Names whose client it is: nobody else can have this one. */
    private static String prefix(DestinationKind kind, ClientConnection owner) {
        return (kind.isTopic() ? "temporary-topic-" : "temporary-queue-") + owner.owner() + "-";
    }

    /** So that one client cannot use up what all have together. */
    private void checkTemporary(ClientConnection owner) {
        int most = Math.max(1, settings.limits().maxDestinations() / CONNECTION_SHARE);
        if (owner.temporary().size() >= most) {
            throw new ProtocolException(
                    ErrorCode.LIMIT_REACHED,
                    "the connection has " + most + " temporary destinations, which is a " + CONNECTION_SHARE
                            + "th of limits.maxDestinations; delete those that are not needed any more");
        }
        int ofUser = temporaryOfUser.getOrDefault(owner.user(), 0);
        int mostOfUser = Math.max(1, settings.limits().maxDestinations() / 2);
        if (ofUser >= mostOfUser) {
            throw new ProtocolException(
                    ErrorCode.LIMIT_REACHED,
                    "the connections of user '" + owner.user() + "' have " + mostOfUser + " temporary destinations,"
                            + " which is half of limits.maxDestinations; delete those that are not needed any more");
        }
    }

    private Destination temporary(DestinationKind kind, String name, ClientConnection owner) {
        Destination destination = state.createTemporary(kind, name, owner);
        owner.temporary().add(destination);
        temporaryOfUser.merge(owner.user(), 1, Integer::sum);
        return destination;
    }

    /**
     * A temporary destination that an earlier connection of the client had, under its name, empty.
     *
     * @throws ProtocolException INVALID_DESTINATION when it is not the name of one, or another connection has it
     */
    Destination restoreTemporary(DestinationKind kind, String name, ClientConnection owner) {
        boolean canBe = kind.isTemporary() && Names.checkName(name).startsWith(prefix(kind, owner));
        Destination existing = state.find(kind.isTopic(), name);
        if (!canBe || existing != null && existing.owner() != owner) {
            throw new ProtocolException(
                    ErrorCode.INVALID_DESTINATION, "'" + name + "' is no temporary destination of this client");
        }
        if (existing != null) return existing;
        checkCount();
        checkTemporary(owner);
        return temporary(kind, name, owner);
    }

    void deleteTemporary(Destination destination) {
        if (destination.owner() instanceof ClientConnection owner) {
            temporaryOfUser.computeIfPresent(owner.user(), (user, count) -> count == 1 ? null : count - 1);
        }
        state.deleteTemporary(destination);
    }

    /**
     * Checks that nobody has to do with a destination that is to be deleted.
     *
     * @throws ProtocolException DESTINATION_IN_USE
     */
    void checkUnused(Destination destination) {
        for (Subscription subscription : destination.subscriptions()) {
            if (subscription.listener() instanceof Feed feed && feed.isInUse()) {
                throw inUse(destination, "close its consumers first, and settle what they have received");
            }
            for (PreparedBranch branch : state.branches().all()) {
                boolean holds = branch.acknowledged().parts().stream()
                        .anyMatch(part -> part.subscriptionId() == subscription.id() && subscription.id() != 0);
                if (holds) throw inUse(destination, "a prepared transaction has received from it: " + branch.id());
            }
            if (destination.isTopic()) throw inUse(destination, "delete its subscriptions first");
        }
        if (destination.name().equals(settings.redelivery().deadLetterQueue()) && !destination.isTopic()) {
            throw inUse(destination, "it is redelivery.deadLetterQueue");
        }
    }

    /**
     * Checks that nothing is lost with a destination.
     *
     * @throws ProtocolException DESTINATION_IN_USE
     */
    void checkEmpty(Destination destination) {
        long messages = destination.unsettledMessages() + destination.delayedMessages();
        for (int priority = 0; priority < Destination.PRIORITIES; priority++) {
            Level level = destination.level(priority);
            if (level != null) messages += level.logged().endOffset() - level.visibleEnd(); // of this batch
        }
        if (messages > 0) {
            throw inUse(
                    destination,
                    "it has " + messages + " messages; consume them, or have the operator of the broker delete it");
        }
    }

    private static ProtocolException inUse(Destination destination, String why) {
        return new ProtocolException(ErrorCode.DESTINATION_IN_USE, destination + " cannot be deleted: " + why);
    }

    /** The end of a permanent destination; that it may be deleted was checked. */
    void delete(Destination destination) {
        journal.append(new DestinationDeleted(destination.id()));
    }

    /** The dead-letter queue, made when it is missing, whatever the limits. */
    Destination deadLetterQueue() {
        String name = settings.redelivery().deadLetterQueue();
        Destination existing = state.find(false, name);
        if (existing != null) return existing;
        int id = state.nextId();
        journal.append(new DestinationCreated(id, DestinationKind.QUEUE, name));
        return state.destination(id);
    }

    private void checkCount() {
        int most = settings.limits().maxDestinations();
        if (state.destinations().size() >= most) {
            throw new ProtocolException(
                    ErrorCode.LIMIT_REACHED,
                    "there are " + most + " destinations already, which is limits.maxDestinations; delete some or"
                            + " raise it");
        }
    }
}
