package org.larchmq.wire;

import org.larchmq.message.MessageLayout;

/**
 * Body of DELIVER: messages for one consumer.
 *
 * <pre>
 * | bytes | field         | meaning                                                          |
 * |     4 | consumerId    |                                                                  |
 * |     8 | firstSequence | delivery sequence of the first message: 1, 2, 3 … per consumer   |
 * |     4 | count         | messages that follow, at least 1                                 |
 * |       | per message   |                                                                  |
 * |     1 |   flags       | {@link #REDELIVERED}, {@link #ORIGIN}                            |
 * |     2 |   deliveryCount | JMSXDeliveryCount: 1 for the first attempt, at most 65535      |
 * |     4 |   size        | bytes of the message                                             |
 * |  size |   message     | {@link MessageLayout}                                            |
 * |       |   origin      | with ORIGIN: kind 1, name, reason name: where it was dead-lettered and why |
 * </pre>
 */
public final class DeliverFrame {
    /** The message may have been delivered before (JMSRedelivered). */
    public static final int REDELIVERED = 1;

    /** The message was dead-lettered; its origin follows it. */
    public static final int ORIGIN = 2;

    /** Bytes before the first message. */
    public static final int HEADER_BYTES = 16;

    /** Bytes of a message's entry beside the message itself and its origin. */
    public static final int PER_MESSAGE_BYTES = 7;

    private DeliverFrame() {}
}
