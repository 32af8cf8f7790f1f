package org.larchmq.server.cli;

import java.io.IOException;
import java.net.ConnectException;
import java.nio.file.Path;
import java.util.Optional;
import org.larchmq.server.process.AdminClient;
import org.larchmq.server.process.AdminClient.Answer;
import org.larchmq.server.process.RunningBroker;
import org.larchmq.server.security.LocalSecret;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The running broker that a command asks: by its data directory, as its operator, or by its address, as a user. */
final class BrokerTarget {
    private static final String PASSWORD = "LARCHMQ_PASSWORD";

    @ArgGroup(multiplicity = "1")
    private Choice choice;

    private static final class Choice {
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
        private String port;

        @Option(
                names = "--user",
                paramLabel = "NAME",
                defaultValue = "",
                description = "Who asks; nobody if not given.")
        private String user;
    }

    /** What the broker in the directory has left; empty when an address was given. */
    Optional<RunningBroker> local() throws IOException {
        return choice.address != null ? Optional.empty() : Optional.of(in(choice.directory));
    }

    /** @throws CommandException when none is running there, or when it does not serve yet */
    Answer ask(String command) throws IOException {
        try {
            Address at = choice.address;
            if (at != null) {
                int port = Numbers.port("--port", at.port);
                String password = System.getenv().getOrDefault(PASSWORD, "");
                return AdminClient.ask(at.host, port, at.user, password, command);
            }
            return ask(choice.directory, command);
        } catch (ConnectException e) {
            throw new CommandException(ExitCodes.NOT_RUNNING, e.getMessage(), e);
        }
    }

    /** Asks the broker of a directory as its operator. */
    static Answer ask(Path directory, String command) throws IOException {
        RunningBroker broker = in(directory);
        if (!broker.ready()) {
            throw new CommandException(
                    ExitCodes.FAILED,
                    "the broker on %s, process %d, is still recovering its data. Remedy: wait until it says that it is ready"
                            .formatted(directory, broker.pid()));
        }
        try {
            return AdminClient.ask(broker.host(), broker.port(), LocalSecret.USER, broker.secret(), command);
        } catch (ConnectException e) {
            throw new CommandException(ExitCodes.NOT_RUNNING, e.getMessage(), e);
        }
    }

    /** @throws CommandException when none is running there */
    static RunningBroker in(Path directory) throws IOException {
        DataOption.checkNoFile(directory);
        RunningBroker broker = RunningBroker.read(directory)
                .orElseThrow(() -> new CommandException(ExitCodes.NOT_RUNNING, "no broker is running on " + directory));
        if (broker.process().isPresent()) return broker;
        throw new CommandException(
                ExitCodes.NOT_RUNNING,
                "no broker is running on %s; the last one, process %d, ended without an orderly stop"
                        .formatted(directory, broker.pid()));
    }
}
