package org.larchmq.wire;

import org.larchmq.message.BranchId;
import org.larchmq.message.ByteWriter;

/**
 * Bodies of the frames of distributed transactions. Every one begins with requestId 4 and {@link BranchId}, but XA_RECOVER;
 * every one is answered by REPLY.
 *
 * <pre>
 * | frame       | after the branch id                                                                              |
 * | XA_START    | flags 1 ({@link #JOIN}), transactionId 8: what SEND stages with it belongs to the branch;        |
 * |             | timeoutMillis 4: 0 for none, else it is rolled back unless it is prepared by then                |
 * | XA_END      | flags 1 ({@link #FAIL}, {@link #SUSPEND}), groups and messages as in {@link CommitFrame}: the    |
 * |             | work done since, which belongs to the branch from now on, whoever ends it                        |
 * | XA_PREPARE  | nothing; value {@link #READ_ONLY} when there was nothing to prepare and the branch is forgotten   |
 * | XA_COMMIT   | flags 1 ({@link #ONE_PHASE})                                                                     |
 * | XA_ROLLBACK | nothing                                                                                          |
 * | XA_FORGET   | nothing                                                                                          |
 * </pre>
 *
 * XA_RECOVER: requestId 4, after 8 (0 at first). The reply's name has a line per branch, prepared or decided by an
 * administrator; its value is the {@code after} of the next request, 0 when there are no more.
 *
 * <p>With the code XA_ROLLED_BACK the reply's value is {@link #TIMED_OUT} when the branch's time was over, otherwise 0.
 *
 * <p>With the code XA_HEURISTIC the reply's value is {@link #COMMITTED} or {@link #ROLLED_BACK}.
 */
public final class XaFrames {
    /** XA_START: the branch exists and this is further work for it. */
    public static final int JOIN = 1;

    /** XA_END: the work failed, the branch can only be rolled back. */
    public static final int FAIL = 1;
    /** XA_END: the work is interrupted; another XA_END follows. */
    public static final int SUSPEND = 2;

    /** XA_COMMIT: without a prepare. */
    public static final int ONE_PHASE = 1;

    /** Value of the reply to XA_PREPARE. */
    public static final long READ_ONLY = 1;

    /** Values of a reply with XA_HEURISTIC. */
    public static final long COMMITTED = 1, ROLLED_BACK = 2;

    /** Value of a reply with XA_ROLLED_BACK when it was the branch's time-out. */
    public static final long TIMED_OUT = 3;

    private XaFrames() {}

    /** XA_PREPARE, XA_ROLLBACK, XA_FORGET. */
    public static void encode(FrameType type, int requestId, BranchId branch, ByteWriter out) {
        int mark = type.begin(out);
        branch.encode(out.putInt(requestId));
        FrameType.end(out, mark);
    }

    public static void encodeStart(
            int requestId, BranchId branch, int flags, long transactionId, int timeoutMillis, ByteWriter out) {
        int mark = FrameType.XA_START.begin(out);
        branch.encode(out.putInt(requestId));
        out.putByte(flags).putLong(transactionId).putInt(timeoutMillis);
        FrameType.end(out, mark);
    }

    public static void encodeCommit(int requestId, BranchId branch, int flags, ByteWriter out) {
        int mark = FrameType.XA_COMMIT.begin(out);
        branch.encode(out.putInt(requestId));
        out.putByte(flags);
        FrameType.end(out, mark);
    }

    public static void encodeRecover(int requestId, long after, ByteWriter out) {
        int mark = FrameType.XA_RECOVER.begin(out);
        out.putInt(requestId).putLong(after);
        FrameType.end(out, mark);
    }
}
