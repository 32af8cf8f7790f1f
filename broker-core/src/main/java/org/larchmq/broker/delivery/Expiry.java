package org.larchmq.broker.delivery;

import java.nio.ByteBuffer;
import org.larchmq.message.MessageLayout;

/** When a message is not to be delivered any more (specification 3.4.9). */
public final class Expiry {
    private Expiry() {}

    /**
     * Whether the stored message at an index is expired. One that expires before its delivery time always is: a clock that
     * is set back must not make it visible early.
     */
    public static boolean isOver(ByteBuffer buffer, int at, long nowMillis) {
        long expiration = MessageLayout.expirationMillis(buffer, at);
        if (expiration == 0) return false;
        return expiration <= nowMillis || expiration <= MessageLayout.deliveryTimeMillis(buffer, at);
    }
}
