package org.larchmq.tck.conformance.wrappers;

import static org.assertj.core.api.Assertions.assertThat;

import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Section;
import org.springframework.context.annotation.AnnotationConfigApplicationContext;
import org.springframework.jms.annotation.EnableJms;
import org.springframework.jms.annotation.JmsListener;
import org.springframework.jms.config.DefaultJmsListenerContainerFactory;
import org.springframework.messaging.handler.annotation.Header;
import org.springframework.messaging.handler.annotation.SendTo;

/** Through the containers behind {@code @JmsListener}. */
@Section("8.7")
class SpringListenerTest extends AgainstBroker {
    /** The methods that are called; the destinations have names of their own. */
    static class Listeners {
        final LinkedBlockingQueue<String> heard = new LinkedBlockingQueue<>();
        final LinkedBlockingQueue<Integer> attempts = new LinkedBlockingQueue<>();

        @JmsListener(destination = "spring.plain", concurrency = "3")
        void plain(String text) {
            heard.add(text);
        }

        @JmsListener(destination = "spring.request")
        @SendTo("spring.answer")
        String answer(String text, @Header("n") int n) {
            return text + n;
        }

        @JmsListener(destination = "spring.failing")
        void failing(Message message) throws JMSException {
            int attempt = message.getIntProperty("JMSXDeliveryCount");
            attempts.add(attempt);
            if (attempt < 3) throw new IllegalStateException("thrown by the test");
        }

        @JmsListener(destination = "spring.selected", selector = "n > 1")
        void selected(String text) {
            heard.add(text);
        }
    }

    @EnableJms
    static class Configuration {}

    private Listeners start(boolean transacted) {
        Listeners listeners = new Listeners();
        AnnotationConfigApplicationContext context = closeLater(new AnnotationConfigApplicationContext());
        context.register(Configuration.class);
        context.registerBean(Listeners.class, () -> listeners);
        context.registerBean(
                "jmsListenerContainerFactory",
                DefaultJmsListenerContainerFactory.class,
                () -> containers(factory(), transacted));
        context.refresh();
        return listeners;
    }

    private static DefaultJmsListenerContainerFactory containers(ConnectionFactory factory, boolean transacted) {
        DefaultJmsListenerContainerFactory containers = new DefaultJmsListenerContainerFactory();
        containers.setConnectionFactory(factory);
        containers.setSessionTransacted(transacted);
        containers.setReceiveTimeout(500L);
        return containers;
    }

    private void send(String queue, String text, int n) throws JMSException {
        Message message = session().createTextMessage(text);
        message.setIntProperty("n", n);
        session().createProducer(session().createQueue(queue)).send(message);
    }

    @Test
    void everyMessageIsHeardOnce() throws Exception {
        Listeners listeners = start(true);
        for (int i = 0; i < 30; i++) send("spring.plain", "m" + i, i);
        java.util.Set<String> heard = new java.util.HashSet<>();
        for (int i = 0; i < 30; i++) heard.add(listeners.heard.poll(SOON, TimeUnit.MILLISECONDS));
        assertThat(heard).hasSize(30).doesNotContainNull();
        assertThat(listeners.heard).isEmpty();
    }

    @Section("6.2.7")
    @Test
    void anAnswerIsSent() throws Exception {
        start(true);
        send("spring.request", "r", 7);
        MessageConsumer answers = session().createConsumer(session().createQueue("spring.answer"));
        assertThat(receiveText(answers)).isEqualTo("r7");
    }

    @Section("6.2.7")
    @Test
    void aFailedListenerIsCalledAgainInATransaction() throws Exception {
        Listeners listeners = start(true);
        send("spring.failing", "f", 0);
        for (int attempt = 1; attempt <= 3; attempt++) {
            assertThat(listeners.attempts.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo(attempt);
        }
    }

    @Section("6.2.10")
    @Test
    void aMessageIsAcknowledgedWithoutTransactions() throws Exception {
        Listeners listeners = start(false);
        send("spring.plain", "one", 0);
        assertThat(listeners.heard.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("one");
    }

    @Section("3.8.1")
    @Test
    void aSelectorSelects() throws Exception {
        Listeners listeners = start(true);
        send("spring.selected", "no", 1);
        send("spring.selected", "yes", 2);
        assertThat(listeners.heard.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("yes");
        assertThat(listeners.heard).isEmpty();
        Session session = connection().createSession();
        assertThat(receiveText(session.createConsumer(session.createQueue("spring.selected"))))
                .isEqualTo("no");
    }
}
