package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TopicSession;
import jakarta.jms.XAQueueSession;
import jakarta.jms.XATopicSession;
import javax.transaction.xa.XAResource;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.net.Transport;

/**
 * A session that a transaction manager makes part of its transactions, through {@link #getXAResource}. While it is not, it
 * acknowledges automatically and sends at once.
 */
public final class LarchXaSession extends LarchSession implements XAQueueSession, XATopicSession {
    private final LarchXaResource resource;

    LarchXaSession(LarchXaConnection connection, Transport transport, int number) {
        super(connection, transport, AUTO_ACKNOWLEDGE, number, true);
        resource = new LarchXaResource(this, connection, transport);
    }

    @Override
    public XAResource getXAResource() {
        return resource;
    }

    @Override
    public Session getSession() throws JMSException {
        checkOpen();
        return this;
    }

    @Override
    public QueueSession getQueueSession() throws JMSException {
        checkOpen();
        return this;
    }

    @Override
    public TopicSession getTopicSession() throws JMSException {
        checkOpen();
        return this;
    }

    @Override
    public int getAcknowledgeMode() throws JMSException {
        checkOpen();
        return SESSION_TRANSACTED;
    }

    /** @throws jakarta.jms.TransactionInProgressException always: the transaction manager commits */
    @Override
    public void commit() throws JMSException {
        throw managed("committed");
    }

    /** @throws jakarta.jms.TransactionInProgressException always: the transaction manager rolls back */
    @Override
    public void rollback() throws JMSException {
        throw managed("rolled back");
    }

    private JMSException managed(String how) throws JMSException {
        checkOpen();
        return JmsErrors.transactionInProgress(
                "the session's transactions are " + how + " by their transaction manager, through its XAResource");
    }

    /** What was done for a branch until now is the branch's, whatever becomes of the session. */
    @Override
    void beforeEnd() throws JMSException {
        resource.sessionEnds();
    }
}
