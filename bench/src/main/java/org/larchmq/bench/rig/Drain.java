package org.larchmq.bench.rig;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.larchmq.checker.AckMode;
import org.larchmq.checker.HistoryRecord;
import org.larchmq.checker.HistoryWriter;
import org.larchmq.checker.Op;
import org.larchmq.checker.Phase;

/** Empties queues until nothing comes any more, and says so in the history. */
final class Drain {
    private static final int ACKNOWLEDGE_EVERY = 200;
    private static final int RECEIVE_MILLIS = 50;
    private static final Duration LIMIT = Duration.ofMinutes(15);

    private Drain() {}

    record Result(Map<String, Long> messages) {
        long total() {
            return messages.values().stream().mapToLong(Long::longValue).sum();
        }
    }

    static Result run(Client client, List<String> queues, Duration quiet) throws JMSException {
        RecordedSession session = client.open("drain", AckMode.CLIENT, e -> {});
        Map<String, Long> messages = new LinkedHashMap<>();
        try {
            for (String queue : queues) {
                session.subscribe(queue);
                messages.put(queue, 0L);
            }
            session.start();
            long lastNanos = System.nanoTime();
            long untilNanos = lastNanos + LIMIT.toNanos();
            while (System.nanoTime() - lastNanos < quiet.toNanos()) {
                for (String queue : queues) {
                    long received = pass(session, queue);
                    if (received == 0) continue;
                    messages.merge(queue, received, Long::sum);
                    lastNanos = System.nanoTime();
                }
                if (System.nanoTime() > untilNanos)
                    throw new RigException("not drained within " + LIMIT + ": " + messages);
            }
        } catch (JMSException e) {
            session.lost(e.toString());
            throw e;
        }
        session.close();
        client.history().write(HistoryRecord.of(Op.DRAINED, Phase.OK).build());
        return new Result(messages);
    }

    private static long pass(RecordedSession session, String queue) throws JMSException {
        long received = 0;
        Message last = null;
        Message message;
        while ((message = session.receive(queue, RECEIVE_MILLIS)) != null) {
            last = message;
            received++;
            if (received % ACKNOWLEDGE_EVERY != 0) continue;
            session.acknowledge(last);
            last = null;
        }
        if (last != null) session.acknowledge(last);
        return received;
    }

    /** Nobody did anything for this long. */
    static void awaitQuiet(HistoryWriter history, Duration quiet) throws InterruptedException {
        long records = history.records();
        long quietSince = System.nanoTime();
        long until = quietSince + LIMIT.toNanos();
        while (System.nanoTime() - quietSince < quiet.toNanos()) {
            Thread.sleep(50);
            if (System.nanoTime() > until) throw new RigException("the consumers do not come to rest within " + LIMIT);
            long now = history.records();
            if (now == records) continue;
            records = now;
            quietSince = System.nanoTime();
        }
    }
}
