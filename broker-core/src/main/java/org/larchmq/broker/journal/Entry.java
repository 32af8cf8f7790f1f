package org.larchmq.broker.journal;

import java.nio.ByteBuffer;
import org.larchmq.message.ByteWriter;

/**
 * One durable change of a shard's state, as the log keeps it: the closed list of what can happen. {@link Journal} writes
 * and applies an entry, {@link Replay} reads and applies it; the state changes in no other way, so that a restart, and
 * later a replica, cannot come to another state than the run did.
 *
 * <p>A family of entries is one file: its records, their layout and how they are read back.
 */
public sealed interface Entry
        permits MessageEntry, SettlementEntry, TransactionEntry, BranchEntry, TopologyEntry, ScheduleEntry, ShardEntry {
    /** Number, name and layout of its type. */
    EntryKind kind();

    /** Writes the payload, or what stands before {@link #bulk} in it. */
    void encode(ByteWriter out);

    /** Buffer with the bytes that end the payload; null for none. */
    default ByteBuffer bulk() {
        return null;
    }

    /** Where {@link #bulk} has them. */
    default int bulkAt() {
        return 0;
    }

    default int bulkBytes() {
        return 0;
    }
}
