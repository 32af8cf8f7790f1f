package org.larchmq.bench.rig;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.Callable;
import org.larchmq.bench.support.DurationConverter;
import org.larchmq.bench.support.Jndi;
import org.larchmq.checker.Checker;
import org.larchmq.checker.CheckerSettings;
import org.larchmq.checker.HistoryReader;
import org.larchmq.checker.HistoryWriter;
import org.larchmq.checker.Verdict;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/**
 * What all rigs share: where the broker and the scratch directory are, the seed, the verdict, and cleaning up whatever
 * happens. Exit code 0: passed; 1: violations, or the rig could not go on; 77: skipped, with the reason printed.
 */
@Command(mixinStandardHelpOptions = true, sortOptions = false, showDefaultValues = true)
abstract class Rig implements Callable<Integer> {
    static final Duration READY_LIMIT = Duration.ofSeconds(60);
    static final Duration STOP_LIMIT = Duration.ofSeconds(60);

    @Spec
    CommandSpec spec;

    @Option(names = "--home", description = "the distribution; default: LARCHMQ_HOME, else server/target/larchmq")
    private Path home;

    @Option(names = "--work", defaultValue = "/var/tmp/larchmq-rig", description = "scratch directory, on a real disk")
    private Path workBase;

    @Option(names = "--port", defaultValue = "25680", description = "port of the broker under test")
    int port;

