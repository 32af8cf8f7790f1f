package org.larchmq.samples.orders;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.Queue;
import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NamingException;

/** Where both order programs find the connection factory and the queue: JNDI, as in any Jakarta Messaging program. */
final class Orders {
    /** The property with an order's number. */
    static final String NUMBER = "orderNumber";

    private final InitialContext jndi;

    Orders(String url) throws NamingException {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "org.larchmq.jms.LarchInitialContextFactory");
        environment.put(Context.PROVIDER_URL, url);
        jndi = new InitialContext(environment);
    }

    ConnectionFactory connectionFactory() throws NamingException {
        return (ConnectionFactory) jndi.lookup("ConnectionFactory");
    }

    Queue queue() throws NamingException {
        return (Queue) jndi.lookup("dynamicQueues/orders");
    }
}
