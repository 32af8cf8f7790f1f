package org.larchmq.jms.session;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.ObjectMessage;
import jakarta.jms.Queue;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.io.Serializable;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.message.LarchBytesMessage;
import org.larchmq.jms.message.LarchMapMessage;
import org.larchmq.jms.message.LarchMessage;
import org.larchmq.jms.message.LarchObjectMessage;
import org.larchmq.jms.message.LarchQueue;
import org.larchmq.jms.message.LarchStreamMessage;
import org.larchmq.jms.message.LarchTextMessage;
import org.larchmq.jms.message.LarchTopic;
import org.larchmq.jms.message.ObjectTrust;
import org.larchmq.message.Names;
import org.larchmq.message.ProtocolException;

/** What a session makes without asking the broker: messages, queues and topics. */
abstract class SessionMessages {
    private final ObjectTrust trust;

    SessionMessages(ObjectTrust trust) {
        this.trust = trust;
    }

    abstract void checkOpen() throws JMSException;

    public BytesMessage createBytesMessage() throws JMSException {
        checkOpen();
        return new LarchBytesMessage();
    }

    public MapMessage createMapMessage() throws JMSException {
        checkOpen();
        return new LarchMapMessage();
    }

    public Message createMessage() throws JMSException {
        checkOpen();
        return new LarchMessage();
    }

    public ObjectMessage createObjectMessage() throws JMSException {
        return createObjectMessage(null);
    }

    public ObjectMessage createObjectMessage(Serializable object) throws JMSException {
        checkOpen();
        LarchObjectMessage message = new LarchObjectMessage(trust);
        message.setObject(object);
        return message;
    }

    public StreamMessage createStreamMessage() throws JMSException {
        checkOpen();
        return new LarchStreamMessage();
    }

    public TextMessage createTextMessage() throws JMSException {
        return createTextMessage(null);
    }

    public TextMessage createTextMessage(String text) throws JMSException {
        checkOpen();
        return new LarchTextMessage(text);
    }

    public Queue createQueue(String queueName) throws JMSException {
        checkOpen();
        return new LarchQueue(checkName(queueName));
    }

    public Topic createTopic(String topicName) throws JMSException {
        checkOpen();
        return new LarchTopic(checkName(topicName));
    }

    private static String checkName(String name) throws JMSException {
        if (name == null) throw JmsErrors.invalidDestination("a destination name is null");
        try {
            return Names.checkName(name);
        } catch (ProtocolException e) {
            throw JmsErrors.refused(e.code(), e.getMessage());
        }
    }
}
