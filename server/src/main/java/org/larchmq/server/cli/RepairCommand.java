package org.larchmq.server.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.larchmq.broker.settings.Authenticator;
import org.larchmq.store.catalog.DataDirectory;
import org.larchmq.store.io.Disk;
import org.larchmq.store.log.CommitLogSettings;
import org.larchmq.store.log.LogRepair;
import org.larchmq.store.log.RepairReport;
import org.larchmq.store.log.RepairReport.LostRange;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "repair",
        description = {
            "Give up the damaged ranges of a stopped broker's commit log, so that it starts again.",
            "What was in them is lost for good, and is listed; everything else is kept. Copy the data directory first."
        },
        mixinStandardHelpOptions = true)
final class RepairCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOption data;

    @Mixin
    private SettingOptions settings;

    @Override
    public Integer call() {
        long segmentSizeBytes = settings.load()
                .brokerSettings(data.directory(), Authenticator.anonymousOnly())
                .store()
                .segmentSizeBytes();
        try (StoppedStore store = StoppedStore.lock(data.existing())) {
            CommitLogSettings sizes = sizes(store.disk(), segmentSizeBytes);
            conclude(LogRepair.repair(
                    store.disk(), DataDirectory.COMMIT_LOG, sizes, store.checkpointOffset(), this::report));
        }
        return ExitCodes.OK;
    }

    private static CommitLogSettings sizes(Disk disk, long segmentSizeBytes) {
        if (segmentSizeBytes == 0) return CommitLogSettings.defaultsFor(disk);
        return CommitLogSettings.withSegmentSize(segmentSizeBytes, disk.totalBytes());
    }

    private void report(LostRange range) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("given up: [file=%s position=%d physicalOffset=%d bytes=%d]"
                .formatted(range.file(), range.filePosition(), range.physicalOffset(), range.bytes()));
        out.flush();
    }

    private void conclude(RepairReport report) {
        PrintWriter out = spec.commandLine().getOut();
        int ranges = report.lost().size();
        out.println(
                ranges == 0
                        ? "there was nothing to give up; the broker can be started"
                        : ranges + (ranges == 1 ? " range was" : " ranges were")
                                + " given up; the broker can be started");
    }
}
