package org.larchmq.bench.rig;

import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.Histogram;
import org.larchmq.bench.hostile.Attacker;
import org.larchmq.bench.support.DurationConverter;
import org.larchmq.bench.support.Jndi;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "hostile",
        description =
                "A hostile client that knows the protocol, beside honest clients whose latency and messages are watched.")
final class Hostile extends Rig {
    @Option(
            names = "--time",
            defaultValue = "10m",
            converter = DurationConverter.class,
            description = "how long it is attacked")
    private Duration time;

    @Option(
            names = "--alone",
            defaultValue = "60s",
            converter = DurationConverter.class,
            description = "how long the honest clients are measured alone")
    private Duration alone;

    @Option(
            names = "--each",
            defaultValue = "15s",
            converter = DurationConverter.class,
            description = "how long each attack lasts")
    private Duration each;

    @Option(
            names = "--control",
            defaultValue = "20s",
            converter = DurationConverter.class,
            description =
                    "how long the honest clients are measured beside a process that keeps all processors busy, as the"
                            + " hostile client may, and does not touch the broker; 0s for not at all")
    private Duration control;

    @Option(names = "--only", defaultValue = "", description = "attacks whose name contains this")
    private String only;

    @Option(names = "--honest", defaultValue = "8", description = "honest clients")
    private int honest;

    @Option(names = "--rate", defaultValue = "50", description = "round trips/s of each honest client")
    private int perSecond;

    @Option(
            names = "--factor",
            defaultValue = "2",
            description = "p99 of the honest clients may be so many times that alone")
    private double factor;

    @Override
    void run() throws Exception {
        BrokerProcess broker = startBroker(broker(work.resolve("data")));
        var factory = Jndi.connectionFactory(jndiFactory, "tcp://127.0.0.1:" + port, "ConnectionFactory");
        try (HonestClients clients = new HonestClients(factory, honest, perSecond)) {
            Thread.sleep(Math.min(20_000, alone.toMillis())); // both sides warm up
            clients.takeLatencies();
            Thread.sleep(alone.toMillis());
            Histogram before = clients.takeLatencies();
            say("%d honest clients alone: %s", honest, text(before));
            if (!control.isZero()) control(clients, before);
            Histogram during = new Histogram(before);
            during.reset();
            attack(broker, clients, during);
            say("beside the attacks: %s", text(during));
            double ratio = (double) during.getValueAtPercentile(99) / before.getValueAtPercentile(99);
            say("p99 beside the attacks is %.2f of that alone", ratio);
            if (ratio > factor) failed("p99 of the honest clients is %.2f times that alone", ratio);
            for (String trouble : clients.troubles()) failed("an honest client had trouble: %s", trouble);
        }
        if (!broker.isAlive()) throw new RigException("the broker ended:\n" + broker.lastLines(15));
        say("the broker's memory: at most %,d MiB", broker.peakResidentBytes() >> 20);
        broker.stop(STOP_LIMIT);
        if (broker.exitCode() != 0 && broker.exitCode() != 143)
            failed("the broker's exit code is %d", broker.exitCode());
    }

    /** What the hostile client's use of the processors costs by itself: reported, and not judged. */
    private void control(HonestClients clients, Histogram before) throws Exception {
        List<String> command = attacker();
        command.addAll(List.of("burner", "--time=" + control.toSeconds() + "s"));
        Process burner = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                .start();
        atEnd(burner::destroyForcibly);
        clients.takeLatencies();
        if (!burner.waitFor(control.toSeconds() + 30, TimeUnit.SECONDS))
            throw new RigException("the burner does not end");
        Histogram beside = clients.takeLatencies();
        say("beside busy processors alone: %s", text(beside));
        say(
                "p99 beside busy processors is %.2f of that alone",
                (double) beside.getValueAtPercentile(99) / before.getValueAtPercentile(99));
    }

    private void attack(BrokerProcess broker, HonestClients clients, Histogram total) throws Exception {
        Process attacker =
                new ProcessBuilder(command()).redirectErrorStream(true).start();
        atEnd(attacker::destroyForcibly);
        try (var lines = new BufferedReader(new InputStreamReader(attacker.getInputStream(), StandardCharsets.UTF_8))) {
            String line;
            while ((line = lines.readLine()) != null) {
                Histogram now = clients.takeLatencies();
                total.add(now);
                say("%-55s honest %s", shortened(line), text(now));
                if (line.contains(Attacker.VIOLATION)) failed("%s", line);
                if (!broker.isAlive()) throw new RigException("the broker ended:\n" + broker.lastLines(15));
            }
        }
        if (!attacker.waitFor(30, TimeUnit.SECONDS)) throw new RigException("the hostile client does not end");
        total.add(clients.takeLatencies());
    }

    private static String shortened(String line) {
        return line.length() <= 160 ? line : line.substring(0, 157) + "...";
    }

    /** Another machine's processor is not the broker's: the hostile client gets what the others leave. */
    private static List<String> attacker() {
        List<String> command = new ArrayList<>(List.of("nice", "-n", "19"));
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(List.of("-Xmx1g", "-cp", System.getProperty("java.class.path"), "org.larchmq.bench.Rigs"));
        return command;
    }

    private List<String> command() {
        List<String> command = attacker();
        command.addAll(List.of("attacker", "--port=" + port, "--time=" + time.toSeconds() + "s"));
        command.addAll(List.of("--each=" + each.toSeconds() + "s", "--seed=" + seed, "--only=" + only));
        return command;
    }

    private static String text(Histogram latencies) {
        return String.format(
                java.util.Locale.ROOT,
                "%,d round trips, µs p50 %,d p99 %,d p99.9 %,d max %,d",
                latencies.getTotalCount(),
                latencies.getValueAtPercentile(50),
                latencies.getValueAtPercentile(99),
                latencies.getValueAtPercentile(99.9),
                latencies.getMaxValue());
    }
}
