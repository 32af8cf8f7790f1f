package org.larchmq.server.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "transactions",
        description = {
            "List the prepared branches of distributed transactions (XA), or decide one in place of its transaction manager.",
            "That is for a transaction manager that will not come back: the other resources of the transaction may decide"
                    + " otherwise. The decision is remembered until the transaction manager has heard of it, or forget."
        },
        mixinStandardHelpOptions = true)
final class TransactionsCommand implements Callable<Integer> {
    private enum Action {
        list,
        commit,
        rollback,
        forget
    }

    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOption data;

    @Parameters(index = "0", paramLabel = "ACTION", description = "${COMPLETION-CANDIDATES}")
    private Action action;

    @Parameters(index = "1", arity = "0..1", paramLabel = "BRANCH", description = "As list shows it; for the others.")
    private String branch;

    @Override
    public Integer call() throws IOException {
        if ((action == Action.list) != (branch == null)) {
            String text =
                    action == Action.list ? "list takes no branch" : action + " needs the branch, as list shows it";
            throw new CommandException(ExitCodes.USAGE, text);
        }
        String command = "transactions " + action + (branch == null ? "" : " " + branch);
        String answer = BrokerTarget.ask(data.directory(), command).text();
        spec.commandLine().getOut().println(action == Action.list ? answer.stripTrailing() : done());
        return ExitCodes.OK;
    }

    private String done() {
        return switch (action) {
            case commit -> "committed " + branch;
            case rollback -> "rolled back " + branch;
            default -> "forgot " + branch;
        };
    }
}
