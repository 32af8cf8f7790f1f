package org.larchmq.broker.state;

import org.larchmq.broker.journal.Changes;
import org.larchmq.wire.WireWriter;

/**
 * Writes the whole state, without messages and rows, to the head of a log segment: so the log can be read from any
 * segment's beginning once those before it are deleted.
 */
public final class SnapshotWriter {
    static final int SHARD = 0, DESTINATION = 1, TRANSACTIONS = 2, PRODUCERS = 3, BRANCH = 4;
    private static final int PART_BYTES = 128 * 1024;

    private final WireWriter buffer = new WireWriter(4096);
    private boolean first;

    /** Shard thread. Ends with the parts appended, not flushed. */
    public void write(ShardState state, Changes log) {
        buffer.clear();
        buffer.putByte(SHARD);
        StateRecords.writeShard(state, buffer);
        buffer.putByte(TRANSACTIONS);
        StateRecords.writeTransactions(state.openTransactions(), buffer);
        buffer.putByte(PRODUCERS);
        state.producers().encode(buffer);
        first = true;
        state.branches().write(buffer, () -> {
            flushIfFull(log);
            buffer.putByte(BRANCH);
        });
        for (Destination destination : state.destinations()) {
            if (destination.kind().isTemporary()) continue;
            flushIfFull(log);
            buffer.putByte(DESTINATION);
            StateRecords.writeDestination(destination, false, buffer);
        }
        flush(log);
        buffer.shrink(PART_BYTES * 2);
    }

    private void flushIfFull(Changes log) {
        if (buffer.size() >= PART_BYTES) flush(log);
    }

    private void flush(Changes log) {
        log.snapshotPart(first, buffer.toByteBuffer(), 0, buffer.size());
        first = false;
        buffer.clear();
    }
}
