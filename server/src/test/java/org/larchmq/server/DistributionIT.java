package org.larchmq.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.lang.module.ModuleFinder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The packed distribution, through its script. */
class DistributionIT {
    private static final Path HOME = Path.of("target/larchmq").toAbsolutePath();

    @TempDir
    private Path directory;

    @Test
    void theClientDirectoryHoldsWhatAnApplicationNeedsAndNothingMore() throws IOException {
        assertThat(namesIn("client").map(name -> name.replaceFirst("-\\d.*", "")))
                .containsExactlyInAnyOrder("larchmq-jms-provider", "larchmq-wire", "jakarta.jms-api", "slf4j-api");
    }

    @Test
    void theClientsJarsHaveNamesOnTheModulePath() {
        Set<String> names = ModuleFinder.of(HOME.resolve("client")).findAll().stream()
                .map(module -> module.descriptor().name())
                .collect(Collectors.toSet());
        assertThat(names).contains("org.larchmq.jms", "org.larchmq.wire");
    }

    @Test
    void theLibrariesForCompressionAreBesideItAndNowhereElse() throws IOException {
        assertThat(namesIn("client/compression").map(name -> name.replaceFirst("-\\d.*", "")))
                .containsExactlyInAnyOrder("lz4-java", "zstd-jni", "LICENSES.txt");
        assertThat(namesIn("lib")).noneMatch(name -> name.startsWith("lz4-java") || name.startsWith("zstd-jni"));
    }

    @Test
    void everyLibraryIsThereOnce() throws IOException {
        List<String> names =
                namesIn("lib").filter(name -> !name.contains("native")).toList();
        assertThat(names.stream().map(name -> name.replaceFirst("-\\d.*", ""))).doesNotHaveDuplicates();
        assertThat(names).noneMatch(name -> name.startsWith("slf4j-simple") || name.startsWith("larchmq-samples"));
        assertThat(HOME.resolve("LICENSE")).isRegularFile();
        assertThat(HOME.resolve("conf/larchmq.yaml")).isRegularFile();
    }

    @Test
    void aBrokerRunsFromAnyDirectoryThroughASymbolicLink() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("larchmq"), HOME.resolve("bin/larchmq"));
        ProcessBuilder builder = new ProcessBuilder(
                link.toString(), "start", "--data", "data with space", "--port", "0", "--set", "store.flush=async");
        builder.directory(directory.toFile());
        builder.environment().put("LARCHMQ_JAVA_OPTS", "-Xms32m -Xmx128m -XX:+UseSerialGC");
        try (LarchProcess broker = LarchProcess.start(directory, builder)) {
            broker.awaitReady();
            broker.terminate();
            assertThat(broker.nextLine()).isEqualTo("LarchMQ stopped");
            assertThat(broker.awaitExit()).isZero();
            assertThat(broker.errors()).doesNotContain("WARNING");
        }
        assertThat(directory.resolve("data with space")).isDirectory();
    }

    @Test
    void aPathBeyondAsciiIsUsedUnderThePlainLocale() throws Exception {
        String script = "name=$(printf 'd\\303\\244ta') && exec '" + HOME.resolve("bin/larchmq")
                + "' start --port 0 --data \"$name\"";
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", script);
        builder.directory(directory.toFile());
        builder.environment().put("LC_ALL", "C");
        try (LarchProcess broker = LarchProcess.start(directory, builder)) {
            broker.awaitReady();
            Process there = new ProcessBuilder("sh", "-c", "test -d \"$(printf 'd\\303\\244ta')/commitlog\"")
                    .directory(directory.toFile())
                    .start();
            assertThat(there.waitFor()).isZero();
        }
    }

    @Test
    void aLogThatNobodyReadsDoesNotKeepItFromStopping() throws Exception {
        String script = "mkfifo pipe && exec 3<>pipe && head -c 65536 /dev/zero >&3 && exec '"
                + HOME.resolve("bin/larchmq") + "' start --port 0 --data data 2>&3";
        ProcessBuilder builder = new ProcessBuilder("sh", "-c", script).directory(directory.toFile());
        builder.environment().put("LARCHMQ_LOG_LEVEL", "DEBUG");
        try (LarchProcess broker = LarchProcess.start(directory, builder)) {
            broker.awaitReady();
            broker.terminate();
            assertThat(broker.nextLine()).isEqualTo("LarchMQ stopped");
            assertThat(broker.awaitExit()).isZero();
        }
    }

    @Test
    void theConfigurationFileOfTheDistributionIsRead() throws Exception {
        try (LarchProcess config = larchmq(Map.of(), "config")) {
            assertThat(config.awaitExit()).as(config.errors()).isZero();
            assertThat(config.nextLine()).startsWith("network.host ").endsWith("default");
        }
    }

    @Test
    void aJavaThatIsTooOldOrMissingIsNamed() throws Exception {
        Path old = directory.resolve("java8");
        Files.createDirectories(old.resolve("bin"));
        Files.writeString(old.resolve("bin/java"), "#!/bin/sh\necho 'openjdk version \"1.8.0_402\"' >&2\n");
        Files.setPosixFilePermissions(old.resolve("bin/java"), PosixFilePermissions.fromString("rwxr-xr-x"));

        try (LarchProcess larchmq = larchmq(Map.of("JAVA_HOME", old.toString(), "LARCHMQ_JAVA", ""), "config")) {
            assertThat(larchmq.awaitExit()).isEqualTo(1);
            assertThat(larchmq.errors()).contains("Java 17 or later is needed", "1.8.0_402", "Remedy");
        }
        try (LarchProcess larchmq = larchmq(Map.of("LARCHMQ_JAVA", "/no/such/java"), "config")) {
            assertThat(larchmq.awaitExit()).isEqualTo(1);
            assertThat(larchmq.errors()).contains("no Java found", "/no/such/java", "Remedy");
        }
    }

    @Test
    void theQuickstartShowsWhatItPromisesAndLeavesNothingBehind() throws Exception {
        Path temporary = Files.createDirectory(directory.resolve("tmp"));
        Map<String, String> environment = Map.of("JDK_JAVA_OPTIONS", "-Djava.io.tmpdir=" + temporary);
        try (LarchProcess quickstart = larchmq(environment, "quickstart")) {
            assertThat(quickstart.awaitExit()).as(quickstart.errors()).isZero();
            List<String> said = new ArrayList<>();
            for (String line = quickstart.nextLine(); !line.startsWith("(end"); line = quickstart.nextLine()) {
                said.add(line);
            }
            assertThat(String.join("\n", said)).contains("orders 1 to 8", "kill -9", "orders 9 to 20", "All 20 orders");
            assertThat(said).hasSizeLessThan(20).allMatch(line -> line.length() <= 160);
        }
        assertThat(temporary).isEmptyDirectory();
        assertThat(ProcessHandle.allProcesses()
                        .filter(process -> process.info()
                                .commandLine()
                                .filter(line -> line.contains("larchmq-quickstart-"))
                                .isPresent()))
                .isEmpty();
    }

    private LarchProcess larchmq(Map<String, String> environment, String... arguments) throws IOException {
        List<String> command =
                new ArrayList<>(List.of(HOME.resolve("bin/larchmq").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command);
        builder.environment().putAll(environment);
        return LarchProcess.start(directory, builder);
    }

    private static Stream<String> namesIn(String subdirectory) throws IOException {
        try (Stream<Path> files = Files.list(HOME.resolve(subdirectory))) {
            return files
                    .filter(Files::isRegularFile)
                    .map(file -> file.getFileName().toString())
                    .toList()
                    .stream();
        }
    }
}
