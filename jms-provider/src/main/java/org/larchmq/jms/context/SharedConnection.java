package org.larchmq.jms.context;

import jakarta.jms.JMSException;
import org.larchmq.jms.session.LarchConnection;

/** A connection that ends with the last context that uses it. */
final class SharedConnection {
    private final LarchConnection connection;
    private int users;

    SharedConnection(LarchConnection connection) {
        this.connection = connection;
    }

    LarchConnection connection() {
        return connection;
    }

    synchronized void use() {
        users++;
    }

    void release() throws JMSException {
        synchronized (this) {
            if (--users > 0) return;
        }
        connection.close();
    }
}
