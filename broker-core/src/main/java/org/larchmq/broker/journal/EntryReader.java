package org.larchmq.broker.journal;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.larchmq.message.BranchId;
import org.larchmq.message.ByteReader;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;

/** Turns log entries back into the calls that wrote them. One thread. */
public final class EntryReader {
    private final Changes target;
    private final ByteReader in = new ByteReader();

    public EntryReader(Changes target) {
        this.target = target;
    }

    /**
     * Tells the target what an entry says.
     *
     * @param payload its bytes between position and limit
     * @throws ProtocolException when a payload whose checksum is right does not have the layout of its type: a bug, or
     *                           a newer version's entry
     */
    public void read(long physicalOffset, int entryBytes, byte type, ByteBuffer payload) {
        in.reset(payload, payload.position(), payload.limit());
        switch (type) {
            case EntryType.MESSAGE_STORED, EntryType.MESSAGE_MOVED, EntryType.STAGED_MOVED -> {
                int destinationId = in.getInt();
                int flags = in.getByte();
                boolean isVolatile = (flags & EntryType.FLAG_VOLATILE) != 0;
                long transactionId = in.getLong();
                long queueOffset = in.getLong();
                if ((flags & EntryType.FLAG_PUBLISHER) != 0) in.skip(in.getUnsignedShort());
                if (type == EntryType.STAGED_MOVED) {
                    target.stagedMoved(
                            physicalOffset,
                            entryBytes,
                            transactionId,
                            queueOffset,
                            payload,
                            in.position(),
                            in.remaining());
                    return;
                }
                if (type == EntryType.MESSAGE_MOVED) {
                    target.messageMoved(
                            physicalOffset,
                            entryBytes,
                            (int) transactionId,
                            queueOffset,
                            isVolatile,
                            payload,
                            in.position(),
                            in.remaining());
                    return;
                }
                target.messageStored(
                        physicalOffset,
                        entryBytes,
                        destinationId,
                        transactionId,
                        queueOffset,
                        isVolatile,
                        payload,
                        in.position(),
                        in.remaining());
                return;
            }
            case EntryType.SETTLED -> target.settled(in.getInt(), in.getByte(), ranges());
            case EntryType.RETURNED -> {
                int subscriptionId = in.getInt();
                int priority = in.getByte();
                boolean counted = in.getByte() != 0;
                target.returned(subscriptionId, priority, ranges(), counted);
            }
            case EntryType.DEAD_LETTERED ->
                target.deadLettered(
                        in.getInt(),
                        in.getByte(),
                        in.getLong(),
                        in.getInt(),
                        in.getLong(),
                        in.getLong(),
                        in.getInt(),
                        in.getInt());
            case EntryType.DELIVERY_RESERVED -> target.deliveryReserved(in.getInt(), in.getByte(), in.getLong());
            case EntryType.TRANSACTION_COMMITTED -> {
                long transactionId = in.getLong();
                List<Changes.FirstOffset> places = places();
                target.transactionCommitted(transactionId, places, acknowledged());
            }
            case EntryType.LARGE_PART -> {
                target.partStored(payload, in.position(), in.remaining());
                return;
            }
            case EntryType.DELAY_DUE -> target.delayDue(due());
            case EntryType.TRANSACTION_ROLLED_BACK -> target.transactionRolledBack(in.getLong());
            case EntryType.TRANSACTION_NAMED ->
                target.transactionNamed(physicalOffset, in.getLong(), in.getLong(), in.getLong());
            case EntryType.TRANSACTIONS_FENCED -> target.transactionsFenced(physicalOffset, in.getLong(), in.getLong());
            case EntryType.BRANCH_PREPARED -> {
                long transactionId = in.getLong();
                BranchId branch = BranchId.decode(in);
                String user = in.getShortString();
                long preparedAtMillis = in.getLong();
                target.branchPrepared(transactionId, branch, user, preparedAtMillis, acknowledged());
            }
            case EntryType.BRANCH_COMMITTED -> target.branchCommitted(in.getLong(), in.getByte() != 0, places());
            case EntryType.BRANCH_ROLLED_BACK -> target.branchRolledBack(in.getLong(), in.getByte() != 0);
            case EntryType.BRANCH_FORGOTTEN -> target.branchForgotten(in.getLong());
            case EntryType.DESTINATION_CREATED ->
                target.destinationCreated(in.getInt(), DestinationKind.of(in.getUnsignedByte()), in.getShortString());
            case EntryType.DESTINATION_DELETED -> target.destinationDeleted(in.getInt());
            case EntryType.SUBSCRIPTION_CREATED -> {
                int subscriptionId = in.getInt();
                int topicId = in.getInt();
                int flags = in.getByte();
                target.subscriptionCreated(
                        physicalOffset,
                        subscriptionId,
                        topicId,
                        (flags & EntryType.FLAG_SHARED) != 0,
                        (flags & EntryType.FLAG_NO_LOCAL) != 0,
                        in.getShortString(),
                        in.getShortString(),
                        in.getString());
            }
            case EntryType.SUBSCRIPTION_DELETED -> target.subscriptionDeleted(in.getInt());
            case EntryType.EPOCH_STARTED -> target.epochStarted(in.getInt());
            case EntryType.CLEANLY_STOPPED -> target.cleanlyStopped();
            case EntryType.SNAPSHOT_PART -> {
                int flags = in.getByte();
                boolean first = (flags & EntryType.FLAG_FIRST) != 0;
                boolean last = (flags & EntryType.FLAG_LAST) != 0;
                target.snapshotPart(first, last, payload, in.position(), in.remaining());
                return;
            }
            default ->
                throw new ProtocolException(
                        ErrorCode.VERSION,
                        "entry type " + type + " at " + physicalOffset
                                + " is not known to this version; start the version that wrote it");
        }
        in.end();
    }

    private DueMessages due() {
        DueMessages due = new DueMessages();
        for (int left = in.getCount(EntryType.DUE_BYTES); left > 0; left--) {
            due.add(new DueMessages.Due(
                    in.getInt(),
                    in.getByte(),
                    (in.getByte() & EntryType.FLAG_VOLATILE) != 0,
                    in.getLong(),
                    in.getLong(),
                    in.getLong(),
                    in.getInt(),
                    in.getInt()));
        }
        return due;
    }

    private List<Changes.FirstOffset> places() {
        List<Changes.FirstOffset> places = new ArrayList<>();
        for (int i = in.getCount(13); i > 0; i--) {
            places.add(new Changes.FirstOffset(in.getInt(), in.getByte(), in.getLong()));
        }
        return places;
    }

    private AckList acknowledged() {
        int parts = in.getCount(9);
        AckList acknowledged = new AckList();
        for (int i = 0; i < parts; i++) ranges(acknowledged.of(in.getInt(), in.getByte()));
        return acknowledged;
    }

    private OffsetRanges ranges() {
        OffsetRanges ranges = new OffsetRanges();
        ranges(ranges);
        return ranges;
    }

    private void ranges(OffsetRanges into) {
        int count = in.getCount(16);
        for (int i = 0; i < count; i++) {
            long from = in.getLong();
            long messages = in.getLong();
            if (from < 0 || messages <= 0) {
                throw new ProtocolException(ErrorCode.PROTOCOL, "range " + from + "+" + messages);
            }
            into.add(from, messages);
        }
    }
}
