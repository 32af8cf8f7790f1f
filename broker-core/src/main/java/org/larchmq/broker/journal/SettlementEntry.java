package org.larchmq.broker.journal;

import java.util.List;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

/** Entries about messages that were handed out: settled, returned, dead-lettered, or about to be delivered. */
public sealed interface SettlementEntry extends Entry {
    EntryKind SETTLED = new EntryKind(2, "SETTLED", "subscriptionId 4, priority 1, ranges", Settled::decode);
    EntryKind RETURNED =
            new EntryKind(3, "RETURNED", "subscriptionId 4, priority 1, counted 1, ranges", Returned::decode);
    EntryKind DEAD_LETTERED = new EntryKind(
            4,
            "DEAD_LETTERED",
            "subscriptionId 4, priority 1, queueOffset 8, deadLetterQueueId 4, deadLetterOffset 8,"
                    + " physicalOffset 8, entryBytes 4, tagHash 4",
            DeadLettered::decode);
    EntryKind DELIVERY_RESERVED =
            new EntryKind(5, "DELIVERY_RESERVED", "subscriptionId 4, priority 1, upTo 8", DeliveryReserved::decode);

    List<EntryKind> KINDS = List.of(SETTLED, RETURNED, DEAD_LETTERED, DELIVERY_RESERVED);

    /** Ranges of one entry; more are written as several, which fit the smallest segments. */
    int RANGES_LIMIT = 8192;

    /** Messages' lives ended for a subscription: acknowledged or expired. */
    record Settled(int subscriptionId, int priority, OffsetRanges queueOffsets) implements SettlementEntry {
        /** Appends as many entries as the ranges take: none for none. */
        public static void appendTo(Journal journal, int subscriptionId, int priority, OffsetRanges queueOffsets) {
            for (int from = 0; from < queueOffsets.size(); from += RANGES_LIMIT) {
                journal.append(new Settled(subscriptionId, priority, queueOffsets.slice(from, RANGES_LIMIT)));
            }
        }

        @Override
        public EntryKind kind() {
            return SETTLED;
        }

        @Override
        public void encode(ByteWriter out) {
            queueOffsets.encode(out.putInt(subscriptionId).putByte(priority));
        }

        static Settled decode(ByteReader in) {
            return new Settled(in.getInt(), in.getByte(), OffsetRanges.decode(in));
        }
    }

    /**
     * Messages went back to a subscription, to be delivered again.
     *
     * @param counted whether this was an attempt that counts towards the dead-letter limit; if not, it only may have
     *                been seen by an application
     */
    record Returned(int subscriptionId, int priority, OffsetRanges queueOffsets, boolean counted)
            implements SettlementEntry {
        /** Appends as many entries as the ranges take: none for none. */
        public static void appendTo(
                Journal journal, int subscriptionId, int priority, OffsetRanges queueOffsets, boolean counted) {
            for (int from = 0; from < queueOffsets.size(); from += RANGES_LIMIT) {
                journal.append(new Returned(subscriptionId, priority, queueOffsets.slice(from, RANGES_LIMIT), counted));
            }
        }

        @Override
        public EntryKind kind() {
            return RETURNED;
        }

        @Override
        public void encode(ByteWriter out) {
            out.putInt(subscriptionId).putByte(priority).putByte(counted ? 1 : 0);
            queueOffsets.encode(out);
        }

        static Returned decode(ByteReader in) {
            int subscriptionId = in.getInt();
            int priority = in.getByte();
            boolean counted = in.getByte() != 0;
            return new Returned(subscriptionId, priority, OffsetRanges.decode(in), counted);
        }
    }

    /**
     * A message was settled for a subscription and put into the dead-letter queue, without a second copy.
     *
     * @param queueOffset its place until now
     * @param dead        its place in the dead-letter queue
     */
    record DeadLettered(int subscriptionId, int priority, long queueOffset, DeadLetterRow dead)
            implements SettlementEntry {
        @Override
        public EntryKind kind() {
            return DEAD_LETTERED;
        }

        @Override
        public void encode(ByteWriter out) {
            out.putInt(subscriptionId).putByte(priority).putLong(queueOffset);
            out.putInt(dead.queueId).putLong(dead.queueOffset);
            out.putLong(dead.physicalOffset).putInt(dead.entryBytes).putInt(dead.tagHash);
        }

        static DeadLettered decode(ByteReader in) {
            return new DeadLettered(
                    in.getInt(),
                    in.getByte(),
                    in.getLong(),
                    new DeadLetterRow(in.getInt(), in.getLong(), in.getLong(), in.getInt(), in.getInt()));
        }
    }

    /**
     * Row of a dead-letter queue.
     *
     * @param queueId        the dead-letter queue
     * @param queueOffset    the message's place in it
     * @param physicalOffset where its entry is
     * @param entryBytes     size of that entry
     */
    record DeadLetterRow(int queueId, long queueOffset, long physicalOffset, int entryBytes, int tagHash) {}

    /** Messages below {@code upTo} may be delivered from now on: after an unclean stop they count as redelivered. */
    record DeliveryReserved(int subscriptionId, int priority, long upTo) implements SettlementEntry {
        @Override
        public EntryKind kind() {
            return DELIVERY_RESERVED;
        }

        @Override
        public void encode(ByteWriter out) {
            out.putInt(subscriptionId).putByte(priority).putLong(upTo);
        }

        static DeliveryReserved decode(ByteReader in) {
            return new DeliveryReserved(in.getInt(), in.getByte(), in.getLong());
        }
    }
}
