package org.larchmq.jms.message;

/**
 * What comes with a delivery.
 *
 * @param deliveryCount JMSXDeliveryCount, 1 for the first attempt
 * @param origin        where a dead-lettered message came from; null for any other
 */
record Received(
        Encoded encoded,
        LarchDestination destination,
        boolean redelivered,
        int deliveryCount,
        Origin origin,
        ObjectTrust trust,
        LarchMessage.Receipt receipt) {

    /** Of a dead-lettered message: where it was and why it is here. */
    record Origin(LarchDestination destination, String reason) {
        /** Property with the original destination, for example {@code queue://orders}. */
        static final String DESTINATION = "JMS_LARCH_ORIGINAL_DESTINATION";

        /** Property with the reason. */
        static final String REASON = "JMS_LARCH_DEAD_LETTER_REASON";

        static boolean describes(String property) {
            return property.equals(DESTINATION) || property.equals(REASON);
        }

        void describe(MessageProperties properties) {
            properties.setByProvider(DESTINATION, destination.toString());
            properties.setByProvider(REASON, reason);
        }
    }
}
