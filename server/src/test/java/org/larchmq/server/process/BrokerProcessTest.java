package org.larchmq.server.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.server.LarchProcess;

/** The real process, from the outside. */
class BrokerProcessTest {
    @TempDir
    private Path directory;

    @Test
    void startsTellsItsStatusAndStopsInOrderOnSigterm() throws Exception {
        Path data = directory.resolve("data");
        try (LarchProcess broker = start(data)) {
            int port = broker.awaitReady();
            assertThat(RunningBroker.read(data).orElseThrow().port()).isEqualTo(port);

            try (LarchProcess status = LarchProcess.main(directory, "status", "--data", data.toString())) {
                assertThat(status.awaitExit()).as(status.errors()).isZero();
                assertThat(status.nextLine()).startsWith("process: ");
                assertThat(status.nextLine()).isEqualTo("listening: tcp://127.0.0.1:" + port);
            }

            broker.terminate();
            assertThat(broker.nextLine()).isEqualTo("LarchMQ stopped");
            assertThat(broker.awaitExit()).isZero();
            assertThat(broker.errors()).doesNotContain("\tat ");
            assertThat(RunningBroker.read(data)).isEmpty();
        }
    }

    @Test
    void stopEndsTheBrokerOfADataDirectoryAndWaitsForIt() throws Exception {
        Path data = directory.resolve("data");
        try (LarchProcess broker = start(data)) {
            broker.awaitReady();
            try (LarchProcess stop = LarchProcess.main(directory, "stop", "--data", data.toString())) {
                assertThat(stop.awaitExit()).as(stop.errors()).isZero();
                assertThat(stop.nextLine()).endsWith("has stopped");
            }
            assertThat(broker.awaitExit()).isZero();
        }
    }

    @Test
    void aSecondBrokerOnTheSameDataIsRefusedAndTheFirstGoesOn() throws Exception {
        Path data = directory.resolve("data");
        try (LarchProcess first = start(data)) {
            int port = first.awaitReady();
            try (LarchProcess second = start(data)) {
                assertRefused(second, data.toString());
            }
            try (LarchProcess verify = LarchProcess.main(directory, "verify", "--data", data.toString())) {
                assertRefused(verify, data.toString());
            }
            assertThat(AdminClient.ask("127.0.0.1", port, "", "", "status")).isNotEmpty();
        }
    }

    @Test
    void aPortInUseIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            String port = Integer.toString(taken.getLocalPort());
            try (LarchProcess broker = LarchProcess.main(
                    directory, "start", "--data", directory.resolve("data").toString(), "--port", port)) {
                assertRefused(broker, port);
            }
        }
    }

    @Test
    void anAddressThatIsNotLoopbackIsRefused() throws Exception {
        try (LarchProcess broker = LarchProcess.main(
                directory, "start", "--data", directory.resolve("data").toString(), "--host", "0.0.0.0")) {
            assertRefused(broker, "0.0.0.0");
        }
    }

    @Test
    void anUnknownSettingStartsNothing() throws Exception {
        Path data = directory.resolve("data");
        Path file = Files.writeString(directory.resolve("c.yaml"), "store:\n  flsh: sync\n");
        try (LarchProcess broker =
                LarchProcess.main(directory, "start", "--data", data.toString(), "--config", file.toString())) {
            assertThat(broker.awaitExit()).isEqualTo(2);
            assertThat(broker.errors()).contains(file + ":2", "did you mean 'store.flush'?");
            assertThat(data).doesNotExist();
        }
    }

    @Test
    void afterAKillTheSameDataCanBeUsedAgain() throws Exception {
        Path data = directory.resolve("data");
        try (LarchProcess broker = start(data)) {
            broker.awaitReady();
            broker.kill();
        }
        assertThat(RunningBroker.read(data).orElseThrow().process()).isEmpty();
        try (LarchProcess verify = LarchProcess.main(directory, "verify", "--data", data.toString())) {
            assertThat(verify.awaitExit()).as(verify.errors()).isZero();
            assertThat(verify.nextLine()).endsWith("no damage");
        }
        try (LarchProcess broker = start(data)) {
            broker.awaitReady();
        }
    }

    private LarchProcess start(Path data) throws IOException {
        return LarchProcess.main(directory, "start", "--data", data.toString(), "--port", "0");
    }

    private static void assertRefused(LarchProcess process, String named) throws InterruptedException {
        assertThat(process.awaitExit()).as(process.errors()).isEqualTo(1);
        assertThat(process.errors()).contains("larchmq: ").contains(named).doesNotContain("\tat ");
    }
}
