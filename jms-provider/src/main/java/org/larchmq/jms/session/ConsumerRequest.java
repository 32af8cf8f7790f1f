package org.larchmq.jms.session;

import org.larchmq.jms.message.LarchDestination;
import org.larchmq.wire.Frames.CreateConsumer;

/**
 * What an application wants to consume.
 *
 * @param selector     null for none
 * @param noLocal      of a topic: without what this connection, or client id, publishes
 * @param subscription name of a durable or shared subscription; empty for an unshared one that is not durable
 */
record ConsumerRequest(
        LarchDestination from, String selector, boolean noLocal, boolean durable, boolean shared, String subscription) {
    ConsumerRequest {
        if (selector != null && selector.isBlank()) selector = null;
        noLocal = noLocal && from.kind().isTopic();
    }

    /** A queue's consumer, or an unshared subscriber that ends with its consumer. */
    static ConsumerRequest plain(LarchDestination from, String selector, boolean noLocal) {
        return new ConsumerRequest(from, selector, noLocal, false, false, "");
    }

    /** Whether nobody else could ever get its messages: an unshared topic subscriber that is not durable. */
    boolean isAlone() {
        return from.kind().isTopic() && !durable && !shared;
    }

    /** Flags of CREATE_CONSUMER. */
    int flags() {
        return (noLocal ? CreateConsumer.NO_LOCAL : 0)
                | (durable ? CreateConsumer.DURABLE : 0)
                | (shared ? CreateConsumer.SHARED : 0);
    }
}
