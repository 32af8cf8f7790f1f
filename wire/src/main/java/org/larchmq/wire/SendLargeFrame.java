package org.larchmq.wire;

import org.larchmq.message.MessageLayout;

/**
 * Body of SEND_LARGE: a message above {@link Protocol#LARGE_MESSAGE_BYTES}, whose body went before it in PART frames.
 *
 * <pre>
 * | bytes | field         | meaning                                                                  |
 * |     8 | sendSequence  | as in SEND                                                               |
 * |     8 | transactionId | as in SEND                                                               |
 * |     8 | sentSince     | as in RESEND when it was sent before; -1 otherwise                       |
 * |     4 | handle        | destination, as answered to OPEN_DESTINATION                             |
 * |     4 | size          | bytes of the head, at most {@link Protocol#LARGE_MESSAGE_BYTES}          |
 * |  size | head          | {@link MessageLayout} without the body; its bodyBytes is that of the parts |
 * </pre>
 */
public final class SendLargeFrame {
    /** In place of a position: the message was not sent before. */
    public static final long NOT_SENT_BEFORE = -1;

    private SendLargeFrame() {}
}
