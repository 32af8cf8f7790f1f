package org.larchmq.bench.rig;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.HistoryWriter;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;
import org.larchmq.checker.Verdict;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * Kills the broker at, or fails, the k-th disk system call of a thread. A first run without faults counts the calls; the
 * points are spread over that count, start-up included.
 */
@Command(
        name = "syscall-sweep",
        description =
                "The broker dies at, or gets an error from, its k-th fdatasync or pwrite64 (strace); restart; check.")
final class SyscallSweep extends Rig {
    /**
     * strace counts calls per thread: "when=k" hits the first thread that gets there, and later ones at theirs. Not with
     * --seccomp-bpf: there strace 6.1 delivers no signal from the second call on.
     */
    enum Fault {
        KILL_AT_FLUSH("fdatasync", "signal=SIGKILL", 30),
        KILL_AT_WRITE("pwrite64", "signal=SIGKILL", 30),
        FLUSH_FAILS("fdatasync", "error=EIO", 15),
        WRITE_FAILS("pwrite64", "error=EIO", 10),
        DISK_FULL("pwrite64", "error=ENOSPC", 15);

        final String call;
        private final String effect;
        final int weight;

        Fault(String call, String effect, int weight) {
            this.call = call;
            this.effect = effect;
            this.weight = weight;
        }

        String inject(long k) {
            return "inject=%s:%s:when=%d".formatted(call, effect, k);
        }
    }

    private static final int PATIENCE = 2;

    record Point(Fault fault, long k) {}

    @Option(names = "--points", defaultValue = "100", description = "crash points")
    private int points;

    @Option(names = "--run", defaultValue = "3000", description = "ms of load in each run")
    private int runMillis;

    @Option(names = "--rate", defaultValue = "40", description = "messages/s of each of 4 producers")
    private int rate;

    private Path strace;
    private Path jvm;

    @Override
    void checkMachine() throws InterruptedException {
        strace = Shell.find("strace").orElseThrow(() -> new RigSkipped("strace is not installed"));
        jvm = Path.of(System.getProperty("java.home"), "bin", "java");
        Shell.Result tried = Shell.run(strace.toString(), "-f", "-qq", "-e", "trace=fdatasync", "/bin/true");
        if (!tried.isOk())
            throw new RigSkipped("strace cannot trace here: " + tried.output().strip());
    }

    @Override
    void run() throws Exception {
        if (quiet.equals(Duration.ofSeconds(10))) quiet = Duration.ofSeconds(2);
        Map<String, Long> calls = countCalls();
        say("calls of the busiest thread in a run without faults: %s", calls);
        List<Point> plan = plan(points, calls);
        Map<Fault, Integer> diedByItself = new TreeMap<>();
        int number = 0;
        for (Point point : plan) {
            boolean died = onePoint(++number, point);
            if (died) diedByItself.merge(point.fault, 1, Integer::sum);
        }
        say("brokers that ended in the faulty run: %s of %d", diedByItself, plan.size());
        if (diedByItself.getOrDefault(Fault.KILL_AT_FLUSH, 0) == 0)
            failed("no broker died at a flush: the faults are not injected; does bin/larchmq honour LARCHMQ_JAVA?");
    }

    /** Spread evenly over the calls counted, each fault with its share. */
    static List<Point> plan(int points, Map<String, Long> calls) {
        List<Point> plan = new ArrayList<>();
        for (Fault fault : Fault.values()) {
            int share = Math.max(1, Math.round(points * fault.weight / 100f));
            long last = calls.getOrDefault(fault.call, 0L);
            if (last == 0) continue;
            for (int i = 0; i < share && plan.size() < points; i++)
                plan.add(new Point(fault, 1 + (long) ((double) i / share * last)));
        }
        return plan;
    }

    private Map<String, Long> countCalls() throws Exception {
        Path trace = work.resolve("calls.trace");
        Path wrapper = wrapper("count", List.of("-e", "trace=fdatasync,fsync,pwrite64", "-o", trace.toString()));
        oneRun("count", wrapper, true);
        Map<String, Map<String, Long>> byCallAndThread = new HashMap<>();
        try (Stream<String> lines = Files.lines(trace)) {
            lines.forEach(line -> countCall(line, byCallAndThread));
        }
        Map<String, Long> busiest = new TreeMap<>();
        byCallAndThread.forEach((call, threads) -> busiest.put(
                call, threads.values().stream().mapToLong(Long::longValue).max().orElse(0)));
        if (busiest.isEmpty())
            throw new RigException(
                    "strace saw no disk call of the broker; bin/larchmq must start the JVM with ${LARCHMQ_JAVA:-java}");
        return busiest;
    }

