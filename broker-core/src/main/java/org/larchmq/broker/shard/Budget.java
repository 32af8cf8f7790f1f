package org.larchmq.broker.shard;

import java.util.Objects;

/**
 * Something of which there is so much and no more.
 *
 * @param name  what it is, for a person
 * @param used  now; a little more than the limit where the last one is let in whole
 * @param limit from which on more is refused, or waits
 * @param unit  of both; empty for things that are counted
 * @param from  the setting that gives the limit, or what else does; empty when it is fixed
 */
public record Budget(String name, long used, long limit, String unit, String from) {
    public Budget {
        if (name.isBlank()) throw new IllegalArgumentException("a budget needs a name");
        if (limit < 0) throw new IllegalArgumentException("the limit of " + name + " is negative: " + limit);
        Objects.requireNonNull(unit, "unit");
        Objects.requireNonNull(from, "from");
    }

    /** As in "connections: 3 of 10000 (network.maxConnections)". */
    @Override
    public String toString() {
        return name + ": " + used + " of " + limit + (unit.isEmpty() ? "" : " " + unit)
                + (from.isEmpty() ? "" : " (" + from + ")");
    }
}
