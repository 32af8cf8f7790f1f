package org.larchmq.broker.state;

import org.larchmq.broker.journal.Changes;
import org.larchmq.wire.WireWriter;

/**
 * Writes the whole state, without messages and rows, to the head of a log segment: so the log can be read from any
 * segment's beginning once those before it are deleted.
 */
public final class SnapshotWriter {
    static final int SHARD = 0, DESTINATION = 1, TRANSACTIONS = 2, PRODUCERS = 3;
    private static final int PART_BYTES = 128 * 1024;

    private final WireWriter buffer = new WireWriter(4096);

    /** Shard thread. Ends with the parts appended, not flushed. */
    public void write(ShardState state, Changes log) {
        buffer.clear();
        buffer.putByte(SHARD);
        StateRecords.writeShard(state, buffer);
        buffer.putByte(TRANSACTIONS);
        StateRecords.writeTransactions(state.openTransactions(), buffer);
        buffer.putByte(PRODUCERS);
        state.producers().encode(buffer);
        boolean first = true;
        for (Destination destination : state.destinations()) {
            if (destination.kind().isTemporary()) continue;
            buffer.putByte(DESTINATION);
            StateRecords.writeDestination(destination, false, buffer);
            if (buffer.size() >= PART_BYTES) {
                flush(first, log);
                first = false;
            }
        }
        if (first || buffer.size() > 0) flush(first, log);
        buffer.shrink(PART_BYTES * 2);
    }

    private void flush(boolean first, Changes log) {
        log.snapshotPart(first, buffer.toByteBuffer(), 0, buffer.size());
        buffer.clear();
    }
}
