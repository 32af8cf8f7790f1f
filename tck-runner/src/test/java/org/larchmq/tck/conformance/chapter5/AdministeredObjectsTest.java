package org.larchmq.tck.conformance.chapter5;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnectionFactory;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnectionFactory;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.ObjectInputStream;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import java.util.Hashtable;
import java.util.stream.Stream;
import javax.naming.Context;
import javax.naming.InitialContext;
import javax.naming.NamingException;
import javax.naming.Referenceable;
import javax.naming.spi.NamingManager;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.larchmq.jms.message.LarchQueue;
import org.larchmq.jms.message.LarchTopic;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Section;

/** Factories and destinations: looked up, stored, and used by several threads. */
@Section("5.1")
class AdministeredObjectsTest extends AgainstBroker {
    private static Context naming() throws NamingException {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "org.larchmq.jms.LarchInitialContextFactory");
        environment.put(Context.PROVIDER_URL, factory().getUri());
        return new InitialContext(environment);
    }

    @Test
    void aFactoryAndDestinationsAreLookedUp() throws Exception {
        Context naming = naming();
        ConnectionFactory looked = (ConnectionFactory) naming.lookup("ConnectionFactory");
        Queue queue = (Queue) naming.lookup("dynamicQueues/" + newName());
        Topic topic = (Topic) naming.lookup("dynamicTopics/" + newName());
        try (JMSContext context = looked.createContext()) {
            for (var destination : new jakarta.jms.Destination[] {queue, topic}) {
                var consumer = context.createConsumer(destination);
                context.createProducer().send(destination, "one");
                assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("one");
            }
        }
        naming.close();
    }

    @Test
    void anUnknownNameIsANamingException() throws NamingException {
        Context naming = naming();
        assertThatThrownBy(() -> naming.lookup("no/such/name")).isInstanceOf(NamingException.class);
    }

    @Test
    void aLookupNeedsNoBroker() throws NamingException {
        Hashtable<String, String> environment = new Hashtable<>();
        environment.put(Context.INITIAL_CONTEXT_FACTORY, "org.larchmq.jms.LarchInitialContextFactory");
        environment.put(Context.PROVIDER_URL, "tcp://127.0.0.1:1");
        assertThat(new InitialContext(environment).lookup("ConnectionFactory")).isInstanceOf(ConnectionFactory.class);
    }

    @Section("5.3")
    @Test
    void aFactoryIsOfEveryKind() {
        assertThat((Object) factory())
                .isInstanceOf(ConnectionFactory.class)
                .isInstanceOf(QueueConnectionFactory.class)
                .isInstanceOf(TopicConnectionFactory.class);
    }

    static Stream<Object> objects() {
        return Stream.of(
                new org.larchmq.jms.LarchConnectionFactory("tcp://127.0.0.1:1?prefetch=7"),
                new LarchQueue("a queue"),
                new LarchTopic("a topic"));
    }

    @ParameterizedTest
    @MethodSource("objects")
    void anAdministeredObjectIsSerializable(Object object) throws Exception {
        assertThat(object).isInstanceOf(Serializable.class);
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        }
        try (ObjectInputStream in = new ObjectInputStream(new ByteArrayInputStream(bytes.toByteArray()))) {
            assertThat(in.readObject()).hasToString(object.toString());
        }
    }

    @ParameterizedTest
    @MethodSource("objects")
    void anAdministeredObjectIsReferenceable(Object object) throws Exception {
        assertThat(object).isInstanceOf(Referenceable.class);
        Object again = NamingManager.getObjectInstance(((Referenceable) object).getReference(), null, null, null);
        assertThat(again).hasSameClassAs(object).hasToString(object.toString());
    }

    @Section("5.3")
    @Test
    void aFactoryMayBeUsedByManyThreads() {
        var shared = factory();
        assertThat(Stream.generate(() -> shared)
                        .limit(16)
                        .parallel()
                        .map(f -> {
                            try (Connection connection = f.createConnection()) {
                                return connection.getMetaData().getJMSVersion();
                            } catch (jakarta.jms.JMSException e) {
                                return e.toString();
                            }
                        })
                        .distinct())
                .containsExactly("3.1");
    }
}
