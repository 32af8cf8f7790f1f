package org.larchmq.server.cli;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.larchmq.server.process.AdminClient.Answer;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

@Command(
        name = "messages",
        description = {
            "Show what waits in a queue, in the order of delivery: id, time, size, properties, the first bytes of the body.",
            "Consumers are not disturbed: nothing is taken, and what they hold is shown too."
        },
        mixinStandardHelpOptions = true)
final class MessagesCommand implements Callable<Integer> {
    private static final int DEFAULT_LIMIT = 20;
    private static final String BEGIN = "begin";

    @Spec
    private CommandSpec spec;

    @Mixin
    private DataOption data;

    @Parameters(paramLabel = "QUEUE", description = "The queue's name.")
    private String queue;

    @Option(names = "--from", paramLabel = "ID", description = "Begin behind this id, which ended the page before.")
    private String from;

    @Option(
            names = "--limit",
            paramLabel = "N",
            description = "Show at most so many; ${DEFAULT-VALUE} if not given.",
            defaultValue = "" + DEFAULT_LIMIT)
    private String limit;

    @Option(
            names = {"-o", "--output"},
            paramLabel = "FORMAT",
            defaultValue = "text",
            description = "One of ${COMPLETION-CANDIDATES}; ${DEFAULT-VALUE} if not given.")
    private Listing.Format format;

    @Override
    public Integer call() throws IOException {
        Listing listing = new Listing(spec.commandLine().getOut(), format);
        int most = Numbers.atLeastOne("--limit", limit);
        Page page = new Page(from == null ? BEGIN : from);
        listing.begin();
        while (listing.rows() < most && page.mayHaveMore()) listing.show(page.next(most - listing.rows()));
        listing.end();
        if (format == Listing.Format.text && listing.rows() == 0) {
            spec.commandLine().getOut().println(from == null ? "no messages" : "no more messages");
        }
        if (page.mayHaveMore())
            spec.commandLine().getErr().println("There may be more. Next page: --from " + page.behind);
        return ExitCodes.OK;
    }

    /** Where the listing has come to; {@code next} of a page can be further than its last message. */
    private final class Page {
        private String behind;

        Page(String behind) {
            this.behind = behind;
        }

        boolean mayHaveMore() {
            return !behind.isEmpty();
        }

        List<Map<String, String>> next(int most) throws IOException {
            Answer answer = BrokerTarget.ask(data.directory(), "messages " + behind + "\t" + queue);
            List<Map<String, String>> rows = new ArrayList<>(Listing.rowsOf(answer.text()));
            String next = rows.remove(0).getOrDefault("next", "");
            if (rows.size() > most) {
                rows = rows.subList(0, most);
                next = rows.get(most - 1).get("id");
            }
            behind = next;
            return rows;
        }
    }
}
