package org.larchmq.broker.delivery;

import org.larchmq.broker.state.Destination;

/** When a message has been tried often enough, how long to wait before the next attempt, and where it then goes. */
public interface DeadLetters {
    /** Attempts after which a message of this destination is dead-lettered; {@link Integer#MAX_VALUE} for never. */
    int maxDeliveries(Destination destination);

    /** Milliseconds before the next attempt when {@code attempts} have failed. */
    long delayMillis(int attempts);

    /** The dead-letter queue, made when it is missing. */
    Destination queue();
}
