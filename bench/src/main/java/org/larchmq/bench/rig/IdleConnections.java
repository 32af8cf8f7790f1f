package org.larchmq.bench.rig;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.larchmq.bench.support.Jndi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Opens connections and does nothing with them until its standard input ends. In a process of its own, as idle clients
 * are: their threads must not weigh on the garbage collections of the clients being measured.
 */
@Command(name = "idle-connections", hidden = true)
final class IdleConnections implements Callable<Integer> {
    private static final String ALL_OPEN = "all open";
    private static final int OPEN_LIMIT_SECONDS = 300;

    @Option(names = "--url", required = true)
    private String url;

    @Option(names = "--count", required = true)
    private int count;

    @Option(names = "--jndi-factory", defaultValue = Jndi.LARCHMQ_FACTORY)
    private String jndiFactory;

    @Override
    public Integer call() throws JMSException, IOException {
        ConnectionFactory factory = Jndi.connectionFactory(jndiFactory, url, "ConnectionFactory");
        List<Connection> open = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            Connection connection = factory.createConnection();
            open.add(connection);
            connection.start();
        }
        System.out.println(ALL_OPEN);
        boolean ended = System.in.read() < 0;
        return ended ? 0 : 1; // the connections end with the process
    }

    static Elsewhere elsewhere(String jndiFactory, String url, int count) throws InterruptedException {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        List<String> command = List.of(
                java,
                "-Xmx4g",
                "-Xss256k",
                "-cp",
                System.getProperty("java.class.path"),
                "org.larchmq.bench.Rigs",
                "idle-connections",
                "--url=" + url,
                "--count=" + count,
                "--jndi-factory=" + jndiFactory);
        long start = System.nanoTime();
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            var elsewhere = new Elsewhere(process);
            elsewhere.awaitOpen();
            elsewhere.seconds = (System.nanoTime() - start) / 1e9;
            return elsewhere;
        } catch (IOException e) {
            throw new RigException("cannot start " + String.join(" ", command), e);
        }
    }

    /** The other process. */
    static final class Elsewhere implements AutoCloseable {
        private final Process process;
        private double seconds;

        private Elsewhere(Process process) {
            this.process = process;
        }

        private void awaitOpen() throws InterruptedException {
            CompletableFuture<String> said = CompletableFuture.supplyAsync(this::linesUntilOpen);
            try {
                String lines = said.get(OPEN_LIMIT_SECONDS, TimeUnit.SECONDS);
                if (lines.endsWith(ALL_OPEN)) return;
                throw new RigException("the idle connections failed: " + lines);
            } catch (TimeoutException | ExecutionException e) {
                throw new RigException("the idle connections are not open after " + OPEN_LIMIT_SECONDS + " s", e);
            } finally {
                if (!said.isDone() || !said.join().endsWith(ALL_OPEN)) process.destroyForcibly();
            }
        }

        private String linesUntilOpen() {
            var lines = new StringBuilder();
            try {
                var in = new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8));
                String line;
                while ((line = in.readLine()) != null) {
                    lines.append(line);
                    if (line.equals(ALL_OPEN)) break;
                }
            } catch (IOException e) {
                lines.append(e);
            }
            return lines.toString();
        }

        double seconds() {
            return seconds;
        }

        @Override
        public void close() {
            process.destroyForcibly();
        }
    }
}
