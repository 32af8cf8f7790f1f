package org.larchmq.jms.message;

import jakarta.jms.BytesMessage;
import jakarta.jms.JMSException;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageEOFException;
import jakarta.jms.ObjectMessage;
import jakarta.jms.StreamMessage;
import jakarta.jms.TextMessage;
import java.util.Enumeration;
import org.larchmq.jms.error.JmsErrors;

/** Copies other implementations' messages for sending (specification 3.12). */
public final class ForeignMessages {
    private ForeignMessages() {}

    /**
     * A message of ours with the properties, body and headers that a send does not set.
     *
     * @throws jakarta.jms.MessageFormatException when the foreign message does not let itself be read
     */
    public static LarchMessage copy(Message foreign, ObjectTrust trust) throws JMSException {
        try {
            LarchMessage copy = body(foreign, trust);
            copyHeaders(foreign, copy);
            copyProperties(foreign, copy);
            return copy;
        } catch (JMSException | RuntimeException e) {
            throw JmsErrors.withCause(
                    JmsErrors.messageFormat("a " + foreign.getClass().getName() + " cannot be read: " + e), e);
        }
    }

    private static LarchMessage body(Message foreign, ObjectTrust trust) throws JMSException {
        if (foreign instanceof TextMessage text) return new LarchTextMessage(text.getText());
        if (foreign instanceof BytesMessage bytes) return bytes(bytes);
        if (foreign instanceof MapMessage map) return map(map);
        if (foreign instanceof StreamMessage stream) return stream(stream);
        if (foreign instanceof ObjectMessage object) {
            LarchObjectMessage copy = new LarchObjectMessage(trust);
            copy.setObject(object.getObject());
            return copy;
        }
        return new LarchMessage();
    }

    private static LarchMessage bytes(BytesMessage foreign) throws JMSException {
        LarchBytesMessage copy = new LarchBytesMessage();
        foreign.reset();
        byte[] piece = new byte[4096];
        for (int n = foreign.readBytes(piece); n > 0; n = foreign.readBytes(piece)) copy.writeBytes(piece, 0, n);
        return copy;
    }

    private static LarchMessage map(MapMessage foreign) throws JMSException {
        LarchMapMessage copy = new LarchMapMessage();
        for (Enumeration<?> names = foreign.getMapNames(); names.hasMoreElements(); ) {
            String name = (String) names.nextElement();
            copy.setObject(name, foreign.getObject(name));
        }
        return copy;
    }

    private static LarchMessage stream(StreamMessage foreign) throws JMSException {
        LarchStreamMessage copy = new LarchStreamMessage();
        foreign.reset();
        try {
            while (true) copy.writeObject(foreign.readObject());
        } catch (MessageEOFException e) {
            return copy; // the API has no other way to find the end
        }
    }

    private static void copyHeaders(Message foreign, LarchMessage copy) throws JMSException {
        copy.setJMSCorrelationID(foreign.getJMSCorrelationID());
        copy.setJMSReplyTo(foreign.getJMSReplyTo());
        copy.setJMSType(foreign.getJMSType());
    }

    private static void copyProperties(Message foreign, LarchMessage copy) throws JMSException {
        for (Enumeration<?> names = foreign.getPropertyNames(); names.hasMoreElements(); ) {
            String name = (String) names.nextElement();
            if (!name.equals("JMSXDeliveryCount")) copy.setObjectProperty(name, foreign.getObjectProperty(name));
        }
    }

    /** Tells the foreign message what the send has decided, as the API asks of every send. */
    public static void copySendHeaders(LarchMessage sent, Message foreign) throws JMSException {
        foreign.setJMSDestination(sent.getJMSDestination());
        foreign.setJMSMessageID(sent.getJMSMessageID());
        foreign.setJMSTimestamp(sent.getJMSTimestamp());
        foreign.setJMSDeliveryMode(sent.getJMSDeliveryMode());
        foreign.setJMSPriority(sent.getJMSPriority());
        foreign.setJMSExpiration(sent.getJMSExpiration());
        foreign.setJMSDeliveryTime(sent.getJMSDeliveryTime());
    }
}
