package org.larchmq.broker.shard;

import java.util.UUID;
import org.larchmq.broker.journal.EntryWriter;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.state.Destination;
import org.larchmq.broker.state.ShardState;
import org.larchmq.wire.DestinationKind;
import org.larchmq.wire.ErrorCode;
import org.larchmq.wire.Protocol;
import org.larchmq.wire.ProtocolException;

/** Finds and makes destinations, within the limits. Shard thread only. */
final class Destinations {
    private final BrokerSettings settings;
    private final ShardState state;
    private final EntryWriter writer;

    Destinations(BrokerSettings settings, ShardState state, EntryWriter writer) {
        this.settings = settings;
        this.state = state;
        this.writer = writer;
    }

    /**
     * The destination of a name, made when it is missing and may be made.
     *
     * @throws ProtocolException INVALID_DESTINATION or LIMIT_REACHED
     */
    Destination open(DestinationKind kind, String name) {
        Destination existing = state.find(kind.isTopic(), Protocol.checkName(name));
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
        writer.destinationCreated(id, kind, name);
        return state.destination(id);
    }

    /** A new temporary destination of a connection. @throws ProtocolException LIMIT_REACHED */
    Destination createTemporary(DestinationKind kind, ClientConnection owner) {
        checkCount();
        return temporary(kind, prefix(kind) + UUID.randomUUID(), owner);
    }

    private static String prefix(DestinationKind kind) {
        return kind.isTopic() ? "temporary-topic-" : "temporary-queue-";
    }

    private Destination temporary(DestinationKind kind, String name, ClientConnection owner) {
        Destination destination = state.createTemporary(kind, name, owner);
        owner.temporary().add(destination);
        return destination;
    }

    /**
     * A temporary destination that an earlier connection of the client had, under its name, empty.
     *
     * @throws ProtocolException INVALID_DESTINATION when it is not the name of one, or another connection has it
     */
    Destination restoreTemporary(DestinationKind kind, String name, ClientConnection owner) {
        boolean canBe = kind.isTemporary() && Protocol.checkName(name).startsWith(prefix(kind));
        Destination existing = state.find(kind.isTopic(), name);
        if (!canBe || existing != null && existing.owner() != owner) {
            throw new ProtocolException(
                    ErrorCode.INVALID_DESTINATION, "'" + name + "' is no temporary destination of this client");
        }
        if (existing != null) return existing;
        checkCount();
        return temporary(kind, name, owner);
    }

    void deleteTemporary(Destination destination) {
        state.deleteTemporary(destination);
    }

    /** The dead-letter queue, made when it is missing, whatever the limits. */
    Destination deadLetterQueue() {
        String name = settings.redelivery().deadLetterQueue();
        Destination existing = state.find(false, name);
        if (existing != null) return existing;
        int id = state.nextId();
        writer.destinationCreated(id, DestinationKind.QUEUE, name);
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
