package org.larchmq.jms.session;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import org.larchmq.jms.error.JmsErrors;

/**
 * How to send a message.
 *
 * @param ttlMillis   0 for no expiry
 * @param delayMillis 0 for at once
 */
record SendOptions(
        int deliveryMode, int priority, long ttlMillis, long delayMillis, boolean messageId, boolean timestamp) {

    static void checkDeliveryMode(int mode) throws JMSException {
        if (mode != DeliveryMode.PERSISTENT && mode != DeliveryMode.NON_PERSISTENT) {
            throw JmsErrors.illegalArgument(
                    "no delivery mode " + mode + "; it is PERSISTENT (2) or NON_PERSISTENT (1)");
        }
    }

    static void checkPriority(int priority) throws JMSException {
        if (priority < 0 || priority > 9) {
            throw JmsErrors.illegalArgument("priority must be from 0 to 9, is " + priority);
        }
    }

    static void checkNotNegative(String what, long millis) throws JMSException {
        if (millis < 0) throw JmsErrors.illegalArgument(what + " must not be negative, is " + millis + " ms");
    }

    /** The same for one send. */
    SendOptions with(int mode, int changedPriority, long ttl) throws JMSException {
        checkDeliveryMode(mode);
        checkPriority(changedPriority);
        checkNotNegative("the time to live", ttl);
        return new SendOptions(mode, changedPriority, ttl, delayMillis, messageId, timestamp);
    }
}
