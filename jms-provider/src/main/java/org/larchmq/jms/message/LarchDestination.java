package org.larchmq.jms.message;

import jakarta.jms.Destination;
import java.io.Serializable;
import java.util.Objects;
import org.larchmq.wire.DestinationKind;

/** A queue or topic by kind and name; equal when both are. Immutable. */
public abstract class LarchDestination implements Destination, Serializable {
    private final DestinationKind kind;
    private final String name;

    LarchDestination(DestinationKind kind, String name) {
        this.kind = Objects.requireNonNull(kind, "kind");
        this.name = Objects.requireNonNull(name, "name");
    }

    /** The destination of a kind and name as it stands in a message. A temporary one made so cannot be deleted. */
    public static LarchDestination of(DestinationKind kind, String name) {
        return switch (kind) {
            case QUEUE -> new LarchQueue(name);
            case TOPIC -> new LarchTopic(name);
            case TEMPORARY_QUEUE -> new LarchTemporaryQueue(name, null);
            case TEMPORARY_TOPIC -> new LarchTemporaryTopic(name, null);
        };
    }

    public DestinationKind kind() {
        return kind;
    }

    /** The name in the broker. */
    public String name() {
        return name;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof LarchDestination that && kind == that.kind && name.equals(that.name);
    }

    @Override
    public int hashCode() {
        return name.hashCode() * 31 + kind.hashCode();
    }

    /** For example {@code queue://orders}. */
    @Override
    public String toString() {
        return (kind.isTemporary() ? "temp-" : "") + (kind.isTopic() ? "topic://" : "queue://") + name;
    }
}
