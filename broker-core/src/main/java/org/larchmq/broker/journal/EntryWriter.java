package org.larchmq.broker.journal;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.LongSupplier;
import org.larchmq.message.BranchId;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;
import org.larchmq.store.io.StoreException;
import org.larchmq.store.log.CommitLog;

/**
 * Appends each change to the commit log and then tells it to the state machine: the only way to change the state of a
 * running shard. When the log refuses (no space), nothing has changed. When the state machine fails to apply an entry
 * that was appended, the log takes and writes nothing more: the shard ends, and the entry is not in what a restart reads.
 *
 * <p>Shard thread only. Throws what {@link CommitLog#begin} throws.
 */
public final class EntryWriter implements Changes {
    /** Ranges of one SETTLED or RETURNED entry; more are written as several, which fit the smallest segments. */
    private static final int MOST_RANGES = 8192;

    private static final int FIRST_OFFSET_BYTES = 13, PART_BYTES = 9, RANGE_BYTES = 16;
    /** More than what else is in the entries that end a transaction: ids, the branch, its user. */
    private static final int ENDING_BYTES = 8192;

    private final CommitLog log;
    private final LongSupplier clockMillis;
    private final Changes state;
    private final ByteWriter scratch = new ByteWriter(1024);
    private int owedEpoch; // 0 for none: its entry goes before any other

    /** @param clockMillis time that entries are stamped with, ms since 1970 */
    public EntryWriter(CommitLog log, LongSupplier clockMillis, Changes state) {
        this.log = log;
        this.clockMillis = clockMillis;
        this.state = state;
    }

    /** Where the message begins in a stored message's payload; {@code at} is where the payload begins. */
    public static int messageAt(ByteBuffer payload, int at) {
        int messageAt = at + EntryType.MESSAGE_AT;
        if ((payload.get(at + EntryType.FLAGS_AT) & EntryType.FLAG_PUBLISHER) == 0) return messageAt;
        return messageAt + Short.BYTES + Short.toUnsignedInt(payload.getShort(messageAt));
    }

    /** Whether a stored message says that an unclean stop loses it; {@code at} is where the payload begins. */
    public static boolean isVolatile(ByteBuffer payload, int at) {
        return (payload.get(at + EntryType.FLAGS_AT) & EntryType.FLAG_VOLATILE) != 0;
    }

    /** Who published a stored message, null when the entry does not say; {@code at} is where the payload begins. */
    public static String publisher(ByteBuffer payload, int at) {
        if ((payload.get(at + EntryType.FLAGS_AT) & EntryType.FLAG_PUBLISHER) == 0) return null;
        int lengthAt = at + EntryType.MESSAGE_AT;
        byte[] name = new byte[Short.toUnsignedInt(payload.getShort(lengthAt))];
        payload.get(lengthAt + Short.BYTES, name);
        return new String(name, StandardCharsets.UTF_8);
    }

    /** Destination that a stored message's payload names; {@code at} is where the payload begins. */
    public static int destinationId(ByteBuffer payload, int at) {
        return payload.getInt(at);
    }

    /** As the other one, when nobody asks who published. */
    public void storeMessage(
            int destinationId,
            long transactionId,
            long queueOffset,
            boolean isVolatile,
            ByteBuffer buffer,
            int messageAt,
            int messageBytes) {
        storeMessage(destinationId, transactionId, queueOffset, isVolatile, null, buffer, messageAt, messageBytes);
    }

    /**
     * Stores a message; see {@link Changes#messageStored}.
     *
     * @param publisher who sent it, for subscriptions that leave out what they publish themselves; null when none does
     */
    public void storeMessage(
            int destinationId,
            long transactionId,
            long queueOffset,
            boolean isVolatile,
            String publisher,
            ByteBuffer buffer,
            int messageAt,
            int messageBytes) {
        byte[] name = publisher == null ? null : publisher.getBytes(StandardCharsets.UTF_8);
        int before = EntryType.MESSAGE_AT + (name == null ? 0 : Short.BYTES + name.length);
        ByteBuffer payload = begin(EntryType.MESSAGE_STORED, before + messageBytes);
        int at = payload.position();
        int flags = (isVolatile ? EntryType.FLAG_VOLATILE : 0) | (name == null ? 0 : EntryType.FLAG_PUBLISHER);
        payload.putInt(at, destinationId);
        payload.put(at + EntryType.FLAGS_AT, (byte) flags);
        payload.putLong(at + EntryType.TRANSACTION_AT, transactionId);
        payload.putLong(at + EntryType.QUEUE_OFFSET_AT, queueOffset);
        if (name != null) {
            payload.putShort(at + EntryType.MESSAGE_AT, (short) name.length);
            payload.put(at + EntryType.MESSAGE_AT + Short.BYTES, name);
        }
        payload.put(at + before, buffer, messageAt, messageBytes);
        long physicalOffset = log.end();
        messageStored(
                physicalOffset,
                log.lastEntrySizeBytes(),
                destinationId,
                transactionId,
                queueOffset,
                isVolatile,
                buffer,
                messageAt,
                messageBytes);
    }

