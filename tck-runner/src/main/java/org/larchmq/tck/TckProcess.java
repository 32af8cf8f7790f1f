package org.larchmq.tck;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.engine.JupiterTestEngine;
import org.junit.platform.commons.JUnitException;
import org.junit.platform.engine.TestEngine;
import org.junit.platform.launcher.Launcher;
import org.larchmq.tck.suite.Suite;
import org.opentest4j.AssertionFailedError;

/** The process in which the TCK runs: its jars, JUnit, jndi.properties and the distribution's client jars. */
final class TckProcess {
    private static final List<Class<?>> JUNIT_AND_SUITE = List.of(
            Launcher.class,
            TestEngine.class,
            JUnitException.class,
            JupiterTestEngine.class,
            Test.class,
            AssertionFailedError.class,
            Suite.class);

    private final TckJars jars;
    private final Path home;
    private final Path results;

    TckProcess(TckJars jars, Path home, Path results) {
        this.jars = jars;
        this.home = home;
        this.results = results;
    }

    /**
     * Runs the selected tests.
     *
     * @param timeoutMillis  what the tests take as jms_timeout
     * @param testSeconds    longest time of one test
     * @param limitMinutes   longest time of all
     * @return whether it came to its end
     */
    boolean run(String selection, long timeoutMillis, int testSeconds, int limitMinutes)
            throws IOException, InterruptedException {
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx512m", "-cp", classPath()));
        command.add("-Duser=" + TckBroker.USER);
        command.add("-Dpassword=" + TckBroker.PASSWORD);
        command.add("-Djms_timeout=" + timeoutMillis);
        command.add("-Dplatform.mode=standalone");
        command.add("-Dvehicle=standalone");
        command.add(Suite.class.getName());
        command.addAll(List.of(jars.tests().toString(), results.toString(), selection, Integer.toString(testSeconds)));
        Process process = new ProcessBuilder(command).inheritIO().start();
        try {
            return process.waitFor(limitMinutes, TimeUnit.MINUTES) && process.exitValue() == 0;
        } finally {
            process.destroyForcibly();
        }
    }

    private String classPath() throws IOException {
        Set<String> entries = new LinkedHashSet<>();
        entries.add(results.toString()); // jndi.properties
        entries.add(jars.tests().toString());
        entries.add(jars.common().toString());
        for (Class<?> type : JUNIT_AND_SUITE) entries.add(originOf(type));
        try (Stream<Path> client = Files.list(home.resolve("client"))) {
            client.map(Path::toString)
                    .filter(name -> name.endsWith(".jar"))
                    .sorted()
                    .forEach(entries::add);
        }
        return String.join(File.pathSeparator, entries);
    }

    private static String originOf(Class<?> type) {
        try {
            return Path.of(type.getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .toString();
        } catch (URISyntaxException e) {
            throw new AssertionError("the class loader's own URL is none", e);
        }
    }
}
