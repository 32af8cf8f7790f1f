package org.larchmq.bench.rig;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** Runs the machine's tools, with a bound on their time. */
final class Shell {
    private static final Duration LIMIT = Duration.ofSeconds(120);

    private Shell() {}

    record Result(int exitCode, String output) {
        boolean isOk() {
            return exitCode == 0;
        }
    }

    static Result run(String... command) throws InterruptedException {
        return run(LIMIT, List.of(command));
    }

    static Result run(Duration limit, List<String> command) throws InterruptedException {
        Path output = null;
        try {
            output = Files.createTempFile("larchmq-rig", ".out");
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectInput(
                            ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
                    .redirectOutput(output.toFile())
                    .start();
            if (!process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS)) {
                process.destroyForcibly();
                throw new RigException(String.join(" ", command) + " did not end within " + limit);
            }
            return new Result(process.exitValue(), Files.readString(output, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new RigException("cannot run " + String.join(" ", command) + ": " + e.getMessage(), e);
        } finally {
            if (output != null) output.toFile().delete();
        }
    }

    static String mustRun(String... command) throws InterruptedException {
        Result result = run(command);
        if (result.isOk()) return result.output;
        throw new RigException(
                "%s: exit code %d: %s".formatted(String.join(" ", command), result.exitCode, result.output.strip()));
    }

    /** A tool on the PATH or in sbin. */
    static Optional<Path> find(String tool) {
        String path = System.getenv().getOrDefault("PATH", "") + ":/usr/sbin:/sbin";
        return Stream.of(path.split(":"))
                .filter(dir -> !dir.isEmpty())
                .map(dir -> Path.of(dir, tool))
                .filter(Files::isExecutable)
                .findFirst();
    }

    static boolean isRoot() throws InterruptedException {
        return run("id", "-u").output.strip().equals("0");
    }
}