    /** Only tells the state: the entry is written by {@link #storeMessage}. */
    @Override
    public void messageStored(
            long physicalOffset,
            int entryBytes,
            int destinationId,
            long transactionId,
            long queueOffset,
            boolean isVolatile,
            ByteBuffer buffer,
            int messageAt,
            int messageBytes) {
        log.applying();
        state.messageStored(
                physicalOffset,
                entryBytes,
                destinationId,
                transactionId,
                queueOffset,
                isVolatile,
                buffer,
                messageAt,
                messageBytes);
        log.applied();
    }

    /**
     * Copies a message that waits to the end of the log; see {@link Changes#messageMoved}.
     *
     * @param isVolatile whether it is lost by an unclean stop, as its row says: a dead letter that was sent as
     *                   non-persistent is not
     * @param stored its entry's payload, from position to limit; a copy, since appending may overwrite what was read
     */
    public void moveMessage(int holderId, long place, boolean isVolatile, ByteBuffer stored) {
        int at = stored.position();
        int bytes = stored.remaining();
        ByteBuffer payload = begin(EntryType.MESSAGE_MOVED, bytes);
        int to = payload.position();
        payload.put(to, stored, at, bytes);
        payload.putLong(to + EntryType.TRANSACTION_AT, holderId);
        payload.putLong(to + EntryType.QUEUE_OFFSET_AT, place);
        int flags = stored.get(at + EntryType.FLAGS_AT) & ~EntryType.FLAG_VOLATILE;
        payload.put(to + EntryType.FLAGS_AT, (byte) (isVolatile ? flags | EntryType.FLAG_VOLATILE : flags));
        long physicalOffset = log.end();
        int messageAt = messageAt(stored, at);
        messageMoved(
                physicalOffset,
                log.lastEntrySizeBytes(),
                holderId,
                place,
                isVolatile,
                stored,
                messageAt,
                at + bytes - messageAt);
    }

    /** Only tells the state: the entry is written by {@link #moveMessage}. */
    @Override
    public void messageMoved(
            long physicalOffset,
            int entryBytes,
            int holderId,
            long place,
            boolean isVolatile,
            ByteBuffer buffer,
            int messageAt,
            int messageBytes) {
        log.applying();
        state.messageMoved(physicalOffset, entryBytes, holderId, place, isVolatile, buffer, messageAt, messageBytes);
        log.applied();
    }

    /**
     * Writes a message of an open transaction or prepared branch anew at the end of the log.
     *
     * @param before its physicalOffset until now
     * @param stored as for {@link #moveMessage}
     */
    public void moveStaged(long transactionId, long before, ByteBuffer stored) {
        int at = stored.position();
        int bytes = stored.remaining();
        ByteBuffer payload = begin(EntryType.STAGED_MOVED, bytes);
        int to = payload.position();
        payload.put(to, stored, at, bytes);
        payload.putLong(to + EntryType.TRANSACTION_AT, transactionId);
        payload.putLong(to + EntryType.QUEUE_OFFSET_AT, before);
        long physicalOffset = log.end();
        int messageAt = messageAt(stored, at);
        stagedMoved(
                physicalOffset,
                log.lastEntrySizeBytes(),
                transactionId,
                before,
                stored,
                messageAt,
                at + bytes - messageAt);
    }

    /** Only tells the state: the entry is written by {@link #moveStaged}. */
    @Override
    public void stagedMoved(
            long physicalOffset,
            int entryBytes,
            long transactionId,
            long before,
            ByteBuffer buffer,
            int messageAt,
            int messageBytes) {
        log.applying();
        state.stagedMoved(physicalOffset, entryBytes, transactionId, before, buffer, messageAt, messageBytes);
        log.applied();
    }

