package org.larchmq.server.cli;

import java.util.concurrent.Callable;
import org.larchmq.server.quickstart.Quickstart;
import org.larchmq.server.quickstart.QuickstartException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

@Command(
        name = "quickstart",
        description = {
            "Show what LarchMQ does: send orders, kill the broker, start it again, receive what is left.",
            "Uses a temporary directory and a free port, and leaves nothing behind."
        },
        mixinStandardHelpOptions = true)
final class QuickstartCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Override
    public Integer call() throws InterruptedException {
        var home = Distribution.home()
                .orElseThrow(() -> new CommandException(
                        ExitCodes.FAILED, "quickstart runs from the distribution: bin/larchmq quickstart"));
        try (Quickstart quickstart = new Quickstart(home, spec.commandLine().getOut())) {
            quickstart.run();
            return ExitCodes.OK;
        } catch (QuickstartException e) {
            throw new CommandException(ExitCodes.FAILED, e.getMessage(), e);
        }
    }
}
