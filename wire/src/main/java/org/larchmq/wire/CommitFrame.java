package org.larchmq.wire;

/**
 * Body of COMMIT: the end of a local transaction, all or nothing.
 *
 * <pre>
 * | bytes | field         | meaning                                                                      |
 * |     4 | requestId     |                                                                              |
 * |     8 | transactionId | chosen by the client, unique on the connection; its staged messages go first |
 * |     2 | groups        | acknowledgements, as in {@link AckFrame}                                     |
 * |     4 | count         | messages that follow, as in {@link SendFrame}                                |
 * </pre>
 */
public final class CommitFrame {
    private CommitFrame() {}
}
