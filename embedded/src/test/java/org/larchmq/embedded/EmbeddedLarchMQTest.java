package org.larchmq.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSSecurityRuntimeException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class EmbeddedLarchMQTest {
    @Test
    void aMessageGoesThroughABrokerInMemory() {
        try (EmbeddedLarchMQ broker = EmbeddedLarchMQ.inMemory();
                JMSContext context = broker.connectionFactory().createContext()) {
            Queue queue = context.createQueue("orders");
            context.createProducer().send(queue, "one");
            assertThat(context.createConsumer(queue).receiveBody(String.class, 10_000))
                    .isEqualTo("one");
        }
    }

    @Test
    void itStartsInLessThan300Milliseconds() {
        EmbeddedLarchMQ.inMemory().close(); // the JVM has loaded what it needs
        long startNanos = System.nanoTime();
        try (EmbeddedLarchMQ broker = EmbeddedLarchMQ.inMemory()) {
            long millis = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - startNanos);
            assertThat(broker.port()).isPositive();
            assertThat(millis).isLessThan(300);
        }
    }

    @Test
    void twoBrokersInMemoryShareNothing() {
        try (EmbeddedLarchMQ one = EmbeddedLarchMQ.inMemory();
                EmbeddedLarchMQ two = EmbeddedLarchMQ.inMemory();
                JMSContext first = one.connectionFactory().createContext();
                JMSContext second = two.connectionFactory().createContext()) {
            assertThat(one.port()).isNotEqualTo(two.port());
            first.createProducer().send(first.createQueue("q"), "for the first");
            assertThat(second.createConsumer(second.createQueue("q")).receiveNoWait())
                    .isNull();
        }
    }

    @Test
    void messagesInADirectoryOutliveTheBroker(@TempDir Path directory) {
        try (EmbeddedLarchMQ broker = EmbeddedLarchMQ.inDirectory(directory);
                JMSContext context = broker.connectionFactory().createContext()) {
            context.createProducer().send(context.createQueue("orders"), "one");
        }
        try (EmbeddedLarchMQ broker = EmbeddedLarchMQ.inDirectory(directory);
                JMSContext context = broker.connectionFactory().createContext()) {
            assertThat(context.createConsumer(context.createQueue("orders")).receiveBody(String.class, 10_000))
                    .isEqualTo("one");
        }
    }

    @Test
    void muchMoreThanItsCapacityPassesThroughMemoryWhenItIsConsumed() throws Exception {
        try (EmbeddedLarchMQ broker =
                        EmbeddedLarchMQ.builder().capacity(16 << 20).start();
                Connection connection = broker.connectionFactory().createConnection()) {
            connection.start();
            Session session = connection.createSession();
            Queue queue = session.createQueue("q");
            MessageProducer producer = session.createProducer(queue);
            var consumer = session.createConsumer(queue);
            byte[] body = new byte[500_000];
            body[499_999] = 1;
            for (int i = 0; i < 100; i++) {
                var message = session.createBytesMessage();
                message.writeBytes(body);
                producer.send(message);
                assertThat(consumer.receive(10_000)).as("message " + i).isNotNull();
            }
        }
    }

    @Test
    void moreThanItsCapacityIsRefused() throws Exception {
        try (EmbeddedLarchMQ broker =
                        EmbeddedLarchMQ.builder().capacity(16 << 20).start();
                Connection connection = broker.connectionFactory().createConnection()) {
            Session session = connection.createSession();
            MessageProducer producer = session.createProducer(session.createQueue("q"));
            var message = session.createBytesMessage();
            message.writeBytes(new byte[400_000]);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) producer.send(message);
                    })
                    .isInstanceOf(ResourceAllocationException.class);
            connection.start();
            var consumer = session.createConsumer(session.createQueue("q"));
            assertThat(consumer.receive(10_000)).as("consumers go on").isNotNull();
        }
    }

    @Test
    void usersAreCheckedWhenThereAreSome() throws JMSException {
        try (EmbeddedLarchMQ broker =
                EmbeddedLarchMQ.builder().user("ann", "secret").start()) {
            broker.connectionFactory().createConnection("ann", "secret").close();
            broker.connectionFactory().createConnection().close();
            assertThatThrownBy(() -> broker.connectionFactory().createContext("ann", "wrong"))
                    .isInstanceOf(JMSSecurityRuntimeException.class);
            assertThatThrownBy(() -> broker.connectionFactory().createContext("bob", "secret"))
                    .isInstanceOf(JMSSecurityRuntimeException.class);
        }
    }

    @Test
    void aPortInUseIsAnErrorThatSaysSo() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, java.net.InetAddress.getByName("127.0.0.1"))) {
            var builder = EmbeddedLarchMQ.builder().port(taken.getLocalPort());
            assertThatThrownBy(builder::start)
                    .isInstanceOf(IllegalStateException.class)
                    .hasMessageContaining("another program listens on 127.0.0.1:" + taken.getLocalPort());
        }
    }

    @Test
    void anyOtherSettingCanBeChanged() throws JMSException {
        try (EmbeddedLarchMQ broker = EmbeddedLarchMQ.builder()
                        .settings(s -> s.withCreateDestinationsOnFirstUse(false))
                        .start();
                Connection connection = broker.connectionFactory().createConnection()) {
            Session session = connection.createSession();
            assertThatThrownBy(() -> session.createConsumer(session.createQueue("none")))
                    .isInstanceOf(JMSException.class);
        }
    }
}
