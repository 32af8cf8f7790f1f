package org.larchmq.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.broker.Broker;
import org.larchmq.broker.settings.BrokerSettings;

/** QueueBrowser against the real broker over TCP (Jakarta Messaging 3.1, section 8.9). */
@Timeout(120)
class QueueBrowserTest {
    @TempDir
    Path data;

    private Broker broker;
    private Connection connection;
    private Session session;
    private Queue queue;
    private MessageProducer producer;

    @BeforeEach
    void start() throws Exception {
        BrokerSettings settings = BrokerSettings.defaults(data);
        broker = Broker.start(settings.with(settings.network().withPort(0)));
        connection = factory().createConnection();
        session = connection.createSession();
        queue = session.createQueue("orders");
        producer = session.createProducer(queue);
    }

    private LarchConnectionFactory factory() {
        return new LarchConnectionFactory("tcp://localhost:" + broker.port());
    }

    @AfterEach
    void stop() throws Exception {
        connection.close();
        broker.close();
    }

    private void send(int from, int to) throws JMSException {
        for (int i = from; i <= to; i++) {
            TextMessage message = session.createTextMessage("m" + i);
            message.setIntProperty("i", i);
            producer.send(message);
        }
    }

    private static List<String> texts(Enumeration<?> messages) throws JMSException {
        List<String> texts = new ArrayList<>();
        while (messages.hasMoreElements()) texts.add(((TextMessage) messages.nextElement()).getText());
        return texts;
    }

    @Test
    void itShowsTheMessagesAndLeavesThem() throws Exception {
        send(1, 500);
        QueueBrowser browser = session.createBrowser(queue);
        assertThat(browser.getQueue()).isEqualTo(queue);
        assertThat(browser.getMessageSelector()).isNull();
        assertThat(texts(browser.getEnumeration()))
                .hasSize(500)
                .startsWith("m1", "m2")
                .endsWith("m500");
        send(501, 501);
        assertThat(texts(browser.getEnumeration()))
                .as("a new enumeration looks anew")
                .hasSize(501);
        connection.start();
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(((TextMessage) consumer.receive(20_000)).getText()).isEqualTo("m1");
        assertThat(texts(browser.getEnumeration()))
                .as("what was acknowledged is gone")
                .hasSize(500);
    }

    @Test
    void aSelectorChooses() throws Exception {
        send(1, 100);
        QueueBrowser browser = session.createBrowser(queue, "i > 98");
        assertThat(browser.getMessageSelector()).isEqualTo("i > 98");
        assertThat(texts(browser.getEnumeration())).containsExactly("m99", "m100");
    }

    @Test
    void twoEnumerationsDoNotDisturbEachOtherAndEndOnce() throws Exception {
        send(1, 3);
        QueueBrowser browser = session.createBrowser(queue);
        Enumeration<?> one = browser.getEnumeration();
        one.nextElement();
        assertThat(texts(browser.getEnumeration())).hasSize(3);
        assertThat(texts(one)).containsExactly("m2", "m3");
        assertThat(one.hasMoreElements()).isFalse();
        assertThatThrownBy(one::nextElement).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void wrongArgumentsAreRefusedAtCreation() {
        assertThatThrownBy(() -> session.createBrowser(null)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createBrowser(queue, "i >")).isInstanceOf(InvalidSelectorException.class);
    }

    @Test
    void aClosedBrowserIsAnIllegalState() throws Exception {
        send(1, 300);
        QueueBrowser browser = session.createBrowser(queue);
        Enumeration<?> half = browser.getEnumeration();
        half.nextElement();
        browser.close();
        browser.close();
        assertThatThrownBy(browser::getEnumeration).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(browser::getQueue).isInstanceOf(IllegalStateException.class);
        assertThat(half.hasMoreElements()).isFalse();
        QueueBrowser other = session.createBrowser(queue);
        session.close();
        assertThatThrownBy(other::getMessageSelector).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void enumerationsThatAreAbandonedAreEndedWithAReasonWhenTheyAreTooMany() throws Exception {
        send(1, 300);
        QueueBrowser unused = session.createBrowser(queue);
        QueueBrowser browser = session.createBrowser(queue);
        Enumeration<?> abandoned = browser.getEnumeration();
        abandoned.nextElement();
        for (int i = 0; i < 250; i++) browser.getEnumeration().nextElement();
        Enumeration<?> last = browser.getEnumeration();
        assertThatThrownBy(() -> texts(abandoned))
                .isInstanceOf(IllegalStateRuntimeException.class)
                .hasMessageContaining("read enumerations to their end");
        assertThat(texts(last)).hasSize(300);
        assertThat(texts(unused.getEnumeration()))
                .as("a browser that has not been used begins anew")
                .hasSize(300);
        for (int i = 0; i < 250; i++)
            assertThat(texts(browser.getEnumeration())).hasSize(300);
    }

    @Test
    void aSessionsEndEndsItsEnumerations() throws Exception {
        send(1, 300);
        Session other = connection.createSession();
        Enumeration<?> half = other.createBrowser(queue).getEnumeration();
        half.nextElement();
        other.close();
        assertThat(half.hasMoreElements()).isFalse();
    }

    @Test
    void largeMessagesAreShownInFull() throws Exception {
        send(1, 1);
        producer.send(session.createTextMessage("x".repeat(20_000_000)));
        send(3, 3);
        List<String> texts = texts(session.createBrowser(queue).getEnumeration());
        assertThat(texts).extracting(String::length).containsExactly(2, 20_000_000, 2);
    }

    @Test
    void aContextBrowsesToo() throws Exception {
        send(1, 2);
        try (JMSContext context = factory().createContext()) {
            assertThat(texts(context.createBrowser(queue).getEnumeration())).containsExactly("m1", "m2");
            assertThat(texts(context.createBrowser(queue, "i = 2").getEnumeration()))
                    .containsExactly("m2");
        }
    }
}
