package org.larchmq.server.cli;

import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code larchmq queue list} and its like. */
@Command(
        name = "list",
        description = {
            "List them with their figures, in the order in which they were made.",
            "With --data no password is needed; with --port it comes from the environment variable LARCHMQ_PASSWORD."
        },
        mixinStandardHelpOptions = true)
final class ListCommand implements Callable<Integer> {
    private final String what;

    @Spec
    private CommandSpec spec;

    @Mixin
    private BrokerTarget target;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "One of ${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE} if not given.")
    private Listing.Format format;

    @Option(names = "--limit", paramLabel = "N", description = "Show at most so many; all if not given.")
    private String limit;

    @Option(
            names = "--after",
            paramLabel = "ID",
            defaultValue = "",
            description = "Begin behind this id, which ended the page before.")
    private String after;

    /** @param what the administrative command, which is also how they are called */
    ListCommand(String what) {
        this.what = what;
    }

    @Override
    public Integer call() throws IOException {
        int most = limit == null ? Integer.MAX_VALUE : Numbers.atLeastOne("--limit", limit);
        Listing listing = new Listing(spec.commandLine().getOut(), format);
        String next = listing.print(id -> target.ask(id.isEmpty() ? what : what + " " + id), after, most);
        if (format == Listing.Format.text && listing.rows() == 0) {
            spec.commandLine().getOut().println(after.isEmpty() ? "no " + what : "no more " + what);
        }
        if (!next.isEmpty()) spec.commandLine().getErr().println("There are more. Next page: --after " + next);
        return ExitCodes.OK;
    }
}
