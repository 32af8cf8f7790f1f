package org.larchmq.jms.session;

import jakarta.jms.JMSException;
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

    public QueueBrowser createBrowser(Queue queue) throws JMSException {
        return notAvailable("QueueBrowser is");
    }

    public QueueBrowser createBrowser(Queue queue, String selector) throws JMSException {
        return notAvailable("QueueBrowser is");
    }
}
