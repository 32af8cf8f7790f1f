package org.larchmq.bench.rig;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import org.larchmq.bench.rig.DamageReports.Report;
import org.larchmq.bench.rig.FlipPlan.Flip;
import org.larchmq.bench.rig.RecordedSession.Sending;
import org.larchmq.checker.AckMode;
import org.larchmq.checker.Checker;
import org.larchmq.checker.HistoryReader;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.HistoryWriter;
import org.larchmq.checker.Mid;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;
import org.larchmq.checker.Verdict;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/**
 * One flipped bit in a copy of a stopped broker's data directory. The broker may start, or refuse with file and offset,
 * then {@code repair} must make it start. Right is: it is reported with file and offset at the start or by the check in
 * the background, nothing wrong is delivered, nothing is missing silently, and what is missing is at most the one entry
 * that was hit.
 */
@Command(
        name = "bit-flips",
        description = "One flipped bit in every kind of file, again and again; found, reported, contained.")
final class BitFlips extends Rig {
    private static final List<String> QUEUES = List.of("queue:half", "queue:full", "queue:tx", MixedLoad.DLQ);
    /** A damaged acknowledgement brings messages back: of one entry, so of one acknowledgement of the rig's. */
    private static final Set<String> REPEATS = Set.of("J3", "J4", "J5", "J7", "J8");

    @Option(names = "--flips", defaultValue = "200", description = "bits to flip, one at a time")
    private int flips;

    @Option(names = "--messages", defaultValue = "3000", description = "messages stored before")
    private int messages;

    @Option(names = "--segment", defaultValue = "1MiB", description = "store.segmentSize")
    private String segment;

    private Path original;
    private HistoryWriter before;
    private final Map<String, Integer> outcomes = new TreeMap<>();

    /** What the broker says when it has read everything. */
    private static final String CHECKED = "Checked the data directory";

    private static final Duration CHECK_LIMIT = Duration.ofSeconds(60);

    private enum Start {
        AS_USUAL,
        AFTER_REPAIR,
        NOT
    }

    @Override
    void run() throws Exception {
        if (quiet.equals(Duration.ofSeconds(10))) quiet = Duration.ofMillis(1200);
        original = work.resolve("original");
        before = openHistory("before");
        produce();
        List<Flip> plan = FlipPlan.of(original, flips, new Random(seed));
        say("kinds of files: %s", plan.stream().map(Flip::kind).distinct().toList());
        int number = 0;
        for (Flip flip : plan) oneFlip(++number, flip);
        say("outcomes per kind of file:");
        outcomes.forEach((outcome, count) -> say("  %4d  %s", count, outcome));
    }

    private BrokerProcess.Spec spec(Path data) {
        return broker(data, "store.segmentSize=" + segment);
    }

    private void produce() throws Exception {
        BrokerProcess broker = startBroker(spec(original));
        var client = new Client(jndiFactory, spec(original).url(), before);
        RecordedSession sender = client.open("p", AckMode.AUTO, e -> {});
        RecordedSession transactions = client.open("ptx", AckMode.TRANSACTED, e -> {});
        for (int i = 0; i < messages / 3; i++) {
            sender.send("queue:half", Sending.ordinary(900));
            sender.send("queue:full", Sending.ordinary(300));
            sender.send("topic:unheard", Sending.ordinary(100));
            transactions.send("queue:tx", Sending.ordinary(700));
            if (i % 5 == 4) transactions.commit();
            if (i % 50 == 48) transactions.rollback();
        }
        transactions.commit();
        sender.close();
        transactions.close();
        consumeHalf(client);
        broker.stop(STOP_LIMIT);
    }

    private void consumeHalf(Client client) throws JMSException {
        RecordedSession consumer = client.open("c", AckMode.CLIENT, e -> {});
        consumer.subscribe("queue:half");
        consumer.start();
        for (int i = 0; i < messages / 6; i++) {
            Message message = consumer.receive("queue:half", 5_000);
            if (message == null) throw new RigException("a message of queue:half did not come");
            if (i % 3 == 0) consumer.acknowledge(message);
        }
        consumer.close();
        RecordedSession transacted = client.open("ctx", AckMode.TRANSACTED, e -> {});
        transacted.subscribe("queue:tx");
        transacted.start();
        for (int i = 0; i < messages / 9; i++) {
            if (transacted.receive("queue:tx", 5_000) == null)
                throw new RigException("a message of queue:tx did not come");
            if (i % 4 == 3) transacted.commit();
        }
        transacted.close();
    }

