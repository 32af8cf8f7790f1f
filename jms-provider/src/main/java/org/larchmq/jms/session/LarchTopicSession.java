package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.TemporaryQueue;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.net.Transport;

/** A session of a TopicConnection: what belongs to queues is an IllegalStateException (TopicSession's Javadoc). */
final class LarchTopicSession extends LarchSession {
    LarchTopicSession(LarchConnection connection, Transport transport, int mode, int number) {
        super(connection, transport, mode, number);
    }

    private static JMSException forQueues(String what) {
        return JmsErrors.illegalState(what + " belongs to queues, and this is a TopicSession");
    }

    @Override
    public Queue createQueue(String queueName) throws JMSException {
        throw forQueues("createQueue");
    }

    @Override
    public TemporaryQueue createTemporaryQueue() throws JMSException {
        throw forQueues("createTemporaryQueue");
    }

    @Override
    public QueueBrowser createBrowser(Queue queue) throws JMSException {
        throw forQueues("createBrowser");
    }

    @Override
    public QueueBrowser createBrowser(Queue queue, String selector) throws JMSException {
        throw forQueues("createBrowser");
    }
}
