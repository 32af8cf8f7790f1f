package org.larchmq.samples.first;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import java.util.Hashtable;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NamingException;

/** Sends a message and receives it. */
public final class FirstProgram {
    private FirstProgram() {}

    public static void main(String[] arguments) throws NamingException {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "org.larchmq.jms.LarchInitialContextFactory");
        environment.put(Context.PROVIDER_URL, arguments.length > 0 ? arguments[0] : "failover:(tcp://127.0.0.1:5680)");
        InitialContext jndi = new InitialContext(environment);
        ConnectionFactory factory = (ConnectionFactory) jndi.lookup("ConnectionFactory");
        Queue greetings = (Queue) jndi.lookup("dynamicQueues/greetings");

        try (JMSContext context = factory.createContext()) {
            context.createProducer().send(greetings, "Hello, larch"); // returns when it is on the broker's disk
            String text = context.createConsumer(greetings).receiveBody(String.class, 5_000);
            System.out.println("Received: " + text);
        }
    }
}
