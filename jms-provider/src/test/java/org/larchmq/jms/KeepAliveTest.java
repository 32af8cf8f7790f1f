package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.BufferedReader;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.broker.Broker;
import org.larchmq.broker.settings.BrokerSettings;

/** Whether a connection keeps the JVM alive, and until when. */
@Timeout(120)
class KeepAliveTest {
    @TempDir
    Path data;

    private Broker broker;
    private CutWire wire;

    @BeforeEach
    void start() throws Exception {
        BrokerSettings settings = BrokerSettings.defaults(data);
        broker = Broker.start(settings.with(settings.network().withPort(0)));
        wire = new CutWire(broker.port());
    }

    @AfterEach
    void stop() throws Exception {
        wire.close();
        broker.close();
    }

    private Connection connect(String uri) throws JMSException {
        return new LarchConnectionFactory(String.format(uri, wire.port())).createConnection();
    }

    private List<Thread> keepingAlive() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().contains("localhost:" + wire.port()) && !thread.isDaemon())
                .toList();
    }

    private static void awaitEnd(List<Thread> threads) throws InterruptedException {
        for (Thread thread : threads) {
            thread.join(TimeUnit.SECONDS.toMillis(30));
            assertThat(thread.isAlive()).as("%s is alive", thread).isFalse();
        }
    }

    @Test
    void aProgramWhoseMainReturnsGoesOnUntilItsConnectionIsClosed() throws Exception {
        String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
        Process program = new ProcessBuilder(
                        java,
                        "-cp",
                        System.getProperty("java.class.path"),
                        ListenerMain.class.getName(),
                        "tcp://localhost:" + broker.port() + "?keepAlive=true")
                .redirectError(new File("/dev/null"))
                .start();
        try (Connection connection = connect("tcp://localhost:%d");
                BufferedReader said = program.inputReader()) {
            assertThat(said.lines().filter("main returns"::equals).findFirst()).isPresent();
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(session.createQueue("q"));
            producer.send(session.createTextMessage("one"));
            assertThat(said.readLine()).isEqualTo("received one");
            producer.send(session.createTextMessage("end"));
            assertThat(said.readLine()).isEqualTo("received end");
            assertThat(program.waitFor(30, TimeUnit.SECONDS)).isTrue();
            assertThat(program.exitValue()).isZero();
        } finally {
            program.destroyForcibly();
        }
    }

    @Test
    void withoutTheOptionNothingOfTheClientKeepsTheJvmAlive() throws Exception {
        try (Connection connection = connect("failover:(tcp://localhost:%d)")) {
            Session session = connection.createSession();
            session.createConsumer(session.createQueue("q")).setMessageListener(message -> {});
            connection.start();
            assertThat(keepingAlive()).isEmpty();
        }
    }

    @Test
    void aConnectionThatIsBeingRestoredKeepsItAliveUntilItIsClosed() throws Exception {
        Connection connection = connect("failover:(tcp://localhost:%d)?keepAlive=true&initialReconnectDelay=20ms");
        List<Thread> threads = keepingAlive();
        assertThat(threads).hasSize(1);
        wire.refuse();
        wire.cut();
        wire.awaitRefused();
        assertThat(threads.get(0).isAlive()).isTrue();
        connection.close();
        awaitEnd(threads);
    }

    @Test
    void aConnectionThatIsLostForGoodKeepsItAliveUntilItsExceptionListenerHasReturned() throws Exception {
        Connection connection = connect("tcp://localhost:%d?keepAlive=true");
        var told = new CompletableFuture<JMSException>();
        var mayReturn = new CountDownLatch(1);
        connection.setExceptionListener(why -> {
            told.complete(why);
            try {
                mayReturn.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        List<Thread> threads = keepingAlive();
        assertThat(threads).hasSize(1);
        wire.cut();
        told.get(30, TimeUnit.SECONDS);
        assertThat(threads.get(0).isAlive()).isTrue();
        mayReturn.countDown();
        awaitEnd(threads);
        connection.close();
    }
}
