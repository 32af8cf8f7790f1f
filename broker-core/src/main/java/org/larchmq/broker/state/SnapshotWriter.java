package org.larchmq.broker.state;

import java.util.Arrays;
import java.util.function.Consumer;
import org.larchmq.broker.journal.ShardEntry.SnapshotPart;
import org.larchmq.message.ByteWriter;

/**
 * Writes the whole state, without messages and rows, to the head of a log segment: so the log can be read from any
 * segment's beginning once those before it are deleted. It is a sequence of records, each with its type and its length,
 * cut into parts by bytes: a record may go over any number of parts, and no state is too large for the log's entries.
 */
public final class SnapshotWriter {
    static final int SHARD = 0, DESTINATION = 1, TRANSACTION = 2, PRODUCERS = 3, BRANCH = 4;
    static final int RECORD_HEADER_BYTES = 5;
    /** Fits in an entry of the smallest segments. */
    static final int PART_BYTES = 128 * 1024;

    private final ByteWriter buffer = new ByteWriter(4096);
    private Consumer<SnapshotPart> log;
    private boolean first;
    private int recordAt;

    /** Shard thread. Ends with the parts appended, not flushed. */
    public void write(ShardState state, Consumer<SnapshotPart> into) {
        log = into;
        first = true;
        buffer.clear();
        begin(SHARD);
        StateRecords.writeShard(state, buffer);
        end();
        state.openTransactions().write(buffer, () -> begin(TRANSACTION), this::end);
        begin(PRODUCERS);
        state.producers().encode(buffer);
        end();
        boolean[] open = new boolean[1];
        state.branches().write(buffer, () -> {
            if (open[0]) end();
            open[0] = true;
            begin(BRANCH);
        });
        if (open[0]) end();
        for (Destination destination : state.destinations()) {
            if (destination.kind().isTemporary()) continue;
            begin(DESTINATION);
            StateRecords.writeDestination(destination, false, buffer);
            end();
        }
        part(0, buffer.size(), true);
        buffer.clear();
        buffer.shrink(PART_BYTES * 2);
        log = null;
    }

    private void begin(int type) {
        recordAt = buffer.size();
        buffer.putByte(type).putInt(0);
    }

    private void end() {
        buffer.patchInt(recordAt + 1, buffer.size() - recordAt - RECORD_HEADER_BYTES);
        int at = 0;
        while (buffer.size() - at > PART_BYTES) {
            part(at, PART_BYTES, false);
            at += PART_BYTES;
        }
        if (at == 0) return;
        byte[] rest = Arrays.copyOfRange(buffer.array(), at, buffer.size());
        buffer.clear();
        buffer.putBytes(rest);
    }

    private void part(int at, int bytes, boolean last) {
        log.accept(new SnapshotPart(first, last, buffer.toByteBuffer(), at, bytes));
        first = false;
    }
}
