package org.larchmq.jms;

import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.spi.InitialContextFactory;

/**
 * JNDI without a directory: what can be looked up stands in the environment (jndi.properties).
 *
 * <pre>
 * java.naming.factory.initial = org.larchmq.jms.LarchInitialContextFactory
 * java.naming.provider.url    = tcp://host:port          for ConnectionFactory, QueueConnectionFactory, TopicConnectionFactory
 * connectionFactory.NAME      = tcp://host:port?user=…   a factory of its own
 * queue.NAME                  = physical name
 * topic.NAME                  = physical name
 * </pre>
 *
 * <p>{@code java.naming.security.principal} and {@code java.naming.security.credentials} are the user and password of
 * factories whose URI names no user. {@code dynamicQueues/x} and {@code dynamicTopics/x} are the queue and the topic named
 * x, without an entry.
 *
 * <p>The environments of other providers are understood as they are, but for the URIs' options: that of Artemis, whose URIs
 * may say {@code type=CF}, {@code QUEUE_CF} or {@code TOPIC_CF}; and that of ActiveMQ:
 *
 * <pre>
 * brokerURL                   = tcp://host:port          in place of java.naming.provider.url
 * userName, password, clientID                           of factories whose URI has none
 * connectionFactoryNames      = first, second            more names for the factory of that URL …
 * connection.first.brokerURL  = tcp://host:port          … or of its own, with
 * connection.first.OPTION     = value                    options of {@link org.larchmq.jms.options.Option}, userName or clientID
 * </pre>
 */
public class LarchInitialContextFactory implements InitialContextFactory {
    /** @throws NamingException naming the property that is wrong, and what is wrong with it */
    @Override
    public Context getInitialContext(Hashtable<?, ?> environment) throws NamingException {
        return new LarchNamingContext(JndiBindings.read(environment), environment);
    }
}
