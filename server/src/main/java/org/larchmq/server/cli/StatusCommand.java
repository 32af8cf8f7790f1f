package org.larchmq.server.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.larchmq.server.process.RunningBroker;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "status",
        description = {
            "Show what a running broker says about itself, how much of its limits is used, and who keeps its log.",
            "With --data no password is needed, since the broker left one in its data directory; with --port it comes"
                    + " from the environment variable LARCHMQ_PASSWORD."
        },
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private BrokerTarget target;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "text or json; ${DEFAULT-VALUE} if not given.")
    private Listing.Format format;

    @Override
    public Integer call() throws IOException {
        StatusReport report = new StatusReport();
        Optional<RunningBroker> local = target.local();
        local.ifPresent(broker -> describe(broker, report));
        if (local.isPresent() && !local.get().ready()) {
            report.add("state", "recovering its data; clients that connect wait");
            report.spaceIsMissing("the broker is recovering");
        } else {
            report.addStatus(target.ask("status").text());
            addSpace(report);
        }
        spec.commandLine().getOut().print(format == Listing.Format.json ? report.json() : report.text());
        spec.commandLine().getOut().flush();
        return ExitCodes.OK;
    }

    /** What can be said without it is worth more than nothing: to count millions of messages on a busy disk takes long. */
    private void addSpace(StatusReport report) {
        try {
            report.addSpace(target.ask("space").text());
        } catch (IOException e) {
            report.spaceIsMissing(e.getMessage());
        }
    }

    private static void describe(RunningBroker broker, StatusReport report) {
        report.add("process", Long.toString(broker.pid()));
        report.add("listening", broker.address());
        report.add("started", broker.started().toString());
    }
}
