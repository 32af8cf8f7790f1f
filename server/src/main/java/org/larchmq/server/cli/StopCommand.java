package org.larchmq.server.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

@Command(
        name = "stop",
        description = "Stop the broker that uses a data directory, in order, and wait until it has.",
        mixinStandardHelpOptions = true)
final class StopCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOption data;

    @Option(
            names = "--timeout",
            paramLabel = "SECONDS",
            defaultValue = "60",
            description = "How long to wait; ${DEFAULT-VALUE} if not given.")
    private String timeout;

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        int timeoutSeconds = Numbers.atLeastOne("--timeout", timeout);
        Path directory = data.directory();
        ProcessHandle broker = BrokerTarget.in(directory)
                .process()
                .orElseThrow(() -> new CommandException(ExitCodes.NOT_RUNNING, "no broker is running on " + directory));
        if (!broker.destroy()) {
            throw new CommandException(ExitCodes.FAILED, "process " + broker.pid() + " cannot be stopped by this user");
        }
        try {
            broker.onExit().get(timeoutSeconds, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new CommandException(
                    ExitCodes.FAILED,
                    "the broker, process %d, has not stopped within %d s, its log says how far it is. Remedy: wait, or kill -9 %d, which loses the non-persistent messages"
                            .formatted(broker.pid(), timeoutSeconds, broker.pid()));
        }
        spec.commandLine().getOut().println("LarchMQ, process " + broker.pid() + ", has stopped");
        return ExitCodes.OK;
    }
}
