package org.larchmq.store.log;

import java.util.ArrayList;
import org.larchmq.store.io.Disk;

/** Reads a whole log, changes nothing, and reports every fault. The log must not be open for writing. */
public final class LogVerifier {
    private LogVerifier() {}

    /** Faults are also reported below the end that a clean close recorded. */
    public static VerifyReport verify(Disk disk, String directory) {
        long closedAt =
                CloseMarker.read(disk, directory).map(CloseMarker::endOffset).orElse(0L);
        try (var files = new SegmentFiles(disk, directory, 0, LogVerifier::noSalt)) {
            files.load();
            var scanner = new LogScanner(EntryChecksum.crc32c());
            var result = new DamageScan(files, scanner, disk.describe(directory)).run(closedAt);
            var faults = new ArrayList<VerifyReport.Fault>();
            for (DamageScan.Damage damage : result.damages()) faults.add(fault(damage));
            return new VerifyReport(result.entries(), result.validBytes(), result.endOffset(), faults);
        }
    }

    private static long noSalt() {
        throw new IllegalStateException("verifying makes no segment");
    }

    private static VerifyReport.Fault fault(DamageScan.Damage damage) {
        long base = damage.segment() == null ? damage.from() : damage.segment().baseOffset();
        String what = damage.segment() == null
                ? "the segment file is missing"
                : damage.headerOnly() ? "the header of the segment file is damaged" : "no valid entry";
        return new VerifyReport.Fault(
                damage.file(), damage.from() - base, damage.from(), damage.to() - damage.from(), what);
    }
}
