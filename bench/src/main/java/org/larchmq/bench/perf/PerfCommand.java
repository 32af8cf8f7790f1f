package org.larchmq.bench.perf;

import jakarta.jms.JMSException;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.concurrent.Callable;
import org.larchmq.bench.support.DurationConverter;
import org.larchmq.bench.support.Jndi;
import org.larchmq.bench.support.Json;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

@Command(
        name = "perf",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Puts load on a broker and measures rate and latency.",
        footer = {
            "",
            "Examples:",
            "  perf --producers 8 --consumers 4 --duration 30s",
            "  perf --rate 2000 --window 1000            latency at a fixed rate, from the time a send was due",
            "  perf --producers 2 --window 1000 --consumers 0 --count 500000    fill a queue",
            "  perf --producers 0 --consumers 2 --count 500000                  drain it",
            "",
            "Exit code 1 when a send or receive failed or a message did not arrive."
        })
public final class PerfCommand implements Callable<Integer> {
    enum Acknowledge {
        auto,
        client,
        dups_ok
    }

    @Spec
    private CommandSpec spec;

    @Option(names = "--url", defaultValue = "tcp://127.0.0.1:5680", description = "broker (${DEFAULT-VALUE})")
    private String url;

    @Option(
            names = {"-u", "--user"},
            description = "user name; none: anonymous")
    private String user;

    @Option(
            names = {"-P", "--password"},
            arity = "0..1",
            interactive = true,
            echo = false,
            description = "password; asked for when the option has no value")
    private char[] password;

    @Option(names = "--queue", description = "queue to use (perf)")
    private String queue;

    @Option(names = "--topic", description = "topic to use; every consumer gets every message")
    private String topic;

    @Option(
            names = "--destinations",
            defaultValue = "1",
            description = "number of destinations NAME-0, NAME-1 ..., used in turn (${DEFAULT-VALUE})")
    private int destinations;

    @Option(names = "--producers", defaultValue = "1", description = "each with its own connection (${DEFAULT-VALUE})")
    private int producers;

    @Option(names = "--consumers", defaultValue = "1", description = "each with its own connection (${DEFAULT-VALUE})")
    private int consumers;

    @Option(names = "--size", defaultValue = "1024", description = "bytes of a message body (${DEFAULT-VALUE})")
    private int sizeBytes;

    @Option(names = "--count", description = "messages to send (or, without producers, to receive) in all")
    private long count;

    @Option(
            names = "--duration",
            converter = DurationConverter.class,
            description = "measured time (10s unless --count is given)")
    private Duration duration;

    @Option(
            names = "--warm-up",
            defaultValue = "3s",
            converter = DurationConverter.class,
            description = "unmeasured time before; none with --count (${DEFAULT-VALUE})")
    private Duration warmUp;

    @Option(
            names = "--rate",
            defaultValue = "0",
            description = "messages/s of all producers together, latency counted from when each was due; 0: flat out")
    private int rate;

    @Option(
            names = "--window",
            defaultValue = "0",
            description = "asynchronous sends in flight per producer; 0: blocking sends (${DEFAULT-VALUE})")
    private int window;

    @Option(names = "--non-persistent", description = "NON_PERSISTENT delivery mode")
    private boolean nonPersistent;

    @Option(names = "--transaction", description = "messages per transaction, on both sides; 0: none")
    private int transaction;

    @Option(names = "--ack", defaultValue = "auto", description = "${COMPLETION-CANDIDATES} (${DEFAULT-VALUE})")
    private Acknowledge ack;

    @Option(names = "--selector", description = "selector of the consumers")
    private String selector;

    @Option(
            names = "--tag",
            description = "string property JMS_LARCH_TAG of every message; a comma separated list is used in turn")
    private String tag;

    @Option(names = "--priority", defaultValue = "4", description = "JMSPriority (${DEFAULT-VALUE})")
    private int priority;

    @Option(names = "--ttl", converter = DurationConverter.class, description = "time to live; none by default")
    private Duration timeToLive;

    @Option(names = "--json", description = "append the result as one JSON line to this file")
    private Path json;

    @Option(names = "--no-progress", description = "only the table at the end")
    private boolean noProgress;

    @Option(names = "--jndi-factory", hidden = true, defaultValue = Jndi.LARCHMQ_FACTORY)
    private String jndiFactory;

    @Override
    public Integer call() throws JMSException, InterruptedException, IOException {
        PerfSettings settings = settings();
        PrintWriter out = spec.commandLine().getOut();
        var connectionFactory = Jndi.connectionFactory(jndiFactory, url, "ConnectionFactory");
        PerfResult result;
        try (Load load = new Load(settings, connectionFactory)) {
            result = load.run(
                    noProgress
                            ? line -> {}
                            : line -> {
                                out.println(line);
                                out.flush();
                            });
        } catch (JMSException e) {
            spec.commandLine().getErr().println("perf: " + e.getMessage() + " (" + url + ")");
            return 1;
        }
        out.print(result.table());
        out.flush();
        if (json != null) appendJson(result);
        return result.isClean() ? 0 : 1;
    }

    private void appendJson(PerfResult result) throws IOException {
        Files.writeString(
                json,
                Json.write(result.toMap()) + "\n",
                StandardCharsets.UTF_8,
                StandardOpenOption.CREATE,
                StandardOpenOption.APPEND);
    }

    private PerfSettings settings() {
        if (queue != null && topic != null) throw wrong("--queue and --topic exclude each other");
        if (transaction > 0 && window > 0) throw wrong("--transaction and --window exclude each other");
        if (count > 0 && duration != null) throw wrong("--count and --duration exclude each other");
        boolean byCount = count > 0;
        try {
            return new PerfSettings(
                    user,
                    password == null ? null : new String(password),
                    topic != null ? topic : queue != null ? queue : "perf",
                    topic != null,
                    destinations,
                    producers,
                    consumers,
                    sizeBytes,
                    count,
                    byCount ? Duration.ZERO : duration == null ? Duration.ofSeconds(10) : duration,
                    byCount ? Duration.ZERO : warmUp,
                    rate,
                    window,
                    !nonPersistent,
                    transaction,
                    switch (ack) {
                        case auto -> jakarta.jms.Session.AUTO_ACKNOWLEDGE;
                        case client -> jakarta.jms.Session.CLIENT_ACKNOWLEDGE;
                        case dups_ok -> jakarta.jms.Session.DUPS_OK_ACKNOWLEDGE;
                    },
                    selector,
                    tag,
                    priority,
                    timeToLive == null ? Duration.ZERO : timeToLive);
        } catch (IllegalArgumentException e) {
            throw wrong(e.getMessage());
        }
    }

    private ParameterException wrong(String text) {
        return new ParameterException(spec.commandLine(), text);
    }
}
