package org.larchmq.server.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSContext;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Hashtable;
import java.util.List;
import java.util.stream.Stream;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.server.LarchProcess;
import org.larchmq.server.security.PasswordHash;
import org.larchmq.server.security.Users;

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
            assertThat(broker.errors())
                    .doesNotContain("\tat ")
                    .contains("Java " + System.getProperty("java.version"), "heap up to", "memory outside of it up to")
                    .contains("Data directory " + data, "store.flush=sync", "0 users in", "security.anonymous=true")
                    .contains("limits.maxMessage=100MiB", "network.port=0", "listens on 127.0.0.1:" + port);
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
            assertThat(AdminClient.ask("127.0.0.1", port, "", "", "status").text())
                    .isNotEmpty();
        }
    }

    @Test
    void aPortInUseIsNamed() throws Exception {
        try (ServerSocket taken = new ServerSocket(0)) {
            String port = Integer.toString(taken.getLocalPort());
            try (LarchProcess broker = LarchProcess.main(
                    directory, "start", "--data", directory.resolve("data").toString(), "--port", port)) {
                assertRefused(broker, "another program listens on 127.0.0.1:" + port);
            }
            assertThat(directory.resolve("data")).doesNotExist();
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

    @Test
    void withoutAnonymousAccessOnlyUsersAndTheLocalCommandAreLetIn() throws Exception {
        Path data = Files.createDirectory(directory.resolve("data"));
        Users.NONE
                .with("alice", PasswordHash.of("secret", 1_000, new SecureRandom()))
                .write(data.resolve("users.yaml"));
        try (LarchProcess broker = start(data, "--set", "security.anonymous=false")) {
            int port = broker.awaitReady();

            assertThat(AdminClient.ask("127.0.0.1", port, "alice", "secret", "status")
                            .text())
                    .isNotEmpty();
            for (String[] wrong : new String[][] {{"", ""}, {"alice", "wrong"}, {"bob", "secret"}, {"$local", "x"}}) {
                assertThatThrownBy(() -> AdminClient.ask("127.0.0.1", port, wrong[0], wrong[1], "status"))
                        .as(wrong[0])
                        .hasMessageContaining("LARCH-3-AUTHENTICATION");
            }
            try (LarchProcess status = LarchProcess.main(directory, "status", "--data", data.toString())) {
                assertThat(status.awaitExit()).as(status.errors()).isZero();
            }
        }
    }

    @Test
    void aDamagedLogIsRefusedFoundByVerifyAndGivenUpByRepair() throws Exception {
        Path data = directory.resolve("data");
        try (LarchProcess broker = start(data, "--set", "store.checkpointInterval=1h")) {
            send(broker.awaitReady(), 100);
            broker.kill(); // so that the next start reads the log from the beginning
        }
        flipABitInTheMiddleOfTheLog(data);

        try (LarchProcess verify = LarchProcess.main(directory, "verify", "--data", data.toString())) {
            assertThat(verify.awaitExit()).as(verify.errors()).isEqualTo(4);
            assertThat(verify.nextLine()).startsWith("damage: ").contains("file=", "position=");
            assertThat(verify.nextLine()).contains("1 range is damaged", "larchmq repair --data " + data);
        }
        try (LarchProcess broker = start(data)) {
            assertRefused(broker, "commitlog");
            assertThat(broker.errors()).contains("Remedy", "larchmq repair");
        }
        try (LarchProcess repair = LarchProcess.main(directory, "repair", "--data", data.toString())) {
            assertThat(repair.awaitExit()).as(repair.errors()).isZero();
            assertThat(repair.nextLine()).startsWith("given up: ");
        }
        try (LarchProcess broker = start(data)) {
            broker.awaitReady();
        }
    }

    @Test
    void aLogThatNobodyReadsStopsNeitherTheBrokerNorItsStop() throws Exception {
        Path data = directory.resolve("data");
        try (LarchProcess broker =
                LarchProcess.mainWithFullPipe(directory, "2", "start", "--data", data.toString(), "--port", "0")) {
            send(broker.awaitReady(), 10);
            broker.terminate();
            assertThat(broker.nextLine()).isEqualTo("LarchMQ stopped");
            assertThat(broker.awaitExit()).isZero();
        }
    }

    @Test
    void anOutputThatNobodyReadsStopsNeitherTheBrokerNorItsStop() throws Exception {
        Path data = directory.resolve("data");
        int port;
        try (ServerSocket free = new ServerSocket(0)) {
            port = free.getLocalPort();
        }
        try (LarchProcess broker = LarchProcess.mainWithFullPipe(
                directory, "1", "start", "--data", data.toString(), "--port", Integer.toString(port))) {
            broker.awaitError("listens on");
            send(port, 10);
            broker.terminate();
            assertThat(broker.awaitExit()).isZero();
        }
    }

    @Test
    void whatClientsHaveMadeIsListedAndDeleted() throws Exception {
        Path data = directory.resolve("data");
        try (LarchProcess broker = start(data)) {
            send(broker.awaitReady(), 3);
            assertThat(larchmq("queue", "list", "--data", data.toString()))
                    .startsWith("id  name")
                    .containsPattern("\\d+ +orders +false +3 +0 +0");
            assertThat(larchmq("queue", "list", "--data", data.toString(), "-o", "json"))
                    .contains("\"name\": \"orders\", \"temporary\": false, \"unsettled\": 3");
            assertThat(larchmq("messages", "orders", "--data", data.toString(), "--limit", "2"))
                    .startsWith("id ")
                    .hasLineCount(3);
            assertThat(larchmq("messages", "orders", "--data", data.toString(), "-o", "json"))
                    .contains("\"message\": \"ID:", "\"persistent\": true");
            assertThat(larchmq("consumer", "list", "--data", data.toString())).startsWith("no consumers");
            assertThat(larchmq("connection", "list", "--data", data.toString(), "-o", "json"))
                    .contains("\"user\": \"$local\"");
            assertThat(larchmq("queue", "delete", "orders", "--data", data.toString()))
                    .startsWith("Deleted queue 'orders'");
            assertThat(larchmq("queue", "list", "--data", data.toString())).doesNotContain("orders");
        }
    }

    @Test
    void statusSaysWhoKeepsTheLogAndHowMuchOfTheLimitsIsUsed() throws Exception {
        Path data = directory.resolve("data");
        try (LarchProcess broker = start(data)) {
            send(broker.awaitReady(), 3);
            assertThat(larchmq("status", "--data", data.toString()))
                    .containsPattern("\nunsettled in the log: [3-9]\\d{3} bytes, most of it kept by\n")
                    .containsPattern("\n  queue 'orders': [3-9]\\d{3} bytes, 3 messages\n")
                    .containsPattern("\nconnections: \\d+ of \\d+ \\(")
                    .containsPattern("\nopen files: \\d+ of \\d+ \\(")
                    .contains("\nmessages in memory: 0 of ", "\nbytes in open transactions: 0 of 2684354560 bytes");
            assertThat(larchmq("status", "--data", data.toString(), "-o", "json"))
                    .startsWith("{\n  \"process\": ")
                    .containsPattern("\"messagesInOpenTransactions\": \\{\"used\": 0, \"limit\": 1000000}")
                    .containsPattern(
                            "\\{\"kind\": \"queue\", \"name\": \"queue 'orders'\", \"messages\": 3, \"bytes\": \\d+}]}\n}\n$");
        }
    }

    @Test
    void aStopThatCannotKeepEverythingExitsWithTheCodeOfAFailure() throws Exception {
        Path data = Files.createDirectory(directory.resolve("data"));
        String capacityBytes = Integer.toString(24 << 20);
        try (LarchProcess broker =
                LarchProcess.mainOf(directory, SmallDiskMain.class, data.toString(), capacityBytes)) {
            sendNonPersistent(
                    broker.awaitReady(), 400, 100_000); // 40 MB in the memory of a broker with a disk of 24 MB
            broker.terminate();
            assertThat(broker.nextLine()).isEqualTo("LarchMQ stopped after a failure; its log says why");
            assertThat(broker.awaitExit()).as(broker.errors()).isEqualTo(BrokerProcess.BROKER_FAILED);
            assertThat(broker.errors()).contains("could not keep everything");
        }
    }

    @Test
    void aCopyThatCannotBeWrittenIsVerified() throws Exception {
        Path data = directory.resolve("data");
        try (LarchProcess broker = start(data)) {
            send(broker.awaitReady(), 10);
            broker.terminate();
            assertThat(broker.awaitExit()).isZero();
        }
        String before = listing(data);
        setWritable(data, false);
        try (LarchProcess verify = LarchProcess.main(directory, "verify", "--data", data.toString())) {
            assertThat(verify.awaitExit()).as(verify.errors()).isZero();
            assertThat(verify.nextLine()).endsWith("no damage");
            assertThat(listing(data)).isEqualTo(before); // also for a user whom the permissions do not stop
        } finally {
            setWritable(data, true);
        }
    }

    /** Names, sizes and times of change of all that is below. */
    private static String listing(Path below) throws IOException {
        try (Stream<Path> files = Files.walk(below)) {
            StringBuilder all = new StringBuilder();
            for (Path file : files.sorted().toList()) {
                all.append(file).append(' ').append(Files.size(file)).append(' ');
                all.append(Files.getLastModifiedTime(file)).append('\n');
            }
            return all.toString();
        }
    }

    private static void setWritable(Path below, boolean writable) throws IOException {
        try (Stream<Path> files = Files.walk(below)) {
            for (Path file : files.toList())
                assertThat(file.toFile().setWritable(writable)).isTrue();
        }
    }

    private String larchmq(String... arguments) throws Exception {
        try (LarchProcess process = LarchProcess.main(directory, arguments)) {
            assertThat(process.awaitExit()).as(process.errors()).isZero();
            StringBuilder all = new StringBuilder();
            for (String line = process.nextLine(); !line.startsWith("(end"); line = process.nextLine()) {
                all.append(line).append('\n');
            }
            return all.toString();
        }
    }

    private static void send(int port, int messages) throws NamingException {
        send(port, "orders", messages, 1_000, DeliveryMode.PERSISTENT);
    }

    /** To several queues: each keeps only a part of the broker's memory, the rest would go to the log. */
    private static void sendNonPersistent(int port, int messages, int bytes) throws NamingException {
        for (int queue = 0; queue < 8; queue++) {
            send(port, "orders" + queue, messages / 8, bytes, DeliveryMode.NON_PERSISTENT);
        }
    }

    private static void send(int port, String queue, int messages, int bytes, int deliveryMode) throws NamingException {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "org.larchmq.jms.LarchInitialContextFactory");
        environment.put(Context.PROVIDER_URL, "tcp://127.0.0.1:" + port);
        ConnectionFactory factory = (ConnectionFactory) new InitialContext(environment).lookup("ConnectionFactory");
        try (JMSContext context = factory.createContext()) {
            for (int i = 0; i < messages; i++) {
                context.createProducer()
                        .setDeliveryMode(deliveryMode)
                        .send(context.createQueue(queue), "x".repeat(bytes));
            }
        }
    }

    private static void flipABitInTheMiddleOfTheLog(Path data) throws IOException {
        Path segment;
        try (Stream<Path> files = Files.list(data.resolve("commitlog"))) {
            segment = files.max(Comparator.comparing(BrokerProcessTest::bytes)).orElseThrow();
        }
        try (RandomAccessFile file = new RandomAccessFile(segment.toFile(), "rw")) {
            file.seek(50_000); // within the bodies of the 100 messages of 1 KB
            int value = file.read();
            file.seek(50_000);
            file.write(value ^ 1);
        }
    }

    private static long bytes(Path file) {
        try {
            return Files.size(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private LarchProcess start(Path data, String... more) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("start", "--data", data.toString(), "--port", "0"));
        arguments.addAll(List.of(more));
        return LarchProcess.main(directory, arguments.toArray(String[]::new));
    }

    private static void assertRefused(LarchProcess process, String named) throws InterruptedException {
        assertThat(process.awaitExit()).as(process.errors()).isEqualTo(1);
        assertThat(process.errors()).contains("larchmq: ").contains(named).doesNotContain("\tat ");
    }
}
