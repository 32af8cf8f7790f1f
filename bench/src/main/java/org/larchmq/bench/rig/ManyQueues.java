package org.larchmq.bench.rig;

import jakarta.jms.JMSException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.IntStream;
import org.larchmq.bench.rig.RecordedSession.Sending;
import org.larchmq.checker.AckMode;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.HistoryWriter;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "many-queues",
        description =
                "Thousands of queues: disk per empty one, fill, kill -9, start time, drain; then the same with a deep backlog.")
final class ManyQueues extends Rig {
    private static final int THREADS = 4;
    private static final int LIMIT_MINUTES = 20;

    @Option(names = "--queues", defaultValue = "10000", description = "queues")
    private int queues;

    @Option(names = "--per-queue", defaultValue = "100", description = "messages in each")
    private int perQueue;

    @Option(names = "--backlog", defaultValue = "1000000", description = "messages of the deep queue; 0 leaves it out")
    private int backlog;

    @Option(names = "--size", defaultValue = "256", description = "bytes of a body")
    private int sizeBytes;

    @Option(names = "--start-limit", defaultValue = "5", description = "seconds the start after kill -9 may take")
    private double startLimitSeconds;

    @Option(names = "--empty-limit", defaultValue = "1024", description = "bytes an empty queue may take on disk")
    private long emptyLimitBytes;

    private Path data;
    private BrokerProcess.Spec spec;
    private BrokerProcess broker;
    private Client client;
    private HistoryWriter history;

    @Override
    void run() throws Exception {
        data = work.resolve("data");
        history = openHistory("many-queues");
        spec = broker(data);
        broker = startBroker(spec);
        client = new Client(jndiFactory, spec.url(), history);

        createEmpty();
        timed("%,d x %d messages filled in".formatted(queues, perQueue), this::fill);
        killAndStart("%,d queues with %d messages each".formatted(queues, perQueue));
        timed("%,d queues drained in".formatted(queues), this::drainAll);
        if (backlog > 0) {
            timed("backlog of %,d filled in".formatted(backlog), this::fillBacklog);
            killAndStart("a backlog of %,d".formatted(backlog));
            timed("backlog drained in", () -> {
                Drain.run(client, List.of("queue:deep", MixedLoad.DLQ), quiet);
                return null;
            });
        }
        broker.stop(STOP_LIMIT);
        conclude("all queues", judge(history));
    }

    private String queue(int number) {
        return "queue:many-%05d".formatted(number);
    }

    private void createEmpty() throws Exception {
        restartOrderly();
        long before = usedBytes();
        timed("%,d empty queues created in".formatted(queues), () -> inParallel(this::touch));
        restartOrderly();
        long each = (usedBytes() - before) / queues;
        say("an empty queue takes %,d bytes on disk", each);
        if (each > emptyLimitBytes) failed("an empty queue takes %,d bytes, more than %,d", each, emptyLimitBytes);
    }

    private Void touch(List<Integer> numbers, int thread) throws JMSException {
        RecordedSession session = client.open("creator" + thread, AckMode.AUTO, e -> {});
        for (int number : numbers) session.touch(queue(number));
        session.close();
        return null;
    }

    private void restartOrderly() throws InterruptedException {
        broker.stop(STOP_LIMIT);
        broker = startBroker(spec);
    }

    private long usedBytes() throws InterruptedException {
        return Long.parseLong(Shell.mustRun("du", "-sB1", data.toString()).split("\\s+")[0]);
    }

    private Void fill() throws Exception {
        return inParallel((numbers, thread) -> {
            RecordedSession session = client.open("filler" + thread, AckMode.TRANSACTED, e -> {});
            for (int number : numbers) {
                for (int i = 0; i < perQueue; i++) session.send(queue(number), Sending.ordinary(sizeBytes));
                session.commit();
            }
            session.close();
            return null;
        });
    }

    private Void drainAll() throws Exception {
        List<RecordedSession> sessions = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            RecordedSession session = client.open("drainer" + thread, AckMode.AUTO, e -> {});
            sessions.add(session);
            for (int number = thread; number < queues; number += THREADS) session.listen(queue(number), m -> {});
        }
        for (RecordedSession session : sessions) session.start();
        Drain.awaitQuiet(history, quiet);
        for (RecordedSession session : sessions) session.close();
        history.write(HistoryRecord.of(Op.DRAINED, Phase.OK).build());
        return null;
    }

    private Void fillBacklog() throws JMSException {
        RecordedSession session = client.open("deep-filler", AckMode.TRANSACTED, e -> {});
        for (int i = 0; i < backlog; i++) {
            session.send("queue:deep", Sending.ordinary(sizeBytes));
            if (i % 500 == 499) session.commit();
        }
        session.commit();
        session.close();
        return null;
    }

    private void killAndStart(String with) throws InterruptedException {
        history.write(HistoryRecord.of(Op.BROKER_KILL, Phase.INFO).note(with).build());
        broker.kill();
        broker = startBroker(spec);
        history.write(HistoryRecord.of(Op.BROKER_START, Phase.OK).build());
        double seconds = broker.secondsToReady();
        say("start after kill -9 with %s: %.2f s", with, seconds);
        if (seconds > startLimitSeconds) failed("the start took %.2f s with %s", seconds, with);
    }

    private void timed(String what, Callable<Void> work) throws Exception {
        long start = System.nanoTime();
        work.call();
        say("%s %.1f s", what, (System.nanoTime() - start) / 1e9);
    }

    private interface Share {
        Void run(List<Integer> numbers, int thread) throws Exception;
    }

    private Void inParallel(Share share) throws Exception {
        ExecutorService threads = Executors.newFixedThreadPool(THREADS);
        try {
            List<Future<Void>> running = new ArrayList<>();
            for (int t = 0; t < THREADS; t++) {
                int thread = t;
                List<Integer> numbers = IntStream.range(0, queues)
                        .filter(n -> n % THREADS == thread)
                        .boxed()
                        .toList();
                running.add(threads.submit(() -> share.run(numbers, thread)));
            }
            for (Future<Void> one : running) one.get(LIMIT_MINUTES, TimeUnit.MINUTES);
            return null;
        } catch (TimeoutException e) {
            throw new RigException("not done within " + LIMIT_MINUTES + " minutes", e);
        } catch (ExecutionException e) {
            throw new RigException("failed: " + e.getCause(), e.getCause());
        } finally {
            threads.shutdownNow();
        }
    }
}
