package org.larchmq.embedded.faults;

import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs one combination with a proxy of its own: prepares, strikes while the call is made, makes it again where that must be
 * possible, closes everything, and looks for what is left: threads and sockets of the client, names in use and messages at
 * the brokers.
 */
final class CombinationRun {
    /**
     * What is added to bounds, since machines do other things too.
     *
     * @param noiseMillis  to every documented bound
     * @param settleMillis until the broker knows that a silent client is gone, threads have ended and so on
     */
    record Patience(long noiseMillis, long settleMillis) {
        static final Patience USUAL = new Patience(8_000, 15_000);
    }

    private static final int ATTEMPTS = 3;

    private final Combination combination;
    private final String id;
    private final Store store;
    private final Store otherStore;
    private final ExecutorService threads;
    private final Patience patience;
    private final List<String> wrong = new ArrayList<>();
    private String ending = "NOT RUN";
    private long millis;

    CombinationRun(
            Combination combination,
            String id,
            Store store,
            Store otherStore,
            ExecutorService threads,
            Patience patience) {
        this.patience = patience;
        this.combination = combination;
        this.id = id;
        this.store = store;
        this.otherStore = otherStore;
        this.threads = threads;
    }

    /** A machine that is too slow for the short timeouts spoils what is prepared or hit: then it is tried again. */
    Verdict run() {
        boolean done = false;
        for (int attempt = 1; attempt <= ATTEMPTS && !done; attempt++) {
            wrong.clear();
            try (FaultProxy proxy = new FaultProxy(threads, store.port(), otherStore.port())) {
                done = run(proxy, new Stage(id + "-" + attempt, combination.uri(proxy.port()), store));
            } catch (Exception e) {
                wrong.add("the harness failed: " + text(e));
                done = true;
            }
        }
        return new Verdict(combination, ending, millis, wrong);
    }

    /** @return whether there is something to judge */
    private boolean run(FaultProxy proxy, Stage stage) throws Exception {
        ApiCall.Step step;
        try {
            step = combination.call().script().prepare(stage);
        } catch (Exception e) {
            wrong.add("it could not be prepared: " + text(e));
            bounded(stage::close, Combination.closeBoundMillis(), "close()");
            return false;
        }
        return strike(proxy, stage, step);
    }

    private boolean strike(FaultProxy proxy, Stage stage, ApiCall.Step step) throws Exception {
        proxy.arm(combination.fault(), combination.call().at());
        long start = System.nanoTime();
        Throwable thrown = bounded(step, combination.boundMillis(), "the call");
        ending = Endings.of(thrown);
        millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
        boolean struck = proxy.awaitStruck(patience.settleMillis); // some calls do not wait for what they send
        if (struck) judgeEnding(thrown);
        else wrong.add("the fault did not happen; the call ended with " + ending);
        if (combination.call().again() && !ending.equals(Endings.OK)) callAgain(step);
        proxy.release();
        Throwable atClose = bounded(stage::close, Combination.closeBoundMillis(), "close()");
        if (!Endings.allowedAtClose().contains(Endings.of(atClose))) wrong.add("close() threw " + text(atClose));
        judgeRemains(proxy, stage);
        return struck || wrong.size() > 1;
    }

    /** @return what it threw, or null; nothing either when it has not ended, which is wrong in any case */
    private Throwable bounded(ApiCall.Step step, long documentedMillis, String what) throws InterruptedException {
        long boundMillis = documentedMillis + patience.noiseMillis;
        AtomicReference<Thread> runner = new AtomicReference<>();
        Future<?> running = threads.submit(() -> {
            runner.set(Thread.currentThread());
            step.run();
            return null;
        });
        try {
            running.get(boundMillis, TimeUnit.MILLISECONDS);
            return null;
        } catch (ExecutionException e) {
            return e.getCause();
        } catch (TimeoutException e) {
            wrong.add(what + " has not ended after " + boundMillis + " ms; its thread is at " + stack(runner.get()));
            running.cancel(true);
            return new TimeoutException("it hangs");
        }
    }

