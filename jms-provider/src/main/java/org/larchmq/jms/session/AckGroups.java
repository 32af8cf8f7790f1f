package org.larchmq.jms.session;

import org.larchmq.wire.FrameType;
import org.larchmq.wire.WireWriter;

/** Writes ACK and RETURN frames group by group; a frame without groups is not written. */
final class AckGroups {
    private final WireWriter out;
    private final int mark;
    private final int groupsAt;
    private int groups;

    private AckGroups(WireWriter out, int mark) {
        this.out = out;
        this.mark = mark;
        groupsAt = out.size();
        out.putShort(0);
    }

    static AckGroups begin(WireWriter out, FrameType type, int requestId, int flags) {
        int mark = out.beginFrame(type);
        out.putInt(requestId).putByte(flags);
        return new AckGroups(out, mark);
    }

    /** Groups inside another frame: COMMIT. */
    static AckGroups inside(WireWriter out) {
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
        if (mark >= 0) out.endFrame(mark);
    }
}
