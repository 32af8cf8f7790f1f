package org.larchmq.bench.rig;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import org.larchmq.bench.rig.RecordedSession.Sending;
import org.larchmq.bench.support.Jndi;
import org.larchmq.checker.AckMode;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.HistoryWriter;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "failover-loop",
        description =
                "kill -9 of the broker under clients with a failover URL, which never connect by hand; then J1-J8,"
                        + " J10, and no send of theirs may be in doubt.")
final class FailoverLoop extends Rig {
    private static final int UNIT = 10;
    private static final int RECEIVE_MILLIS = 100;
    /** Under a broker that is up. */
    private static final Duration LONGEST_IDLE = Duration.ofSeconds(90);

    private static final Duration PATIENCE = Duration.ofSeconds(15);
    private static final Duration START_LIMIT = Duration.ofSeconds(90);
    private static final long JOIN_MILLIS = 60_000;
    /** Nothing of a dead broker's is delivered after nothing was for this long. */
    private static final Duration IN_HAND = Duration.ofMillis(200);

    @Option(names = "--cycles", defaultValue = "50", description = "kills")
    private int cycles;

    @Option(names = "--producers", defaultValue = "8", description = "a quarter of them transacted")
    private int producers;

    @Option(names = "--rate", defaultValue = "150", description = "messages/s of each producer; 0: flat out")
    private int rate;

    @Option(names = "--size", defaultValue = "512", description = "bytes of a body")
    private int sizeBytes;

    @Option(names = "--up-min", defaultValue = "500", description = "shortest life of a broker in ms")
    private int upMinMillis;

    @Option(names = "--up-max", defaultValue = "2500", description = "longest life of a broker in ms")
    private int upMaxMillis;

    private final AtomicLong sends = new AtomicLong();
    private final AtomicLong sendsInDoubt = new AtomicLong();
    private final AtomicLong commits = new AtomicLong();
    private final AtomicLong commitsRolledBack = new AtomicLong();
    private final AtomicLong commitsInDoubt = new AtomicLong();
    private final AtomicLong unitsLost = new AtomicLong();
    private HistoryWriter history;
    private String url;

    @Override
    void run() throws Exception {
        history = openHistory("failover-loop");
        Path data = work.resolve("data");
        BrokerProcess.Spec broker = broker(data);
        url = "failover:(" + broker.url() + ")?initialReconnectDelay=50ms&maxReconnectDelay=500ms";
        BrokerProcess running = startBroker(broker);
        List<Steady> sending = new ArrayList<>();
        List<Steady> consuming = new ArrayList<>();
        consuming.add(new Receiver("c-strict", "&autoAckWindow=1", 1));
        consuming.add(new Listener("c-listener"));
        consuming.add(new Acknowledger("c-client"));
        consuming.add(new Subscriber("s-durable"));
        for (int i = 0; i < producers; i++) {
            sending.add(i % 4 == 3 ? new TransactedProducer("p-tx" + i) : new Producer("p-auto" + i));
        }
        for (Steady client : consuming) client.start();
        for (Steady client : sending) client.start();
        for (Steady client : consuming) client.awaitFirstStep();
        for (Steady client : sending) client.awaitFirstStep();
        for (int cycle = 1; cycle <= cycles; cycle++) {
            int upMillis = upMinMillis + random.nextInt(Math.max(1, upMaxMillis - upMinMillis));
            if (running.awaitEnd(Duration.ofMillis(upMillis)))
                throw new RigException(
                        "the broker ended by itself with " + running.exitCode() + ":\n" + running.lastLines(15));
            history.write(HistoryRecord.of(Op.BROKER_KILL, Phase.INFO)
                    .note("cycle " + cycle)
                    .build());
            running.kill();
            Drain.awaitQuiet(history, IN_HAND); // what the clients had in their hands is the killed broker's
            history.write(HistoryRecord.of(Op.BROKER_START, Phase.INVOKE).build());
            running = startBroker(broker);
            history.write(HistoryRecord.of(Op.BROKER_START, Phase.OK).build());
            say(
                    "cycle %3d/%d   up %,5d ms   ready again in %.2f s   sends %,d   history %,d records",
                    cycle, cycles, upMillis, running.secondsToReady(), sends.get(), history.records());
            for (Steady client : consuming) client.checkAlive();
            for (Steady client : sending) client.awaitMoving();
        }
        stop(sending);
        Drain.awaitQuiet(history, quiet);
        stop(consuming.subList(0, 3));
        Drain.Result drained = Drain.run(new Client(jndiFactory, broker.url(), history), MixedLoad.QUEUES, quiet);
        stop(consuming.subList(3, 4));
        running.stop(STOP_LIMIT);
        say("drained at the end: %s", new TreeMap<>(drained.messages()));
        say(
                "%,d sends, %d in doubt; %,d commits, %d rolled back, %d in doubt; %d units of CLIENT_ACKNOWLEDGE lost;"
                        + " no client connected by hand",
                sends.get(),
                sendsInDoubt.get(),
                commits.get(),
                commitsRolledBack.get(),
                commitsInDoubt.get(),
                unitsLost.get());
        if (sendsInDoubt.get() > 0) failed("%d sends ended in an exception", sendsInDoubt.get());
        if (commitsInDoubt.get() > 0) failed("%d commits whose outcome the client did not learn", commitsInDoubt.get());
        conclude(cycles + " kills under failover", judge(history));
    }

