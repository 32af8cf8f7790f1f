package org.larchmq.broker.shard;

import java.util.HashSet;
import java.util.Set;
import org.larchmq.broker.delivery.BranchHoldings;
import org.larchmq.wire.BranchId;

/** A branch of a distributed transaction that is not prepared: it ends with the first of its connections. Shard thread only. */
final class OpenBranch {
    final BranchId id;
    final String user;
    final BranchHoldings holdings;
    final ClientConnection.OpenTransaction staged = ClientConnection.OpenTransaction.ofBranch();
    final Set<ClientConnection> participants = new HashSet<>();
    /** Work that has begun and not ended. */
    int associations;
    /** Why nothing is left of it but the memory; null while it can be prepared. */
    String rolledBackBecause;
    /** Of the clock's nanoTime; {@link Long#MAX_VALUE} for none. */
    long deadlineNanos = Long.MAX_VALUE;

    OpenBranch(BranchId id, String user, BranchHoldings holdings) {
        this.id = id;
        this.user = user;
        this.holdings = holdings;
    }

    boolean isRolledBack() {
        return rolledBackBecause != null;
    }
}
