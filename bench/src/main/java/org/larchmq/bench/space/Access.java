package org.larchmq.bench.space;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.XAConnection;
import jakarta.jms.XAConnectionFactory;
import javax.transaction.xa.XAException;
import javax.transaction.xa.XAResource;

/** The ways to the broker: a connection that fails over by itself, and XA connections, which do not. One thread. */
final class Access implements AutoCloseable {
    private static final int ATTEMPTS = 200;
    private static final int PAUSE_MILLIS = 200;

    private final ConnectionFactory factory;
    private final XAConnectionFactory xaFactory;
    private Connection connection;

    interface Work {
        void on(Connection connection) throws Exception;
    }

    interface XaWork {
        boolean on(XAResource resource) throws XAException;
    }

    Access(ConnectionFactory factory, ConnectionFactory xaFactory) {
        this.factory = factory;
        this.xaFactory = (XAConnectionFactory) xaFactory;
    }

    Connection connection() throws JMSException {
        if (connection == null) {
            connection = factory.createConnection();
            connection.start();
        }
        return connection;
    }

    XAConnection xaConnection() throws JMSException {
        return xaFactory.createXAConnection();
    }

    /** Repeats what can be repeated, until it is done; what was lost with a killed broker is done again. */
    void repeat(Work work) throws Exception {
        for (int attempt = 1; ; attempt++) {
            try {
                work.on(connection());
                return;
            } catch (JMSException e) {
                if (attempt == ATTEMPTS) throw e;
                pause();
            }
        }
    }

    boolean xaRepeat(XaWork work) throws JMSException {
        for (int attempt = 1; ; attempt++) {
            try (XAConnection xa = xaConnection()) {
                return work.on(xa.createXASession().getXAResource());
            } catch (JMSException | XAException e) {
                if (attempt == ATTEMPTS) throw new IllegalStateException("no answer in " + ATTEMPTS + " attempts", e);
                pause();
            }
        }
    }

    private static void pause() throws JMSException {
        try {
            Thread.sleep(PAUSE_MILLIS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new JMSException("interrupted");
        }
    }

    @Override
    public void close() throws JMSException {
        if (connection != null) connection.close();
    }
}