    private static void stop(List<Steady> clients) throws InterruptedException {
        for (Steady client : clients) client.stopping = true;
        for (Steady client : clients) client.join();
    }

    /** A client with one connection for the whole run; whatever ends it fails the rig. */
    private abstract class Steady implements Runnable {
        final String proc;
        final Random random = new Random(FailoverLoop.this.random.nextLong());
        private final Thread thread;
        private final String options;
        private final AckMode mode;
        private final int window;
        volatile boolean stopping;
        private volatile Throwable failure;
        private final CountDownLatch firstStep = new CountDownLatch(1);
        private volatile long lastStepNanos = System.nanoTime();
        private long nextNanos = System.nanoTime();

        Steady(String proc, AckMode mode, String options, int window) {
            this.proc = proc;
            this.mode = mode;
            this.options = options;
            this.window = window;
            this.thread = new Thread(this, proc);
            this.thread.setDaemon(true);
        }

        void prepare(RecordedSession session) throws JMSException {}

        abstract void step(RecordedSession session) throws JMSException;

        final void start() {
            thread.start();
        }

        @Override
        public final void run() {
            try {
                Connection connection = Jndi.connectionFactory(jndiFactory, url + options, "ConnectionFactory")
                        .createConnection();
                connection.setExceptionListener(e -> failure = e);
                RecordedSession session = new RecordedSession(connection, history, proc, proc + ".1", mode, window);
                session.failsOver();
                prepare(session);
                session.start();
                while (!stopping && failure == null) {
                    step(session);
                    lastStepNanos = System.nanoTime();
                    firstStep.countDown();
                }
                session.close();
            } catch (JMSException | RuntimeException e) {
                failure = e; // the top of a thread: the rig ends with it
            }
        }

        final void pace(int messages) {
            if (rate == 0) return;
            nextNanos = Math.max(nextNanos, System.nanoTime() - 1_000_000_000L); // no storm after an outage
            nextNanos += messages * 1_000_000_000L / rate;
            LockSupport.parkNanos(nextNanos - System.nanoTime());
        }

        final String anyDest() {
            int of100 = random.nextInt(100);
            return of100 < 50 ? MixedLoad.SHARED : of100 < 75 ? MixedLoad.SOLO : MixedLoad.TOPIC;
        }

        final void awaitFirstStep() throws InterruptedException {
            boolean under = firstStep.await(START_LIMIT.toSeconds(), TimeUnit.SECONDS);
            if (!under) throw new RigException(proc + " is not under way within " + START_LIMIT + ": " + failure);
        }

        final void checkAlive() {
            if (failure != null)
                throw new RigException(proc + " would have to be restarted by hand: " + failure, failure);
        }

        /** On a slow machine a life may be too short for a client to get anywhere; then this one is longer. */
        final void awaitMoving() throws InterruptedException {
            checkAlive();
            long brokerReadyNanos = System.nanoTime();
            while (System.nanoTime() - lastStepNanos > PATIENCE.toNanos()) {
                checkAlive();
                if (System.nanoTime() - brokerReadyNanos > LONGEST_IDLE.toNanos())
                    throw new RigException(proc + " has not moved for " + LONGEST_IDLE + where());
                Thread.sleep(20);
            }
        }

