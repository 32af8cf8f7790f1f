package org.larchmq.jms.net;

import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.larchmq.wire.Frames;

/** The requests of a connection that wait for their REPLY. Safe from any thread. */
final class Requests {
    private final Map<Integer, Request> waiting = new ConcurrentHashMap<>();
    private final AtomicInteger ids = new AtomicInteger();
    private volatile JMSException failure;

    /** Waits for one REPLY. */
    static final class Request extends Answer {
        private final Consumer<Frames.Reply> whenAnswered;
        private final long sinceNanos;
        private Frames.Reply reply;

        /** @param whenAnswered given the answer, if one comes, by the reading thread; must not block; null when a thread waits */
        Request(Consumer<Frames.Reply> whenAnswered) {
            this.whenAnswered = whenAnswered;
            sinceNanos = whenAnswered == null ? 0 : System.nanoTime();
        }

        /** Valid when complete and not failed. */
        Frames.Reply reply() {
            return reply;
        }

        private void answered() {
            complete();
            if (whenAnswered != null && reply != null) whenAnswered.accept(reply);
        }
    }

    /** Returns the request's id, never 0. */
    int register(Request request) {
        while (true) {
            int id = ids.incrementAndGet();
            if (id != 0 && waiting.putIfAbsent(id, request) == null) {
                JMSException failed = failure;
                if (failed != null && waiting.remove(id, request)) {
                    request.setFailure(failed);
                    request.answered();
                }
                return id;
            }
        }
    }

    void forget(int id) {
        waiting.remove(id);
    }

    /** Whether a request that no thread waits for has been unanswered for so long. */
    boolean isOneOverdue(long nowNanos, long nanos) {
        for (Request request : waiting.values()) {
            if (request.whenAnswered != null && nowNanos - request.sinceNanos > nanos) return true;
        }
        return false;
    }

    /** A reply that nobody waits for any more is passed over. */
    void answered(Frames.Reply reply) {
        Request request = waiting.remove(reply.requestId());
        if (request == null) return;
        request.reply = reply;
        request.answered();
    }

    void fail(JMSException why) {
        failure = why;
        for (Integer id : new ArrayList<>(waiting.keySet())) {
            Request request = waiting.remove(id);
            if (request == null) continue;
            request.setFailure(why);
            request.answered();
        }
    }
}
