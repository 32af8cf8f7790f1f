package org.larchmq.jms.session;

import org.larchmq.message.ByteWriter;
import org.larchmq.wire.FrameType;

/** Writes ACK and RETURN frames group by group; a frame without groups is not written. */
final class AckGroups {
    private final ByteWriter out;
    private final int mark;
    private final int groupsAt;
    private int groups;

    private AckGroups(ByteWriter out, int mark) {
        this.out = out;
        this.mark = mark;
        groupsAt = out.size();
        out.putShort(0);
    }

    static AckGroups begin(ByteWriter out, FrameType type, int requestId, int flags) {
        int mark = type.begin(out);
        out.putInt(requestId).putByte(flags);
        return new AckGroups(out, mark);
    }

    /** Groups inside another frame: COMMIT. */
    static AckGroups inside(ByteWriter out) {
        return new AckGroups(out, -1);
    }

    /** @param lastSeen delivery sequence of the last message that the application was handed; 0 for none */
    void add(int consumerId, long lastSeen, AckRanges ranges) {
        if (ranges.isEmpty()) return;
        ranges.encode(consumerId, lastSeen, out);
        groups++;
    }

    /** Completes the groups, and the frame unless it is another's. */
    void end() {
        if (mark >= 0 && groups == 0) {
            out.truncate(mark);
            return;
        }
        out.patchShort(groupsAt, groups);
        if (mark >= 0) FrameType.end(out, mark);
    }
}
