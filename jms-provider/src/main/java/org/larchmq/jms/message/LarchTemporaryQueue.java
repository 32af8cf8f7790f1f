package org.larchmq.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.TemporaryQueue;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.DestinationKind;

/** A queue that lives as long as the connection that made it. */
public final class LarchTemporaryQueue extends LarchDestination implements TemporaryQueue {
    private static final long serialVersionUID = 1;

    private final transient TemporaryOwner owner;

    /** @param owner null for one that came in a message: it can be sent to, but not be deleted */
    public LarchTemporaryQueue(String name, TemporaryOwner owner) {
        super(DestinationKind.TEMPORARY_QUEUE, name);
        this.owner = owner;
    }

    @Override
    public String getQueueName() {
        return name();
    }

    @Override
    public void delete() throws JMSException {
        if (owner == null) throw JmsErrors.illegalState(this + " can only be deleted by the connection that made it");
        owner.deleteTemporary(this);
    }
}
