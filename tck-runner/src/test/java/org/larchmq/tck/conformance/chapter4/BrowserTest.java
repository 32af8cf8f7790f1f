package org.larchmq.tck.conformance.chapter4;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.NoSuchElementException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Section;

/** Looking at a queue without taking anything from it. */
@Section("4.1.6")
class BrowserTest extends AgainstBroker {
    private static List<String> browse(QueueBrowser browser) throws JMSException {
        List<String> texts = new ArrayList<>();
        for (Enumeration<?> e = browser.getEnumeration(); e.hasMoreElements(); )
            texts.add(text((Message) e.nextElement()));
        return texts;
    }

    @Test
    void aBrowserSeesEveryMessageInOrderAndTakesNone() throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one", "two", "three");
        QueueBrowser browser = session().createBrowser(queue);
        assertThat(browse(browser)).containsExactly("one", "two", "three");
        assertThat(browse(browser)).containsExactly("one", "two", "three");
        browser.close();
        assertHolds(queue, "one", "two", "three");
    }

    @Test
    void whatWasBrowsedIsNoRedelivery() throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one");
        assertThat(browse(session().createBrowser(queue))).containsExactly("one");
        Message received = session().createConsumer(queue).receive(SOON);
        assertThat(received.getJMSRedelivered()).isFalse();
        assertThat(received.getIntProperty("JMSXDeliveryCount")).isEqualTo(1);
    }

    @Test
    void anEmptyQueueHasNothingToBrowse() throws JMSException {
        Enumeration<?> nothing = session().createBrowser(newQueue()).getEnumeration();
        assertThat(nothing.hasMoreElements()).isFalse();
        assertThatThrownBy(nothing::nextElement).isInstanceOf(NoSuchElementException.class);
    }

    @Test
    void aBrowserWithASelectorSeesWhatMatches() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        for (int i = 0; i < 10; i++) {
            Message message = session().createTextMessage("m" + i);
            message.setIntProperty("n", i);
            producer.send(message);
        }
        QueueBrowser browser = session().createBrowser(queue, "n >= 8");
        assertThat(browser.getMessageSelector()).isEqualTo("n >= 8");
        assertThat(browse(browser)).containsExactly("m8", "m9");
    }

    @Test
    void aBrowserTellsItsQueueAndSelector() throws JMSException {
        Queue queue = newQueue();
        QueueBrowser browser = session().createBrowser(queue);
        assertThat(browser.getQueue()).isEqualTo(queue);
        assertThat(browser.getMessageSelector()).isNull();
        assertThat(session().createBrowser(queue, "").getMessageSelector()).isNull();
    }

    @Test
    void aBrowserDisturbsNoConsumer() throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one", "two");
        Enumeration<?> open = session().createBrowser(queue).getEnumeration();
        assertThat(open.hasMoreElements()).isTrue();
        MessageConsumer consumer = connect().createSession().createConsumer(queue);
        assertThat(receiveText(consumer)).isEqualTo("one");
        assertThat(receiveText(consumer)).isEqualTo("two");
    }

    @Test
    void aConsumedMessageIsNotBrowsed() throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one", "two");
        try (MessageConsumer consumer = session().createConsumer(queue)) {
            assertThat(receiveText(consumer)).isEqualTo("one");
        }
        assertThat(browse(session().createBrowser(queue))).containsExactly("two");
    }

    @Test
    void aMessageIsNotBrowsedBeforeItsDeliveryTime() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        producer.setDeliveryDelay(60_000);
        producer.send(session().createTextMessage("later"));
        producer.setDeliveryDelay(0);
        producer.send(session().createTextMessage("now"));
        assertThat(browse(session().createBrowser(queue))).containsExactly("now");
    }

    @Test
    void anUncommittedMessageIsNotBrowsed() throws JMSException {
        Queue queue = newQueue();
        Session transacted = connection().createSession(Session.SESSION_TRANSACTED);
        transacted.createProducer(queue).send(transacted.createTextMessage("one"));
        assertThat(browse(session().createBrowser(queue))).isEmpty();
        transacted.commit();
        assertThat(browse(session().createBrowser(queue))).containsExactly("one");
    }

    @Test
    void manyMessagesAreBrowsed() throws JMSException {
        Queue queue = newQueue();
        String[] texts = new String[2_500];
        for (int i = 0; i < texts.length; i++) texts[i] = "m" + i;
        sendTexts(queue, texts);
        assertThat(browse(session().createBrowser(queue))).containsExactly(texts);
    }

    @Test
    void aContextBrowses() throws JMSException {
        Queue queue = newQueue();
        JMSContext context = context();
        context.createProducer()
                .setProperty("n", 1)
                .send(queue, "one")
                .setProperty("n", 2)
                .send(queue, "two");
        assertThat(browse(context.createBrowser(queue))).containsExactly("one", "two");
        assertThat(browse(context.createBrowser(queue, "n = 2"))).containsExactly("two");
        assertThatThrownBy(() -> context.createBrowser(null)).isInstanceOf(InvalidDestinationRuntimeException.class);
        assertThatThrownBy(() -> context.createBrowser(queue, "n ="))
                .isInstanceOf(InvalidSelectorRuntimeException.class);
    }

    @Test
    void aWrongQueueOrSelectorIsRefused() throws JMSException {
        Queue queue = newQueue();
        assertThatThrownBy(() -> session().createBrowser(null)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session().createBrowser(null, "n = 1"))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session().createBrowser(queue, "n =")).isInstanceOf(InvalidSelectorException.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"browser", "session", "connection"})
    void aClosedBrowserIsAnIllegalState(String closed) throws JMSException {
        Connection connection = connect();
        Session session = connection.createSession();
        QueueBrowser browser = session.createBrowser(newQueue());
        if (closed.equals("browser")) browser.close();
        if (closed.equals("session")) session.close();
        if (closed.equals("connection")) connection.close();
        browser.close();
        assertThatThrownBy(browser::getEnumeration).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(browser::getQueue).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(browser::getMessageSelector).isInstanceOf(IllegalStateException.class);
    }
}
