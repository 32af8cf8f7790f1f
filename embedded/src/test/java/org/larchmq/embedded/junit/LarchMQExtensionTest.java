package org.larchmq.embedded.junit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.platform.engine.discovery.DiscoverySelectors.selectClass;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSRuntimeException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;
import org.junit.platform.launcher.listeners.SummaryGeneratingListener;
import org.larchmq.embedded.EmbeddedLarchMQ;
import org.larchmq.jms.LarchConnectionFactory;

@Timeout(60)
class LarchMQExtensionTest {

    /** As an application would write it. */
    @Nested
    @ExtendWith(LarchMQExtension.class)
    class Parameters {
        @Test
        void areGivenToTests(ConnectionFactory factory, JMSContext context) throws Exception {
            context.createProducer().send(context.createQueue("orders"), "one");
            try (JMSContext other = factory.createContext()) {
                String text = other.createConsumer(other.createQueue("orders")).receiveBody(String.class, 10_000);
                assertThat(text).isEqualTo("one");
            }
        }

        @Test
        void beLongToOneBroker(EmbeddedLarchMQ broker, LarchConnectionFactory factory) {
            assertThat(factory.getUri()).startsWith(broker.uri());
        }
    }

    @Nested
    class AsAField {
        @RegisterExtension
        final LarchMQExtension larch =
                new LarchMQExtension(EmbeddedLarchMQ.builder().user("ann", "secret"));

        @Test
        void itIsConfigured() throws Exception {
            larch.connectionFactory().createConnection("ann", "secret").close();
            assertThatThrownBy(() -> larch.connectionFactory().createContext("ann", ""))
                    .isInstanceOf(JMSRuntimeException.class);
            assertThat(larch.uri()).isEqualTo(larch.broker().uri());
        }
    }

    @Test
    void thereIsNoBrokerBeforeTheClassBegins() {
        assertThatThrownBy(() -> new LarchMQExtension().broker()).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void eachClassHasABrokerOfItsOwnWhichItsTestsShare() {
        List<EmbeddedLarchMQ> brokers = run(First.class, Second.class);
        assertThat(brokers).hasSize(6);
        assertThat(brokers.subList(0, 4)).containsOnly(brokers.get(0));
        assertThat(brokers.subList(4, 6)).containsOnly(brokers.get(4)).doesNotContain(brokers.get(0));
    }

    @Test
    void theBrokerEndsWithItsClass() {
        EmbeddedLarchMQ broker = run(First.class).get(0);
        assertThatThrownBy(() -> broker.connectionFactory().createContext()).isInstanceOf(JMSRuntimeException.class);
    }

    @Test
    void aFieldOfTheInstanceMakesABrokerForEachTest() {
        List<EmbeddedLarchMQ> brokers = run(PerTest.class);
        assertThat(brokers).hasSize(2).doesNotHaveDuplicates();
    }

    @Test
    void aContextIsClosedAfterItsTest() {
        run(First.class);
        assertThat(seenContexts).hasSize(1);
        assertThatThrownBy(() -> seenContexts.get(0).createProducer()).isInstanceOf(JMSRuntimeException.class);
    }

    private static final List<EmbeddedLarchMQ> seenBrokers = new ArrayList<>();
    private static final List<JMSContext> seenContexts = new ArrayList<>();

    /** The brokers that the tests of the classes have seen, in order. */
    private static List<EmbeddedLarchMQ> run(Class<?>... classes) {
        seenBrokers.clear();
        seenContexts.clear();
        var request = LauncherDiscoveryRequestBuilder.request();
        for (Class<?> one : classes) request.selectors(selectClass(one));
        LauncherDiscoveryRequest all = request.build();
        SummaryGeneratingListener summary = new SummaryGeneratingListener();
        LauncherFactory.create().execute(all, summary);
        assertThat(summary.getSummary().getFailures())
                .extracting(failure -> failure.getException())
                .isEmpty();
        return List.copyOf(seenBrokers);
    }

    @ExtendWith(LarchMQExtension.class)
    @TestMethodOrder(MethodOrderer.MethodName.class)
    static class First {
        @BeforeAll
        static void first(EmbeddedLarchMQ broker) {
            seenBrokers.add(broker);
        }

        @Test
        void a(EmbeddedLarchMQ broker, JMSContext context) {
            seenBrokers.add(broker);
            seenContexts.add(context);
        }

        @Test
        void b(EmbeddedLarchMQ broker) {
            seenBrokers.add(broker);
        }

        @Nested
        class Inside {
            @Test
            void c(EmbeddedLarchMQ broker) {
                seenBrokers.add(broker);
            }
        }
    }

    @ExtendWith(LarchMQExtension.class)
    static class Second {
        private final EmbeddedLarchMQ fromConstructor;

        Second(EmbeddedLarchMQ broker) {
            fromConstructor = broker;
        }

        @Test
        void a(EmbeddedLarchMQ broker) {
            seenBrokers.add(fromConstructor);
            seenBrokers.add(broker);
        }
    }

    static class PerTest {
        @RegisterExtension
        final LarchMQExtension larch = new LarchMQExtension();

        @Test
        void a() {
            seenBrokers.add(larch.broker());
        }

        @Test
        void b() {
            seenBrokers.add(larch.broker());
        }
    }
}
