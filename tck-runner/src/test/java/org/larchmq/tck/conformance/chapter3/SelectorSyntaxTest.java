package org.larchmq.tck.conformance.chapter3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.InvalidSelectorException;
import jakarta.jms.InvalidSelectorRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Topic;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Section;

/** A selector with a mistake is refused when it is presented. */
@Section("3.8.1.1")
class SelectorSyntaxTest extends AgainstBroker {
    private static final String WRONG = """
            a
            =
            = 1
            a =
            a = 1 AND
            AND a = 1
            a = 1 OR OR b = 2
            a = 1 b = 2
            (a = 1
            a = 1)
            ()
            a == 1
            a != 1
            a = 'x
            a = "x"
            a => 1
            a = < 1
            a BETWEEN 1
            a BETWEEN 1 AND
            a BETWEEN 1 OR 2
            a IN
            a IN ()
            a IN ('x'
            a IN 'x'
            a IN ('x',)
            a IN ('x' 'y')
            a IN (1, 2)
            1 IN ('x')
            a LIKE
            a LIKE b
            a LIKE 5
            a LIKE 'x' ESCAPE
            a LIKE 'x' ESCAPE 'ab'
            a LIKE 'x' ESCAPE ''
            a LIKE 'x' ESCAPE 5
            'x' LIKE 'x'
            a IS
            a IS NOT
            a IS TRUE
            IS NULL
            1 IS NULL
            NOT
            a NOT = 1
            a NOT NULL
            a + = 1
            a = 1 +
            a = * 2
            1a = 1
            a-b.c = 1
            a.b = 1
            a = 1; b = 2
            a = 1 -- a comment
            a = 1 /* comment */
            NULL = 1
            a = NULL
            TRUE = LIKE
            between = 1
            like = 1
            in = 1
            is = 1
            escape = 1
            and = 1
            or = 1
            not = 1
            a = #
            a = ?
            a = {x}
            a = 99999999999999999999
            a = 1e
            a = 0xZZ
            """;

    /** A name alone may be a boolean property; everything else in the text above is wrong. */
    static List<String> wrong() {
        return WRONG.lines().filter(line -> !line.equals("a")).toList();
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void aConsumerOfAQueueIsRefused(String selector) throws JMSException {
        Queue queue = newQueue();
        assertThatThrownBy(() -> session().createConsumer(queue, selector))
                .isInstanceOf(InvalidSelectorException.class);
    }

    @ParameterizedTest
    @MethodSource("wrong")
    void aConsumerOfATopicIsRefused(String selector) throws JMSException {
        Topic topic = newTopic();
        assertThatThrownBy(() -> session().createConsumer(topic, selector, false))
                .isInstanceOf(InvalidSelectorException.class);
    }

    @Test
    void aContextThrowsTheUncheckedException() throws JMSException {
        JMSContext context = context();
        Queue queue = newQueue();
        Topic topic = newTopic();
        assertThatThrownBy(() -> context.createConsumer(queue, "a ="))
                .isInstanceOf(InvalidSelectorRuntimeException.class);
        assertThatThrownBy(() -> context.createConsumer(topic, "a =", true))
                .isInstanceOf(InvalidSelectorRuntimeException.class);
    }

    @Test
    void aSessionGoesOnAfterARefusedSelector() throws JMSException {
        Queue queue = newQueue();
        assertThatThrownBy(() -> session().createConsumer(queue, "a =")).isInstanceOf(InvalidSelectorException.class);
        sendTexts(queue, "one");
        assertHolds(queue, "one");
    }

    @Test
    void theExceptionSaysWhereTheMistakeIs() throws JMSException {
        Queue queue = newQueue();
        assertThatThrownBy(() -> session().createConsumer(queue, "a = 1 AND b = = 2"))
                .hasMessageContaining("14");
    }

    @Test
    void anEmptyOrNullSelectorIsNone() throws JMSException {
        Queue queue = newQueue();
        for (String selector : new String[] {null, ""}) {
            sendTexts(queue, "one");
            try (MessageConsumer consumer = session().createConsumer(queue, selector)) {
                assertThat(consumer.getMessageSelector()).isNull();
                assertThat(receiveText(consumer)).isEqualTo("one");
            }
        }
    }

    @Test
    void aConsumerTellsItsSelector() throws JMSException {
        assertThat(session().createConsumer(newQueue(), "a = 1").getMessageSelector())
                .isEqualTo("a = 1");
        assertThat(session().createConsumer(newQueue()).getMessageSelector()).isNull();
    }

    @Test
    void aVeryLongIdentifierWorks() throws JMSException {
        String name = "n".repeat(2_000);
        Queue queue = newQueue();
        var message = session().createMessage();
        message.setIntProperty(name, 1);
        session().createProducer(queue).send(message);
        assertThat(session().createConsumer(queue, name + " = 1").receive(SOON)).isNotNull();
    }

    @Section("3.8.1")
    @Test
    void theBodyIsNotSeenBySelectors() throws JMSException {
        Queue queue = newQueue();
        var message = session().createMapMessage();
        message.setString("a", "x");
        session().createProducer(queue).send(message);
        assertThat(session().createConsumer(queue, "a = 'x'").receiveNoWait()).isNull();
        assertThat(session().createConsumer(queue, "a IS NULL").receive(SOON)).isNotNull();
    }

    @Section("3.8.1.3")
    @Test
    void theDeliveryModeIsAWord() throws JMSException {
        Queue queue = newQueue();
        var producer = session().createProducer(queue);
        producer.setDeliveryMode(jakarta.jms.DeliveryMode.NON_PERSISTENT);
        producer.send(session().createTextMessage("fast"));
        producer.setDeliveryMode(jakarta.jms.DeliveryMode.PERSISTENT);
        producer.send(session().createTextMessage("safe"));
        try (MessageConsumer safe = session().createConsumer(queue, "JMSDeliveryMode = 'PERSISTENT'");
                MessageConsumer fast = session().createConsumer(queue, "JMSDeliveryMode = 'NON_PERSISTENT'")) {
            assertThat(receiveText(safe)).isEqualTo("safe");
            assertThat(receiveText(fast)).isEqualTo("fast");
        }
    }
}
