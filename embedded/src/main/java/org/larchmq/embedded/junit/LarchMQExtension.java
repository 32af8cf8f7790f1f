package org.larchmq.embedded.junit;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import java.util.Objects;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.larchmq.embedded.EmbeddedLarchMQ;
import org.larchmq.jms.LarchConnectionFactory;

/**
 * A broker for each test class, empty at its beginning and gone at its end; classes inside it share it. As a non-static
 * field with {@code @RegisterExtension}: a broker for each test.
 *
 * <p>Gives parameters of the types {@link EmbeddedLarchMQ}, {@link ConnectionFactory}, {@link LarchConnectionFactory}
 * and {@link JMSContext} to constructors, tests and lifecycle methods. A context (AUTO_ACKNOWLEDGE) is closed after its
 * test.
 *
 * <pre>{@code
 * @ExtendWith(LarchMQExtension.class)
 * class OrdersTest {
 *     @Test
 *     void anOrderIsAnswered(ConnectionFactory factory, JMSContext context) { … }
 * }
 *
 * class OrdersWithUsersTest {
 *     @RegisterExtension
 *     static final LarchMQExtension LARCH = new LarchMQExtension(EmbeddedLarchMQ.builder().user("ann", "secret"));
 * }
 * }</pre>
 */
public final class LarchMQExtension implements BeforeAllCallback, BeforeEachCallback, ParameterResolver {
    private final EmbeddedLarchMQ.Builder builder;
    private volatile EmbeddedLarchMQ broker;

    /** With a broker in memory. */
    public LarchMQExtension() {
        this(EmbeddedLarchMQ.builder());
    }

    /** With a broker to one's own taste. */
    public LarchMQExtension(EmbeddedLarchMQ.Builder builder) {
        this.builder = Objects.requireNonNull(builder, "builder");
    }

    /** The broker of the class, or test, that is running. @throws IllegalStateException before that */
    public EmbeddedLarchMQ broker() {
        EmbeddedLarchMQ current = broker;
        if (current == null) throw new IllegalStateException("the test class has not begun, so there is no broker yet");
        return current;
    }

    /** For new connections to the broker. */
    public LarchConnectionFactory connectionFactory() {
        return broker().connectionFactory();
    }

    /** Where the broker listens. */
    public String uri() {
        return broker().uri();
    }

    @Override
    public void beforeAll(ExtensionContext context) {
        brokerOf(context);
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        brokerOf(context);
    }

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        return type == EmbeddedLarchMQ.class
                || type == ConnectionFactory.class
                || type == LarchConnectionFactory.class
                || type == JMSContext.class;
    }

    @Override
    public Object resolveParameter(ParameterContext parameter, ExtensionContext context) {
        Class<?> type = parameter.getParameter().getType();
        EmbeddedLarchMQ current = brokerOf(context);
        if (type == EmbeddedLarchMQ.class) return current;
        LarchConnectionFactory factory = current.connectionFactory();
        if (type != JMSContext.class) return factory;
        JMSContext opened = factory.createContext();
        store(context).put(opened, new Closing(opened));
        return opened;
    }

    /** The one of the nearest enclosing class, or a new one that ends with the given context. */
    private EmbeddedLarchMQ brokerOf(ExtensionContext context) {
        return store(context)
                .getOrComputeIfAbsent(this, key -> new Running(builder.start()), Running.class)
                .use(this);
    }

    private Store store(ExtensionContext context) {
        return context.getStore(Namespace.create(LarchMQExtension.class, this));
    }

    // older versions of JUnit 5 close nothing but a CloseableResource, newer ones want an AutoCloseable

    @SuppressWarnings("deprecation")
    private record Running(EmbeddedLarchMQ started) implements Store.CloseableResource, AutoCloseable {
        EmbeddedLarchMQ use(LarchMQExtension extension) {
            extension.broker = started;
            return started;
        }

        @Override
        public void close() {
            started.close();
        }
    }

    @SuppressWarnings("deprecation")
    private record Closing(JMSContext context) implements Store.CloseableResource, AutoCloseable {
        @Override
        public void close() {
            context.close();
        }
    }
}
