package org.larchmq.broker.state;

import org.larchmq.broker.journal.ShardEntry.SnapshotPart;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;

/**
 * Restores the state from the parts that {@link SnapshotWriter} wrote, when the last of them has come: a snapshot that a
 * crash has cut off changes nothing.
 */
final class SnapshotReader {
    private final ShardState state;
    private ByteWriter parts;

    SnapshotReader(ShardState state) {
        this.state = state;
    }

    void read(SnapshotPart read) {
        if (read.first()) parts = new ByteWriter(read.bulkBytes());
        if (parts == null) return; // its beginning is not in the log
        byte[] part = new byte[read.bulkBytes()];
        read.bulk().get(read.bulkAt(), part);
        parts.putBytes(part);
        if (!read.last()) return;
        restore(new ByteReader().reset(parts.toByteBuffer(), 0, parts.size()));
        parts = null;
    }

    private void restore(ByteReader in) {
        while (in.remaining() > 0) {
            int type = in.getByte();
            int end = in.getInt() + in.position();
            switch (type) {
                case SnapshotWriter.SHARD -> StateRecords.readShard(state, in);
                case SnapshotWriter.DESTINATION -> StateRecords.readDestination(state, in);
                case SnapshotWriter.BRANCH -> state.branches().readSlice(in);
                case SnapshotWriter.TRANSACTION -> state.openTransactions().read(in);
                case SnapshotWriter.PRODUCERS -> state.producers().decode(in);
                default -> throw new ProtocolException(ErrorCode.VERSION, "no snapshot record " + type);
            }
            if (in.position() != end) {
                throw ProtocolException.malformed("a snapshot record of type " + type + " has another length");
            }
        }
    }
}
