package org.larchmq.wire;

import org.larchmq.message.MessageLayout;

/**
 * Body of SEND: messages in the order of sending.
 *
 * <pre>
 * | bytes | field             | meaning                                                              |
 * |     8 | firstSendSequence | number of the first message on this connection: 1, 2, 3 …            |
 * |     8 | transactionId     | 0: store and confirm each; otherwise: stage for this transaction     |
 * |     4 | count             | messages that follow, at least 1                                     |
 * |       | per message       |                                                                      |
 * |     4 |   handle          | destination, as answered to OPEN_DESTINATION                         |
 * |     4 |   size            | bytes of the message                                                 |
 * |  size |   message         | {@link MessageLayout}                                                |
 * </pre>
 */
public final class SendFrame {
    /** Bytes of a message's entry in SEND and COMMIT beside the message itself. */
    public static final int PER_MESSAGE_BYTES = 8;

    /** Where {@code count} stands, from the beginning of the body. */
    public static final int COUNT_AT = 16;

    private SendFrame() {}
}
