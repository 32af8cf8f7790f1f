package org.larchmq.tck;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The runner with the distribution and jars that stand in for the TCK's. */
class TckRunnerIT {
    private static final Path HOME =
            Path.of("..", "server", "target", "larchmq").toAbsolutePath().normalize();

    @TempDir
    private Path directory;

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private Path results;
    private Path common;

    @BeforeEach
    void makeTheTools() throws IOException {
        results = directory.resolve("results");
        common = StandIn.common(directory);
    }

    private int run(String... more) {
        List<String> arguments = new ArrayList<>(List.of(
                "--home", HOME.toString(), "--results", results.toString(), "--timeout", "5000", "--test-limit", "60"));
        arguments.addAll(List.of(more));
        return TckRunner.run(new PrintWriter(out, true), new PrintWriter(err, true), arguments.toArray(String[]::new));
    }

    private int runJar(Path tests, String... more) {
        List<String> arguments = new ArrayList<>(List.of("--jar", tests.toString(), "--common", common.toString()));
        arguments.addAll(List.of(more));
        return run(arguments.toArray(String[]::new));
    }

    @Test
    void testsFindTheBrokerTheUsersAndTheAdministeredObjects() throws IOException {
        Path tests = StandIn.tests(directory, StandIn.USES_ALL_THAT_IS_GIVEN);

        int exitCode = runJar(tests, "--expect", "4");

        assertThat(Files.readString(results.resolve("failures.txt"))).isEmpty();
        assertThat(exitCode).isZero();
        assertThat(out.toString()).containsPattern("core\\.standin +4 +0 +0").contains("PASSED: 4 of 4 tests passed");
        assertThat(results.resolve("summary.txt")).content().contains("PASSED");
    }

    @Test
    void failuresAreCountedAndStoredWithWhatTheTestLogged() throws IOException {
        Path tests = StandIn.tests(directory, StandIn.USES_ALL_THAT_IS_GIVEN, StandIn.FAILS);

        int exitCode = runJar(tests, "--expect", "0");

        assertThat(exitCode).isEqualTo(1);
        assertThat(out.toString())
                .containsPattern("core\\.standin +4 +0 +0")
                .containsPattern("core20\\.standin +2 +1 +0")
                .containsPattern("all +6 +1 +0")
                .contains("FAILED core20.standin ClientIT#fails")
                .contains("the cause of it");
        assertThat(results.resolve("failures.txt"))
                .content()
                .contains("fails failed", "the cause of it", "what the test has to say");
    }

    @Test
    void onlyAPartIsRunWhenItIsAskedFor() throws IOException {
        Path tests = StandIn.tests(directory, StandIn.USES_ALL_THAT_IS_GIVEN, StandIn.FAILS);

        assertThat(runJar(tests, "--only", "core20/standin#zPasses")).isZero();
        assertThat(out.toString()).contains("PASSED: 1 of 1 tests passed");

        assertThat(runJar(tests, "--only", "core20/standinn")).isEqualTo(2);
        assertThat(err.toString()).contains("nothing is called 'core20/standinn'", "core20.standin");
    }

    @Test
    void theToolsAreFoundBesideTheTests() throws IOException {
        Path tests = StandIn.tests(directory, StandIn.USES_ALL_THAT_IS_GIVEN);
        Files.move(common, directory.resolve("common-11.1.0.jar"));

        assertThat(run("--jar", tests.toString(), "--expect", "4")).isZero();
    }

    @Test
    void aRunThatFindsFewerTestsThanTheTckHasIsAFailure() throws IOException {
        Path tests = StandIn.tests(directory, StandIn.USES_ALL_THAT_IS_GIVEN);

        assertThat(runJar(tests)).isEqualTo(1);
        assertThat(out.toString()).contains("FAILED", "4 were run, this TCK should have 903");
    }

    @Test
    void aMissingOrForeignJarIsNamedTogetherWithHowToGetTheRightOne() throws IOException {
        assertThat(run("--jar", directory.resolve("none.jar").toString())).isEqualTo(3);
        assertThat(err.toString()).contains("none.jar", "--jar", "jakarta.tck:jms-tck:11.0.3", "Remedy");

        assertThat(runJar(common)).isEqualTo(3);
        assertThat(err.toString()).contains("is not the jms-tck jar");
    }
}