    private void oneFlip(int number, Flip flip) throws Exception {
        String name = "flip-" + number;
        Path data = work.resolve(name);
        Shell.mustRun("cp", "-a", original.toString(), data.toString());
        flip.apply(data);
        HistoryWriter after = openHistory(name);
        after.write(HistoryRecord.of(Op.DAMAGE, Phase.OK)
                .file(flip.file().toString())
                .offset(flip.offset())
                .note("bit " + flip.bit())
                .build());
        List<String> said = new ArrayList<>();
        Start start = startAndDrain(data, after, said);
        after.close();
        String outcome = judgeFlip(flip, name, after, start, DamageReports.in(said));
        outcomes.merge("%-28s %s".formatted(flip.kind(), outcome), 1, Integer::sum);
        say("%3d  %-60s %s", number, flip, outcome);
        boolean wrong = outcome.startsWith("WRONG");
        if (wrong) {
            Files.write(work.resolve(name + ".output"), said, StandardOpenOption.CREATE);
            failed("flip %d, %s: %s", number, flip, outcome);
        }
        deleteTree(data);
    }

    private Start startAndDrain(Path data, HistoryWriter after, List<String> said) throws Exception {
        BrokerProcess broker = launchBroker(spec(data));
        Start start = Start.AS_USUAL;
        if (!broker.awaitReady(READY_LIMIT)) {
            broker.kill();
            said.addAll(broker.output());
            Shell.Result repair = larchmq("repair", "--data", data.toString());
            said.addAll(repair.output().lines().toList());
            start = Start.AFTER_REPAIR;
            broker = launchBroker(spec(data));
            if (!broker.awaitReady(READY_LIMIT)) {
                broker.kill();
                said.addAll(broker.output());
                return Start.NOT;
            }
        }
        try {
            Drain.run(new Client(jndiFactory, spec(data).url(), after), QUEUES, quiet);
            if (!broker.awaitLine(CHECKED, CHECK_LIMIT)) failed("the check for damage did not end: %s", data);
        } finally {
            if (broker.isAlive()) broker.stop(STOP_LIMIT);
            said.addAll(broker.output());
        }
        return start;
    }

    private String judgeFlip(Flip flip, String name, HistoryWriter after, Start start, List<Report> reports)
            throws IOException {
        if (start == Start.NOT) return "WRONG: does not start, not even after repair";
        boolean reported = reports.stream().anyMatch(r -> names(r, flip));
        if (start == Start.AFTER_REPAIR && !reported) return "WRONG: refused to start without naming file and offset";
        Iterable<HistoryRecord> history = HistoryReader.of(List.of(before.file(), after.file()));
        Verdict verdict = Checker.check(history, checkerSettings());
        String how = start == Start.AFTER_REPAIR ? "repaired" : reported ? "reported" : "unnoticed";
        boolean mustBeSeen = how.equals("unnoticed") && !FlipPlan.isMeaningless(original, flip);
        if (verdict.passed() && mustBeSeen) return "WRONG: unnoticed";
        if (verdict.passed()) return how + ", nothing lost";
        if (!reported) return "WRONG: silent " + verdict.violationCounts();
        Set<Mid> missing = verdict.missing();
        if (!ofOneEntry(missing, history)) return "WRONG: " + missing.size() + " messages lost to one flip";
        Verdict rest = Checker.check(history, checkerSettings().withReportedDamaged(missing));
        Set<String> still = new HashSet<>(rest.violatedInvariants());
        still.removeAll(REPEATS);
        if (still.isEmpty())
            return "%s, %s%s"
                    .formatted(
                            how,
                            missing.isEmpty() ? "nothing lost" : "one entry lost",
                            rest.passed() ? "" : ", acknowledged ones came back");
        Files.writeString(work.resolve(name + ".verdict"), rest.report());
        return "WRONG: " + rest.violationCounts();
    }

    /** The report may name the beginning of the entry that was hit, in any notation of the file. */
    private static boolean names(Report report, Flip flip) {
        return report.file().endsWith(flip.file().getFileName().toString());
    }

    private static boolean ofOneEntry(Set<Mid> missing, Iterable<HistoryRecord> history) {
        if (missing.size() <= 1) return true;
        Set<String> transactions = new HashSet<>();
        for (HistoryRecord r : history) {
            boolean isMissing = r.op() == Op.SEND && r.phase() == Phase.INVOKE && missing.contains(r.mid());
            if (isMissing) transactions.add(r.tx() == null ? r.mid().toString() : r.tx());
        }
        return transactions.size() == 1;
    }
}
