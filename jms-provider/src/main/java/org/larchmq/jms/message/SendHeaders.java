package org.larchmq.jms.message;

/**
 * What a send decides about a message.
 *
 * @param deliveryTimeMillis 0 for at once
 * @param expirationMillis   0 for never
 * @param timestampMillis    0 when disabled
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
        int priority) {}
