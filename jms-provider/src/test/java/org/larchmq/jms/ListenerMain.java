package org.larchmq.jms;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;

/** A program that only listens: its main returns. The message "end" closes its connection. */
final class ListenerMain {
    private ListenerMain() {}

    public static void main(String[] uri) throws Exception {
        Connection connection = new LarchConnectionFactory(uri[0]).createConnection();
        Session session = connection.createSession();
        session.createConsumer(session.createQueue("q")).setMessageListener(message -> {
            try {
                System.out.println("received " + ((TextMessage) message).getText());
                if (((TextMessage) message).getText().equals("end")) new Thread(() -> close(connection)).start();
            } catch (JMSException e) {
                System.out.println(e);
            }
        });
        connection.start();
        System.out.println("main returns");
    }

    private static void close(Connection connection) {
        try {
            connection.close();
        } catch (JMSException e) {
            System.out.println(e);
        }
    }
}
