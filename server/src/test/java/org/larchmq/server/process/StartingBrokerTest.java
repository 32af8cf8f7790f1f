package org.larchmq.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.BufferedReader;
import java.net.Socket;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.broker.Broker;
import org.larchmq.broker.BrokerStartException;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.server.LarchProcess;

/** A broker that recovers its data: it has its port and its data directory, and serves nobody yet. */
class StartingBrokerTest {
    @TempDir
    private Path directory;

    private BrokerSettings settings() {
        BrokerSettings defaults = BrokerSettings.defaults(directory);
        return defaults.with(defaults.network().withPort(0));
    }

    @Test
    void aClientThatConnectsDuringRecoveryIsServedAfterIt() throws Exception {
        List<CompletableFuture<String>> answers = new ArrayList<>();
        List<Socket> silent = new ArrayList<>();
        Broker broker = Broker.start(settings(), port -> {
            try {
                silent.add(new Socket("127.0.0.1", port)); // returns when the connection is there
            } catch (java.io.IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
            answers.add(CompletableFuture.supplyAsync(() -> status(port)));
        });
        try (broker) {
            assertThat(answers.get(0).get(30, TimeUnit.SECONDS)).contains("version");
            silent.get(0).close();
        }
    }

    private static String status(int port) {
        try {
            return AdminClient.ask("127.0.0.1", port, "", "", "status").text();
        } catch (java.io.IOException e) {
            throw new java.io.UncheckedIOException(e);
        }
    }

    @Test
    void aStartThatEndsInAnErrorLeavesNothingRunning() {
        List<Integer> ports = new ArrayList<>();
        assertThatThrownBy(() -> Broker.start(settings(), port -> {
                    ports.add(port);
                    throw new AssertionError("at the start");
                }))
                .isInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> new Socket("127.0.0.1", ports.get(0))).isInstanceOf(java.net.ConnectException.class);
    }

    @Test
    void aPortInUseIsFoundBeforeTheDataDirectoryIsTouched() throws BrokerStartException {
        try (Broker first = Broker.start(settings())) {
            Path other = directory.resolve("other");
            BrokerSettings settings = BrokerSettings.defaults(other);
            assertThatThrownBy(
                            () -> Broker.start(settings.with(settings.network().withPort(first.port()))))
                    .isInstanceOf(BrokerStartException.class)
                    .hasMessageContaining("another program listens on 127.0.0.1:" + first.port());
            assertThat(other).doesNotExist();
        }
    }

    @Test
    void stopEndsItAndStatusSaysWhatItDoes() throws Exception {
        Process process = new ProcessBuilder("sh", "-c", "echo up; exec sleep 300").start();
        try (BufferedReader out = process.inputReader()) {
            out.readLine();
            String identity = ProcessIdentity.of(process.pid()).orElseThrow();
            new RunningBroker(process.pid(), identity, "::1", 1, java.time.Instant.now(), false, "").write(directory);
            String data = directory.toString();

            try (LarchProcess status = LarchProcess.main(directory, "status", "--data", data)) {
                assertThat(status.awaitExit()).as(status.errors()).isZero();
                status.nextLine();
                assertThat(status.nextLine()).isEqualTo("listening: tcp://[::1]:1");
                status.nextLine();
                assertThat(status.nextLine()).startsWith("state: recovering");
            }
            try (LarchProcess list = LarchProcess.main(directory, "queue", "list", "--data", data)) {
                assertThat(list.awaitExit()).isEqualTo(1);
                assertThat(list.errors()).contains("still recovering");
            }
            try (LarchProcess stop = LarchProcess.main(directory, "stop", "--data", data)) {
                assertThat(stop.awaitExit()).as(stop.errors()).isZero();
            }
            assertThat(process.waitFor(10, TimeUnit.SECONDS)).isTrue();
        } finally {
            process.destroyForcibly();
        }
    }
}
