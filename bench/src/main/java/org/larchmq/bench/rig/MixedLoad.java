package org.larchmq.bench.rig;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.locks.LockSupport;
import org.larchmq.bench.rig.RecordedSession.Sending;
import org.larchmq.checker.AckMode;
import org.larchmq.checker.Mode;

/**
 * A bit of everything, the same in every rig: producers that send and that commit several messages over queues and a
 * topic, consumers in every acknowledgement mode, and two subscribers of the topic. {@code SHARED} has competing
 * consumers, {@code SOLO} one at a time, so that its order can be judged.
 */
final class MixedLoad {
    static final String SHARED = "queue:shared";
    static final String SOLO = "queue:solo";
    static final String TOPIC = "topic:news";
    /** Nobody consumes from it before the end. */
    static final String WAITING = "queue:waiting";

    static final String DLQ = "queue:DLQ";
    static final List<String> QUEUES = List.of(SHARED, SOLO, WAITING, DLQ);
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final int UNDER_WAY_RECORDS = 300;
    private static final long JOIN_MILLIS = 60_000;
    private static final int RECEIVE_MILLIS = 100;

    /**
     * @param producers half of them transacted; one of the others mixes priorities, times to live and delivery modes
     * @param perSecond messages of each producer; 0: flat out
     * @param nonPersistent whether NON_PERSISTENT messages are in the mix
     * @param waitingPerSecond messages of one more producer, which nobody consumes before the end; 0: none
     */
    record Settings(int producers, int perSecond, int sizeBytes, boolean nonPersistent, int waitingPerSecond) {}

    private final Client client;
    private final Settings settings;
    private final Random seeds;
    private final List<Worker> producers = new ArrayList<>();
    private final List<Worker> queueConsumers = new ArrayList<>();
    private final List<Worker> subscribers = new ArrayList<>();

    MixedLoad(Client client, Settings settings, long seed) {
        this.client = client;
        this.settings = settings;
        this.seeds = new Random(seed);
        for (int i = 0; i < settings.producers(); i++) producers.add(producer(i));
        if (settings.waitingPerSecond() > 0) producers.add(new WaitingProducer("p-waiting"));
        queueConsumers.add(new StrictReceiver("c-auto", SHARED));
        queueConsumers.add(new Listener("c-listener", SHARED));
        queueConsumers.add(new TransactedConsumer("c-tx", SHARED));
        queueConsumers.add(new ClientAcknowledger("c-client", SOLO));
        subscribers.add(new Listener("s-listener", TOPIC));
        subscribers.add(new StrictReceiver("s-auto", TOPIC));
    }

    private Worker producer(int number) {
        if (number % 2 == 1) return new TransactedProducer("p-tx" + number);
        if (number == 2) return new VariedProducer("p-varied" + number);
        return new Producer("p-auto" + number);
    }

    void start() {
        subscribers.forEach(Worker::start);
        queueConsumers.forEach(Worker::start);
        producers.forEach(Worker::start);
    }

    /** Returns when the load is under way. */
    void startAndAwait() throws InterruptedException {
        start();
        long until = System.nanoTime() + START_LIMIT.toNanos();
        while (client.history().records() < UNDER_WAY_RECORDS) {
            if (System.nanoTime() > until) throw new RigException("the load is not under way within " + START_LIMIT);
            Thread.sleep(20);
        }
    }

    void stopProducers() throws InterruptedException {
        stop(producers);
    }

    void stopQueueConsumers() throws InterruptedException {
        stop(queueConsumers);
    }

    void stopSubscribers() throws InterruptedException {
        stop(subscribers);
    }

    /** Stops producers, lets consumers catch up, empties the queues, and only then lets go of the topic (J1 of its subscribers). */
    Drain.Result finish(Duration quiet) throws InterruptedException, JMSException {
        stopProducers();
        Drain.awaitQuiet(client.history(), quiet);
        stopQueueConsumers();
        Drain.Result drained = Drain.run(client, QUEUES, quiet);
        stopSubscribers();
        return drained;
    }

    /** When the broker is gone for good and nobody is to reconnect. */
    void abandon() throws InterruptedException {
        List<Worker> all = new ArrayList<>(producers);
        all.addAll(queueConsumers);
        all.addAll(subscribers);
        stop(all);
    }

    double longestIdleSeconds() {
        return producers.stream().mapToDouble(Worker::secondsSinceStep).max().orElse(0);
    }

    private static void stop(List<Worker> workers) throws InterruptedException {
        workers.forEach(Worker::stop);
        for (Worker worker : workers) worker.join(JOIN_MILLIS);
    }

    // Producers

    private abstract class AnyProducer extends Worker {
        final Random random = new Random(seeds.nextLong());
        private final AckMode mode;
        private final int perSecond;
        private long nextNanos = System.nanoTime();

        AnyProducer(String proc, AckMode mode, int perSecond) {
            super(MixedLoad.this.client, proc);
            this.mode = mode;
            this.perSecond = perSecond;
        }

        @Override
        final RecordedSession connect() throws JMSException {
            return client.open(proc, mode, this::connectionBroken);
        }

