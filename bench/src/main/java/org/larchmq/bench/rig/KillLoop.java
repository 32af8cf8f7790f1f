package org.larchmq.bench.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.HistoryWriter;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "kill-loop",
        description = "kill -9 of the broker under mixed load, again and again; then J1-J8, J11, J16.")
final class KillLoop extends Rig {
    @Option(names = "--cycles", defaultValue = "50", description = "kills")
    private int cycles;

    @Option(names = "--producers", defaultValue = "8", description = "half of them transacted")
    private int producers;

    @Option(names = "--rate", defaultValue = "150", description = "messages/s of each producer; 0: flat out")
    private int rate;

    @Option(names = "--size", defaultValue = "512", description = "bytes of a body")
    private int sizeBytes;

    @Option(
            names = "--waiting",
            defaultValue = "0",
            description =
                    "messages/s that nobody consumes before the end; with small segments they are moved, which is checked")
    private int waitingPerSecond;

    @Option(names = "--up-min", defaultValue = "500", description = "shortest life of a broker in ms")
    private int upMinMillis;

    @Option(names = "--up-max", defaultValue = "3000", description = "longest life of a broker in ms")
    private int upMaxMillis;

    @Override
    void run() throws Exception {
        Path data = work.resolve("data");
        HistoryWriter history = openHistory("kill-loop");
        // no life is long enough for the usual interval, and checkpoints are to be hit as well
        BrokerProcess.Spec broker = broker(data, "store.checkpointInterval=400ms");
        BrokerProcess running = startBroker(broker);
        var client = new Client(jndiFactory, broker.url(), history);
        var load = new MixedLoad(
                client, new MixedLoad.Settings(producers, rate, sizeBytes, true, waitingPerSecond), random.nextLong());
        load.startAndAwait();
        double slowestStart = 0;
        for (int cycle = 1; cycle <= cycles; cycle++) {
            int upMillis = upMinMillis + random.nextInt(Math.max(1, upMaxMillis - upMinMillis));
            if (running.awaitEnd(java.time.Duration.ofMillis(upMillis)))
                throw new RigException(
                        "the broker ended by itself with " + running.exitCode() + ":\n" + running.lastLines(15));
            history.write(HistoryRecord.of(Op.BROKER_KILL, Phase.INFO)
                    .note("cycle " + cycle)
                    .build());
            running.kill();
            running = startBroker(broker);
            history.write(HistoryRecord.of(Op.BROKER_START, Phase.OK).build());
            slowestStart = Math.max(slowestStart, running.secondsToReady());
            say(
                    "cycle %3d/%d   up %,5d ms   ready again in %.2f s   history %,d records",
                    cycle, cycles, upMillis, running.secondsToReady(), history.records());
            if (load.longestIdleSeconds() > 30) throw new RigException("a producer has not moved for 30 s");
        }
        if (waitingPerSecond > 0) checkMoved(data);
        Drain.Result drained = load.finish(quiet);
        running.stop(STOP_LIMIT);
        say("drained at the end: %s; slowest start %.2f s", new TreeMap<>(drained.messages()), slowestStart);
        conclude(cycles + " kills", judge(history));
    }

    /** The first messages wait still, so the log has lost its beginning only if they were moved. */
    private void checkMoved(Path data) throws IOException {
        Path log = data.resolve("commitlog");
        try (Stream<Path> files = Files.list(log)) {
            List<Path> segments =
                    files.filter(f -> f.toString().endsWith(".log")).sorted().toList();
            say("the log begins with %s and has %d segments", segments.get(0).getFileName(), segments.size());
        }
        if (Files.exists(log.resolve("0".repeat(20) + ".log")))
            failed("the log still begins at 0, nothing was moved: use smaller segments, or more load");
    }
}
