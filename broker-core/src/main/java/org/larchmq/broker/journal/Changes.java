package org.larchmq.broker.journal;

import java.nio.ByteBuffer;
import java.util.List;
import org.larchmq.message.BranchId;
import org.larchmq.message.DestinationKind;

/**
 * The closed list of what can happen to a shard's state. Each method is one type of log entry: {@link EntryWriter}
 * encodes a call, {@link EntryReader} turns an entry back into the same call, and the state machine changes nothing but
 * in these calls. So a restart, and later a replica, cannot come to another state than the run did.
 */
public interface Changes {
    /** In place of a queueOffset: the message gets one when its transaction commits. */
    long IN_TRANSACTION = -1;
    /** In place of a queueOffset: the message gets one when its delivery time has come, see {@link #delayDue}. */
    long DELAYED = -2;

    /** A queue or topic exists from now on. A queue's one subscription has the queue's id. */
    void destinationCreated(int destinationId, DestinationKind kind, String name);

    /** A destination is gone, with its messages and subscriptions. */
    void destinationDeleted(int destinationId);

    /**
     * A topic has a durable subscription from now on: it gets what is stored after this entry.
     *
     * @param physicalOffset where the entry begins
     * @param clientId       empty for a shared one of clients without client id
     * @param selector       empty for none
     */
    void subscriptionCreated(
            long physicalOffset,
            int subscriptionId,
            int topicId,
            boolean shared,
            boolean noLocal,
            String clientId,
            String name,
            String selector);

    /** A durable subscription is gone, with its messages. */
    void subscriptionDeleted(int subscriptionId);

    /**
     * A message was stored: for its destination at once ({@code transactionId} 0), or when the transaction commits.
     *
     * @param physicalOffset where its entry is, with which it can be read again
     * @param entryBytes     size of the entry
     * @param isVolatile     a non-persistent message that did not fit in memory: lost by an unclean stop
     * @param queueOffset    its place in the queue, so that a damaged entry before it moves nothing; {@link
     *                       #IN_TRANSACTION}, or {@link #DELAYED} when its delivery time had not come, transaction or not
     */
    void messageStored(
            long physicalOffset,
            int entryBytes,
            int destinationId,
            long transactionId,
            long queueOffset,
            boolean isVolatile,
            ByteBuffer buffer,
            int messageAt,
            int messageBytes);

    /**
     * A message that waits was copied to the end of the log, so that the segment it was in can go. Nothing else about it
     * has changed.
     *
     * @param holderId id of the queue or topic it waits in: where it was sent to, or the dead-letter queue
     * @param place    its queueOffset there; the complement of its former physicalOffset when its delivery time has not
     *                 come
     */
    void messageMoved(
            long physicalOffset,
            int entryBytes,
            int holderId,
            long place,
            boolean isVolatile,
            ByteBuffer buffer,
            int messageAt,
            int messageBytes);

    /**
     * A message of an open transaction or prepared branch was copied to the end of the log, so that the segment it was in
     * can go.
     *
     * @param before its physicalOffset until now
     */
    void stagedMoved(
            long physicalOffset,
            int entryBytes,
            long transactionId,
            long before,
            ByteBuffer buffer,
            int messageAt,
            int messageBytes);

    /** Part of the body of a large message, which comes to be when its message is stored: by itself it changes nothing. */
    void partStored(ByteBuffer buffer, int at, int bytes);

    /** Messages' lives ended for a subscription: acknowledged or expired. */
    void settled(int subscriptionId, int priority, OffsetRanges queueOffsets);

    /**
     * Messages went back to a subscription, to be delivered again.
     *
     * @param counted whether this was an attempt that counts towards the dead-letter limit; if not, it only may have
     *                been seen by an application
     */
    void returned(int subscriptionId, int priority, OffsetRanges queueOffsets, boolean counted);

    /** A message was settled for a subscription and put into the dead-letter queue, without a second copy. */
    void deadLettered(
            int subscriptionId,
            int priority,
            long queueOffset,
            int deadLetterQueueId,
            long deadLetterOffset,
            long physicalOffset,
            int entryBytes,
            int tagHash);

    /** Messages below {@code upTo} may be delivered from now on: after an unclean stop they count as redelivered. */
    void deliveryReserved(int subscriptionId, int priority, long upTo);

    /**
     * The staged messages of a transaction become visible, and its acknowledgements take effect, all at once.
     *
     * @param places where the messages go: per destination and priority the offset of the first
     */
    void transactionCommitted(long transactionId, List<FirstOffset> places, AckList acknowledged);

    /** Messages of a transaction take consecutive places from {@code queueOffset} on. */
    record FirstOffset(int destinationId, int priority, long queueOffset) {}

    /**
     * The delivery time of delayed messages has come: each takes its place in its queue or topic. At a stop in order also: a
     * volatile message takes a place behind older ones, delivery time 0; its former place is settled next.
     */
    void delayDue(DueMessages due);

    /** The staged messages of a transaction are forgotten. */
    void transactionRolledBack(long transactionId);

    /**
     * The transaction that is about to be committed is this one of its producer: so that the producer can ask for its
     * outcome.
     *
     * @param number increases with each of the producer's transactions
     */
    void transactionNamed(long physicalOffset, long transactionId, long producerId, long number);

    /** A producer's transactions up to this number that are not committed never will be: it was told so. */
    void transactionsFenced(long physicalOffset, long producerId, long upTo);

    /**
     * A branch of a distributed transaction is prepared: its staged messages and its acknowledgements wait for a
     * decision, whatever happens to the broker. Nobody else gets what it has acknowledged.
     *
     * <p>Once more for a branch that is prepared: it has acknowledged these instead.
     *
     * @param transactionId    of its staged messages
     * @param user             whose branch it is; empty for nobody's
     * @param preparedAtMillis ms since 1970
     */
    void branchPrepared(long transactionId, BranchId branch, String user, long preparedAtMillis, AckList acknowledged);

    /**
     * A prepared branch's messages become visible, and its acknowledgements take effect.
     *
     * @param heuristic whether an administrator decided it: then it is remembered until it is forgotten
     * @param places    as in {@link #transactionCommitted}
     */
    void branchCommitted(long transactionId, boolean heuristic, List<FirstOffset> places);

    /** A prepared branch's messages are forgotten; what it has acknowledged goes back, after an attempt that counts. */
    void branchRolledBack(long transactionId, boolean heuristic);

    /** The transaction manager knows what an administrator decided. */
    void branchForgotten(long transactionId);

    /**
     * A broker took over this log. Open transactions that are not prepared end; without a clean stop before it, reserved
     * deliveries count.
     */
    void epochStarted(int epoch);

    /** The broker stopped in order: nothing is under way. */
    void cleanlyStopped();

    /**
     * Part of the state as of the beginning of a segment, so that the log can be read from there. Ignored when the
     * state before it is known.
     *
     * @param first whether it is the first part of its snapshot
     * @param last  whether it is the last one, with which the snapshot counts
     */
    void snapshotPart(boolean first, boolean last, ByteBuffer buffer, int at, int bytes);
}
