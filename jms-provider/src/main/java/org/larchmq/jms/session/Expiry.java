package org.larchmq.jms.session;

import java.util.concurrent.TimeUnit;
import org.larchmq.jms.net.DeliveryBatch.Delivered;

/**
 * Whether a message has expired on its way. What the broker delivers has not expired by its clock, and a clock here that
 * is ahead must not destroy it: this machine's clock alone counts only where the application asks for that. Otherwise what
 * was alive by both clocks when it came, and is not any more by this one, is given back for the broker to decide. When it
 * comes again the clocks disagree, and it is handed over.
 */
record Expiry(boolean byThisClock) {
    /** A message can be under way for so long, or its broker's clock be behind by so much. */
    private static final long ON_THE_WAY_MILLIS = 250;

    /** Whether it expired by this machine's clock while it waited here, and not before. */
    boolean wasOutlivedHere(Delivered message) {
        if (byThisClock) return false;
        long now = System.currentTimeMillis();
        long expiration = message.expirationMillis();
        if (expiration == 0 || expiration >= now) return false;
        return expiration >= now - waitedMillis(message) - ON_THE_WAY_MILLIS;
    }

    /** Whether it has waited here for as long as it was to live at all, which needs no clock. */
    boolean hasWaitedItsLife(Delivered message) {
        long expiration = message.expirationMillis();
        long timestamp = message.timestampMillis();
        return expiration != 0 && timestamp != 0 && waitedMillis(message) > expiration - timestamp;
    }

    private static long waitedMillis(Delivered message) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - message.arrivedNanos());
    }

    boolean isOver(Delivered message) {
        if (!byThisClock) return false;
        long expiration = message.expirationMillis();
        return expiration != 0 && expiration < System.currentTimeMillis();
    }
}
