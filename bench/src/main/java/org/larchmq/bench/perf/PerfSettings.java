package org.larchmq.bench.perf;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;

/**
 * One load.
 *
 * @param count messages in all; 0: as long as {@code duration}
 * @param ratePerSecond of all producers together; 0: flat out
 * @param asyncWindow asynchronous sends in flight per producer; 0: blocking sends
 * @param transactionSize messages per transaction on both sides; 0: no transactions
 * @param ackMode of jakarta.jms.Session, for consumers outside transactions
 * @param tags comma separated, used in turn; null: none
 */
record PerfSettings(
        String user,
        String password,
        String destination,
        boolean topic,
        int destinations,
        int producers,
        int consumers,
        int sizeBytes,
        long count,
        Duration duration,
        Duration warmUp,
        int ratePerSecond,
        int asyncWindow,
        boolean persistent,
        int transactionSize,
        int ackMode,
        String selector,
        String tags,
        int priority,
        Duration timeToLive) {
    /** Room for the time stamp from which end-to-end latency is counted, and the number of the run. */
    static final int MIN_SIZE_BYTES = 2 * Long.BYTES;

    PerfSettings {
        Objects.requireNonNull(destination, "destination");
        if (producers < 0 || consumers < 0 || producers + consumers == 0)
            throw new IllegalArgumentException("there must be a producer or a consumer");
        if (destinations < 1) throw new IllegalArgumentException("--destinations must be at least 1");
        if (sizeBytes < MIN_SIZE_BYTES)
            throw new IllegalArgumentException(
                    "--size must be at least " + MIN_SIZE_BYTES + ", it carries a time stamp and the run");
        if (ratePerSecond < 0 || asyncWindow < 0 || transactionSize < 0 || count < 0)
            throw new IllegalArgumentException("--rate, --window, --transaction and --count must not be negative");
        if (priority < 0 || priority > 9) throw new IllegalArgumentException("--priority must be from 0 to 9");
    }

    List<String> destinationNames() {
        if (destinations == 1) return List.of(destination);
        return IntStream.range(0, destinations)
                .mapToObj(i -> destination + "-" + i)
                .toList();
    }

    List<String> tagList() {
        return tags == null ? List.of() : List.of(tags.split(","));
    }

    /** How often every message should arrive; -1 when a selector or a time to live makes that unknown. */
    int copiesExpected() {
        if (consumers == 0 || selector != null || !timeToLive.isZero()) return -1;
        return topic ? consumers : 1;
    }

    String describe() {
        String kind = (topic ? "topic " : "queue ") + destination + (destinations > 1 ? "-*" : "");
        String sends = transactionSize > 0
                ? transactionSize + " per transaction"
                : asyncWindow > 0 ? "asynchronous, " + asyncWindow + " in flight" : "blocking";
        String pace = ratePerSecond > 0 ? ratePerSecond + "/s" : "flat out";
        return "%s, %d producers (%s, %s), %d consumers, %d bytes, %s"
                .formatted(
                        kind,
                        producers,
                        sends,
                        pace,
                        consumers,
                        sizeBytes,
                        persistent ? "persistent" : "non-persistent");
    }
}
