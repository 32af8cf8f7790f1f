package org.larchmq.server.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code larchmq queue delete} and {@code larchmq topic delete}. */
@Command(
        name = "delete",
        description = {
            "Delete one that nobody uses, with the messages that are in it.",
            "For who can read the broker's data directory."
        },
        mixinStandardHelpOptions = true)
final class DeleteCommand implements Callable<Integer> {
    private final String kind;

    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOption data;

    @Parameters(paramLabel = "NAME", description = "Its name, as list shows it.")
    private String name;

    /** @param kind queue or topic */
    DeleteCommand(String kind) {
        this.kind = kind;
    }

    @Override
    public Integer call() throws IOException {
        BrokerTarget.ask(data.directory(), "destination delete " + kind + " " + name);
        spec.commandLine().getOut().println("Deleted " + kind + " '" + name + "'");
        return ExitCodes.OK;
    }
}