    private static String stack(Thread thread) {
        if (thread == null) return "its start";
        StringBuilder text = new StringBuilder();
        for (StackTraceElement element : thread.getStackTrace())
            text.append("\n        ").append(element);
        return text.toString();
    }

    private void judgeEnding(Throwable thrown) {
        Set<String> allowed =
                Endings.allowed(combination.call().family(), combination.fault(), combination.failsOver());
        if (!allowed.contains(ending))
            wrong.add("it ended with " + ending + ", allowed is " + allowed + ": " + text(thrown));
    }

    private void callAgain(ApiCall.Step step) throws InterruptedException {
        Throwable thrown = bounded(step, combination.boundMillis(), "the second call");
        String second = Endings.of(thrown);
        Set<String> allowed = Endings.allowedAgain(combination.fault(), combination.failsOver());
        if (!allowed.contains(second)) {
            wrong.add("made again it ended with " + second + ", allowed is " + allowed + ": " + text(thrown));
        }
    }

    // What is left.

    private void judgeRemains(FaultProxy proxy, Stage stage) throws Exception {
        if (!proxy.awaitClientsGone(patience.settleMillis)) wrong.add("a socket of the client is still open");
        if (!proxy.awaitBrokersGone(patience.settleMillis)) wrong.add("the broker still keeps a connection");
        judgeThreads(proxy.port());
        List<String> found = new ArrayList<>();
        collect(store, stage, found);
        if (combination.fault().isOtherStore()) collect(otherStore, stage, found);
        wrong.addAll(stage.ledger().compare(found));
    }

    /** A thread that ends may have started another, which restores what it has lost: so it is looked again after each. */
    private void judgeThreads(int port) throws InterruptedException {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(patience.settleMillis);
        List<Thread> left = threadsOf(port);
        while (!left.isEmpty() && deadline - System.nanoTime() > 0) {
            left.get(0).join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            left = threadsOf(port);
        }
        for (Thread thread : left) wrong.add("the thread " + thread.getName() + " is left, at " + stack(thread));
    }

    /** Every thread of a client's connection has the broker's address in its name. */
    private static List<Thread> threadsOf(int port) {
        String prefix = "larchmq-127.0.0.1:" + port + "-";
        return ClientThreads.all().stream()
                .filter(thread -> thread.getName().startsWith(prefix))
                .toList();
    }

    /** A client of the same name gets everything. */
    private void collect(Store from, Stage stage, List<String> found) throws Exception {
        if (stage.isDistributed()) from.rollBackBranches(stage.globalId());
        try (JMSContext context = from.openAfterwards(stage.clientId(), patience.settleMillis)) {
            drain(context.createConsumer(stage.queue()), found);
            drain(context.createConsumer(stage.target()), found);
            if (stage.subscription() == Stage.Subscription.NONE) return;
            JMSConsumer subscriber = Store.soon(
                    patience.settleMillis, IllegalStateRuntimeException.class, () -> subscriber(context, stage));
            drain(subscriber, found);
            context.unsubscribe(stage.subscriptionName());
        } catch (RuntimeException e) {
            wrong.add("a new client of the same name cannot take over: " + text(e));
        }
    }

    private static JMSConsumer subscriber(JMSContext context, Stage stage) {
        if (stage.subscription() == Stage.Subscription.SHARED) {
            return context.createSharedDurableConsumer(stage.topic(), stage.subscriptionName());
        }
        return context.createDurableConsumer(stage.topic(), stage.subscriptionName());
    }

    private static void drain(JMSConsumer consumer, List<String> found) throws JMSException {
        try (consumer) {
            found.addAll(Store.drain(consumer));
        }
    }

    private static String text(Throwable thrown) {
        if (thrown == null) return "";
        StringWriter text = new StringWriter();
        thrown.printStackTrace(new PrintWriter(text));
        return text.toString();
    }
}
