package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import jakarta.jms.XAQueueConnection;
import jakarta.jms.XAQueueSession;
import jakarta.jms.XATopicConnection;
import jakarta.jms.XATopicSession;
import org.larchmq.jms.net.Transport;
import org.larchmq.jms.options.LarchUri;

/**
 * A connection whose XA sessions take part in distributed transactions. Closing it leaves their work to the transaction
 * manager (specification, {@code Connection.close}): the way to the broker stays open until the last branch is prepared
 * or has ended.
 */
public final class LarchXaConnection extends LarchConnection implements XAQueueConnection, XATopicConnection {
    private final XaBranches branches = new XaBranches();

    private LarchXaConnection(LarchUri uri) {
        super(uri, false); // its transaction manager recovers
    }

    /** @throws JMSException when there is no broker or it does not let us in */
    public static LarchXaConnection open(LarchUri uri) throws JMSException {
        LarchXaConnection connection = new LarchXaConnection(uri);
        connection.openTransport();
        return connection;
    }

    XaBranches branches() {
        return branches;
    }

    @Override
    public LarchXaSession createXASession() throws JMSException {
        Transport transport = usable();
        return add(new LarchXaSession(this, transport, nextSessionNumber()));
    }

    /** The session that a context is made with: the context's client id can still be set. */
    public LarchXaSession createContextXaSession() throws JMSException {
        return keepingUnused(this::createXASession);
    }

    @Override
    public XAQueueSession createXAQueueSession() throws JMSException {
        return createXASession();
    }

    @Override
    public XATopicSession createXATopicSession() throws JMSException {
        return createXASession();
    }

    @Override
    void endTransport(CloseTime time) {
        branches.whenNone(() -> super.endTransport(time));
    }
}
