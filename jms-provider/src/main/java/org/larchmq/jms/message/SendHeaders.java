package org.larchmq.jms.message;

/**
 * What a send decides about a message.
 *
 * @param deliveryTimeMillis 0 for at once
 * @param expirationMillis   0 for never
 * @param timestampMillis    0 when disabled
 * @param tracked            it may be sent again after a reconnect
 */
public record SendHeaders(
        LarchDestination destination,
        long producerId,
        long sequence,
        boolean hasMessageId,
        long timestampMillis,
        long expirationMillis,
        long deliveryTimeMillis,
        int deliveryMode,
        int priority,
        boolean tracked) {
    /** Of a message that is sent once at most. */
    public SendHeaders(
            LarchDestination destination,
            long producerId,
            long sequence,
            boolean hasMessageId,
            long timestampMillis,
            long expirationMillis,
            long deliveryTimeMillis,
            int deliveryMode,
            int priority) {
        this(
                destination,
                producerId,
                sequence,
                hasMessageId,
                timestampMillis,
                expirationMillis,
                deliveryTimeMillis,
                deliveryMode,
                priority,
                false);
    }
}
