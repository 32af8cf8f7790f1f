package org.larchmq.broker.journal;

import java.util.List;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

/** Entries about messages with a delivery time. */
public sealed interface ScheduleEntry extends Entry {
    EntryKind DELAY_DUE = new EntryKind(
            17,
            "DELAY_DUE",
            "messages 4, per message: destinationId 4, priority 1, flags 1 (1 volatile), queueOffset 8, deliveryTime (or"
                    + " expiration, when that comes first) 8, physicalOffset 8, entryBytes 4, tagHash 4; with deliveryTime"
                    + " 0, at a clean stop: another place for a volatile message, after older ones that come from memory",
            DelayDue::decode);

    List<EntryKind> KINDS = List.of(DELAY_DUE);

    /**
     * The delivery time of delayed messages has come: each takes its place in its queue or topic. At a clean stop also: a
     * volatile message takes a place after older ones, with delivery time 0; its former place is settled next.
     */
    record DelayDue(DueMessages due) implements ScheduleEntry {
        private static final int FLAG_VOLATILE = 1;
        private static final int DUE_BYTES = 38;

        @Override
        public EntryKind kind() {
            return DELAY_DUE;
        }

        @Override
        public void encode(ByteWriter out) {
            out.putInt(due.size());
            for (DueMessages.Due message : due.messages()) {
                out.putInt(message.destinationId())
                        .putByte(message.priority())
                        .putByte(message.isVolatile() ? FLAG_VOLATILE : 0)
                        .putLong(message.queueOffset())
                        .putLong(message.dueMillis())
                        .putLong(message.physicalOffset())
                        .putInt(message.entryBytes())
                        .putInt(message.tagHash());
            }
        }

        static DelayDue decode(ByteReader in) {
            DueMessages due = new DueMessages();
            for (int left = in.getCount(DUE_BYTES); left > 0; left--) {
                due.add(new DueMessages.Due(
                        in.getInt(),
                        in.getByte(),
                        (in.getByte() & FLAG_VOLATILE) != 0,
                        in.getLong(),
                        in.getLong(),
                        in.getLong(),
                        in.getInt(),
                        in.getInt()));
            }
            return new DelayDue(due);
        }
    }
}
