package org.larchmq.bench.rig;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** One run of the real broker, started the way an administrator starts it. Its output is kept in a file. */
final class BrokerProcess implements AutoCloseable {
    static final String READY = "LarchMQ ready on";
    private static final Duration KILL_LIMIT = Duration.ofSeconds(20);
    private static final int LINES_KEPT = 5_000;

    /**
     * @param home the distribution
     * @param environment added to the rig's own, for example LARCHMQ_JAVA_OPTS and LARCHMQ_JAVA
     * @param options {@code key=value} for --set
     */
    record Spec(Path home, Path data, int port, Path log, Map<String, String> environment, List<String> options) {
        Spec {
            environment = Map.copyOf(environment);
            options = List.copyOf(options);
        }

        List<String> command() {
            List<String> command = new ArrayList<>(List.of(
                    home.resolve("bin/larchmq").toString(),
                    "start",
                    "--data",
                    data.toString(),
                    "--port",
                    Integer.toString(port)));
            for (String option : options) command.addAll(List.of("--set", option));
            return command;
        }

        String url() {
            return "tcp://127.0.0.1:" + port;
        }
    }

    private final Spec spec;
    private final Process process;
    private final Thread reader;
    private final long startedNanos = System.nanoTime();
    private final CountDownLatch ready = new CountDownLatch(1);
    private volatile long readyNanos;
    private final List<String> lines = new ArrayList<>();

    private BrokerProcess(Spec spec) {
        this.spec = spec;
        try {
            Files.createDirectories(spec.log().getParent());
            var builder = new ProcessBuilder(spec.command()).redirectErrorStream(true);
            builder.redirectInput(
                    ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()));
            builder.environment().putAll(spec.environment());
            process = builder.start();
        } catch (IOException e) {
            throw new RigException("cannot start " + String.join(" ", spec.command()) + ": " + e.getMessage(), e);
        }
        reader = new Thread(this::read, "broker-output");
        reader.setDaemon(true);
        reader.start();
    }

    /** Returns at once. */
    static BrokerProcess launch(Spec spec) {
        return new BrokerProcess(spec);
    }

    /** Returns when clients can connect. */
    void requireReady(Duration limit) throws InterruptedException {
        if (awaitReady(limit)) return;
        boolean hangs = isAlive();
        kill();
        throw new RigException("the broker %s; its last words:%n%s"
                .formatted(hangs ? "was not ready within " + limit : "ended before it was ready", lastLines(15)));
    }

    private void read() {
        try (var in = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                var log = Files.newBufferedWriter(spec.log(), StandardOpenOption.CREATE, StandardOpenOption.APPEND)) {
            String line;
            while ((line = in.readLine()) != null) {
                log.write(line + "\n");
                log.flush();
                keep(line);
                if (!line.contains(READY)) continue;
                readyNanos = System.nanoTime();
                ready.countDown();
            }
        } catch (IOException e) {
            keep("(the rig could not read or keep the broker's output: " + e.getMessage() + ")");
        }
    }

    private void keep(String line) {
        synchronized (lines) {
            if (lines.size() < LINES_KEPT) lines.add(line);
        }
    }

    /** False when the process ended or the time is over. */
    boolean awaitReady(Duration limit) throws InterruptedException {
        long until = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < until) {
            if (ready.await(20, TimeUnit.MILLISECONDS)) return true;
            if (process.isAlive()) continue;
            reader.join(KILL_LIMIT.toMillis());
            return ready.getCount() == 0;
        }
        return false;
    }

    /** False when the process ended without saying it, or the time is over. */
    boolean awaitLine(String part, Duration limit) throws InterruptedException {
        long until = System.nanoTime() + limit.toNanos();
        while (System.nanoTime() < until) {
            synchronized (lines) {
                if (lines.stream().anyMatch(line -> line.contains(part))) return true;
            }
            if (!process.isAlive()) return false;
            Thread.sleep(20);
        }
        return false;
    }

    double secondsToReady() {
        return (readyNanos - startedNanos) / 1e9;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    boolean awaitEnd(Duration limit) throws InterruptedException {
        return process.waitFor(limit.toMillis(), TimeUnit.MILLISECONDS);
    }

    int exitCode() {
        return process.exitValue();
    }

    long pid() {
        return process.pid();
    }

    /** SIGKILL to the process and what it started (strace starts the JVM). */
    void kill() throws InterruptedException {
        List<ProcessHandle> children = process.descendants().toList();
        children.forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
        if (!awaitEnd(KILL_LIMIT)) throw new RigException("process " + pid() + " survives SIGKILL");
        long until = System.nanoTime() + KILL_LIMIT.toNanos();
        for (ProcessHandle child : children) {
            while (child.isAlive()) {
                if (System.nanoTime() > until) throw new RigException("process " + child.pid() + " survives SIGKILL");
                Thread.sleep(2);
            }
        }
    }

    /** Most physical memory that the process has had, as Linux counts it. */
    long peakResidentBytes() throws IOException {
        for (String line : Files.readAllLines(Path.of("/proc/" + process.pid() + "/status"))) {
            if (line.startsWith("VmHWM:")) return Long.parseLong(line.replaceAll("[^0-9]", "")) << 10;
        }
        throw new IOException("no VmHWM of process " + process.pid());
    }

    /** SIGTERM, as an administrator does. */
    void stop(Duration limit) throws InterruptedException {
        List<ProcessHandle> children = process.descendants().toList();
        children.forEach(ProcessHandle::destroy); // strace ends with the JVM it runs
        if (children.isEmpty()) process.destroy();
        if (awaitEnd(limit)) return;
        kill();
        throw new RigException("the broker did not stop within " + limit + " of SIGTERM:\n" + lastLines(15));
    }

    List<String> output() throws InterruptedException {
        if (!process.isAlive()) reader.join(KILL_LIMIT.toMillis());
        synchronized (lines) {
            return List.copyOf(lines);
        }
    }

    String lastLines(int count) throws InterruptedException {
        List<String> all = output();
        return String.join("\n", all.subList(Math.max(0, all.size() - count), all.size()));
    }

    @Override
    public void close() {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly();
    }
}
