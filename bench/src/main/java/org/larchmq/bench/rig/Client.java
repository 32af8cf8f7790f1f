package org.larchmq.bench.rig;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSException;
import java.util.concurrent.atomic.AtomicLong;
import org.larchmq.bench.support.Jndi;
import org.larchmq.checker.AckMode;
import org.larchmq.checker.HistoryWriter;

/** Makes recorded sessions to one broker; their delivery is not started yet. Safe from any thread. */
final class Client {
    /** What the documentation promises for a session that does not ask for less (URI option autoAckWindow). */
    static final int DEFAULT_AUTO_ACK_WINDOW = 1000;

    private final ConnectionFactory byDefault;
    private final ConnectionFactory strict;
    private final HistoryWriter history;
    private final AtomicLong sessions = new AtomicLong();

    Client(String jndiFactory, String url, HistoryWriter history) {
        this.byDefault = Jndi.connectionFactory(jndiFactory, url, "ConnectionFactory");
        this.strict = jndiFactory.equals(Jndi.LARCHMQ_FACTORY)
                ? Jndi.connectionFactory(jndiFactory, url + "?autoAckWindow=1", "ConnectionFactory")
                : byDefault;
        this.history = history;
    }

    HistoryWriter history() {
        return history;
    }

    /** A session that acknowledges automatically and has each acknowledgement confirmed. */
    RecordedSession strictAuto(String proc, ExceptionListener whenBroken) throws JMSException {
        return open(strict, proc, AckMode.AUTO, 1, whenBroken);
    }

    RecordedSession open(String proc, AckMode ackMode, ExceptionListener whenBroken) throws JMSException {
        return open(byDefault, proc, ackMode, DEFAULT_AUTO_ACK_WINDOW, whenBroken);
    }

    private RecordedSession open(
            ConnectionFactory factory, String proc, AckMode ackMode, int window, ExceptionListener whenBroken)
            throws JMSException {
        Connection connection = factory.createConnection();
        try {
            connection.setExceptionListener(whenBroken);
            String name = proc + "." + sessions.incrementAndGet();
            return new RecordedSession(connection, history, proc, name, ackMode, window);
        } catch (JMSException e) {
            connection.close();
            throw e;
        }
    }
}
