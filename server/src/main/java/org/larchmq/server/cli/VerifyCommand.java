package org.larchmq.server.cli;

import java.io.PrintWriter;
import java.util.concurrent.Callable;
import org.larchmq.store.catalog.DataDirectory;
import org.larchmq.store.log.LogVerifier;
import org.larchmq.store.log.VerifyReport;
import org.larchmq.store.log.VerifyReport.Fault;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "verify",
        description = {
            "Read the whole commit log of a stopped broker, check every entry, and report damage; changes nothing.",
            "Exits with 4 when there is damage."
        },
        mixinStandardHelpOptions = true)
final class VerifyCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOption data;

    @Override
    public Integer call() {
        try (StoppedStore store = StoppedStore.lockToRead(data.existing())) {
            return report(LogVerifier.verify(store.disk(), DataDirectory.COMMIT_LOG));
        }
    }

    private int report(VerifyReport report) {
        PrintWriter out = spec.commandLine().getOut();
        for (Fault fault : report.faults()) {
            out.println("damage: %s [file=%s position=%d physicalOffset=%d bytes=%d]"
                    .formatted(
                            fault.description(),
                            fault.file(),
                            fault.filePosition(),
                            fault.physicalOffset(),
                            fault.bytes()));
        }
        out.println("%d entries in %d bytes are valid, up to physicalOffset %d; %s"
                .formatted(
                        report.entries(),
                        report.validBytes(),
                        report.endOffset(),
                        verdict(report.faults().size())));
        return report.faults().isEmpty() ? ExitCodes.OK : ExitCodes.DAMAGED;
    }

    private String verdict(int faults) {
        if (faults == 0) return "no damage";
        return faults + (faults == 1 ? " range is" : " ranges are")
                + " damaged. Remedy: restore a backup, or accept the" + " loss with: larchmq repair --data "
                + data.directory();
    }
}