    /** Stores part of a large message's body and returns where; its size is the log's last. */
    public long storePart(ByteBuffer buffer, int at, int bytes) {
        ByteBuffer payload = begin(EntryType.LARGE_PART, bytes);
        payload.put(payload.position(), buffer, at, bytes);
        return log.end();
    }

    /** {@link #storePart} without the answer. */
    @Override
    public void partStored(ByteBuffer buffer, int at, int bytes) {
        storePart(buffer, at, bytes);
        log.applying();
        state.partStored(buffer, at, bytes);
        log.applied();
    }

    @Override
    public void destinationCreated(int destinationId, DestinationKind kind, String name) {
        scratch.clear();
        scratch.putInt(destinationId).putByte(kind.number()).putShortString(name);
        append(EntryType.DESTINATION_CREATED);
        log.applying();
        state.destinationCreated(destinationId, kind, name);
        log.applied();
    }

    @Override
    public void destinationDeleted(int destinationId) {
        scratch.clear();
        scratch.putInt(destinationId);
        append(EntryType.DESTINATION_DELETED);
        log.applying();
        state.destinationDeleted(destinationId);
        log.applied();
    }

    /** Begins a durable subscription; see {@link Changes#subscriptionCreated}. */
    public void createSubscription(
            int subscriptionId,
            int topicId,
            boolean shared,
            boolean noLocal,
            String clientId,
            String name,
            String selector) {
        scratch.clear();
        scratch.putInt(subscriptionId).putInt(topicId);
        scratch.putByte((shared ? EntryType.FLAG_SHARED : 0) | (noLocal ? EntryType.FLAG_NO_LOCAL : 0));
        scratch.putShortString(clientId).putShortString(name).putString(selector);
        long physicalOffset = append(EntryType.SUBSCRIPTION_CREATED);
        subscriptionCreated(physicalOffset, subscriptionId, topicId, shared, noLocal, clientId, name, selector);
    }

    /** Only tells the state: the entry is written by {@link #createSubscription}. */
    @Override
    public void subscriptionCreated(
            long physicalOffset,
            int subscriptionId,
            int topicId,
            boolean shared,
            boolean noLocal,
            String clientId,
            String name,
            String selector) {
        log.applying();
        state.subscriptionCreated(physicalOffset, subscriptionId, topicId, shared, noLocal, clientId, name, selector);
        log.applied();
    }

    @Override
    public void subscriptionDeleted(int subscriptionId) {
        scratch.clear();
        scratch.putInt(subscriptionId);
        append(EntryType.SUBSCRIPTION_DELETED);
        log.applying();
        state.subscriptionDeleted(subscriptionId);
        log.applied();
    }

    /** In several entries when there are very many ranges. */
    @Override
    public void settled(int subscriptionId, int priority, OffsetRanges queueOffsets) {
        for (int from = 0; from < queueOffsets.size(); from += MOST_RANGES) {
            OffsetRanges slice = queueOffsets.slice(from, MOST_RANGES);
            scratch.clear();
            scratch.putInt(subscriptionId).putByte(priority);
            ranges(slice);
            append(EntryType.SETTLED);
            log.applying();
            state.settled(subscriptionId, priority, slice);
            log.applied();
        }
    }

    /** In several entries when there are very many ranges. */
    @Override
    public void returned(int subscriptionId, int priority, OffsetRanges queueOffsets, boolean counted) {
        for (int from = 0; from < queueOffsets.size(); from += MOST_RANGES) {
            OffsetRanges slice = queueOffsets.slice(from, MOST_RANGES);
            scratch.clear();
            scratch.putInt(subscriptionId).putByte(priority).putByte(counted ? 1 : 0);
            ranges(slice);
            append(EntryType.RETURNED);
            log.applying();
            state.returned(subscriptionId, priority, slice, counted);
            log.applied();
        }
    }

    @Override
    public void deadLettered(
            int subscriptionId,
            int priority,
            long queueOffset,
            int deadLetterQueueId,
            long deadLetterOffset,
            long physicalOffset,
            int entryBytes,
            int tagHash) {
        scratch.clear();
        scratch.putInt(subscriptionId).putByte(priority).putLong(queueOffset).putInt(deadLetterQueueId);
        scratch.putLong(deadLetterOffset);
        scratch.putLong(physicalOffset).putInt(entryBytes).putInt(tagHash);
        append(EntryType.DEAD_LETTERED);
        log.applying();
        state.deadLettered(
                subscriptionId,
                priority,
                queueOffset,
                deadLetterQueueId,
                deadLetterOffset,
                physicalOffset,
                entryBytes,
                tagHash);
        log.applied();
    }

