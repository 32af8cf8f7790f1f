package org.larchmq.jms.context;

import jakarta.jms.JMSContext;
import jakarta.jms.XAJMSContext;
import javax.transaction.xa.XAResource;
import org.larchmq.jms.error.Unchecked;
import org.larchmq.jms.session.LarchXaConnection;
import org.larchmq.jms.session.LarchXaSession;

/** A context that a transaction manager makes part of its transactions. */
public final class LarchXaJmsContext extends LarchJmsContext implements XAJMSContext {
    private final LarchXaSession session;

    private LarchXaJmsContext(SharedConnection shared, LarchXaSession session) {
        super(shared, session);
        this.session = session;
    }

    /** A context with a connection of its own, which is closed when no session can be made. */
    public static LarchXaJmsContext open(LarchXaConnection connection) {
        return Unchecked.get(() -> {
            boolean made = false;
            try {
                LarchXaJmsContext context =
                        new LarchXaJmsContext(new SharedConnection(connection), connection.createContextXaSession());
                made = true;
                return context;
            } finally {
                if (!made) connection.close();
            }
        });
    }

    @Override
    public JMSContext getContext() {
        return this;
    }

    @Override
    public XAResource getXAResource() {
        return session.getXAResource();
    }
}
