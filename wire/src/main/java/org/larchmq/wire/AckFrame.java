package org.larchmq.wire;

/**
 * Body of ACK and RETURN; the same groups stand in COMMIT.
 *
 * <pre>
 * | bytes | field            | meaning                                                                    |
 * |     4 | requestId        | 0: no answer wanted; otherwise REPLY follows when it is as durable as a send |
 * |     1 | flags            | {@link #SEEN}, {@link #RECALLED}                                           |
 * |     2 | groups           | number of consumers that follow                                            |
 * |       | per group        |                                                                            |
 * |     4 |   consumerId     |                                                                            |
 * |     8 |   lastSeen       | delivery sequence of the last message that the application was handed, 0: none |
 * |     4 |   ranges         | number of ranges that follow, ascending                                    |
 * |       |   per range      |                                                                            |
 * |     8 |     from         | delivery sequence of its first message                                     |
 * |     4 |     count        | messages, at least 1                                                       |
 * </pre>
 *
 * Messages that the consumer does not hold (any more) are passed over: repeating an acknowledgement is harmless.
 */
public final class AckFrame {
    /** RETURN: the application has seen the messages, so that this was an attempt to deliver. */
    public static final int SEEN = 1;

    /** RETURN: the answer to RECALL, with one group; no ranges when nothing unseen was left. */
    public static final int RECALLED = 2;

    /** Bytes of a group before its ranges. */
    public static final int GROUP_BYTES = 16;

    /** Bytes of one range. */
    public static final int RANGE_BYTES = 12;

    private AckFrame() {}
}