        final void pace(int messages) {
            if (perSecond == 0) return;
            nextNanos = Math.max(nextNanos, System.nanoTime() - 1_000_000_000L); // no storm after an outage
            nextNanos += messages * 1_000_000_000L / perSecond;
            LockSupport.parkNanos(nextNanos - System.nanoTime());
        }

        final String anyDest() {
            int of100 = random.nextInt(100);
            return of100 < 50 ? SHARED : of100 < 75 ? SOLO : TOPIC;
        }

        final Sending ordinary() {
            return Sending.ordinary(settings.sizeBytes());
        }
    }

    private final class Producer extends AnyProducer {
        Producer(String proc) {
            super(proc, AckMode.AUTO, settings.perSecond());
        }

        @Override
        void step(RecordedSession session) throws JMSException {
            session.send(anyDest(), ordinary());
            pace(1);
        }
    }

    private final class WaitingProducer extends AnyProducer {
        WaitingProducer(String proc) {
            super(proc, AckMode.AUTO, settings.waitingPerSecond());
        }

        @Override
        void step(RecordedSession session) throws JMSException {
            session.send(WAITING, ordinary());
            pace(1);
        }
    }

    private final class VariedProducer extends AnyProducer {
        VariedProducer(String proc) {
            super(proc, AckMode.AUTO, settings.perSecond());
        }

        @Override
        void step(RecordedSession session) throws JMSException {
            int priority = random.nextInt(4) == 0 ? random.nextInt(10) : Message.DEFAULT_PRIORITY;
            long ttlMillis = random.nextInt(4) == 0 ? 100 + random.nextInt(3000) : 0;
            boolean nonPersistent = settings.nonPersistent() && random.nextInt(4) == 0;
            Mode mode = nonPersistent ? Mode.NON_PERSISTENT : Mode.PERSISTENT;
            session.send(anyDest(), new Sending(mode, priority, ttlMillis, settings.sizeBytes()));
            pace(1);
        }
    }

    private final class TransactedProducer extends AnyProducer {
        TransactedProducer(String proc) {
            super(proc, AckMode.TRANSACTED, settings.perSecond());
        }

        @Override
        void step(RecordedSession session) throws JMSException {
            int messages = 2 + random.nextInt(6);
            for (int i = 0; i < messages; i++) session.send(anyDest(), ordinary());
            if (random.nextInt(10) == 0) session.rollback();
            else session.commit();
            pace(messages);
        }
    }

    // Consumers

    private final class StrictReceiver extends Worker {
        private final String dest;

        StrictReceiver(String proc, String dest) {
            super(MixedLoad.this.client, proc);
            this.dest = dest;
        }

        @Override
        RecordedSession connect() throws JMSException {
            RecordedSession session = client.strictAuto(proc, this::connectionBroken);
            session.subscribe(dest);
            return session;
        }

        @Override
        void step(RecordedSession session) throws JMSException {
            session.receive(dest, RECEIVE_MILLIS);
        }
    }

    private final class Listener extends Worker {
        private final String dest;

        Listener(String proc, String dest) {
            super(MixedLoad.this.client, proc);
            this.dest = dest;
        }

        @Override
        RecordedSession connect() throws JMSException {
            RecordedSession session = client.open(proc, AckMode.AUTO, this::connectionBroken);
            session.listen(dest, message -> {});
            return session;
        }

        @Override
        void step(RecordedSession session) throws InterruptedException {
            Thread.sleep(10); // the work is done by the provider's thread
        }
    }

    private final class ClientAcknowledger extends Worker {
        private final Random random = new Random(seeds.nextLong());
        private final String dest;

        ClientAcknowledger(String proc, String dest) {
            super(MixedLoad.this.client, proc);
            this.dest = dest;
        }

        @Override
        RecordedSession connect() throws JMSException {
            RecordedSession session = client.open(proc, AckMode.CLIENT, this::connectionBroken);
            session.subscribe(dest);
            return session;
        }

        @Override
        void step(RecordedSession session) throws JMSException {
            Message last = null;
            int unit = 1 + random.nextInt(10);
            for (int i = 0; i < unit; i++) {
                Message message = session.receive(dest, RECEIVE_MILLIS);
                if (message == null) break;
                last = message;
            }
            if (last == null) return;
            if (random.nextInt(20) == 0) session.recover();
            else session.acknowledge(last);
        }
    }

    private final class TransactedConsumer extends Worker {
        private final Random random = new Random(seeds.nextLong());
        private final String dest;

        TransactedConsumer(String proc, String dest) {
            super(MixedLoad.this.client, proc);
            this.dest = dest;
        }

        @Override
        RecordedSession connect() throws JMSException {
            RecordedSession session = client.open(proc, AckMode.TRANSACTED, this::connectionBroken);
            session.subscribe(dest);
            return session;
        }

        @Override
        void step(RecordedSession session) throws JMSException {
            int unit = 1 + random.nextInt(10);
            int received = 0;
            while (received < unit && session.receive(dest, RECEIVE_MILLIS) != null) received++;
            if (received == 0) return;
            if (random.nextInt(20) == 0) session.rollback();
            else session.commit();
        }
    }
}
