package org.larchmq.embedded.faults;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Predicate;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.embedded.EmbeddedLarchMQ;
import org.larchmq.embedded.faults.CombinationRun.Patience;

/** Two brokers, and combinations that are run against them side by side. */
final class FaultMatrix implements AutoCloseable {
    private static final int BROKER_HEARTBEAT_MILLIS = 1_000;

    private final ExecutorService threads = Executors.newCachedThreadPool(task -> {
        Thread thread = new Thread(task, "fault-matrix");
        thread.setDaemon(true);
        return thread;
    });
    private final AtomicInteger ids = new AtomicInteger();
    private final Store store;
    private final Store otherStore;

    private final Patience patience;

    private FaultMatrix(Store store, Store otherStore, Patience patience) {
        this.patience = patience;
        this.store = store;
        this.otherStore = otherStore;
    }

    static FaultMatrix start() {
        return start(BROKER_HEARTBEAT_MILLIS, Patience.USUAL);
    }

    /** @param heartbeatMillis 0: the brokers never find out that a silent client is gone */
    static FaultMatrix start(int heartbeatMillis, Patience patience) {
        FaultMatrix matrix = new FaultMatrix(broker(heartbeatMillis), broker(heartbeatMillis), patience);
        matrix.store.open("first").close(); // what is slow the first time is done before the short timeouts
        matrix.otherStore.open("first").close();
        return matrix;
    }

    private static Store broker(int heartbeatMillis) {
        return new Store(EmbeddedLarchMQ.builder()
                .settings(before -> before.with(quickToNotice(before.network(), heartbeatMillis)))
                .start());
    }

    private static BrokerSettings.Network quickToNotice(BrokerSettings.Network before, int heartbeatMillis) {
        return new BrokerSettings.Network(
                before.host(),
                before.port(),
                before.ioThreads(),
                before.maxConnections(),
                before.handshakeTimeoutMillis(),
                heartbeatMillis,
                before.sendWindowBytes(),
                before.compression());
    }

    ExecutorService threads() {
        return threads;
    }

    Store store() {
        return store;
    }

    /** Everything that can happen to these calls. */
    static List<Combination> combinations(List<ApiCall> calls, Predicate<Combination> chosen) {
        List<Combination> all = new ArrayList<>();
        for (ApiCall call : calls) {
            for (Fault fault : Fault.values()) {
                for (boolean failsOver : new boolean[] {false, true}) {
                    Combination combination = new Combination(call, fault, failsOver);
                    if (combination.isPossible() && chosen.test(combination)) all.add(combination);
                }
            }
        }
        return all;
    }

    Verdict run(Combination combination) {
        return new CombinationRun(combination, "c" + ids.incrementAndGet(), store, otherStore, threads, patience).run();
    }

    /** In the order of the combinations, so many at a time. */
    List<Verdict> run(List<Combination> combinations, int atATime) throws Exception {
        ExecutorService runners = Executors.newFixedThreadPool(atATime);
        try {
            List<Future<Verdict>> running = new ArrayList<>();
            for (Combination combination : combinations) running.add(runners.submit(() -> run(combination)));
            List<Verdict> verdicts = new ArrayList<>();
            for (Future<Verdict> next : running) verdicts.add(next.get());
            return verdicts;
        } finally {
            runners.shutdownNow();
        }
    }

    @Override
    public void close() {
        threads.shutdownNow();
        store.broker().close();
        otherStore.broker().close();
    }

    /** A line per call: how each fault ended, over tcp:// and failover:. */
    static String table(List<Verdict> verdicts) {
        StringBuilder text = new StringBuilder();
        text.append("calls of the API under faults; o: as documented, X: not so, ' ': cannot happen\n");
        for (Fault fault : Fault.values()) {
            text.append(String.format(Locale.ROOT, "  column %2d: %s%n", fault.ordinal() + 1, fault));
        }
        List<ApiCall> calls = verdicts.stream()
                .map(verdict -> verdict.combination().call())
                .distinct()
                .toList();
        for (ApiCall call : calls) {
            text.append(String.format(
                    Locale.ROOT,
                    "%-62s tcp |%s| failover |%s|%n",
                    call.name(),
                    row(verdicts, call, false),
                    row(verdicts, call, true)));
        }
        long good = verdicts.stream().filter(Verdict::isGood).count();
        return text.append(calls.size() + " calls, " + verdicts.size() + " combinations, " + good + " as documented\n")
                .toString();
    }

    private static String row(List<Verdict> verdicts, ApiCall call, boolean failsOver) {
        StringBuilder row = new StringBuilder();
        for (Fault fault : Fault.values()) {
            char mark = ' ';
            for (Verdict verdict : verdicts) {
                if (verdict.combination().equals(new Combination(call, fault, failsOver)))
                    mark = verdict.isGood() ? 'o' : 'X';
            }
            row.append(mark);
        }
        return row.toString();
    }
}
