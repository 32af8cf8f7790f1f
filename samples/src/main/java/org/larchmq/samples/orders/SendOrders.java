package org.larchmq.samples.orders;

import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Queue;
import jakarta.jms.TextMessage;
import javax.naming.NamingException;

/** Sends orders 1, 2, 3 … to the queue "orders". Arguments: URL of the broker, number of orders. */
public final class SendOrders {
    private SendOrders() {}

    public static void main(String[] arguments) {
        String url = arguments.length > 0 ? arguments[0] : "failover:(tcp://127.0.0.1:5680)";
        int count = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 20;
        try {
            send(new Orders(url), count);
        } catch (NamingException | JMSException | JMSRuntimeException e) {
            System.err.println("SendOrders: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void send(Orders orders, int count) throws NamingException, JMSException {
        Queue queue = orders.queue();
        try (JMSContext context = orders.connectionFactory().createContext()) {
            for (int number = 1; number <= count; number++) {
                TextMessage order = context.createTextMessage("3 larches for customer " + number);
                order.setIntProperty(Orders.NUMBER, number);
                context.createProducer().send(queue, order); // PERSISTENT: returns when the order is on disk
                System.out.println("sent order " + number);
            }
        }
    }
}