    @Option(
            names = "--seed",
            description = "of everything random; default: from the clock, printed",
            showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
    private Long seedOption;

    @Option(names = "--java-opts", defaultValue = "-Xms512m -Xmx512m", description = "LARCHMQ_JAVA_OPTS of the broker")
    String javaOpts;

    @Option(names = "--set", description = "further broker settings, key=value")
    private List<String> settings = new ArrayList<>();

    @Option(
            names = "--quiet",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "everything is drained when nothing arrived for this long")
    Duration quiet;

    @Option(names = "--skew", defaultValue = "250", description = "ms a message may arrive after its expiry (J11)")
    long skewMillis;

    @Option(names = "--keep", description = "keep the scratch directory even when all is well")
    private boolean keep;

    @Option(names = "--jndi-factory", hidden = true, defaultValue = Jndi.LARCHMQ_FACTORY)
    String jndiFactory;

    long seed;
    Random random;
    Path work;
    private final Deque<Cleanup> cleanups = new ArrayDeque<>();
    private final List<String> failures = new ArrayList<>();

    interface Cleanup {
        void run() throws InterruptedException;
    }

    abstract void run() throws Exception;

    /** Throws RigSkipped when the machine lacks something. */
    void checkMachine() throws InterruptedException {}

    @Override
    public final Integer call() {
        seed = seedOption == null ? System.nanoTime() & 0xffffffffL : seedOption;
        random = new Random(seed);
        work = workBase.resolve(spec.name() + "-" + ProcessHandle.current().pid())
                .toAbsolutePath();
        say("%s: seed %d, scratch %s", spec.name(), seed, work);
        var hook = new Thread(this::cleanUp, "cleanup");
        Runtime.getRuntime().addShutdownHook(hook);
        try {
            checkMachine();
            findHome();
            Files.createDirectories(work);
            run();
        } catch (RigSkipped e) {
            say("%s: SKIPPED: %s", spec.name(), e.getMessage());
            return RigSkipped.EXIT_CODE;
        } catch (Exception e) {
            failed("%s", e instanceof RigException ? e.getMessage() : stackTrace(e));
        } finally {
            cleanUp();
        }
        for (String failure : failures) say("FAILED: %s", failure);
        boolean passed = failures.isEmpty();
        say("%s: %s (seed %d)", spec.name(), passed ? "PASSED" : "FAILED, see " + work, seed);
        if (passed && !keep) deleteTree(work);
        return passed ? 0 : 1;
    }

    private static String stackTrace(Exception e) {
        var text = new java.io.StringWriter();
        e.printStackTrace(new java.io.PrintWriter(text, true));
        return text.toString();
    }

    private void findHome() {
        if (home == null) {
            String fromEnvironment = System.getenv("LARCHMQ_HOME");
            home = Path.of(fromEnvironment == null ? "server/target/larchmq" : fromEnvironment);
        }
        home = home.toAbsolutePath();
        if (!Files.isExecutable(home.resolve("bin/larchmq")))
            throw new RigException(
                    "no bin/larchmq in " + home + "; build it with mvn -DskipTests package, or set LARCHMQ_HOME");
    }

    /** The process may be on its way down already; whoever comes second finds nothing left to do. */
    private void cleanUp() {
        while (true) {
            Cleanup next;
            synchronized (cleanups) {
                next = cleanups.poll();
            }
            if (next == null) return;
            try {
                next.run();
            } catch (RigException e) {
                say("cleaning up: %s", e.getMessage());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
        }
    }

    /** Last registered, first run. */
    final void atEnd(Cleanup cleanup) {
        synchronized (cleanups) {
            cleanups.push(cleanup);
        }
    }

    final void say(String format, Object... values) {
        var out = spec.commandLine().getOut();
        out.println(values.length == 0 ? format : String.format(java.util.Locale.ROOT, format, values));
        out.flush();
    }

    /** The rig goes on, and fails in the end. */
    final void failed(String format, Object... values) {
        String text = String.format(java.util.Locale.ROOT, format, values);
        failures.add(text);
        say("! %s", text);
    }

    final boolean hasFailed() {
        return !failures.isEmpty();
    }

    // The broker

    final BrokerProcess.Spec broker(Path data, String... options) {
        return broker(data, Map.of(), options);
    }

    final BrokerProcess.Spec broker(Path data, Map<String, String> environment, String... options) {
        Map<String, String> all = new HashMap<>(environment);
        all.put("LARCHMQ_JAVA_OPTS", javaOpts);
        List<String> set = new ArrayList<>(List.of("store.flush=sync"));
        set.addAll(List.of(options));
        set.addAll(settings);
        return new BrokerProcess.Spec(home, data, port, work.resolve("broker.log"), all, set);
    }

    final BrokerProcess startBroker(BrokerProcess.Spec brokerSpec) throws InterruptedException {
        BrokerProcess broker = launchBroker(brokerSpec);
        broker.requireReady(READY_LIMIT);
        return broker;
    }

    final BrokerProcess launchBroker(BrokerProcess.Spec brokerSpec) {
        BrokerProcess broker = BrokerProcess.launch(brokerSpec);
        atEnd(broker::close);
        return broker;
    }

    final Shell.Result larchmq(String... arguments) throws InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(home.resolve("bin/larchmq").toString()));
        command.addAll(List.of(arguments));
        return Shell.run(READY_LIMIT, command);
    }

    final HistoryWriter openHistory(String name) {
        var history = new HistoryWriter(work.resolve("history").resolve(name + ".jsonl"));
        atEnd(history::close);
        return history;
    }

    // The verdict

    final CheckerSettings checkerSettings() {
        return CheckerSettings.defaults().withClockSkewMillis(skewMillis);
    }

    final Verdict judge(HistoryWriter history) {
        return Checker.check(HistoryReader.of(history.file()), checkerSettings());
    }

    /** Prints it, and makes the rig fail when there are violations. */
    final void conclude(String what, Verdict verdict) {
        say("%s%n%s", what, verdict.report(2).strip());
        if (verdict.passed()) return;
        Path report = work.resolve("verdict-" + what.replaceAll("[^a-z0-9]+", "-") + ".txt");
        try {
            Files.writeString(report, verdict.report());
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + report, e);
        }
        failed("%s: %d violations %s", what, verdict.total(), verdict.violationCounts());
    }

    static void deleteTree(Path root) {
        if (!Files.exists(root)) return;
        try {
            Files.walkFileTree(root, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                    Files.delete(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult postVisitDirectory(Path dir, IOException error) throws IOException {
                    Files.delete(dir);
                    return FileVisitResult.CONTINUE;
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + root, e);
        }
    }
}
