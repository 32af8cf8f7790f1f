package org.larchmq.jms.message;

import jakarta.jms.JMSException;

/** The connection that made a temporary destination, and with which it ends. */
public interface TemporaryOwner {
    /** @throws JMSException when it has consumers, or the broker cannot be asked */
    void deleteTemporary(LarchDestination destination) throws JMSException;
}
