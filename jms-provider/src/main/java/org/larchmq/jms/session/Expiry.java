package org.larchmq.jms.session;

import org.larchmq.jms.net.DeliveryBatch.Delivered;

/**
 * Whether a message has expired on its way. What the broker delivers has not expired by its clock, and a clock here that
 * is ahead must not destroy it: this machine's clock counts only where the application asks for that.
 */
record Expiry(boolean byThisClock) {
    boolean isOver(Delivered message) {
        if (!byThisClock) return false;
        long expiration = message.expirationMillis();
        return expiration != 0 && expiration < System.currentTimeMillis();
    }
}
