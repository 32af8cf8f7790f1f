package org.larchmq.bench.perf;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/** Runs one load: connect, warm up, measure, let the consumers catch up, disconnect. */
final class Load implements AutoCloseable {
    private static final long CATCH_UP_QUIET_NANOS = TimeUnit.SECONDS.toNanos(4);
    private static final long JOIN_MILLIS = 90_000;

    private final PerfSettings settings;
    private final ConnectionFactory connectionFactory;
    private final Meters meters = new Meters();
    private final AtomicLong budget;
    private final List<Consuming> consumers = new ArrayList<>();
    private final List<Producing> producers = new ArrayList<>();
    private final List<Thread> threads = new ArrayList<>();
    private final Histogram send = new Histogram(3);
    private final Histogram endToEnd = new Histogram(3);

    Load(PerfSettings settings, ConnectionFactory connectionFactory) {
        this.settings = settings;
        this.connectionFactory = connectionFactory;
        this.budget = new AtomicLong(settings.count() > 0 ? settings.count() : Long.MAX_VALUE / 2);
    }

    PerfResult run(Consumer<String> progress) throws JMSException, InterruptedException {
        long sentBefore = 0;
        long receivedBefore = 0;
        long startNanos = System.nanoTime();
        for (int i = 0; i < settings.consumers(); i++) consumers.add(new Consuming(settings, meters, connect()));
        for (int i = 0; i < settings.producers(); i++)
            producers.add(new Producing(settings, meters, budget, connect()));
        if (settings.producers() > 0) startNanos = System.nanoTime();
        for (Producing producer : producers) start(producer);
        if (!settings.warmUp().isZero()) {
            report(settings.warmUp().toNanos(), "warming up  ", progress);
            discardWarmUp();
            sentBefore = meters.sent.sum();
            receivedBefore = meters.received.sum();
            startNanos = System.nanoTime();
        }
        report(measuredNanos(), "", progress);
        stopProducers();
        double sendSeconds = seconds(startNanos, System.nanoTime());
        long sent = meters.sent.sum() - sentBefore;
        long receivedMeanwhile = meters.received.sum() - receivedBefore;
        catchUp(progress);
        drainRecorders();

        boolean draining = settings.producers() == 0 || settings.count() > 0;
        long received = draining ? meters.received.sum() - receivedBefore : receivedMeanwhile;
        double receiveSeconds =
                draining ? seconds(meters.firstReceivedNanos.get(), meters.lastReceivedNanos.get()) : sendSeconds;
        return new PerfResult(
                settings,
                sendSeconds,
                sent,
                receiveSeconds,
                received,
                undelivered(),
                meters.left.sum(),
                meters.errors.sum(),
                meters.firstError.get(),
                send,
                endToEnd);
    }

    private Connection connect() throws JMSException {
        return settings.user() == null
                ? connectionFactory.createConnection()
                : connectionFactory.createConnection(settings.user(), settings.password());
    }

    private void start(Producing producer) {
        var thread = new Thread(producer, "perf-producer-" + threads.size());
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    private long measuredNanos() {
        return settings.count() > 0 ? Long.MAX_VALUE : settings.duration().toNanos();
    }

    /** One line a second, until the time is over or everything is sent (received, without producers). */
    private void report(long forNanos, String prefix, Consumer<String> progress) throws InterruptedException {
        long start = System.nanoTime();
        long sent = meters.sent.sum();
        long received = meters.received.sum();
        long lastNanos = start;
        while (System.nanoTime() - start < forNanos && !isDone()) {
            long left = forNanos - (System.nanoTime() - start);
            awaitDone(Math.min(left, TimeUnit.SECONDS.toNanos(1)));
            long nowNanos = System.nanoTime();
            double seconds = seconds(lastNanos, nowNanos);
            if (seconds < 0.2) continue;
            Histogram intervalSend = meters.takeSend();
            Histogram intervalEndToEnd = meters.takeEndToEnd();
            send.add(intervalSend);
            endToEnd.add(intervalEndToEnd);
            progress.accept(prefix
                    + String.format(
                            Locale.ROOT,
                            "%5.0f s   sent %,10.0f/s   received %,10.0f/s   send p99 %,9.0f µs   e2e p99 %,9.0f µs   waiting %,d   errors %d",
                            seconds(start, nowNanos),
                            (meters.sent.sum() - sent) / seconds,
                            (meters.received.sum() - received) / seconds,
                            intervalSend.getValueAtPercentile(99) / 1e3,
                            intervalEndToEnd.getValueAtPercentile(99) / 1e3,
                            Math.max(
                                    0,
                                    meters.sent.sum() * Math.max(1, settings.copiesExpected()) - meters.received.sum()),
                            meters.errors.sum()));
            sent = meters.sent.sum();
            received = meters.received.sum();
            lastNanos = nowNanos;
        }
    }

    private boolean isDone() {
        if (settings.producers() > 0) return threads.stream().noneMatch(Thread::isAlive);
        return settings.count() > 0 && meters.received.sum() >= settings.count();
    }

    private void awaitDone(long nanos) throws InterruptedException {
        long until = System.nanoTime() + nanos;
        while (System.nanoTime() < until && !isDone()) Thread.sleep(5);
    }

    private void discardWarmUp() {
        meters.takeSend();
        meters.takeEndToEnd();
        send.reset();
        endToEnd.reset();
        meters.firstReceivedNanos.set(0);
    }

    private void stopProducers() throws InterruptedException {
        for (Producing producer : producers) producer.stop();
        long until = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(JOIN_MILLIS);
        for (Thread thread : threads) {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(until - System.nanoTime())));
            if (thread.isAlive()) meters.error(new JMSException("a producer hangs: " + thread.getName()));
        }
    }

    private void catchUp(Consumer<String> progress) throws InterruptedException {
        if (settings.consumers() == 0 || settings.producers() == 0) return;
        long last = meters.received.sum();
        long quietSince = System.nanoTime();
        while (System.nanoTime() - quietSince < CATCH_UP_QUIET_NANOS) {
            Long missing = undelivered();
            if (missing != null && missing <= 0) return;
            Thread.sleep(20);
            long now = meters.received.sum();
            if (now == last) continue;
            last = now;
            quietSince = System.nanoTime();
        }
        if (undelivered() != null) progress.accept("deliveries stand still");
    }

    private Long undelivered() {
        if (settings.copiesExpected() < 0 || settings.producers() == 0) return null;
        return meters.sent.sum() * settings.copiesExpected() - meters.received.sum();
    }

    private void drainRecorders() {
        send.add(meters.takeSend());
        endToEnd.add(meters.takeEndToEnd());
    }

    private static double seconds(long fromNanos, long toNanos) {
        return Math.max(0, toNanos - fromNanos) / 1e9;
    }

    @Override
    public void close() {
        for (Producing producer : producers) closeQuietly(producer::close);
        for (Consuming consumer : consumers) closeQuietly(consumer::close);
    }

    private interface Closing {
        void close() throws JMSException;
    }

    /** The result is complete; a connection that fails to close is counted where it failed first. */
    private void closeQuietly(Closing closing) {
        try {
            closing.close();
        } catch (JMSException e) {
            meters.error(e);
        }
    }
}
