package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.net.Transport;

/** A session of a QueueConnection: what belongs to topics is an IllegalStateException (QueueSession's Javadoc). */
final class LarchQueueSession extends LarchSession {
    LarchQueueSession(LarchConnection connection, Transport transport, int mode, int number) {
        super(connection, transport, mode, number);
    }

    private static JMSException forTopics(String what) {
        return JmsErrors.illegalState(what + " belongs to topics, and this is a QueueSession");
    }

    @Override
    public Topic createTopic(String topicName) throws JMSException {
        throw forTopics("createTopic");
    }

    @Override
    public TemporaryTopic createTemporaryTopic() throws JMSException {
        throw forTopics("createTemporaryTopic");
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name) throws JMSException {
        throw forTopics("createDurableSubscriber");
    }

    @Override
    public TopicSubscriber createDurableSubscriber(Topic topic, String name, String selector, boolean noLocal)
            throws JMSException {
        throw forTopics("createDurableSubscriber");
    }

    @Override
    public MessageConsumer createDurableConsumer(Topic topic, String name) throws JMSException {
        throw forTopics("createDurableConsumer");
    }

    @Override
    public MessageConsumer createDurableConsumer(Topic topic, String name, String selector, boolean noLocal)
            throws JMSException {
        throw forTopics("createDurableConsumer");
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String name) throws JMSException {
        throw forTopics("createSharedConsumer");
    }

    @Override
    public MessageConsumer createSharedConsumer(Topic topic, String name, String selector) throws JMSException {
        throw forTopics("createSharedConsumer");
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String name) throws JMSException {
        throw forTopics("createSharedDurableConsumer");
    }

    @Override
    public MessageConsumer createSharedDurableConsumer(Topic topic, String name, String selector) throws JMSException {
        throw forTopics("createSharedDurableConsumer");
    }

    @Override
    public void unsubscribe(String name) throws JMSException {
        throw forTopics("unsubscribe");
    }
}
