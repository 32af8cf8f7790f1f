package org.larchmq.broker.net;

import java.net.SocketAddress;
import org.larchmq.message.ErrorCode;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Logs refused connections, at most one line a second, so that a stranger cannot fill the log. Any thread. */
final class Refusals {
    private static final Logger LOG = LoggerFactory.getLogger(Refusals.class);
    private static final long INTERVAL_NANOS = 1_000_000_000L;

    private long lastNanos = System.nanoTime() - INTERVAL_NANOS;
    private long unreported;

    synchronized void report(SocketAddress peer, ErrorCode code, String text) {
        long now = System.nanoTime();
        if (now - lastNanos < INTERVAL_NANOS) {
            unreported++;
            return;
        }
        lastNanos = now;
        String more = unreported == 0 ? "" : " (and " + unreported + " more since the last such line)";
        unreported = 0;
        LOG.warn("Refused {}: {}: {}{}", peer, code, text, more);
    }
}
