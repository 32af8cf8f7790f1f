package org.larchmq.tck;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.larchmq.tck.suite.Selection;
import org.larchmq.tck.suite.Suite;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The command {@code tck-runner/run}. */
@Command(
        name = "run",
        description = {
            "Run the official Jakarta Messaging TCK against the distribution: its broker on an empty store, its client jars.",
            "Exit code 0: all passed; 1: something failed; 2: wrong arguments; 3: the TCK is not available."
        },
        mixinStandardHelpOptions = true,
        sortOptions = false)
public final class TckRunner implements Callable<Integer> {
    static final int PASSED = 0;
    static final int FAILED = 1;
    static final int USAGE = 2;
    static final int UNAVAILABLE = 3;

    /** Tests of version 11.0.3 that need no application server. */
    private static final int TESTS = 903;

    @Spec
    private CommandSpec spec;

    @Option(
            names = "--jar",
            paramLabel = "PATH",
            description = "jms-tck-11.0.3.jar; from the local Maven repository if not given.")
    private Path jar;

    @Option(
            names = "--common",
            paramLabel = "PATH",
            description = "common-11.1.0.jar; from beside the tests or the local Maven repository if not given.")
    private Path common;

    @Option(
            names = "--timeout",
            paramLabel = "MILLIS",
            defaultValue = "10000",
            description =
                    "How long a test waits for a message (jms_timeout); default ${DEFAULT-VALUE}, 2000 for a quick look.")
    private long timeoutMillis;

    @Option(
            names = "--only",
            paramLabel = "GROUP/CLASS",
            defaultValue = "",
            description = "For example core20, core20/sessiontests, or core20/sessiontests#createSharedConsumerTest1.")
    private String only;

    @Option(
            names = "--home",
            paramLabel = "DIR",
            description = "The distribution; server/target/larchmq of this checkout if not given.")
    private Path home;

    @Option(
            names = "--results",
            paramLabel = "DIR",
            description = "Where the results are stored; tck-runner/target/tck if not given.")
    private Path results;

    @Option(
            names = "--expect",
            paramLabel = "COUNT",
            defaultValue = "" + TESTS,
            description = "Tests that a full run must find; 0 for any. Default ${DEFAULT-VALUE}.")
    private int expected;

    @Option(
            names = "--test-limit",
            paramLabel = "SECONDS",
            defaultValue = "600",
            description = "A test that takes longer has failed; default ${DEFAULT-VALUE}.")
    private int testSeconds;

    @Option(
            names = "--limit",
            paramLabel = "MINUTES",
            defaultValue = "120",
            description = "The whole run is ended after that time; default ${DEFAULT-VALUE}.")
    private int limitMinutes;

    @Option(names = "--checkout", paramLabel = "DIR", hidden = true, defaultValue = ".")
    private Path checkout;

    private TckRunner() {}

    public static void main(String[] arguments) {
        System.exit(run(new PrintWriter(System.out, true), new PrintWriter(System.err, true), arguments));
    }

    /** Runs the command in this process; returns its exit code. */
    static int run(PrintWriter out, PrintWriter err, String... arguments) {
        return new CommandLine(new TckRunner())
                .setOut(out)
                .setErr(err)
                .setExecutionExceptionHandler(TckRunner::failed)
                .execute(arguments);
    }

    private static int failed(Exception e, CommandLine command, CommandLine.ParseResult parsed) throws Exception {
        if (e instanceof TckUnavailableException) {
            command.getErr().println("tck-runner: " + e.getMessage());
            return UNAVAILABLE;
        }
        if (!(e instanceof IOException)) throw e;
        command.getErr().println("tck-runner: " + e.getMessage());
        return FAILED;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        TckJars jars = TckJars.locate(jar, common, localRepository());
        Selection selection = Selection.of(only);
        if (selection.classes(jars.tests()).isEmpty()) return nothingSelected(jars);
        Path distribution = home != null ? home : checkout.resolve(Path.of("server", "target", "larchmq"));
        if (!Files.isDirectory(distribution.resolve("client"))) {
            throw new IOException(
                    "no distribution at " + distribution + ". Remedy: mvn -DskipTests package, or --home DIR");
        }
        Path directory = emptied(results != null ? results : checkout.resolve(Path.of("tck-runner", "target", "tck")));
        return run(jars, selection, distribution.toAbsolutePath().normalize(), directory);
    }

    private int run(TckJars jars, Selection selection, Path distribution, Path directory)
            throws IOException, InterruptedException {
        Path data = Files.createTempDirectory("larchmq-tck-");
        try (TckBroker broker = TckBroker.start(distribution, data, directory.resolve("broker.log"))) {
            AdministeredObjects.write(broker.uri(), directory);
            out().println("TCK " + jars.tests() + ", broker " + broker.uri() + ", jms_timeout " + timeoutMillis
                    + " ms");
            TckProcess process = new TckProcess(jars, distribution, directory);
            boolean complete = process.run(only, timeoutMillis, testSeconds, limitMinutes);
            if (!broker.isAlive()) out().println("The broker has ended by itself: see broker.log");
            TckReport report =
                    TckReport.read(directory, selection.isEverything() ? expected : 0, complete && broker.isAlive());
            report.write(directory);
            report.lines().forEach(out()::println);
            out().println("Results in " + directory + ": " + TckReport.SUMMARY_FILE + ", " + Suite.FAILURES_FILE + ", "
                    + Suite.RESULTS_FILE + ", " + Suite.LOG_FILE + ", broker.log");
            return report.isPassed() ? PASSED : FAILED;
        } finally {
            delete(data);
        }
    }

    private int nothingSelected(TckJars jars) throws IOException {
        PrintWriter err = spec.commandLine().getErr();
        err.println("tck-runner: nothing is called '" + only + "'; groups are");
        Selection.classesIn(jars.tests()).stream()
                .map(Selection::groupOf)
                .distinct()
                .forEach(g -> err.println("  " + g));
        return USAGE;
    }

    private PrintWriter out() {
        return spec.commandLine().getOut();
    }

    private static Path localRepository() {
        String given = System.getProperty("maven.repo.local");
        return given != null ? Path.of(given) : Path.of(System.getProperty("user.home"), ".m2", "repository");
    }

    /** The directory without the results of an earlier run. */
    private static Path emptied(Path directory) throws IOException {
        Path absolute = directory.toAbsolutePath().normalize();
        Files.createDirectories(absolute);
        for (String name : List.of(
                Suite.RESULTS_FILE, Suite.FAILURES_FILE, Suite.LOG_FILE, TckReport.SUMMARY_FILE, "broker.log")) {
            Files.deleteIfExists(absolute.resolve(name));
        }
        return absolute;
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        }
    }
}
