package org.larchmq.server.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.Callable;
import org.larchmq.server.process.AdminClient;
import org.larchmq.server.process.RunningBroker;
import org.larchmq.server.security.LocalSecret;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
    private static final String PASSWORD = "LARCHMQ_PASSWORD";

    @Spec
    private CommandSpec spec;

    @ArgGroup(multiplicity = "1")
    private Target target;

    private static final class Target {
        @Option(names = "--data", paramLabel = "DIR", required = true, description = "The broker's data directory.")
        private Path directory;

        @ArgGroup(exclusive = false)
        private Address address;
    }

    private static final class Address {
        @Option(
                names = "--host",
                paramLabel = "H",
                defaultValue = "127.0.0.1",
                description = "Where the broker listens; ${DEFAULT-VALUE} if not given.")
        private String host;

        @Option(names = "--port", paramLabel = "N", required = true, description = "Its port.")
        private int port;

        @Option(
                names = "--user",
                paramLabel = "NAME",
                defaultValue = "",
                description = "Who asks; nobody if not given.")
        private String user;
    }

    @Override
    public Integer call() throws IOException {
        try {
            if (target.address != null) ask(target.address, System.getenv());
            else ask(target.directory);
            return ExitCodes.OK;
        } catch (ConnectException e) {
            throw new CommandException(ExitCodes.NOT_RUNNING, e.getMessage(), e);
        }
    }

    private void ask(Address at, Map<String, String> environment) throws IOException {
        String password = environment.getOrDefault(PASSWORD, "");
        print(AdminClient.ask(at.host, at.port, at.user, password, "status"));
    }

    private void ask(Path directory) throws IOException {
        RunningBroker broker = RunningBroker.read(directory)
                .orElseThrow(() -> new CommandException(ExitCodes.NOT_RUNNING, "no broker is running on " + directory));
        if (broker.process().isEmpty()) {
            throw new CommandException(
                    ExitCodes.NOT_RUNNING,
                    "no broker is running on %s; the last one, process %d, ended without an orderly stop"
                            .formatted(directory, broker.pid()));
        }
        print("process: " + broker.pid());
        print("listening: tcp://" + broker.host() + ":" + broker.port());
        print("started: " + broker.started());
        print(AdminClient.ask(broker.host(), broker.port(), LocalSecret.USER, broker.secret(), "status"));
    }

    private void print(String text) {
        spec.commandLine().getOut().println(text.stripTrailing());
    }
}
