package org.larchmq.bench.rig;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.larchmq.checker.HistoryReader;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.HistoryWriter;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
        name = "xa-kill",
        description = "kill -9 of application, broker and both at 12 points of a distributed transaction (Narayana);"
                + " recovery; then J9, and every order is in one of two queues.")
final class XaKill extends Rig {
    private static final Duration APPLICATION_LIMIT = Duration.ofSeconds(120);

    @Option(names = "--repeats", defaultValue = "5", description = "of each point and victim")
    private int repeats;

    @Option(names = "--victims", split = ",", defaultValue = "APPLICATION,BROKER,BOTH", description = "who is killed")
    private List<XaStrike.Victim> victims;

    @Option(names = "--points", split = ",", description = "${COMPLETION-CANDIDATES}; default: all")
    private List<KillPoint> points = List.of(KillPoint.values());

    private BrokerProcess.Spec spec;
    private BrokerProcess running;
    private HistoryWriter history;
    private int runs;

    @Override
    void checkMachine() {
        try {
            Class.forName("com.arjuna.ats.jta.TransactionManager");
        } catch (ClassNotFoundException e) {
            throw new RigSkipped("Narayana is not on the class path; run bench/rigs of a checkout after mvn package");
        }
    }

    @Override
    void run() throws Exception {
        history = openHistory("xa-kill");
        spec = broker(work.resolve("data"));
        running = startBroker(spec);
        for (KillPoint point : points) {
            for (XaStrike.Victim victim : victims) {
                for (int repeat = 0; repeat < repeats; repeat++) strike(point, victim);
            }
            say("%-22s %d kills, recovered each time", point, victims.size() * repeats);
            if (hasFailed()) return;
        }
        var client = new Client(jndiFactory, spec.url(), history);
        Drain.Result left = Drain.run(client, List.of(XaApplication.IN, XaApplication.OUT, "queue:DLQ"), quiet);
        say("drained %s", left.messages());
        everyOrderIsInOneQueue();
        conclude("J9 and the others", judge(history));
    }

    private void strike(KillPoint point, XaStrike.Victim victim) throws Exception {
        runs++;
        int exit =
                application("--run=" + runs, "--point=" + point, "--victim=" + victim, "--broker-pid=" + running.pid());
        int expected = victim == XaStrike.Victim.BROKER ? 0 : XaStrike.HALTED;
        if (exit != expected) failed("run %d, %s at %s: the application ended with %d", runs, victim, point, exit);
        boolean brokerIsDead = victim != XaStrike.Victim.APPLICATION && running.awaitEnd(Duration.ofSeconds(5));
        if (brokerIsDead) {
            running = startBroker(spec);
            history.write(HistoryRecord.of(Op.BROKER_START, Phase.OK).build());
        } else if (victim != XaStrike.Victim.APPLICATION) {
            failed("run %d, %s at %s: the broker was not killed", runs, victim, point);
        }
        runs++;
        if (application("--run=" + runs, "--recover") != 0)
            failed("run %d, %s at %s: not recovered", runs, victim, point);
    }

    private int application(String... options) throws IOException, InterruptedException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx256m",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                "org.larchmq.bench.Rigs",
                "xa-application",
                "--url=" + spec.url(),
                "--history=" + history.file(),
                "--store=" + work.resolve("narayana"),
                "--jndi-factory=" + jndiFactory));
        command.addAll(List.of(options));
        Process process = new ProcessBuilder(command)
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(
                        work.resolve("application.log").toFile()))
                .start();
        if (process.waitFor(APPLICATION_LIMIT.toSeconds(), TimeUnit.SECONDS)) return process.exitValue();
        process.destroyForcibly();
        throw new RigException("the application hangs: " + String.join(" ", options));
    }

    /** Both branches of each transaction went the same way. */
    private void everyOrderIsInOneQueue() {
        Set<String> sent = new HashSet<>();
        Map<String, Integer> found = new HashMap<>();
        for (HistoryRecord r : HistoryReader.of(history.file())) {
            if (r.op() == Op.SEND && r.phase() == Phase.OK && r.mid().dest().equals(XaApplication.IN)) {
                sent.add(r.mid().session() + "/" + r.mid().seq());
            }
            boolean drained = r.op() == Op.DELIVER && r.session().startsWith("drain");
            if (!drained) continue;
            boolean isCopy = r.mid().dest().equals(XaApplication.OUT);
            String order = isCopy
                    ? r.mid().session().substring(r.mid().session().indexOf('/') + 1)
                    : r.mid().session() + "/" + r.mid().seq();
            found.merge(order, 1, Integer::sum);
        }
        for (String order : sent) {
            int count = found.getOrDefault(order, 0);
            if (count != 1) failed("order %s is there %d times", order, count);
        }
        say("%d orders, each once", sent.size());
    }
}
