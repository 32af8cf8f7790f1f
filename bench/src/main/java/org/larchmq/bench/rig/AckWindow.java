package org.larchmq.bench.rig;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.larchmq.bench.support.Jndi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "ack-window",
        description =
                "kill -9 of the broker beside AUTO_ACKNOWLEDGE consumers with and without autoAckWindow=1: how many"
                        + " messages each is handed again after a kill (specification 6.2.10). Fails if the exact one gets more than"
                        + " one.")
final class AckWindow extends Rig {
    private static final int COMMITTED_AT_ONCE = 100;
    private static final int MOST_WAITING = 20_000;
    private static final int MOST_MESSAGES = 100_000_000;

    @Option(names = "--kills", defaultValue = "50", description = "kills")
    private int kills;

    @Option(names = "--up-min", defaultValue = "500", description = "shortest life of a broker in ms")
    private int upMinMillis;

    @Option(names = "--up-max", defaultValue = "1500", description = "longest life of a broker in ms")
    private int upMaxMillis;

    /** A queue with a producer that keeps a backlog, and a consumer that counts what it is handed. */
    private final class Pair implements AutoCloseable {
        final String name;
        private final Connection connection;
        private final Session sending;
        private final MessageProducer producer;
        private final Thread thread;
        private final AtomicLong received = new AtomicLong();
        private final BitSet seen = new BitSet();
        private long repeats;
        private long repeatsBefore;
        private final List<Long> byKill = new ArrayList<>();
        private volatile boolean stopped;
        private int numbered;
        private long committed;

        Pair(String name, String url) throws JMSException {
            this.name = name;
            ConnectionFactory factory = Jndi.connectionFactory(jndiFactory, url, "ConnectionFactory");
            connection = factory.createConnection();
            Session receiving = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            receiving.createConsumer(receiving.createQueue(name)).setMessageListener(this::handed);
            sending = connection.createSession(true, Session.SESSION_TRANSACTED);
            producer = sending.createProducer(sending.createQueue(name));
            thread = new Thread(this::produce, "produce-" + name);
            connection.start();
            thread.start();
        }

        private synchronized void handed(Message message) {
            try {
                int number = message.getIntProperty("number");
                if (seen.get(number)) repeats++;
                seen.set(number);
                received.incrementAndGet();
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        }

        private void produce() {
            while (!stopped && numbered < MOST_MESSAGES) {
                try {
                    if (committed - received.get() > MOST_WAITING) {
                        Thread.sleep(1);
                        continue;
                    }
                    for (int i = 0; i < COMMITTED_AT_ONCE; i++) {
                        Message message = sending.createMessage();
                        message.setIntProperty("number", numbered++);
                        producer.send(message);
                    }
                    sending.commit();
                    committed += COMMITTED_AT_ONCE;
                } catch (JMSException e) {
                    rollBack(); // what it had are other numbers next time
                } catch (InterruptedException e) {
                    return;
                }
            }
        }

        private void rollBack() {
            try {
                sending.rollback();
            } catch (JMSException e) {
                // the next commit says what is wrong
            }
        }

        /** What was handed over again since the kill before. */
        synchronized void noteKill() {
            byKill.add(repeats - repeatsBefore);
            repeatsBefore = repeats;
        }

        synchronized String summary() {
            long most = byKill.stream().mapToLong(Long::longValue).max().orElse(0);
            long with = byKill.stream().filter(n -> n > 0).count();
            return "%-8s %,9d messages handed over, %d of them again; after %d of %d kills, at most %d after one"
                    .formatted(name, received.get(), repeats, with, byKill.size(), most);
        }

        synchronized long mostAfterOne() {
            return byKill.stream().mapToLong(Long::longValue).max().orElse(0);
        }

        @Override
        public void close() throws JMSException {
            stopped = true;
            thread.interrupt();
            connection.close();
        }
    }

    @Override
    void run() throws Exception {
        Path data = work.resolve("data");
        BrokerProcess.Spec broker = broker(data);
        BrokerProcess running = startBroker(broker);
        String url = "failover:(" + broker.url() + ")";
        try (Pair byDefault = new Pair("default", url);
                Pair exact = new Pair("exact", url + "?autoAckWindow=1")) {
            for (int kill = 1; kill <= kills; kill++) {
                int upMillis = upMinMillis + random.nextInt(Math.max(1, upMaxMillis - upMinMillis));
                if (running.awaitEnd(Duration.ofMillis(upMillis)))
                    throw new RigException("the broker ended by itself:\n" + running.lastLines(15));
                if (kill > 1) noteKill(byDefault, exact);
                running.kill();
                running = startBroker(broker);
            }
            Thread.sleep(upMaxMillis);
            noteKill(byDefault, exact);
            if (exact.mostAfterOne() > 1) failed("autoAckWindow=1 repeats more than the message in hand");
        }
        running.stop(STOP_LIMIT);
    }

    private void noteKill(Pair... pairs) {
        for (Pair pair : pairs) {
            pair.noteKill();
            say("%s", pair.summary());
        }
    }
}
