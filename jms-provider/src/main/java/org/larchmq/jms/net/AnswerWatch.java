package org.larchmq.jms.net;

import java.net.SocketTimeoutException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;

/**
 * Ends a connection on which a request is unanswered that no thread waits for: what depends on the answer, such as the next
 * message of an AUTO_ACKNOWLEDGE session whose window is used up, would wait for ever.
 */
final class AnswerWatch {
    private static final int LOOKS_PER_TIMEOUT = 4;

    private AnswerWatch() {}

    /** Looks from now on. @return cancelled by the end of the transport */
    static Future<?> start(Transport transport, Requests requests, int timeoutMillis) {
        long nanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        return SharedTimer.every(Math.max(1, timeoutMillis / LOOKS_PER_TIMEOUT), () -> {
            if (!requests.isOneOverdue(System.nanoTime(), nanos)) return;
            transport.fail(new SocketTimeoutException(
                    "the broker has not confirmed acknowledgements within " + timeoutMillis + " ms (requestTimeout)"));
        });
    }
}
