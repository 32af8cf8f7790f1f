package org.larchmq.jms.context;

import jakarta.jms.JMSException;
import java.util.concurrent.atomic.AtomicBoolean;
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

    /**
     * Closes the connection with its last context, or waits for who does so. Repeating it is harmless.
     *
     * @param released of the context: set, and counted once
     */
    void release(AtomicBoolean released) throws JMSException {
        synchronized (this) {
            if (released.compareAndSet(false, true)) users--;
            if (users > 0) return;
        }
        connection.close();
    }
}
