package org.larchmq.tck.conformance.chapter9;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.larchmq.tck.conformance.Call.call;

import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.larchmq.jms.message.LarchQueue;
import org.larchmq.jms.message.LarchTopic;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Call;
import org.larchmq.tck.conformance.Section;

/** Methods that an interface inherits and that are not for its domain. */
@Section("9.2")
class DomainMethodsTest extends AgainstBroker {
    private static final Queue QUEUE = new LarchQueue("domain");
    private static final Topic TOPIC = new LarchTopic("domain");

    static Stream<Call<QueueConnection>> ofQueueConnections() {
        return Stream.of(
                call(
                        "createSharedConnectionConsumer",
                        c -> c.createSharedConnectionConsumer(TOPIC, "s", null, null, 1)),
                call(
                        "createDurableConnectionConsumer",
                        c -> c.createDurableConnectionConsumer(TOPIC, "s", null, null, 1)),
                call(
                        "createSharedDurableConnectionConsumer",
                        c -> c.createSharedDurableConnectionConsumer(TOPIC, "s", null, null, 1)));
    }

    @ParameterizedTest
    @MethodSource("ofQueueConnections")
    void aQueueConnectionDoesNotHave(Call<QueueConnection> method) throws JMSException {
        QueueConnection connection = closeLater(factory().createQueueConnection());
        assertThatThrownBy(() -> method.on(connection)).isInstanceOf(IllegalStateException.class);
    }

    static Stream<Call<QueueSession>> ofQueueSessions() {
        return Stream.of(
                call("createDurableSubscriber", s -> s.createDurableSubscriber(TOPIC, "s")),
                call(
                        "createDurableSubscriber with selector",
                        s -> s.createDurableSubscriber(TOPIC, "s", "a = 1", true)),
                call("createDurableConsumer", s -> s.createDurableConsumer(TOPIC, "s")),
                call("createDurableConsumer with selector", s -> s.createDurableConsumer(TOPIC, "s", "a = 1", true)),
                call("createSharedConsumer", s -> s.createSharedConsumer(TOPIC, "s")),
                call("createSharedConsumer with selector", s -> s.createSharedConsumer(TOPIC, "s", "a = 1")),
                call("createSharedDurableConsumer", s -> s.createSharedDurableConsumer(TOPIC, "s")),
                call(
                        "createSharedDurableConsumer with selector",
                        s -> s.createSharedDurableConsumer(TOPIC, "s", "a = 1")),
                call("createTemporaryTopic", QueueSession::createTemporaryTopic),
                call("createTopic", s -> s.createTopic("t")),
                call("unsubscribe", s -> s.unsubscribe("s")));
    }

    @ParameterizedTest
    @MethodSource("ofQueueSessions")
    void aQueueSessionDoesNotHave(Call<QueueSession> method) throws JMSException {
        QueueSession session =
                closeLater(factory().createQueueConnection()).createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        assertThatThrownBy(() -> method.on(session)).isInstanceOf(IllegalStateException.class);
    }

    static Stream<Call<TopicSession>> ofTopicSessions() {
        return Stream.of(
                call("createBrowser", s -> s.createBrowser(QUEUE)),
                call("createBrowser with selector", s -> s.createBrowser(QUEUE, "a = 1")),
                call("createQueue", s -> s.createQueue("q")),
                call("createTemporaryQueue", TopicSession::createTemporaryQueue));
    }

    @ParameterizedTest
    @MethodSource("ofTopicSessions")
    void aTopicSessionDoesNotHave(Call<TopicSession> method) throws JMSException {
        TopicSession session =
                closeLater(factory().createTopicConnection()).createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        assertThatThrownBy(() -> method.on(session)).isInstanceOf(IllegalStateException.class);
    }

    @Section("2.5")
    @Test
    void oneFactoryServesAllApis() throws JMSException {
        try (QueueConnection queues = factory().createQueueConnection(USER, PASSWORD);
                TopicConnection topics = factory().createTopicConnection(USER, PASSWORD)) {
            assertThat(queues.createQueueSession(true, 0).getTransacted()).isTrue();
            assertThat(topics.createTopicSession(true, 0).getTransacted()).isTrue();
            assertThat(queues.createSession()).isNotNull();
            assertThat(topics.createSession(Session.CLIENT_ACKNOWLEDGE).getAcknowledgeMode())
                    .isEqualTo(Session.CLIENT_ACKNOWLEDGE);
        }
    }
}
