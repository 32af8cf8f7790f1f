package org.larchmq.jms;

import java.util.Hashtable;
import java.util.Map;
import java.util.TreeMap;
import javax.naming.ConfigurationException;
import javax.naming.Context;
import javax.naming.NamingException;
import javax.naming.spi.InitialContextFactory;
import org.larchmq.jms.message.LarchQueue;
import org.larchmq.jms.message.LarchTopic;
import org.larchmq.jms.options.LarchUri;
import org.larchmq.wire.Protocol;
import org.larchmq.wire.ProtocolException;

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
 * Besides, {@code dynamicQueues/x} and {@code dynamicTopics/x} are the queue and the topic named x.
 */
public class LarchInitialContextFactory implements InitialContextFactory {
    private static final String CONNECTION_FACTORY = "connectionFactory.";
    private static final String QUEUE = "queue.";
    private static final String TOPIC = "topic.";

    @Override
    public Context getInitialContext(Hashtable<?, ?> environment) throws NamingException {
        Map<String, Object> bindings = new TreeMap<>();
        for (Map.Entry<?, ?> entry : environment.entrySet()) {
            if (entry.getKey() instanceof String key && entry.getValue() instanceof String value) {
                bind(bindings, key, value.trim());
            }
        }
        bindDefaults(bindings, environment.get(Context.PROVIDER_URL));
        return new LarchNamingContext(bindings, environment);
    }

    private static void bind(Map<String, Object> bindings, String key, String value) throws NamingException {
        if (key.startsWith(CONNECTION_FACTORY)) {
            put(bindings, key, CONNECTION_FACTORY, factory(key, value));
        } else if (key.startsWith(QUEUE)) {
            put(bindings, key, QUEUE, new LarchQueue(physicalName(key, value)));
        } else if (key.startsWith(TOPIC)) {
            put(bindings, key, TOPIC, new LarchTopic(physicalName(key, value)));
        }
    }

    private static void put(Map<String, Object> bindings, String key, String prefix, Object object)
            throws NamingException {
        String name = key.substring(prefix.length());
        if (name.isEmpty()) throw wrong(key, "a name is missing after '" + prefix + "'", null);
        if (bindings.put(name, object) != null) throw wrong(key, "the name '" + name + "' is bound twice", null);
    }

    private static void bindDefaults(Map<String, Object> bindings, Object providerUrl) throws NamingException {
        LarchConnectionFactory standard = providerUrl == null
                ? new LarchConnectionFactory(LarchUri.local())
                : factory(Context.PROVIDER_URL, providerUrl.toString());
        bindings.putIfAbsent("ConnectionFactory", standard);
        bindings.putIfAbsent("QueueConnectionFactory", standard);
        bindings.putIfAbsent("TopicConnectionFactory", standard);
    }

    private static LarchConnectionFactory factory(String key, String uri) throws NamingException {
        try {
            return new LarchConnectionFactory(uri);
        } catch (IllegalArgumentException e) {
            throw wrong(key, e.getMessage(), e);
        }
    }

    private static String physicalName(String key, String value) throws NamingException {
        try {
            return Protocol.checkName(value);
        } catch (ProtocolException e) {
            throw wrong(key, e.getMessage(), e);
        }
    }

    private static NamingException wrong(String key, String what, Exception cause) {
        NamingException e = new ConfigurationException("JNDI property " + key + ": " + what);
        e.setRootCause(cause);
        return e;
    }
}
