package org.larchmq.jms.message;

import jakarta.jms.Destination;
import java.io.Serializable;
import java.util.Objects;
import javax.naming.Reference;
import javax.naming.Referenceable;
import javax.naming.StringRefAddr;
import org.larchmq.message.DestinationKind;

/**
 * A queue or topic by kind and name; equal when both are. Immutable. Can be stored in a directory by value (it is
 * serializable) or as a reference.
 */
public abstract class LarchDestination implements Destination, Serializable, Referenceable {
    /** The address of a reference that has the name in the broker. */
    public static final String PHYSICAL_NAME = "physicalName";

    /** The class that makes objects of references; not known to this package. */
    private static final String OBJECT_FACTORY = "org.larchmq.jms.LarchObjectFactory";

    private static final long serialVersionUID = 1;

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
    public Reference getReference() {
        return new Reference(getClass().getName(), new StringRefAddr(PHYSICAL_NAME, name), OBJECT_FACTORY, null);
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
