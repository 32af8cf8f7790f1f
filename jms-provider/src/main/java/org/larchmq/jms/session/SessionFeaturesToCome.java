package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.message.ObjectTrust;

/** What the specification asks of a session and this version does not have: each says so. */
abstract class SessionFeaturesToCome extends SessionConsumers {
    SessionFeaturesToCome(ObjectTrust trust) {
        super(trust);
    }

    private <T> T notAvailable(String feature) throws JMSException {
        checkOpen();
        throw JmsErrors.notAvailable(feature);
    }

    public MessageListener getMessageListener() throws JMSException {
        checkOpen();
        return null;
    }

    public void setMessageListener(MessageListener listener) throws JMSException {
        notAvailable("Session.setMessageListener (for application servers) is");
    }

    public void run() {
        throw new UnsupportedOperationException(
                "Session.run (for application servers) is not available in this version");
    }

    public QueueBrowser createBrowser(Queue queue) throws JMSException {
        return notAvailable("QueueBrowser is");
    }

    public QueueBrowser createBrowser(Queue queue, String selector) throws JMSException {
        return notAvailable("QueueBrowser is");
    }
}
