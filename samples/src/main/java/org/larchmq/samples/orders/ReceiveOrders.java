package org.larchmq.samples.orders;

import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import javax.naming.NamingException;

/**
 * Receives orders from the queue "orders" until it has enough of them or none comes for a second. Arguments: URL of the
 * broker, number of orders.
 */
public final class ReceiveOrders {
    private static final int FIRST_WAIT_MILLIS = 10_000;
    private static final int NEXT_WAIT_MILLIS = 1_000;

    private ReceiveOrders() {}

    public static void main(String[] arguments) {
        String url = arguments.length > 0 ? arguments[0] : "failover:(tcp://127.0.0.1:5680)";
        int count = arguments.length > 1 ? Integer.parseInt(arguments[1]) : Integer.MAX_VALUE;
        try {
            receive(new Orders(url), count);
        } catch (NamingException | JMSException | JMSRuntimeException e) {
            System.err.println("ReceiveOrders: " + e.getMessage());
            System.exit(1);
        }
    }

    private static void receive(Orders orders, int count) throws NamingException, JMSException {
        try (JMSContext context = orders.connectionFactory().createContext()) { // AUTO_ACKNOWLEDGE
            JMSConsumer consumer = context.createConsumer(orders.queue());
            int waitMillis = FIRST_WAIT_MILLIS;
            for (int received = 0; received < count; received++) {
                Message order = consumer.receive(waitMillis);
                if (order == null) return;
                System.out.println("received order " + order.getIntProperty(Orders.NUMBER) + ", JMSRedelivered "
                        + order.getJMSRedelivered());
                waitMillis = NEXT_WAIT_MILLIS;
            }
        }
    }
}
