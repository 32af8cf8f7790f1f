package org.larchmq.jms;

import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import jakarta.jms.XAConnectionFactory;
import jakarta.jms.XAJMSContext;
import jakarta.jms.XAQueueConnection;
import jakarta.jms.XAQueueConnectionFactory;
import jakarta.jms.XATopicConnection;
import jakarta.jms.XATopicConnectionFactory;
import java.io.InvalidObjectException;
import java.io.ObjectInputStream;
import java.io.Serializable;
import org.larchmq.jms.context.LarchXaJmsContext;
import org.larchmq.jms.error.Unchecked;
import org.larchmq.jms.options.LarchUri;
import org.larchmq.jms.session.LarchXaConnection;

/**
 * Makes connections whose sessions take part in distributed transactions (XA); also ordinary ones. A class of its own,
 * since pools and servers treat a factory that could do both as one for distributed transactions only.
 *
 * <p>A transaction manager's recovery needs a factory with the same user: it finds this user's prepared branches only.
 */
public class LarchXAConnectionFactory extends LarchConnectionFactory
        implements XAConnectionFactory, XAQueueConnectionFactory, XATopicConnectionFactory {
    private static final long serialVersionUID = 1;

    /** For the broker on this machine and its default port. */
    public LarchXAConnectionFactory() {}

    /** @throws IllegalArgumentException saying what is wrong with the URI and where */
    public LarchXAConnectionFactory(String uri) {
        super(uri);
    }

    public LarchXAConnectionFactory(LarchUri uri) {
        super(uri);
    }

    @Override
    public XAConnection createXAConnection() throws JMSException {
        return LarchXaConnection.open(uri());
    }

    @Override
    public XAConnection createXAConnection(String user, String password) throws JMSException {
        return LarchXaConnection.open(uriFor(user, password));
    }

    @Override
    public XAQueueConnection createXAQueueConnection() throws JMSException {
        return LarchXaConnection.open(uri());
    }

    @Override
    public XAQueueConnection createXAQueueConnection(String user, String password) throws JMSException {
        return LarchXaConnection.open(uriFor(user, password));
    }

    @Override
    public XATopicConnection createXATopicConnection() throws JMSException {
        return LarchXaConnection.open(uri());
    }

    @Override
    public XATopicConnection createXATopicConnection(String user, String password) throws JMSException {
        return LarchXaConnection.open(uriFor(user, password));
    }

    @Override
    public XAJMSContext createXAContext() {
        return LarchXaJmsContext.open(Unchecked.get(() -> LarchXaConnection.open(uri())));
    }

    @Override
    public XAJMSContext createXAContext(String user, String password) {
        return LarchXaJmsContext.open(Unchecked.get(() -> LarchXaConnection.open(uriFor(user, password))));
    }

    private Object writeReplace() {
        return new AsText(uri().text(true));
    }

    private void readObject(ObjectInputStream in) throws InvalidObjectException {
        throw new InvalidObjectException("a LarchXAConnectionFactory is serialized as its URI");
    }

    /** The serialized form. */
    private record AsText(String uri) implements Serializable {
        private Object readResolve() throws InvalidObjectException {
            try {
                return new LarchXAConnectionFactory(uri);
            } catch (IllegalArgumentException e) {
                InvalidObjectException invalid = new InvalidObjectException(e.getMessage());
                invalid.initCause(e);
                throw invalid;
            }
        }
    }

    @Override
    public String toString() {
        return "LarchXAConnectionFactory[" + uri() + "]";
    }
}
