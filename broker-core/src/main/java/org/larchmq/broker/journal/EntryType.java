package org.larchmq.broker.journal;

/**
 * Types of the entries that the broker writes; numbers never change their meaning. Payloads, big-endian:
 *
 * <pre>
 * |  1 MESSAGE_STORED          | destinationId 4, flags 1 (1 volatile, 2 publisher), transactionId 8,     |
 * |                            | queueOffset 8, with flag 2: publisher name; message                      |
 * |  2 SETTLED                 | subscriptionId 4, priority 1, ranges                                     |
 * |  3 RETURNED                | subscriptionId 4, priority 1, counted 1, ranges                          |
 * |  4 DEAD_LETTERED           | subscriptionId 4, priority 1, queueOffset 8, deadLetterQueueId 4,        |
 * |                            | deadLetterOffset 8, physicalOffset 8, entryBytes 4, tagHash 4            |
 * |  5 DELIVERY_RESERVED       | subscriptionId 4, priority 1, upTo 8                                     |
 * |  6 TRANSACTION_COMMITTED   | transactionId 8, places 4, per place: destinationId 4, priority 1,       |
 * |                            | queueOffset 8; parts 4, per part: subscriptionId 4, priority 1, ranges   |
 * |  7 TRANSACTION_ROLLED_BACK | transactionId 8                                                          |
 * |  8 DESTINATION_CREATED     | destinationId 4, kind 1, name                                            |
 * |  9 DESTINATION_DELETED     | destinationId 4                                                          |
 * | 10 EPOCH_STARTED           | epoch 4                                                                  |
 * | 11 CLEANLY_STOPPED         | nothing                                                                  |
 * | 12 SNAPSHOT_PART           | first 1, records (state package)                                         |
 * | 13 SUBSCRIPTION_CREATED    | subscriptionId 4, topicId 4, flags 1 (1 shared, 2 no local), clientId    |
 * |                            | name, name, selector string                                              |
 * | 14 SUBSCRIPTION_DELETED    | subscriptionId 4                                                         |
 * | 27 TRANSACTION_NAMED       | transactionId 8, producerId 8, number 8                                  |
 * | 28 TRANSACTIONS_FENCED     | producerId 8, upTo 8                                                     |
 * | 17 DELAY_DUE               | messages 4, per message: destinationId 4, priority 1, flags 1            |
 * |                            | (1 volatile), queueOffset 8, deliveryTime 8, physicalOffset 8,           |
 * |                            | entryBytes 4, tagHash 4                                                  |
 * | 18 LARGE_PART              | bytes of a large message's body, see {@link LargeBody}                   |
 * | 21 BRANCH_PREPARED         | transactionId 8, branch id (wire's BranchId), user name, preparedAt 8,   |
 * |                            | parts as in 6                                                            |
 * | 22 BRANCH_COMMITTED        | transactionId 8, heuristic 1, places as in 6                             |
 * | 23 BRANCH_ROLLED_BACK      | transactionId 8, heuristic 1                                             |
 * | 24 BRANCH_FORGOTTEN        | transactionId 8                                                          |
 * | 29 MESSAGE_MOVED           | as 1; in place of transactionId: id of the queue or topic it waits in 8; |
 * |                            | queueOffset there, or the complement of its former physicalOffset when   |
 * |                            | its delivery time has not come                                           |
 * | 30 STAGED_MOVED            | as 1, of an open transaction or prepared branch; in place of queueOffset |
 * |                            | its former physicalOffset                                                |
 * </pre>
 *
 * {@code publisher}: client id of who sent it, or a name that its connection has in this process; there when a
 * subscription of the topic leaves out what its own client publishes. {@code ranges}: count 4, then per range queueOffset 8, messages 8.
 */
final class EntryType {
    static final byte MESSAGE_STORED = 1;
    static final byte SETTLED = 2;
    static final byte RETURNED = 3;
    static final byte DEAD_LETTERED = 4;
    static final byte DELIVERY_RESERVED = 5;
    static final byte TRANSACTION_COMMITTED = 6;
    static final byte TRANSACTION_ROLLED_BACK = 7;
    static final byte DESTINATION_CREATED = 8;
    static final byte DESTINATION_DELETED = 9;
    static final byte EPOCH_STARTED = 10;
    static final byte CLEANLY_STOPPED = 11;
    static final byte SNAPSHOT_PART = 12;
    static final byte SUBSCRIPTION_CREATED = 13;
    static final byte SUBSCRIPTION_DELETED = 14;
    static final byte TRANSACTION_NAMED = 27;
    static final byte TRANSACTIONS_FENCED = 28;
    static final byte DELAY_DUE = 17;
    static final byte LARGE_PART = 18;
    static final byte BRANCH_PREPARED = 21;
    static final byte BRANCH_COMMITTED = 22;
    static final byte BRANCH_ROLLED_BACK = 23;
    static final byte BRANCH_FORGOTTEN = 24;
    static final byte MESSAGE_MOVED = 29;
    static final byte STAGED_MOVED = 30;

    static final int FLAG_VOLATILE = 1;
    static final int FLAG_PUBLISHER = 2;

    static final int FLAG_FIRST = 1;
    static final int FLAG_LAST = 2;

    static final int FLAG_SHARED = 1;
    static final int FLAG_NO_LOCAL = 2;

    /** Where the flags of a MESSAGE_STORED payload are. */
    static final int FLAGS_AT = 4;

    /** Where the transactionId of a MESSAGE_STORED payload is, and its queueOffset. */
    static final int TRANSACTION_AT = 5, QUEUE_OFFSET_AT = 13;

    /** Bytes of a MESSAGE_STORED payload before the message, or before its publisher. */
    static final int MESSAGE_AT = 21;

    /** Bytes of one message of a DELAY_DUE payload. */
    static final int DUE_BYTES = 38;

    private EntryType() {}
}
