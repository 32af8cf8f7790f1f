package org.larchmq.server.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "delete",
        description = {
            "Delete a durable subscription that has no consumer, with the messages that wait for it.",
            "For who can read the broker's data directory."
        },
        mixinStandardHelpOptions = true)
final class DeleteSubscriptionCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOption data;

    @Parameters(paramLabel = "NAME", description = "Its name, as list shows it.")
    private String name;

    @Option(
            names = "--client",
            paramLabel = "ID",
            defaultValue = "",
            description = "The client id that it belongs to, when it has one.")
    private String client;

    @Override
    public Integer call() throws IOException {
        BrokerTarget.ask(data.directory(), "subscription delete " + name + "\t" + client);
        String of = client.isEmpty() ? "" : " of client '" + client + "'";
        spec.commandLine().getOut().println("Deleted subscription '" + name + "'" + of);
        return ExitCodes.OK;
    }
}
