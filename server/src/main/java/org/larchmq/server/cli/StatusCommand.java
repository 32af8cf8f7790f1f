package org.larchmq.server.cli;

import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.larchmq.server.process.RunningBroker;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "status",
        description = {
            "Show what a running broker says about itself.",
            "With --data no password is needed, since the broker left one in its data directory; with --port it comes"
                    + " from the environment variable LARCHMQ_PASSWORD."
        },
        mixinStandardHelpOptions = true)
final class StatusCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private BrokerTarget target;

    @Override
    public Integer call() throws IOException {
        Optional<RunningBroker> local = target.local();
        local.ifPresent(this::describe);
        if (local.isPresent() && !local.get().ready()) {
            print("state: recovering its data; clients that connect wait");
            return ExitCodes.OK;
        }
        print(target.ask("status").text());
        return ExitCodes.OK;
    }

    private void describe(RunningBroker broker) {
        print("process: " + broker.pid());
        print("listening: " + broker.address());
        print("started: " + broker.started());
    }

    private void print(String text) {
        spec.commandLine().getOut().println(text.stripTrailing());
    }
}