        final void join() throws InterruptedException {
            thread.join(JOIN_MILLIS);
            checkAlive();
            if (thread.isAlive()) throw new RigException(proc + " hangs:" + where());
        }

        private String where() {
            var where = new StringBuilder();
            for (StackTraceElement frame : thread.getStackTrace())
                where.append("\n    at ").append(frame);
            return where.toString();
        }
    }

    private final class Producer extends Steady {
        Producer(String proc) {
            super(proc, AckMode.AUTO, "", Client.DEFAULT_AUTO_ACK_WINDOW);
        }

        @Override
        void step(RecordedSession session) {
            try {
                session.send(anyDest(), Sending.ordinary(sizeBytes));
                sends.incrementAndGet();
            } catch (JMSException e) {
                sendsInDoubt.incrementAndGet(); // the history says why
            }
            pace(1);
        }
    }

    private final class TransactedProducer extends Steady {
        TransactedProducer(String proc) {
            super(proc, AckMode.TRANSACTED, "", UNIT);
        }

        @Override
        void step(RecordedSession session) throws JMSException {
            int messages = 2 + random.nextInt(6);
            for (int i = 0; i < messages; i++) session.send(anyDest(), Sending.ordinary(sizeBytes));
            if (random.nextInt(10) == 0) session.rollback();
            else commit(session);
            pace(messages);
        }
    }

    private void commit(RecordedSession session) {
        try {
            session.commit();
            commits.incrementAndGet();
        } catch (JMSException e) {
            if (Outcome.ofCommit(e) == Phase.FAIL) commitsRolledBack.incrementAndGet();
            else commitsInDoubt.incrementAndGet();
        }
    }

    private final class Receiver extends Steady {
        Receiver(String proc, String options, int window) {
            super(proc, AckMode.AUTO, options, window);
        }

        @Override
        void prepare(RecordedSession session) throws JMSException {
            session.subscribe(MixedLoad.SHARED);
        }

        @Override
        void step(RecordedSession session) throws JMSException {
            session.receive(MixedLoad.SHARED, RECEIVE_MILLIS);
        }
    }

    private final class Listener extends Steady {
        Listener(String proc) {
            super(proc, AckMode.AUTO, "", Client.DEFAULT_AUTO_ACK_WINDOW);
        }

        @Override
        void prepare(RecordedSession session) throws JMSException {
            session.listen(MixedLoad.SHARED, message -> {});
        }

        @Override
        void step(RecordedSession session) {
            LockSupport.parkNanos(10_000_000); // the work is done by the provider's thread
        }
    }

    private final class Acknowledger extends Steady {
        Acknowledger(String proc) {
            super(proc, AckMode.CLIENT, "", 2 * UNIT);
        }

        @Override
        void prepare(RecordedSession session) throws JMSException {
            session.subscribe(MixedLoad.SOLO);
        }

        @Override
        void step(RecordedSession session) throws JMSException {
            Message last = null;
            int unit = 1 + random.nextInt(UNIT);
            for (int i = 0; i < unit; i++) {
                Message message = session.receive(MixedLoad.SOLO, RECEIVE_MILLIS);
                if (message == null) break;
                last = message;
            }
            if (last == null) return;
            if (random.nextInt(20) == 0) {
                session.recover();
                return;
            }
            try {
                session.acknowledge(last);
            } catch (JMSException e) {
                unitsLost.incrementAndGet(); // it says that the messages come again
            }
        }
    }

    private final class Subscriber extends Steady {
        Subscriber(String proc) {
            super(proc, AckMode.AUTO, "&clientId=" + proc, Client.DEFAULT_AUTO_ACK_WINDOW);
        }

        @Override
        void prepare(RecordedSession session) throws JMSException {
            session.subscribeDurably(MixedLoad.TOPIC);
        }

        @Override
        void step(RecordedSession session) throws JMSException {
            session.receive(MixedLoad.TOPIC, RECEIVE_MILLIS);
        }
    }
}
