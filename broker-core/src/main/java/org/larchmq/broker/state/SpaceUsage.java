package org.larchmq.broker.state;

import java.util.List;
import java.util.Objects;

/**
 * Who needs how much of the log, as it was counted.
 *
 * @param unsettledBytes what must be kept: a message that several subscriptions wait for is counted once
 * @param holders        those that keep most, most first
 */
public record SpaceUsage(long unsettledBytes, List<Holder> holders) {
    public SpaceUsage {
        if (unsettledBytes < 0) throw new IllegalArgumentException("unsettledBytes is negative: " + unsettledBytes);
        holders = List.copyOf(holders);
    }

    /** What a holder is. */
    public enum Kind {
        QUEUE,
        SUBSCRIPTION,
        DELAYED,
        TRANSACTION,
        BRANCH
    }

    /**
     * A queue, a subscription, the delayed messages of a destination, an open transaction or a prepared branch.
     *
     * @param name     for a person
     * @param messages that it has not settled
     * @param bytes    that they take in the log
     */
    public record Holder(Kind kind, String name, long messages, long bytes) {
        public Holder {
            Objects.requireNonNull(kind, "kind");
            Objects.requireNonNull(name, "name");
        }
    }
}