    /** {@code 1234 fdatasync(5) = 0}, and not {@code 1234 <... fdatasync resumed>}. */
    static void countCall(String line, Map<String, Map<String, Long>> byCallAndThread) {
        String[] words = line.trim().split("\\s+", 2);
        if (words.length < 2 || words[1].startsWith("<")) return;
        int end = words[1].indexOf('(');
        if (end <= 0) return;
        byCallAndThread
                .computeIfAbsent(words[1].substring(0, end), c -> new HashMap<>())
                .merge(words[0], 1L, Long::sum);
    }

    private boolean onePoint(int number, Point point) throws Exception {
        String name = "%03d-%s-%d".formatted(number, point.fault.name().toLowerCase(Locale.ROOT), point.k);
        Path wrapper = wrapper(
                name, List.of("-e", "trace=" + point.fault.call, "-e", point.fault.inject(point.k), "-o", "/dev/null"));
        Run run = oneRun(name, wrapper, false);
        boolean passed = run.verdict.passed();
        say(
                "%3d  %-14s at call %,5d   %-11s  %-24s confirmed %,5d  %s",
                number,
                point.fault,
                point.k,
                run.wasReady ? "under load" : "at start",
                run.end,
                run.verdict.counts().confirmed(),
                passed ? "ok" : run.verdict.violationCounts().toString());
        if (!passed) conclude("point " + name, run.verdict);
        if (passed) deleteTree(work.resolve(name));
        return run.diedByItself;
    }

    private record Run(Verdict verdict, boolean wasReady, boolean diedByItself, String end) {}

    private Run oneRun(String name, Path javaWrapper, boolean orderly) throws Exception {
        Path data = work.resolve(name).resolve("data");
        HistoryWriter history = openHistory(name);
        BrokerProcess faulty = launchBroker(broker(data, Map.of("LARCHMQ_JAVA", javaWrapper.toString())));
        boolean wasReady = faulty.awaitReady(READY_LIMIT);
        boolean died = !wasReady && !faulty.isAlive();
        if (wasReady) died = underLoad(faulty, history, orderly);
        String end = died ? "ended with code " + faulty.exitCode() : orderly ? "stopped" : "killed after the run";
        faulty.kill();
        restartAndDrain(data, history);
        return new Run(judge(history), wasReady, died, end);
    }

    /** True when the broker ended by itself. */
    private boolean underLoad(BrokerProcess faulty, HistoryWriter history, boolean orderly) throws Exception {
        var client = new Client(jndiFactory, broker(work).url(), history);
        var load = new MixedLoad(client, new MixedLoad.Settings(4, rate, 300, false, 0), random.nextLong());
        load.start();
        long limitMillis = orderly ? runMillis : PATIENCE * runMillis; // calls come slower in some runs than in others
        boolean died = faulty.awaitEnd(Duration.ofMillis(limitMillis));
        if (!died && !orderly) {
            history.write(HistoryRecord.of(Op.BROKER_KILL, Phase.INFO)
                    .note("end of the run")
                    .build());
            faulty.kill();
        }
        load.abandon();
        if (!died && orderly) faulty.stop(STOP_LIMIT);
        if (died)
            history.write(HistoryRecord.of(Op.BROKER_KILL, Phase.INFO)
                    .note("died by itself")
                    .build());
        return died;
    }

    private void restartAndDrain(Path data, HistoryWriter history) throws Exception {
        BrokerProcess.Spec healthy = broker(data);
        BrokerProcess again = startBroker(healthy);
        history.write(HistoryRecord.of(Op.BROKER_START, Phase.OK).build());
        Drain.run(new Client(jndiFactory, healthy.url(), history), MixedLoad.QUEUES, quiet);
        again.stop(STOP_LIMIT);
        history.close();
    }

    /** bin/larchmq runs this in place of java. */
    private Path wrapper(String name, List<String> straceOptions) throws IOException {
        Path script = work.resolve("java-" + name + ".sh");
        String text =
                "#!/bin/sh\nexec %s -f -qq %s %s \"$@\"\n".formatted(strace, String.join(" ", straceOptions), jvm);
        Files.writeString(script, text);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        return script;
    }
}