    @Override
    public void deliveryReserved(int subscriptionId, int priority, long upTo) {
        scratch.clear();
        scratch.putInt(subscriptionId).putByte(priority).putLong(upTo);
        append(EntryType.DELIVERY_RESERVED);
        log.applying();
        state.deliveryReserved(subscriptionId, priority, upTo);
        log.applied();
    }

    @Override
    public void transactionCommitted(long transactionId, List<FirstOffset> places, AckList acknowledged) {
        scratch.clear();
        scratch.putLong(transactionId);
        places(places);
        acknowledged(acknowledged);
        append(EntryType.TRANSACTION_COMMITTED);
        log.applying();
        state.transactionCommitted(transactionId, places, acknowledged);
        log.applied();
    }

    @Override
    public void delayDue(DueMessages due) {
        scratch.clear();
        scratch.putInt(due.size());
        for (DueMessages.Due message : due.messages()) {
            scratch.putInt(message.destinationId())
                    .putByte(message.priority())
                    .putByte(message.isVolatile() ? EntryType.FLAG_VOLATILE : 0)
                    .putLong(message.queueOffset())
                    .putLong(message.dueMillis())
                    .putLong(message.physicalOffset())
                    .putInt(message.entryBytes())
                    .putInt(message.tagHash());
        }
        append(EntryType.DELAY_DUE);
        log.applying();
        state.delayDue(due);
        log.applied();
    }

    @Override
    public void transactionRolledBack(long transactionId) {
        scratch.clear();
        scratch.putLong(transactionId);
        append(EntryType.TRANSACTION_ROLLED_BACK);
        log.applying();
        state.transactionRolledBack(transactionId);
        log.applied();
    }

    /** Names a transaction before it is committed; see {@link Changes#transactionNamed}. */
    public void nameTransaction(long transactionId, long producerId, long number) {
        scratch.clear();
        scratch.putLong(transactionId).putLong(producerId).putLong(number);
        transactionNamed(append(EntryType.TRANSACTION_NAMED), transactionId, producerId, number);
    }

    /** Only tells the state: the entry is written by {@link #nameTransaction}. */
    @Override
    public void transactionNamed(long physicalOffset, long transactionId, long producerId, long number) {
        log.applying();
        state.transactionNamed(physicalOffset, transactionId, producerId, number);
        log.applied();
    }

    /** Refuses a producer's transactions up to a number; see {@link Changes#transactionsFenced}. */
    public void fenceTransactions(long producerId, long upTo) {
        scratch.clear();
        scratch.putLong(producerId).putLong(upTo);
        transactionsFenced(append(EntryType.TRANSACTIONS_FENCED), producerId, upTo);
    }

    /** Only tells the state: the entry is written by {@link #fenceTransactions}. */
    @Override
    public void transactionsFenced(long physicalOffset, long producerId, long upTo) {
        log.applying();
        state.transactionsFenced(physicalOffset, producerId, upTo);
        log.applied();
    }

    @Override
    public void branchPrepared(
            long transactionId, BranchId branch, String user, long preparedAtMillis, AckList acknowledged) {
        scratch.clear();
        branch.encode(scratch.putLong(transactionId));
        scratch.putShortString(user).putLong(preparedAtMillis);
        acknowledged(acknowledged);
        append(EntryType.BRANCH_PREPARED);
        log.applying();
        state.branchPrepared(transactionId, branch, user, preparedAtMillis, acknowledged);
        log.applied();
    }

    @Override
    public void branchCommitted(long transactionId, boolean heuristic, List<FirstOffset> places) {
        scratch.clear();
        scratch.putLong(transactionId).putByte(heuristic ? 1 : 0);
        places(places);
        append(EntryType.BRANCH_COMMITTED);
        log.applying();
        state.branchCommitted(transactionId, heuristic, places);
        log.applied();
    }

    @Override
    public void branchRolledBack(long transactionId, boolean heuristic) {
        scratch.clear();
        scratch.putLong(transactionId).putByte(heuristic ? 1 : 0);
        append(EntryType.BRANCH_ROLLED_BACK);
        log.applying();
        state.branchRolledBack(transactionId, heuristic);
        log.applied();
    }

