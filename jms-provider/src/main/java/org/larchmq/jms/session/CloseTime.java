package org.larchmq.jms.session;

import java.util.concurrent.TimeUnit;

/**
 * The time that one close may take, whatever it consists of. Application code that does not return may use up all of it;
 * the broker has a quarter of it left even then, so that what was done is said in order.
 */
final class CloseTime {
    private final long endNanos;
    private final int quarterMillis;

    CloseTime(int timeoutMillis) {
        endNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        quarterMillis = Math.max(1, timeoutMillis / 4);
    }

    /** How long callbacks are waited for now. */
    int forApplicationMillis() {
        return (int) Math.max(1, TimeUnit.NANOSECONDS.toMillis(endNanos - System.nanoTime()));
    }

    /** How long an answer of the broker is waited for now. */
    int forBrokerMillis() {
        return Math.max(quarterMillis, forApplicationMillis());
    }
}
