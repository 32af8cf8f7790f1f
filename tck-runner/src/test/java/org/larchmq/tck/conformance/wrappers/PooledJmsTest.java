package org.larchmq.tck.conformance.wrappers;

import jakarta.jms.ConnectionFactory;
import org.larchmq.tck.conformance.Section;
import org.messaginghub.pooled.jms.JmsPoolConnectionFactory;

/** Through the connection pool of pooled-jms. */
@Section("2.5")
class PooledJmsTest extends CoreScenarios {
    @Override
    ConnectionFactory wrap(ConnectionFactory factory) {
        JmsPoolConnectionFactory pool = new JmsPoolConnectionFactory();
        pool.setConnectionFactory(factory);
        pool.setMaxConnections(2);
        return pool;
    }

    @Override
    void release(ConnectionFactory wrapper) {
        ((JmsPoolConnectionFactory) wrapper).stop();
    }
}
