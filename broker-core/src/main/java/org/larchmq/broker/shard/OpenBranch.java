package org.larchmq.broker.shard;

import java.util.HashMap;
import java.util.Map;
import org.larchmq.broker.delivery.BranchHoldings;
import org.larchmq.message.BranchId;

/** A branch of a distributed transaction that is not prepared: it ends with the first of its connections. Shard thread only. */
final class OpenBranch {
    final BranchId id;
    final String user;
    final BranchHoldings holdings;
    final ClientConnection.OpenTransaction staged = ClientConnection.OpenTransaction.ofBranch();
    /** Connections that have worked for it, and how much of their work has begun and not ended. */
    private final Map<ClientConnection, Integer> participants = new HashMap<>();
    /** Why nothing is left of it but the memory; null while it can be prepared. */
    String rolledBackBecause;
    /** Whether it was its time-out. */
    boolean isTimedOut;
    /** Of the clock's nanoTime; {@link Long#MAX_VALUE} for none. */
    long deadlineNanos = Long.MAX_VALUE;

    OpenBranch(BranchId id, String user, BranchHoldings holdings) {
        this.id = id;
        this.user = user;
        this.holdings = holdings;
    }

    Iterable<ClientConnection> participants() {
        return participants.keySet();
    }

    boolean hasParticipants() {
        return !participants.isEmpty();
    }

    boolean hasParticipant(ClientConnection connection) {
        return participants.containsKey(connection);
    }

    /** Whether work has begun and not ended. */
    boolean isWorkedFor() {
        return participants.values().stream().anyMatch(associations -> associations > 0);
    }

    void workBegins(ClientConnection connection) {
        participants.merge(connection, 1, Integer::sum);
    }

    /** False when no work of this connection is under way. */
    boolean isWorkedForBy(ClientConnection connection) {
        return participants.getOrDefault(connection, 0) > 0;
    }

    void workEnds(ClientConnection connection) {
        participants.merge(connection, -1, Integer::sum);
    }

    /** False when it has not worked for it. */
    boolean remove(ClientConnection connection) {
        return participants.remove(connection) != null;
    }

    /** A connection that has handed over all its work leaves it to the others; false when it cannot. */
    boolean leave(ClientConnection connection) {
        boolean may = participants.size() > 1 && participants.getOrDefault(connection, 1) == 0;
        return may && participants.remove(connection) != null;
    }

    boolean isRolledBack() {
        return rolledBackBecause != null;
    }
}
