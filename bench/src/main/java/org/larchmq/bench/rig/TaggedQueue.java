package org.larchmq.bench.rig;

import jakarta.jms.BytesMessage;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.larchmq.bench.support.Jndi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "tagged-queue",
        description =
                "A deep queue whose messages have tags, and a consumer per tag, by selector: each must get its own,"
                        + " in order, and pass over the others fast.")
final class TaggedQueue extends Rig {
    private static final int UNIT = 500;
    private static final int LIMIT_SECONDS = 300;

    @Option(names = "--messages", defaultValue = "1000000", description = "messages in the queue")
    private int messages;

    @Option(names = "--tags", defaultValue = "10", description = "tags, and consumers")
    private int tags;

    @Option(names = "--size", defaultValue = "1024", description = "bytes of a body")
    private int sizeBytes;

    @Option(
            names = "--property",
            defaultValue = "tag",
            description = "the property; JMS_LARCH_TAG is in the queue's rows")
    private String property;

    @Option(names = "--rounds", defaultValue = "1", description = "fill and drain this often")
    private int rounds;

    @Option(
            names = "--rate-limit",
            defaultValue = "100000",
            description = "messages/s that each consumer must pass over")
    private long leastPerSecond;

    private String url;

    @Override
    void run() throws Exception {
        BrokerProcess.Spec spec = broker(work.resolve("data"));
        url = spec.url();
        BrokerProcess broker = startBroker(spec);
        long[] medians = new long[rounds];
        for (int round = 0; round < rounds; round++) {
            fill();
            long[] rates = drain();
            Arrays.sort(rates);
            medians[round] = rates[rates.length / 2];
            say(
                    "round %d: each consumer looked at %,d messages; slowest %,d/s, median %,d/s, fastest %,d/s",
                    round + 1, messages, rates[0], rates[rates.length / 2], rates[rates.length - 1]);
            if (rates[0] < leastPerSecond)
                failed("round %d: a consumer was slower than %,d/s", round + 1, leastPerSecond);
        }
        broker.stop(STOP_LIMIT);
    }

    private Connection connect() throws JMSException {
        return Jndi.connectionFactory(jndiFactory, url, "ConnectionFactory").createConnection();
    }

    private void fill() throws JMSException {
        byte[] body = new byte[sizeBytes];
        long start = System.nanoTime();
        try (Connection connection = connect();
                Session session = connection.createSession(true, Session.SESSION_TRANSACTED)) {
            MessageProducer producer = session.createProducer(session.createQueue("tagged"));
            for (int i = 0; i < messages; i++) {
                random.nextBytes(body);
                BytesMessage message = session.createBytesMessage();
                message.writeBytes(body);
                message.setStringProperty(property, "T" + i % tags);
                message.setIntProperty("number", i);
                producer.send(message);
                if (i % UNIT == UNIT - 1) session.commit();
            }
            session.commit();
        }
        say("%,d messages with %d tags sent in %.1f s", messages, tags, (System.nanoTime() - start) / 1e9);
    }

    /** Messages/s that each consumer has passed over or taken. */
    private long[] drain() throws JMSException, InterruptedException {
        List<Tagged> consumers = new ArrayList<>();
        for (int tag = 0; tag < tags; tag++) consumers.add(new Tagged(tag));
        long start = System.nanoTime();
        for (Tagged consumer : consumers) consumer.connection.start();
        long[] rates = new long[tags];
        for (int tag = 0; tag < tags; tag++) {
            Tagged consumer = consumers.get(tag);
            boolean done = consumer.done.await(LIMIT_SECONDS, TimeUnit.SECONDS);
            if (!done || consumer.wrong.get() != null)
                throw new RigException("the consumer of T%d has %,d of %,d messages after %d s: %s"
                        .formatted(tag, consumer.next / tags, consumer.expected, LIMIT_SECONDS, consumer.wrong.get()));
            rates[tag] = (long) (messages / ((consumer.endNanos - start) / 1e9));
        }
        for (Tagged consumer : consumers) consumer.connection.close();
        return rates;
    }

    /** A consumer of one tag, with a connection of its own. */
    private final class Tagged {
        private final Connection connection;
        private final int expected;
        private final CountDownLatch done = new CountDownLatch(1);
        private final AtomicReference<String> wrong = new AtomicReference<>();
        private int got;
        private volatile int next;
        private volatile long endNanos;

        Tagged(int tag) throws JMSException {
            next = tag;
            expected = (messages - tag + tags - 1) / tags;
            connection = connect();
            Session session = connection.createSession(false, Session.AUTO_ACKNOWLEDGE);
            session.createConsumer(session.createQueue("tagged"), property + " = 'T" + tag + "'")
                    .setMessageListener(this::onMessage);
        }

        private void onMessage(Message message) {
            try {
                int number = message.getIntProperty("number");
                if (number != next) wrong.compareAndSet(null, "number " + number + " in place of " + next);
            } catch (JMSException e) {
                wrong.compareAndSet(null, e.toString());
            }
            next += tags;
            if (++got < expected && wrong.get() == null) return;
            endNanos = System.nanoTime();
            done.countDown();
        }
    }
}
