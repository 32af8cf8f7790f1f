package org.larchmq.broker.journal;

import java.nio.ByteBuffer;
import java.util.List;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

/** Entries about the shard as a whole. */
public sealed interface ShardEntry extends Entry {
    EntryKind EPOCH_STARTED = new EntryKind(10, "EPOCH_STARTED", "epoch 4", EpochStarted::decode);
    EntryKind CLEANLY_STOPPED = new EntryKind(11, "CLEANLY_STOPPED", "nothing", in -> new CleanlyStopped());
    EntryKind SNAPSHOT_PART = new EntryKind(
            12,
            "SNAPSHOT_PART",
            "flags 1 (1 first, 2 last), then a piece of the snapshot; the pieces from first to last are one sequence of"
                    + " state records, each preceded by its type 1 (0 shard, 1 destination, 2 transaction, 3 producers,"
                    + " 4 a slice of a branch) and its length 4",
            SnapshotPart::decode);

    List<EntryKind> KINDS = List.of(EPOCH_STARTED, CLEANLY_STOPPED, SNAPSHOT_PART);

    /**
     * A broker took over this log. Open transactions that are not prepared end; without a clean stop before it, reserved
     * deliveries count.
     */
    record EpochStarted(int epoch) implements ShardEntry {
        @Override
        public EntryKind kind() {
            return EPOCH_STARTED;
        }

        @Override
        public void encode(ByteWriter out) {
            out.putInt(epoch);
        }

        static EpochStarted decode(ByteReader in) {
            return new EpochStarted(in.getInt());
        }
    }

    /** The broker stopped cleanly: nothing is under way. */
    record CleanlyStopped() implements ShardEntry {
        @Override
        public EntryKind kind() {
            return CLEANLY_STOPPED;
        }

        @Override
        public void encode(ByteWriter out) {}
    }

    /**
     * Part of the state as of the beginning of a segment, so that the log can be read from there. Ignored when the
     * state before it is known.
     *
     * @param first whether it is the first part of its snapshot
     * @param last  whether it is the last one, with which the snapshot counts
     */
    record SnapshotPart(boolean first, boolean last, ByteBuffer bulk, int bulkAt, int bulkBytes) implements ShardEntry {
        private static final int FLAG_FIRST = 1;
        private static final int FLAG_LAST = 2;

        @Override
        public EntryKind kind() {
            return SNAPSHOT_PART;
        }

        @Override
        public void encode(ByteWriter out) {
            out.putByte((first ? FLAG_FIRST : 0) | (last ? FLAG_LAST : 0));
        }

        static SnapshotPart decode(ByteReader in) {
            int flags = in.getByte();
            int at = in.position();
            int bytes = in.remaining();
            in.skip(bytes);
            return new SnapshotPart((flags & FLAG_FIRST) != 0, (flags & FLAG_LAST) != 0, in.buffer(), at, bytes);
        }
    }
}
