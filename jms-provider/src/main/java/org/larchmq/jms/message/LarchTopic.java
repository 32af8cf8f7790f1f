package org.larchmq.jms.message;

import jakarta.jms.Topic;
import org.larchmq.message.DestinationKind;

/** A topic. */
public final class LarchTopic extends LarchDestination implements Topic {
    private static final long serialVersionUID = 1;

    public LarchTopic(String name) {
        super(DestinationKind.TOPIC, name);
    }

    @Override
    public String getTopicName() {
        return name();
    }
}
