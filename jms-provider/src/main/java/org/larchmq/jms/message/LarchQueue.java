package org.larchmq.jms.message;

import jakarta.jms.Queue;
import org.larchmq.message.DestinationKind;

/** A queue. */
public final class LarchQueue extends LarchDestination implements Queue {
    private static final long serialVersionUID = 1;

    public LarchQueue(String name) {
        super(DestinationKind.QUEUE, name);
    }

    @Override
    public String getQueueName() {
        return name();
    }
}
