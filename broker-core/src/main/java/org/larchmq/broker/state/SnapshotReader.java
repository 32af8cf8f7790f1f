package org.larchmq.broker.state;

import java.nio.ByteBuffer;
import org.larchmq.wire.ErrorCode;
import org.larchmq.wire.ProtocolException;
import org.larchmq.wire.WireReader;

/** Restores the state from the parts that {@link SnapshotWriter} wrote. */
final class SnapshotReader {
    private final ShardState state;

    SnapshotReader(ShardState state) {
        this.state = state;
    }

    void read(ByteBuffer buffer, int at, int bytes) {
        WireReader in = new WireReader().reset(buffer, at, at + bytes);
        while (in.remaining() > 0) {
            int record = in.getByte();
            switch (record) {
                case SnapshotWriter.SHARD -> StateRecords.readShard(state, in);
                case SnapshotWriter.DESTINATION -> StateRecords.readDestination(state, in);
                case SnapshotWriter.BRANCH -> state.branches().readSlice(in);
                case SnapshotWriter.TRANSACTIONS -> StateRecords.readTransactions(state, in);
                case SnapshotWriter.PRODUCERS -> state.producers().decode(in);
                default -> throw new ProtocolException(ErrorCode.VERSION, "no snapshot record " + record);
            }
        }
    }
}
