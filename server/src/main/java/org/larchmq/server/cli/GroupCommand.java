package org.larchmq.server.cli;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code larchmq queue}, {@code topic}, {@code subscription}, {@code consumer} and {@code connection}: what they hold. */
@Command(mixinStandardHelpOptions = true, synopsisSubcommandLabel = "COMMAND")
final class GroupCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(
                spec.commandLine(),
                "one of " + String.join(", ", spec.subcommands().keySet()) + " is missing");
    }

    static void addAllTo(CommandLine root) {
        add(root, "queue", "List and delete queues.", "queues", new DeleteCommand("queue"));
        add(root, "topic", "List and delete topics.", "topics", new DeleteCommand("topic"));
        add(
                root,
                "subscription",
                "List subscriptions, delete durable ones.",
                "subscriptions",
                new DeleteSubscriptionCommand());
        add(root, "consumer", "List consumers.", "consumers", null);
        add(root, "connection", "List connections.", "connections", null);
    }

    private static void add(CommandLine root, String name, String description, String listed, Object delete) {
        CommandLine group = new CommandLine(new GroupCommand());
        group.getCommandSpec().name(name).usageMessage().description(description);
        group.addSubcommand("list", new ListCommand(listed));
        if (delete != null) group.addSubcommand("delete", delete);
        root.addSubcommand(name, group);
    }
}
