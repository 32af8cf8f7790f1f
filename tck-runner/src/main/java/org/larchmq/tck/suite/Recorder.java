package org.larchmq.tck.suite;

import java.io.PrintStream;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.TestSource;
import org.junit.platform.engine.support.descriptor.ClassSource;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;

/** Writes down what comes of each test as soon as it is known, so that a killed run leaves what it had. */
final class Recorder implements TestExecutionListener {
    private final PrintStream results;
    private final PrintStream failures;
    private final PrintStream progress;
    private final TestLog log;
    private final Map<Outcome.Kind, Integer> ofClass = new LinkedHashMap<>();
    private long startedNanos;

    Recorder(PrintStream results, PrintStream failures, PrintStream progress, TestLog log) {
        this.results = results;
        this.failures = failures;
        this.progress = progress;
        this.log = log;
    }

    @Override
    public void executionStarted(TestIdentifier test) {
        if (isClass(test)) ofClass.clear();
        if (!test.isTest()) return;
        log.begin();
        startedNanos = System.nanoTime();
    }

    @Override
    public void executionSkipped(TestIdentifier test, String reason) {
        if (test.isTest() || isClass(test)) record(test, Outcome.Kind.SKIPPED, 0, reason);
    }

    @Override
    public void executionFinished(TestIdentifier test, TestExecutionResult result) {
        boolean passed = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
        Throwable failure = result.getThrowable().orElse(null);
        if (test.isTest()) {
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startedNanos);
            if (passed) record(test, Outcome.Kind.PASSED, millis, "");
            else failed(test, millis, failure);
        } else if (!passed) {
            failed(test, 0, failure);
        }
        if (isClass(test)) progress.println(groupOf(test) + " " + ofClass);
    }

    private void failed(TestIdentifier test, long millis, Throwable failure) {
        record(test, Outcome.Kind.FAILED, millis, reason(failure));
        failures.println("==== " + groupOf(test) + " " + nameOf(test));
        StringWriter trace = new StringWriter();
        if (failure != null) failure.printStackTrace(new PrintWriter(trace, true));
        failures.println(trace);
        failures.println("---- logged by the test");
        failures.println(log.current());
        failures.flush();
        progress.println("FAILED " + groupOf(test) + " " + nameOf(test));
    }

    private static String reason(Throwable failure) {
        if (failure == null) return "no reason given";
        Throwable root = failure;
        while (root.getCause() != null && root.getCause() != root) root = root.getCause();
        return root == failure ? failure.toString() : failure + " <- " + root;
    }

    private void record(TestIdentifier test, Outcome.Kind kind, long millis, String message) {
        ofClass.merge(kind, 1, Integer::sum);
        results.println(new Outcome(groupOf(test), nameOf(test), kind, millis, message).toLine());
        results.flush();
    }

    private static boolean isClass(TestIdentifier test) {
        return test.getSource().filter(ClassSource.class::isInstance).isPresent();
    }

    private static String groupOf(TestIdentifier test) {
        return classOf(test).map(Selection::groupOf).orElse("-");
    }

    private static String nameOf(TestIdentifier test) {
        String type = classOf(test)
                .map(name -> name.substring(name.lastIndexOf('.') + 1))
                .orElse("-");
        TestSource source = test.getSource().orElse(null);
        return source instanceof MethodSource method ? type + "#" + method.getMethodName() : type;
    }

    private static Optional<String> classOf(TestIdentifier test) {
        TestSource source = test.getSource().orElse(null);
        if (source instanceof MethodSource method) return Optional.of(method.getClassName());
        if (source instanceof ClassSource type) return Optional.of(type.getClassName());
        return Optional.empty();
    }
}
