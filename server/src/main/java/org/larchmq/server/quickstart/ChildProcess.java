package org.larchmq.server.quickstart;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A process that we started: its standard output line by line, its standard error in a file. */
final class ChildProcess implements AutoCloseable {
    private static final String END = "\0end of output";
    private static final int MAX_LINES = 10_000;
    private static final int LINES_OF_ERRORS_SHOWN = 5;

    private final String name;
    private final Process process;
    private final Path errors;
    private final BlockingQueue<String> lines = new LinkedBlockingQueue<>(MAX_LINES);

    private ChildProcess(String name, Process process, Path errors) {
        this.name = name;
        this.process = process;
        this.errors = errors;
        Thread reader = new Thread(this::read, "output of " + name);
        reader.setDaemon(true);
        reader.start();
    }

    /** @param errors gets the process's standard error */
    static ChildProcess start(String name, List<String> command, Path errors) {
        try {
            Process process =
                    new ProcessBuilder(command).redirectError(errors.toFile()).start();
            process.getOutputStream().close();
            return new ChildProcess(name, process, errors);
        } catch (IOException e) {
            throw new QuickstartException(name + " cannot be started: " + e.getMessage(), e);
        }
    }

    /** The first line that begins so, without that beginning. Earlier lines are dropped. */
    String awaitLine(String beginning, int seconds) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (true) {
            String line = lines.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
            if (line == null) throw failed("said nothing for " + seconds + " s");
            if (line.equals(END)) throw failed("ended too early");
            if (line.startsWith(beginning)) return line.substring(beginning.length());
        }
    }

    /** Everything it says until it ends with exit code 0. */
    List<String> awaitSuccess(int seconds) throws InterruptedException {
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) throw failed("did not end within " + seconds + " s");
        List<String> all = new ArrayList<>();
        for (String line = next(); !line.equals(END); line = next()) all.add(line);
        if (process.exitValue() != 0) throw failed("ended with exit code " + process.exitValue());
        return all;
    }

    /** SIGKILL: the process cannot do anything about it. Returns when it is gone. */
    void kill() throws InterruptedException {
        process.toHandle().destroyForcibly(); // Process.destroy would close the stream that we still read
        process.waitFor();
    }

    /** SIGTERM, and SIGKILL if that does not help. */
    void stop(int seconds) throws InterruptedException {
        process.toHandle().destroy();
        if (!process.waitFor(seconds, TimeUnit.SECONDS)) kill();
    }

    @Override
    public void close() {
        process.toHandle().destroyForcibly();
        process.onExit().join();
    }

    private String next() throws InterruptedException {
        String line = lines.poll(10, TimeUnit.SECONDS);
        if (line == null) throw failed("ended, but its output did not");
        return line;
    }

    private QuickstartException failed(String what) {
        StringBuilder message = new StringBuilder(name).append(' ').append(what);
        try {
            List<String> said = Files.readAllLines(errors);
            for (String line : said.subList(Math.max(0, said.size() - LINES_OF_ERRORS_SHOWN), said.size())) {
                message.append("\n  ").append(line);
            }
        } catch (IOException e) {
            message.append(" (and what it wrote cannot be read: ").append(e).append(')');
        }
        return new QuickstartException(message.toString());
    }

    private void read() {
        try (BufferedReader in = process.inputReader(StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) lines.put(line);
            lines.put(END);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (IOException e) {
            lines.offer(END); // whoever waits for a line says what it knows of the process
        }
    }
}
