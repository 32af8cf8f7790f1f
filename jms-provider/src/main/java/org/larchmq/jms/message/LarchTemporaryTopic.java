package org.larchmq.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.TemporaryTopic;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.DestinationKind;

/** A topic that lives as long as the connection that made it. */
public final class LarchTemporaryTopic extends LarchDestination implements TemporaryTopic {
    private static final long serialVersionUID = 1;

    private final transient TemporaryOwner owner;

    /** @param owner null for one that came in a message: it can be sent to, but not be deleted */
    public LarchTemporaryTopic(String name, TemporaryOwner owner) {
        super(DestinationKind.TEMPORARY_TOPIC, name);
        this.owner = owner;
    }

    @Override
    public String getTopicName() {
        return name();
    }

    @Override
    public void delete() throws JMSException {
        if (owner == null) throw JmsErrors.illegalState(this + " can only be deleted by the connection that made it");
        owner.deleteTemporary(this);
    }
}
