package org.larchmq.tck;

import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The distribution's broker on an empty store, as a process of its own; closing it ends it. */
final class TckBroker implements AutoCloseable {
    static final String USER = "j2ee";
    static final String PASSWORD = "j2ee";

    private static final String READY = "LarchMQ ready on ";
    private static final int START_SECONDS = 60;
    private static final int STOP_SECONDS = 30;
    private static final int POLL_MILLIS = 50;

    private final Process process;
    private final String uri;

    private TckBroker(Process process, String uri) {
        this.process = process;
        this.uri = uri;
    }

    /**
     * Makes the user and starts the broker on a free port.
     *
     * @param home the distribution
     * @param log  gets everything that the broker writes
     */
    static TckBroker start(Path home, Path data, Path log) throws IOException, InterruptedException {
        Path larchmq = home.resolve("bin").resolve("larchmq");
        addUser(larchmq, data, log);
        Process process = command(larchmq, log, "start", "--data", data.toString(), "--port", "0")
                .start();
        boolean ready = false;
        try {
            process.getOutputStream().close();
            TckBroker broker = new TckBroker(process, awaitReady(process, log));
            ready = true;
            return broker;
        } finally {
            if (!ready) process.toHandle().destroyForcibly();
        }
    }

    private static void addUser(Path larchmq, Path data, Path log) throws IOException, InterruptedException {
        Files.createDirectories(data);
        Process user = command(larchmq, log, "user", "add", USER, "--data", data.toString())
                .start();
        try (OutputStream in = user.getOutputStream()) {
            in.write((PASSWORD + "\n").getBytes(StandardCharsets.UTF_8));
        }
        if (!user.waitFor(START_SECONDS, TimeUnit.SECONDS)) {
            user.destroyForcibly();
            throw new IOException("larchmq user add did not end within " + START_SECONDS + " s; see " + log);
        }
        if (user.exitValue() != 0) throw new IOException("larchmq user add failed; see " + log);
    }

    private static ProcessBuilder command(Path larchmq, Path log, String... arguments) {
        List<String> command = new ArrayList<>(List.of(larchmq.toString()));
        command.addAll(List.of(arguments));
        return new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    }

    private static String awaitReady(Process process, Path log) throws IOException, InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(START_SECONDS);
        while (System.nanoTime() < deadline) {
            for (String line : Files.readAllLines(log)) {
                if (line.startsWith(READY))
                    return line.substring(READY.length()).trim();
            }
            if (process.waitFor(POLL_MILLIS, TimeUnit.MILLISECONDS)) {
                throw new IOException("the broker ended with exit code " + process.exitValue() + "; see " + log);
            }
        }
        throw new IOException("the broker was not ready within " + START_SECONDS + " s; see " + log);
    }

    /** For example {@code tcp://127.0.0.1:40123}. */
    String uri() {
        return uri;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    @Override
    public void close() throws InterruptedException {
        process.destroy();
        if (process.waitFor(STOP_SECONDS, TimeUnit.SECONDS)) return;
        process.destroyForcibly();
        process.waitFor();
    }
}
