package org.larchmq.broker.state;

import java.util.List;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

/**
 * A message of an open transaction or a prepared branch: in the log, and in no queue yet.
 *
 * @param deliverAtMillis 0 when it becomes visible with the commit
 * @param sequence        the producer's number of the message, when it is delayed; otherwise 0
 */
record StagedMessage(
        int destinationId,
        int priority,
        boolean isVolatile,
        long physicalOffset,
        int entryBytes,
        int tagHash,
        long deliverAtMillis,
        long sequence) {
    private static final int FEWEST_BYTES = 30;

    /** The same message after its entry was copied. */
    StagedMessage movedTo(long newOffset, int newEntryBytes) {
        return new StagedMessage(
                destinationId, priority, isVolatile, newOffset, newEntryBytes, tagHash, deliverAtMillis, sequence);
    }

    static void writeAll(List<StagedMessage> staged, ByteWriter out) {
        out.putInt(staged.size());
        for (StagedMessage message : staged) message.write(out);
    }

    private void write(ByteWriter out) {
        out.putInt(destinationId).putByte(priority).putByte(isVolatile ? 1 : 0);
        out.putLong(physicalOffset).putInt(entryBytes).putInt(tagHash);
        out.putLong(deliverAtMillis);
        if (deliverAtMillis != 0) out.putLong(sequence);
    }

    static void readAll(ByteReader in, List<StagedMessage> into) {
        for (int left = in.getCount(FEWEST_BYTES); left > 0; left--) into.add(read(in));
    }

    private static StagedMessage read(ByteReader in) {
        int destinationId = in.getInt();
        int priority = in.getByte();
        boolean isVolatile = in.getByte() != 0;
        long physicalOffset = in.getLong();
        int entryBytes = in.getInt();
        int tagHash = in.getInt();
        long deliverAtMillis = in.getLong();
        long sequence = deliverAtMillis == 0 ? 0 : in.getLong();
        return new StagedMessage(
                destinationId, priority, isVolatile, physicalOffset, entryBytes, tagHash, deliverAtMillis, sequence);
    }
}
