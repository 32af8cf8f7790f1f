package org.larchmq.server;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A command of LarchMQ in a process of its own, for tests. Every wait is bounded; closing it kills the process. */
public final class LarchProcess implements AutoCloseable {
    private static final int PATIENCE_SECONDS = 60;
    private static final String MAIN = "org.larchmq.server.Main";
    private static final String READY = "LarchMQ ready on tcp://127.0.0.1:";

    private final Process process;
    private final Path errors;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>();

    private LarchProcess(Process process, Path errors) {
        this.process = process;
        this.errors = errors;
        Thread reader = new Thread(this::read, "output of process " + process.pid());
        reader.setDaemon(true);
        reader.start();
    }

    /** Main of the class path of this test. */
    public static LarchProcess main(Path scratch, String... arguments) throws IOException {
        return start(scratch, new ProcessBuilder(command(arguments)));
    }

    /**
     * The same with one of its outputs a pipe that is full already and that nobody reads.
     *
     * @param output 1 for its standard output, 2 for its standard error
     */
    public static LarchProcess mainWithFullPipe(Path scratch, String output, String... arguments) throws IOException {
        Path pipe = scratch.resolve("full-pipe");
        String fill = "mkfifo '" + pipe + "' && exec 3<>'" + pipe + "' && head -c 65536 /dev/zero >&3 && exec \"$@\" "
                + output + ">&3";
        List<String> command = new ArrayList<>(List.of("sh", "-c", fill, "sh"));
        command.addAll(command(arguments));
        return start(scratch, new ProcessBuilder(command));
    }

    /** Another main class, with the class path of the tests. */
    public static LarchProcess mainOf(Path scratch, Class<?> main, String... arguments) throws IOException {
        List<String> command = command(arguments);
        command.set(command.indexOf(MAIN), main.getName());
        return start(scratch, new ProcessBuilder(command));
    }

    private static List<String> command(String... arguments) {
        String classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
        List<String> command = new ArrayList<>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-cp", classPath, MAIN));
        command.addAll(List.of(arguments));
        return command;
    }

    /** Any program. */
    public static LarchProcess start(Path scratch, ProcessBuilder builder) throws IOException {
        Path errors = Files.createTempFile(scratch, "stderr", ".log");
        return new LarchProcess(builder.redirectError(errors.toFile()).start(), errors);
    }

    /** Waits until clients can connect; returns the port. */
    public int awaitReady() throws InterruptedException {
        String line = nextLine();
        if (!line.startsWith(READY)) throw new AssertionError("expected the ready line, not: " + line + errors());
        return Integer.parseInt(line.substring(READY.length()));
    }

    public String nextLine() throws InterruptedException {
        String line = lines.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (line == null) throw new AssertionError("no output for " + PATIENCE_SECONDS + " s" + errors());
        return line;
    }

    /** Waits for the end; returns the exit code. */
    public int awaitExit() throws InterruptedException {
        if (!process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError("still running after " + PATIENCE_SECONDS + " s" + errors());
        }
        return process.exitValue();
    }

    public void terminate() {
        process.toHandle().destroy(); // Process.destroy would close the stream that we still read
    }

    public void kill() throws InterruptedException {
        process.destroyForcibly();
        awaitExit();
    }

    /** Waits until its standard error has a line with this text. */
    public void awaitError(String text) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
        while (!errors().contains(text)) {
            if (System.nanoTime() > deadline || process.waitFor(20, TimeUnit.MILLISECONDS)) {
                throw new AssertionError("did not say '" + text + "'" + errors());
            }
        }
    }

    /** What it wrote to standard error so far. */
    public String errors() {
        try {
            return "\n" + Files.readString(errors);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() throws InterruptedException {
        kill();
    }

    private void read() {
        try (BufferedReader in = process.inputReader()) {
            for (String line = in.readLine(); line != null; line = in.readLine()) lines.add(line);
        } catch (IOException e) {
            lines.add("(output ended: " + e + ")"); // the pipe of a killed process
        }
        lines.add("(end of output)");
    }
}
