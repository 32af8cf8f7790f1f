package org.larchmq.broker.shard;

import org.larchmq.broker.delivery.DeadLetters;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.state.Destination;

/** The configured redelivery rules. Messages in the dead-letter queue itself are never given up. */
final class RedeliveryPolicy implements DeadLetters {
    /** When so many have failed and nothing gives the message up: nobody is to be kept busy by it. */
    private static final int MOST_ATTEMPTS_AT_ONCE = 100;

    private static final long FIRST_DELAY_BEYOND_MILLIS = 100;

    private final BrokerSettings.Redelivery settings;
    private final Destinations destinations;

    RedeliveryPolicy(BrokerSettings.Redelivery settings, Destinations destinations) {
        this.settings = settings;
        this.destinations = destinations;
    }

    @Override
    public int maxDeliveries(Destination destination) {
        boolean isDeadLetterQueue = !destination.isTopic() && destination.name().equals(settings.deadLetterQueue());
        return isDeadLetterQueue ? Integer.MAX_VALUE : settings.maxDeliveries();
    }

    @Override
    public long delayMillis(int attempts) {
        double delay = settings.delayMillis() * Math.pow(settings.delayMultiplier(), Math.max(0, attempts - 1));
        int beyond = attempts - Math.max(settings.maxDeliveries(), MOST_ATTEMPTS_AT_ONCE);
        if (beyond >= 0) delay = Math.max(delay, FIRST_DELAY_BEYOND_MILLIS * Math.pow(2, beyond));
        return (long) Math.min(delay, settings.maxDelayMillis());
    }

    @Override
    public Destination queue() {
        return destinations.deadLetterQueue();
    }
}
