package org.larchmq.bench.rig;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Random;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;
import org.larchmq.bench.support.Jndi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "large-messages",
        description = "1 GiB in large persistent messages through a broker with a small heap: sent, kill -9, received.")
final class LargeMessages extends Rig {
    private static final int PIECE_BYTES = 1 << 20;
    private static final int RECEIVE_LIMIT_MILLIS = 120_000;
    private static final Pattern HEAP_BEFORE_COLLECTION = Pattern.compile("(\\d+)M->\\d+M\\(\\d+M\\)");

    @Option(names = "--messages", defaultValue = "11", description = "messages; with the default size 1 GiB and more")
    private int messages;

    @Option(names = "--size", defaultValue = "104333312", description = "bytes of a body: 99.5 MiB")
    private int sizeBytes;

    @Option(names = "--heap", defaultValue = "256m", description = "Java heap of the broker (-Xmx)")
    private String heap;

    @Option(names = "--rss-limit", defaultValue = "640", description = "MiB that the whole process may take")
    private int rssLimitMib;

    private Path gcLog;

    @Override
    void run() throws Exception {
        gcLog = work.resolve("gc.log");
        Map<String, String> environment = Map.of();
        javaOpts = "-Xmx" + heap + " -Xlog:gc:file=" + gcLog;
        BrokerProcess.Spec spec = broker(work.resolve("data"), environment);
        BrokerProcess broker = startBroker(spec);
        long[] sums = new long[messages];
        try (Connection connection = connect(spec)) {
            long start = System.nanoTime();
            send(connection, sums);
            sayRate("sent", start);
        }
        check("sending", broker);
        broker.kill();
        broker = startBroker(spec);
        try (Connection connection = connect(spec)) {
            connection.start();
            long start = System.nanoTime();
            receive(connection, sums);
            sayRate("received", start);
        }
        check("receiving", broker);
        broker.stop(STOP_LIMIT);
    }

    private Connection connect(BrokerProcess.Spec spec) throws JMSException {
        return Jndi.connectionFactory(jndiFactory, spec.url(), "ConnectionFactory")
                .createConnection();
    }

    private void send(Connection connection, long[] sums) throws JMSException {
        try (Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
            MessageProducer producer = session.createProducer(session.createQueue("large"));
            byte[] piece = new byte[PIECE_BYTES];
            for (int i = 0; i < messages; i++) {
                Random content = new Random(seed + i);
                CRC32C sum = new CRC32C();
                BytesMessage message = session.createBytesMessage();
                for (int left = sizeBytes; left > 0; left -= PIECE_BYTES) {
                    content.nextBytes(piece);
                    int bytes = Math.min(left, PIECE_BYTES);
                    message.writeBytes(piece, 0, bytes);
                    sum.update(piece, 0, bytes);
                }
                message.setIntProperty("number", i);
                producer.send(message);
                sums[i] = sum.getValue();
            }
        }
    }

    private void receive(Connection connection, long[] sums) throws JMSException {
        try (Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE)) {
            MessageConsumer consumer = session.createConsumer(session.createQueue("large"));
            byte[] piece = new byte[PIECE_BYTES];
            for (int i = 0; i < messages; i++) {
                BytesMessage message = (BytesMessage) consumer.receive(RECEIVE_LIMIT_MILLIS);
                if (message == null) {
                    failed("message %d did not come within %d ms", i, RECEIVE_LIMIT_MILLIS);
                    return;
                }
                CRC32C sum = new CRC32C();
                for (int bytes = message.readBytes(piece); bytes > 0; bytes = message.readBytes(piece)) {
                    sum.update(piece, 0, bytes);
                }
                boolean whole = message.getBodyLength() == sizeBytes
                        && message.getIntProperty("number") == i
                        && sum.getValue() == sums[i];
                if (!whole) failed("message %d has another body than message %d had", i, i);
            }
            if (consumer.receiveNoWait() != null) failed("more messages than were sent");
        }
    }

    private void sayRate(String done, long startNanos) {
        double seconds = (System.nanoTime() - startNanos) / 1e9;
        double mib = messages * (double) sizeBytes / (1 << 20);
        say("%d messages of %,d bytes %s in %.1f s: %.0f MiB/s", messages, sizeBytes, done, seconds, mib / seconds);
    }

    private void check(String when, BrokerProcess broker) throws IOException {
        long rssMib = broker.peakResidentBytes() >> 20;
        long heapMib = 0;
        Matcher collections = HEAP_BEFORE_COLLECTION.matcher(Files.readString(gcLog));
        while (collections.find()) heapMib = Math.max(heapMib, Long.parseLong(collections.group(1)));
        say("%s: peak resident memory %d MiB, peak heap %d MiB of -Xmx%s", when, rssMib, heapMib, heap);
        if (rssMib > rssLimitMib) failed("%s took %d MiB of memory, more than %d", when, rssMib, rssLimitMib);
    }
}