    @Override
    public void branchForgotten(long transactionId) {
        scratch.clear();
        scratch.putLong(transactionId);
        append(EntryType.BRANCH_FORGOTTEN);
        log.applying();
        state.branchForgotten(transactionId);
        log.applied();
    }

    /**
     * Begins an epoch. A log that has no room for the entry keeps no broker from starting: the state knows of the epoch, and
     * its entry is appended before any other. When the process ends before that, the next one begins the same epoch, or a later
     * one if a checkpoint knew of it: no entry has its number.
     */
    @Override
    public void epochStarted(int epoch) {
        log.setEpoch(epoch);
        log.applying();
        state.epochStarted(epoch);
        log.applied();
        owedEpoch = epoch;
        try {
            appendOwedEpoch();
        } catch (StoreException e) {
            if (!e.error().isPassing()) throw e;
        }
    }

    private void appendOwedEpoch() {
        ByteBuffer payload = log.begin(EntryType.EPOCH_STARTED, Integer.BYTES, clockMillis.getAsLong());
        payload.putInt(payload.position(), owedEpoch);
        log.end();
        owedEpoch = 0;
    }

    @Override
    public void cleanlyStopped() {
        scratch.clear();
        append(EntryType.CLEANLY_STOPPED);
        log.applying();
        state.cleanlyStopped();
        log.applied();
    }

    /** Only writes: a snapshot says what the state is already. */
    @Override
    public void snapshotPart(boolean first, boolean last, ByteBuffer buffer, int at, int bytes) {
        // part of a head, which log.begin asks for: also when it begins a segment for the entry of an epoch
        ByteBuffer payload = log.begin(EntryType.SNAPSHOT_PART, 1 + bytes, clockMillis.getAsLong());
        int to = payload.position();
        payload.put(to, (byte) ((first ? EntryType.FLAG_FIRST : 0) | (last ? EntryType.FLAG_LAST : 0)));
        payload.put(to + 1, buffer, at, bytes);
        log.end();
    }

    private void places(List<FirstOffset> places) {
        scratch.putInt(places.size());
        for (FirstOffset place : places) {
            scratch.putInt(place.destinationId()).putByte(place.priority()).putLong(place.queueOffset());
        }
    }

    private void acknowledged(AckList acknowledged) {
        scratch.putInt(acknowledged.parts().size());
        for (AckList.Part part : acknowledged.parts()) {
            scratch.putInt(part.subscriptionId()).putByte(part.priority());
            ranges(part.queueOffsets());
        }
    }

    private void ranges(OffsetRanges ranges) {
        scratch.putInt(ranges.size());
        for (int i = 0; i < ranges.size(); i++) scratch.putLong(ranges.from(i)).putLong(ranges.count(i));
    }

    private ByteBuffer begin(byte type, int payloadBytes) {
        if (owedEpoch != 0) appendOwedEpoch();
        return log.begin(type, payloadBytes, clockMillis.getAsLong());
    }

    /** Returns where the entry is. */
    private long append(byte type) {
        if (scratch.size() > log.maxPayloadBytes()) throw tooLarge(scratch.size());
        ByteBuffer payload = begin(type, scratch.size());
        payload.put(payload.position(), scratch.array(), 0, scratch.size());
        return log.end();
    }

    /** Ends the request that asked for it, and nothing else. */
    private ProtocolException tooLarge(long bytes) {
        return new ProtocolException(
                ErrorCode.LIMIT_REACHED,
                "the request would need a log entry of " + bytes + " bytes, entries have at most "
                        + log.maxPayloadBytes()
                        + "; do it in smaller steps, or raise store.segmentSize (an entry has at"
                        + " most a quarter of a segment)");
    }

    /**
     * Whether the entries that end a transaction, or prepare it, can hold what it did. To be asked before the first of them
     * is written.
     *
     * @param destinations destinations and priorities that its messages go to
     */
    public boolean fitsOneEntry(int destinations, AckList acknowledged) {
        long bytes = ENDING_BYTES + (long) destinations * FIRST_OFFSET_BYTES;
        for (AckList.Part part : acknowledged.parts()) {
            bytes += PART_BYTES + (long) part.queueOffsets().size() * RANGE_BYTES;
        }
        return bytes <= log.maxPayloadBytes();
    }

    /** Largest part of a message's body that {@link #storePart} takes. */
    public int maxPartBytes() {
        return log.maxPayloadBytes();
    }
}
