package org.larchmq.store.log;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.Randomness;
import org.larchmq.store.log.RepairReport.LostRange;

/**
 * Gives up damaged ranges of a log, on an operator's explicit command: each becomes a hole that recovery steps over, and
 * is reported. Nothing else is changed; a torn tail is left to recovery. The log must not be open.
 */
public final class LogRepair {
    private LogRepair() {}

    /**
     * @param knownFlushedOffset everything below had been flushed (the checkpoint's physicalOffset), 0 when unknown
     * @param beforeGivingUp     is told of each range before it is given up, and may be told again after a repair that was
     *                           cut short: what is lost must not be known to nobody
     * @return what was lost; durable on return
     */
    public static RepairReport repair(
            Disk disk,
            String directory,
            CommitLogSettings settings,
            long knownFlushedOffset,
            Consumer<LostRange> beforeGivingUp) {
        EntryChecksum checksum = EntryChecksum.crc32c();
        long closedAt =
                CloseMarker.read(disk, directory).map(CloseMarker::endOffset).orElse(0L);
        long knownFlushed = Math.max(knownFlushedOffset, closedAt);
        var lost = new ArrayList<LostRange>();
        try (var files = new SegmentFiles(disk, directory, settings.segmentSizeBytes(), Randomness.secure())) {
            files.load();
            var ranges = new DamageScan(files, new LogScanner(checksum), disk.describe(directory)).run(knownFlushed);
            for (DamageScan.Damage damage : ranges.damages()) {
                giveUp(files, damage, checksum, beforeGivingUp.andThen(lost::add));
            }
        }
        return new RepairReport(List.copyOf(lost));
    }

    private static void giveUp(
            SegmentFiles files, DamageScan.Damage damage, EntryChecksum checksum, Consumer<LostRange> lost) {
        Segment segment = damage.segment() != null
                ? damage.segment()
                : files.createMissing(damage.from(), damage.to() - damage.from());
        boolean headerLost = damage.headerOnly() || damage.segment() == null || !segment.hasSalt();
        if (headerLost) segment = files.rewriteHeader(segment);
        long from = Math.max(damage.from(), segment.firstEntryOffset());
        if (damage.to() - from >= EntryFormat.HEADER_BYTES) {
            lost.accept(new LostRange(segment.path(), from - segment.baseOffset(), from, damage.to() - from));
            writeHole(segment, from, damage.to(), checksum);
        }
        segment.force(true);
        if (damage.segment() == null) segment.close();
    }

    private static void writeHole(Segment segment, long from, long to, EntryChecksum checksum) {
        ByteBuffer hole = ByteBuffer.allocate(EntryFormat.HEADER_BYTES);
        EntryFormat.writeHeader(
                hole,
                0,
                (int) (to - from),
                EntryFormat.HOLE,
                EntryFormat.NO_FLAGS,
                0,
                EntryFormat.place(from, segment.salt()),
                0);
        EntryFormat.complete(hole, 0, from, 0, checksum);
        segment.write(hole.clear(), from);
    }
}
