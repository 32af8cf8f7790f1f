package org.larchmq.bench.rig;

import jakarta.jms.ConnectionFactory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.larchmq.bench.space.Churn;
import org.larchmq.bench.space.Holdings;
import org.larchmq.bench.support.DurationConverter;
import org.larchmq.bench.support.Jndi;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.HistoryWriter;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "space",
        description =
                "What waits in every way beside full traffic, with kills: the space follows what is unsettled; J1-J8.")
final class Space extends Rig {
    private static final int SAMPLE_MILLIS = 250;
    /** Holds at least one checkpoint. */
    private static final long WINDOW_NANOS = 3_000_000_000L;

    private static final long FINISH_MILLIS = 300_000;

    @Option(names = "--time", defaultValue = "20m", converter = DurationConverter.class, description = "how long")
    private Duration time;

    @Option(names = "--segment", defaultValue = "4", description = "MiB of a segment")
    private int segmentMegabytes;

    @Option(names = "--waiting", defaultValue = "60", description = "MiB that wait at most, about")
    private int waitingMegabytes;

    @Option(names = "--churn", defaultValue = "8", description = "MiB/s of traffic that is consumed at once")
    private int churnMegabytes;

    @Option(
            names = "--kill-every",
            defaultValue = "40s",
            converter = DurationConverter.class,
            description = "kill -9 after about so long; 0s: never")
    private Duration killEvery;

    @Option(
            names = "--grace",
            defaultValue = "10s",
            converter = DurationConverter.class,
            description = "time the log may take to follow when less is unsettled than before, or after a kill")
    private Duration grace;

    private final Deque<long[]> recent = new ArrayDeque<>();
    private long smallest = Long.MAX_VALUE;
    private long windowBeganNanos;
    private long samples;
    private long above;
    private long worstExcess = Long.MIN_VALUE;
    private String worst = "";
    private double highestRatio;

    @Override
    void run() throws Exception {
        Path data = work.resolve("data");
        HistoryWriter history = openHistory("space");
        BrokerProcess.Spec spec =
                broker(data, "store.segmentSize=" + segmentMegabytes + "MiB", "store.checkpointInterval=1s");
        BrokerProcess broker = startBroker(spec);
        ConnectionFactory restored =
                Jndi.connectionFactory(jndiFactory, "failover:(" + spec.url() + ")", "ConnectionFactory");
        ConnectionFactory xa = Jndi.connectionFactory(jndiFactory, spec.url(), "XAConnectionFactory");
        var load = new MixedLoad(
                new Client(jndiFactory, spec.url(), history),
                new MixedLoad.Settings(4, 50, 512, true, 0),
                random.nextLong());
        var holdings = new Holdings(restored, xa, random.nextLong(), (long) waitingMegabytes << 20, 60_000);
        var churn = new Churn(restored, 4096, (long) churnMegabytes << 20);
        load.startAndAwait();
        churn.start();
        holdings.start();
        long end = System.nanoTime() + time.toNanos();
        long kill = nextKill();
        long told = 0;
        while (System.nanoTime() < end && holdings.failure() == null) {
            Thread.sleep(SAMPLE_MILLIS);
            if (!broker.isAlive()) throw new RigException("the broker ended by itself:\n" + broker.lastLines(15));
            sample(data, holdings, churn);
            if (System.nanoTime() > kill) {
                history.write(HistoryRecord.of(Op.BROKER_KILL, Phase.INFO).build());
                broker.kill();
                broker = startBroker(spec);
                history.write(HistoryRecord.of(Op.BROKER_START, Phase.OK).build());
                kill = nextKill();
                recent.clear();
                Thread.sleep(grace.toMillis());
            }
            if (System.nanoTime() - told > 15_000_000_000L) {
                told = System.nanoTime();
                say("%s", line(data, holdings, churn));
            }
        }
        if (holdings.failure() == null) holdings.finish(FINISH_MILLIS);
        churn.stop();
        if (holdings.failure() != null) {
            failed("%s", holdings.failure());
            say("%s", larchmq("consumer", "list", "--data", data.toString()).output());
        }
        Drain.Result drained = load.finish(quiet);
        say("%s; drained %,d", holdings.text(), drained.total());
        broker.stop(STOP_LIMIT);
        say(
                "%,d samples, %,d above 2 x unsettled + 4 segments; at most %.2f x unsettled beyond 4 segments; worst: %s",
                samples, above, highestRatio, worst);
        if (above > 0)
            failed(
                    "the data directory was larger than 2 x unsettled + 4 segments in %,d of %,d samples",
                    above, samples);
        conclude("space", judge(history));
    }

    private long nextKill() {
        if (killEvery.isZero()) return Long.MAX_VALUE;
        return System.nanoTime() + (long) (killEvery.toNanos() * (0.5 + random.nextDouble()));
    }

    /** Compares what is on the disk, as it is after a checkpoint, with the most that was unsettled within the grace. */
    private void sample(Path data, Holdings holdings, Churn churn) throws IOException {
        long now = System.nanoTime();
        long unsettled = holdings.perhapsWaitingBytes() + churn.underWayBytes();
        recent.addLast(new long[] {now, unsettled});
        while (now - recent.peekFirst()[0] > grace.toNanos()) recent.removeFirst();
        long most = recent.stream().mapToLong(entry -> entry[1]).max().orElse(0);
        long used = bytesOf(data);
        long fixed = 4L * segmentMegabytes << 20;
        smallest = Math.min(smallest, used); // it is smallest after a checkpoint
        if (now - windowBeganNanos < WINDOW_NANOS) return;
        used = smallest;
        smallest = Long.MAX_VALUE;
        windowBeganNanos = now;
        samples++;
        long excess = used - 2 * most - fixed;
        if (excess > 0) above++;
        if (most > 0) highestRatio = Math.max(highestRatio, (double) (used - fixed) / most);
        if (excess <= worstExcess) return;
        worstExcess = excess;
        worst = String.format(java.util.Locale.ROOT, "%,d KiB on disk with %,d KiB unsettled", used >> 10, most >> 10);
    }

    private String line(Path data, Holdings holdings, Churn churn) throws IOException {
        return String.format(
                java.util.Locale.ROOT,
                "log %,7d KiB, unsettled %,7d KiB (queues %,d KiB on disk); %s; %,d MiB of traffic; above the limit %,d of %,d",
                bytesOf(data.resolve("commitlog")) >> 10,
                holdings.waitingBytes() + churn.underWayBytes() >> 10,
                (bytesOf(data) - bytesOf(data.resolve("commitlog"))) >> 10,
                holdings.text(),
                churn.sentBytes() >> 20,
                above,
                samples);
    }

    private static long bytesOf(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            List<Path> all = files.toList();
            long sum = 0;
            for (Path file : all) {
                try {
                    boolean isSpare = file.getFileName().toString().startsWith("spare-"); // free, and used again
                    if (!isSpare && Files.isRegularFile(file)) sum += Files.size(file);
                } catch (NoSuchFileException gone) {
                    // deleted meanwhile
                }
            }
            return sum;
        } catch (java.io.UncheckedIOException e) {
            return bytesOf(directory); // a file went while it was listed
        }
    }
}
