package org.larchmq.jms.net;

import java.net.SocketTimeoutException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Ends a connection whose broker does not read. A write into a full socket waits without an end, and with it the thread of
 * the application that happens to write; so no write may take longer than the shorter of the timeouts that were promised.
 */
final class WriteWatch {
    private static final int LONGEST_INTERVAL_MILLIS = 1000;
    private static final int CHECKS_PER_LIMIT = 4;

    private final Outbound outbound;
    private final Consumer<Exception> onFailure;
    private final int limitMillis;
    private final String option;
    private Future<?> schedule;

    private WriteWatch(Outbound outbound, int limitMillis, String option, Consumer<Exception> onFailure) {
        this.outbound = outbound;
        this.limitMillis = limitMillis;
        this.option = option;
        this.onFailure = onFailure;
    }

    static WriteWatch start(Outbound outbound, Transport.Limits limits, Consumer<Exception> onFailure) {
        boolean sendIsShorter = limits.sendTimeoutMillis() < limits.requestTimeoutMillis();
        int limitMillis = Math.min(limits.sendTimeoutMillis(), limits.requestTimeoutMillis());
        String option = sendIsShorter ? "sendTimeout" : "requestTimeout";
        WriteWatch watch = new WriteWatch(outbound, limitMillis, option, onFailure);
        int every = Math.max(1, Math.min(LONGEST_INTERVAL_MILLIS, limitMillis / CHECKS_PER_LIMIT));
        watch.schedule = SharedTimer.every(every, watch::check);
        return watch;
    }

    void stop() {
        schedule.cancel(false);
    }

    private void check() {
        long since = outbound.writingSinceNanos();
        if (since == Outbound.NOT_WRITING) return;
        if (System.nanoTime() - since < TimeUnit.MILLISECONDS.toNanos(limitMillis)) return;
        onFailure.accept(new SocketTimeoutException(
                "the broker has not read from the connection for " + limitMillis + " ms (" + option + ")"));
    }
}
