package org.larchmq.tck.suite;

import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectMethod;

import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.platform.engine.DiscoverySelector;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/** Main class of the process that runs the TCK: {@code Suite JAR RESULTS SELECTION SECONDS}. */
public final class Suite {
    /** One line per test, see {@link Outcome}. */
    public static final String RESULTS_FILE = "tests.tsv";

    /** Stack traces, and what the failed tests logged. */
    public static final String FAILURES_FILE = "failures.txt";

    /** Everything that the TCK logged. */
    public static final String LOG_FILE = "tck.log";

    private static final String JUPITER = "junit.jupiter.";

    private Suite() {}

    /** Exits with 0 when all selected tests were run, however they ended. */
    public static void main(String[] arguments) throws Exception {
        Path jar = Path.of(arguments[0]);
        Path directory = Path.of(arguments[1]);
        Selection selection = Selection.of(arguments[2]);
        String timeout = arguments[3] + " s";

        PrintStream progress = System.out;
        TestLog log = new TestLog(Files.newOutputStream(directory.resolve(LOG_FILE)));
        // before anything logs: the JDK's log handler keeps the stream it finds
        System.setErr(utf8(log));
        System.setOut(utf8(log));
        try (PrintStream results = utf8(Files.newOutputStream(directory.resolve(RESULTS_FILE)));
                PrintStream failures = utf8(Files.newOutputStream(directory.resolve(FAILURES_FILE)))) {
            Recorder recorder = new Recorder(results, failures, progress, log);
            LauncherFactory.create().execute(request(jar, selection, timeout), recorder);
        }
        System.err.flush();
        System.exit(0); // threads that tests have left behind keep nobody
    }

    private static PrintStream utf8(OutputStream out) {
        return new PrintStream(out, true, StandardCharsets.UTF_8);
    }

    private static LauncherDiscoveryRequest request(Path jar, Selection selection, String timeout) throws IOException {
        return LauncherDiscoveryRequestBuilder.request()
                .selectors(selectors(selection, selection.classes(jar)))
                .configurationParameter(JUPITER + "testmethod.order.default", LeavingSubscriptionsLast.class.getName())
                .configurationParameter(JUPITER + "execution.timeout.default", timeout)
                .configurationParameter(JUPITER + "execution.timeout.threaddump.enabled", "true")
                .build();
    }

    private static List<DiscoverySelector> selectors(Selection selection, List<String> classes) {
        return classes.stream()
                .map(type -> selection.method().isEmpty()
                        ? (DiscoverySelector) selectClass(type)
                        : selectMethod(type, selection.method()))
                .toList();
    }
}
