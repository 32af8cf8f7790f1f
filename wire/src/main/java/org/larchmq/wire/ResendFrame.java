package org.larchmq.wire;

import org.larchmq.message.MessageLayout;

/**
 * Body of RESEND: messages that were sent before, on an earlier connection of the same client that was lost before they
 * were answered. Laid out as {@link SendFrame} but for one field:
 *
 * <pre>
 * | bytes | field             | meaning                                                              |
 * |     8 | firstSendSequence | number of the first message on this connection                       |
 * |     8 | sentSince         | position in the WELCOME of the connection they were first sent on     |
 * |     4 | count …           | as in SEND                                                           |
 * </pre>
 *
 * The broker confirms what it has stored already and stores the rest. What it would keep in memory only is not stored
 * when the broker was restarted since: it may have been delivered before. When it does not remember a producer that was
 * there since {@code sentSince}, SEND_FAILED says OUTCOME_FORGOTTEN; when it has
 * stored a later one of that producer, REFUSED_BEFORE, since messages of a producer come in order. The messages have the flag
 * {@link MessageLayout#FLAG_TRACKED}.
 */
public final class ResendFrame {
    private ResendFrame() {}
}
