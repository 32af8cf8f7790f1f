package org.larchmq.store.log;

import java.nio.ByteBuffer;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.Disk;

/** Logs with a planted fault, to show that the tests would see it. */
public final class MutantLogs {
    private MutantLogs() {}

    /** A log whose entries are all taken for good. */
    public static CommitLog withoutChecksum(Disk disk, CommitLogSettings settings, Clock clock, SegmentHead head) {
        EntryChecksum none = (buffer, from, to) -> {
            buffer.clear();
            return 0;
        };
        return new CommitLog(disk, "commitlog", settings, clock, head, Runnable::run, () -> 1, none);
    }

    /** A log whose segments all have the salt that a client would guess. */
    public static CommitLog withoutSalt(Disk disk, CommitLogSettings settings, Clock clock, SegmentHead head) {
        return new CommitLog(disk, "commitlog", settings, clock, head, Runnable::run, () -> 0L);
    }

    /** Cuts a log at its first bad entry, whatever lies behind it. */
    public static void stopAtFirstBad(Disk disk, CommitLogSettings settings) {
        try (SegmentFiles files = new SegmentFiles(disk, "commitlog", settings.segmentSizeBytes(), () -> 1)) {
            files.load();
            LogScanner scanner = new LogScanner(EntryChecksum.crc32c());
            long offset = files.all()[0].firstEntryOffset();
            Segment segment = files.find(offset);
            while (segment != null && scanner.isEntry(segment, offset)) {
                offset += EntryFormat.aligned(scanner.sizeBytes());
                segment = files.find(offset);
                if (segment != null && offset == segment.baseOffset()) offset = segment.firstEntryOffset();
            }
            for (Segment each : files.all()) {
                long from = Math.max(offset, each.firstEntryOffset());
                if (from < each.allocatedTo()) each.write(ByteBuffer.allocate((int) (each.allocatedTo() - from)), from);
                each.force(true);
            }
        }
    }
}
