package org.larchmq.tck.conformance.chapter6;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.larchmq.tck.conformance.Call.call;

import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.larchmq.jms.message.LarchQueue;
import org.larchmq.jms.message.LarchTopic;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Call;
import org.larchmq.tck.conformance.CompletionRecord;
import org.larchmq.tck.conformance.Section;

/** Every method of a closed context, and of what was made by it, is an illegal state, but close is ignored. */
@Section("6.2.15")
class ClosedContextTest extends AgainstBroker {
    private static final Queue QUEUE = new LarchQueue("closed");
    private static final Topic TOPIC = new LarchTopic("closed");

    static Stream<Call<JMSContext>> contextCalls() {
        return Stream.of(
                call("acknowledge", JMSContext::acknowledge),
                call("commit", JMSContext::commit),
                call("rollback", JMSContext::rollback),
                call("recover", JMSContext::recover),
                call("start", JMSContext::start),
                call("stop", JMSContext::stop),
                call("createContext", c -> c.createContext(JMSContext.AUTO_ACKNOWLEDGE)),
                call("createProducer", JMSContext::createProducer),
                call("createConsumer", c -> c.createConsumer(QUEUE)),
                call("createConsumer with selector", c -> c.createConsumer(QUEUE, "a = 1")),
                call("createConsumer with noLocal", c -> c.createConsumer(TOPIC, null, true)),
                call("createSharedConsumer", c -> c.createSharedConsumer(TOPIC, "n")),
                call("createSharedConsumer with selector", c -> c.createSharedConsumer(TOPIC, "n", "a = 1")),
                call("createDurableConsumer", c -> c.createDurableConsumer(TOPIC, "n")),
                call("createDurableConsumer with selector", c -> c.createDurableConsumer(TOPIC, "n", "a = 1", true)),
                call("createSharedDurableConsumer", c -> c.createSharedDurableConsumer(TOPIC, "n")),
                call(
                        "createSharedDurableConsumer with selector",
                        c -> c.createSharedDurableConsumer(TOPIC, "n", "a = 1")),
                call("createBrowser", c -> c.createBrowser(QUEUE)),
                call("createBrowser with selector", c -> c.createBrowser(QUEUE, "a = 1")),
                call("createMessage", JMSContext::createMessage),
                call("createTextMessage", JMSContext::createTextMessage),
                call("createTextMessage(String)", c -> c.createTextMessage("x")),
                call("createBytesMessage", JMSContext::createBytesMessage),
                call("createMapMessage", JMSContext::createMapMessage),
                call("createStreamMessage", JMSContext::createStreamMessage),
                call("createObjectMessage", JMSContext::createObjectMessage),
                call("createObjectMessage(Serializable)", c -> c.createObjectMessage("x")),
                call("createQueue", c -> c.createQueue("x")),
                call("createTopic", c -> c.createTopic("x")),
                call("createTemporaryQueue", JMSContext::createTemporaryQueue),
                call("createTemporaryTopic", JMSContext::createTemporaryTopic),
                call("getClientID", JMSContext::getClientID),
                call("setClientID", c -> c.setClientID("x")),
                call("getExceptionListener", JMSContext::getExceptionListener),
                call("setExceptionListener", c -> c.setExceptionListener(null)),
                call("getMetaData", JMSContext::getMetaData),
                call("getSessionMode", JMSContext::getSessionMode),
                call("getTransacted", JMSContext::getTransacted),
                call("unsubscribe", c -> c.unsubscribe("n")));
    }

    @ParameterizedTest
    @MethodSource("contextCalls")
    void ofAClosedContext(Call<JMSContext> method) {
        JMSContext context = context();
        context.close();
        context.close();
        assertThatThrownBy(() -> method.on(context)).isInstanceOf(IllegalStateRuntimeException.class);
    }

    static Stream<Call<JMSProducer>> sends() throws JMSException {
        Message message = aMessage();
        return Stream.of(
                call("send a message", p -> p.send(QUEUE, message)),
                call("send a text", p -> p.send(QUEUE, "x")),
                call("send bytes", p -> p.send(QUEUE, new byte[1])),
                call("send a map", p -> p.send(QUEUE, Map.of("a", 1))),
                call("send an object", p -> p.send(QUEUE, (java.io.Serializable) Integer.valueOf(1))),
                call(
                        "send asynchronously",
                        p -> p.setAsync(new CompletionRecord()).send(QUEUE, "x")));
    }

    private static Message aMessage() {
        try (JMSContext context = factory().createContext()) {
            return context.createMessage();
        }
    }

    @ParameterizedTest
    @MethodSource("sends")
    void ofAProducerWhoseContextIsClosed(Call<JMSProducer> method) {
        JMSContext context = context();
        JMSProducer producer = context.createProducer();
        context.close();
        assertThatThrownBy(() -> method.on(producer)).isInstanceOf(IllegalStateRuntimeException.class);
    }

    static Stream<Call<JMSConsumer>> consumerCalls() {
        return Stream.of(
                call("getMessageSelector", JMSConsumer::getMessageSelector),
                call("getMessageListener", JMSConsumer::getMessageListener),
                call("setMessageListener", c -> c.setMessageListener(m -> {})),
                call("receive", JMSConsumer::receive),
                call("receive(long)", c -> c.receive(1)),
                call("receiveNoWait", JMSConsumer::receiveNoWait),
                call("receiveBody", c -> c.receiveBody(String.class)),
                call("receiveBody with timeout", c -> c.receiveBody(String.class, 1)),
                call("receiveBodyNoWait", c -> c.receiveBodyNoWait(String.class)));
    }

    @Section("8.8")
    @ParameterizedTest
    @MethodSource("consumerCalls")
    void ofAClosedConsumer(Call<JMSConsumer> method) {
        JMSConsumer consumer = context().createConsumer(QUEUE);
        consumer.close();
        consumer.close();
        assertThatThrownBy(() -> method.on(consumer)).isInstanceOf(IllegalStateRuntimeException.class);
    }

    @ParameterizedTest
    @MethodSource("consumerCalls")
    void ofAConsumerWhoseContextIsClosed(Call<JMSConsumer> method) {
        JMSContext context = context();
        JMSConsumer consumer = context.createConsumer(TOPIC);
        context.close();
        consumer.close();
        assertThatThrownBy(() -> method.on(consumer)).isInstanceOf(IllegalStateRuntimeException.class);
    }

    @Section("6.1.8")
    @Test
    void theConnectionLivesAsLongAsOneOfItsContexts() {
        JMSContext first = context();
        JMSContext second = closeLater(first.createContext(JMSContext.AUTO_ACKNOWLEDGE));
        first.close();
        second.createProducer().send(QUEUE, "x");
        assertThat(second.createConsumer(QUEUE).receiveBody(String.class, SOON)).isEqualTo("x");
    }
}
