package org.larchmq.bench.support;

import jakarta.jms.ConnectionFactory;
import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NamingException;

/** The way an application finds the broker; the same for every provider. */
public final class Jndi {
    public static final String LARCHMQ_FACTORY = "org.larchmq.jms.LarchInitialContextFactory";

    private Jndi() {}

    public static ConnectionFactory connectionFactory(String contextFactory, String url, String name) {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, contextFactory);
        environment.put(Context.PROVIDER_URL, url);
        try {
            return (ConnectionFactory) new InitialContext(environment).lookup(name);
        } catch (NamingException e) {
            throw new IllegalArgumentException(
                    "no connection factory '%s' from %s at %s: %s".formatted(name, contextFactory, url, e.getMessage()),
                    e);
        }
    }
}
