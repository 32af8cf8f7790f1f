package org.larchmq.bench.perf;

import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.Histogram;
import org.HdrHistogram.Recorder;

/** What producers and consumers count; written by many threads, read by the reporting one. */
final class Meters {
    private static final long HIGHEST_NANOS = 3_600_000_000_000L;

    /** Tells this run's messages from what an earlier one left in the queue. */
    final long run = System.nanoTime();

    final LongAdder left = new LongAdder();
    final LongAdder sent = new LongAdder();
    final LongAdder received = new LongAdder();
    final LongAdder errors = new LongAdder();
    final AtomicLong firstReceivedNanos = new AtomicLong();
    final AtomicLong lastReceivedNanos = new AtomicLong();
    final AtomicReference<String> firstError = new AtomicReference<>();
    private final Recorder sendNanos = new Recorder(HIGHEST_NANOS, 3);
    private final Recorder endToEndNanos = new Recorder(HIGHEST_NANOS, 3);

    void sent(long latencyNanos) {
        sendNanos.recordValue(bounded(latencyNanos));
        sent.increment();
    }

    /** Messages of a transaction: confirmed together, one latency. */
    void committed(int messages, long latencyNanos) {
        sendNanos.recordValue(bounded(latencyNanos));
        sent.add(messages);
    }

    void received(long sentNanos, long nowNanos) {
        endToEndNanos.recordValue(bounded(nowNanos - sentNanos));
        received.increment();
        if (firstReceivedNanos.get() == 0) firstReceivedNanos.compareAndSet(0, nowNanos);
        lastReceivedNanos.lazySet(nowNanos);
    }

    void error(Throwable error) {
        errors.increment();
        firstError.compareAndSet(null, error.toString());
    }

    private static long bounded(long nanos) {
        return Math.max(0, Math.min(nanos, HIGHEST_NANOS));
    }

    Histogram takeSend() {
        return sendNanos.getIntervalHistogram();
    }

    Histogram takeEndToEnd() {
        return endToEndNanos.getIntervalHistogram();
    }
}
