package org.larchmq.tck.conformance.chapter7;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageFormatRuntimeException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.CompletionRecord;
import org.larchmq.tck.conformance.Section;

/** Sends with a completion listener. */
@Section("7.3")
class AsynchronousSendTest extends AgainstBroker {
    @Section("7.3.1")
    @Test
    void everyFormOfTheCallIsCompletedAndDelivered() throws Exception {
        Queue queue = newQueue();
        CompletionRecord record = new CompletionRecord();
        MessageProducer producer = session().createProducer(queue);
        MessageProducer anonymous = session().createProducer(null);
        producer.send(session().createTextMessage("1"), record);
        producer.send(session().createTextMessage("2"), DeliveryMode.PERSISTENT, 4, 0, record);
        anonymous.send(queue, session().createTextMessage("3"), record);
        anonymous.send(queue, session().createTextMessage("4"), DeliveryMode.PERSISTENT, 4, 0, record);
        Set<String> completed = new HashSet<>();
        for (int i = 0; i < 4; i++) {
            var completion = record.next();
            assertThat(completion.exception()).isNull();
            completed.add(text(completion.message()));
        }
        assertThat(completed).containsExactlyInAnyOrder("1", "2", "3", "4");
        assertHolds(queue, "1", "2", "3", "4");
    }

    @Section("7.3.1")
    @ParameterizedTest
    @ValueSource(ints = {DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT})
    void whenTheListenerIsCalledTheMessageIsThere(int mode) throws Exception {
        Queue queue = newQueue();
        MessageConsumer consumer = connect().createSession().createConsumer(queue);
        MessageProducer producer = session().createProducer(queue);
        CompletionRecord record = new CompletionRecord();
        for (int i = 0; i < 20; i++) {
            producer.send(session().createTextMessage("m" + i), mode, 4, 0, record);
            assertThat(record.next().exception()).isNull();
            assertThat(text(consumer.receiveNoWait())).isEqualTo("m" + i);
        }
    }

    @Section("7.3.1")
    @Test
    void aTopicIsSentToAsynchronously() throws Exception {
        Topic topic = newTopic();
        MessageConsumer consumer = session().createConsumer(topic);
        CompletionRecord record = new CompletionRecord();
        session().createProducer(topic).send(session().createTextMessage("one"), record);
        assertThat(record.next().exception()).isNull();
        assertThat(receiveText(consumer)).isEqualTo("one");
    }

    @Section("7.3.8")
    @Test
    void callbacksComeInTheOrderOfTheSendsOneAtATime() throws Exception {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        LinkedBlockingQueue<Integer> order = new LinkedBlockingQueue<>();
        AtomicInteger running = new AtomicInteger();
        AtomicBoolean overlapped = new AtomicBoolean();
        CompletionListener listener = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                if (running.incrementAndGet() > 1) overlapped.set(true);
                try {
                    order.add(message.getIntProperty("n"));
                } catch (JMSException e) {
                    order.add(-1);
                }
                Thread.yield();
                running.decrementAndGet();
            }

            @Override
            public void onException(Message message, Exception exception) {
                order.add(-2);
            }
        };
        for (int i = 0; i < 300; i++) {
            Message message = session().createMessage();
            message.setIntProperty("n", i);
            producer.send(message, i % 2 == 0 ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT, 4, 0, listener);
        }
        for (int i = 0; i < 300; i++) {
            assertThat(order.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo(i);
        }
        assertThat(overlapped).isFalse();
    }

    @Section("7.3.8")
    @Test
    void theListenerIsNotCalledByTheSendingThread() throws Exception {
        CompletionRecord record = new CompletionRecord();
        session().createProducer(newQueue()).send(session().createMessage(), record);
        assertThat(record.next().thread()).isNotSameAs(Thread.currentThread());
    }

    @Section("7.3.3")
    @Test
    void synchronousAndAsynchronousSendsKeepTheirOrder() throws Exception {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        CompletionRecord record = new CompletionRecord();
        for (int i = 0; i < 200; i++) {
            Message message = session().createMessage();
            message.setIntProperty("n", i);
            if (i % 7 == 0) producer.send(message);
            else producer.send(message, record);
        }
        MessageConsumer consumer = session().createConsumer(queue);
        for (int i = 0; i < 200; i++) {
            assertThat(consumer.receive(SOON).getIntProperty("n")).isEqualTo(i);
        }
    }

    @Section("7.3.6")
    @Test
    void theHeadersAreSetWhenTheListenerIsCalled() throws Exception {
        Queue queue = newQueue();
        CompletionRecord record = new CompletionRecord();
        Message message = session().createMessage();
        long before = System.currentTimeMillis();
        session().createProducer(queue).send(message, DeliveryMode.NON_PERSISTENT, 7, 100_000, record);
        Message completed = record.next().message();
        assertThat(completed).isSameAs(message);
        assertThat(completed.getJMSMessageID()).startsWith("ID:");
        assertThat(completed.getJMSDestination()).isEqualTo(queue);
        assertThat(completed.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(completed.getJMSPriority()).isEqualTo(7);
        assertThat(completed.getJMSTimestamp()).isBetween(before, System.currentTimeMillis());
        assertThat(completed.getJMSExpiration()).isEqualTo(completed.getJMSTimestamp() + 100_000);
    }

    @Section("7.3.2")
    @Test
    void aNullListenerIsAnIllegalArgument() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        MessageProducer anonymous = session().createProducer(null);
        Message message = session().createMessage();
        assertThatThrownBy(() -> producer.send(message, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> producer.send(message, DeliveryMode.PERSISTENT, 4, 0, null))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> anonymous.send(queue, message, null)).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> anonymous.send(queue, message, DeliveryMode.PERSISTENT, 4, 0, null))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Section("7.3.2")
    @Test
    void aNullMessageIsAMessageFormatException() throws JMSException {
        MessageProducer producer = session().createProducer(newQueue());
        assertThatThrownBy(() -> producer.send(null, new CompletionRecord()))
                .isInstanceOf(MessageFormatException.class);
    }

    @Section("7.3.2")
    @Test
    void aMissingOrSurplusDestinationIsRefused() throws JMSException {
        Queue queue = newQueue();
        MessageProducer producer = session().createProducer(queue);
        MessageProducer anonymous = session().createProducer(null);
        Message message = session().createMessage();
        CompletionRecord record = new CompletionRecord();
        assertThatThrownBy(() -> anonymous.send(message, record)).isInstanceOf(UnsupportedOperationException.class);
        assertThatThrownBy(() -> anonymous.send((Queue) null, message, record))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> producer.send(queue, message, record))
                .isInstanceOf(UnsupportedOperationException.class);
        assertThat(record.waiting()).isZero();
    }

    static Stream<Arguments> wrongOptions() {
        return Stream.of(Arguments.of(-1, 4), Arguments.of(3, 4), Arguments.of(1, -1), Arguments.of(2, 10));
    }

    @Section("7.3.2")
    @ParameterizedTest
    @MethodSource("wrongOptions")
    void aWrongModeOrPriorityIsReportedOnce(int mode, int priority) throws Exception {
        CompletionRecord record = new CompletionRecord();
        MessageProducer producer = session().createProducer(newQueue());
        boolean thrown = false;
        try {
            producer.send(session().createMessage(), mode, priority, 0, record);
        } catch (JMSException e) {
            thrown = true;
        }
        if (!thrown) assertThat(record.next().exception()).isInstanceOf(JMSException.class);
        producer.send(session().createMessage(), record);
        assertThat(record.next().exception()).as("told of the second send only").isNull();
    }

    @Section("7.3.2")
    @Test
    void aSendToAnEndedTemporaryQueueIsReported() throws Exception {
        Connection other = connect();
        Queue gone = other.createSession().createTemporaryQueue();
        MessageProducer producer = session().createProducer(null);
        producer.send(gone, session().createMessage());
        other.close();
        CompletionRecord record = new CompletionRecord();
        try {
            producer.send(gone, session().createMessage(), record);
        } catch (InvalidDestinationException thrown) {
            return;
        }
        assertThat(record.next().exception()).isInstanceOf(InvalidDestinationException.class);
    }

    static Stream<String> closings() {
        return Stream.of("producer", "session", "connection");
    }

    @Section("7.3.4")
    @ParameterizedTest
    @MethodSource("closings")
    void closeWaitsUntilEveryCallbackHasReturned(String what) throws Exception {
        Queue queue = newQueue();
        Connection connection = connect();
        Session session = connection.createSession();
        MessageProducer producer = session.createProducer(queue);
        AtomicInteger returned = new AtomicInteger();
        CompletionListener slow = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                Thread.yield();
                returned.incrementAndGet();
            }

            @Override
            public void onException(Message message, Exception exception) {
                returned.addAndGet(1_000);
            }
        };
        for (int i = 0; i < 100; i++) producer.send(session.createMessage(), slow);
        if (what.equals("producer")) producer.close();
        if (what.equals("session")) session.close();
        if (what.equals("connection")) connection.close();
        assertThat(returned).hasValue(100);
    }

    /** What happens when a callback calls this. */
    private String fromACallback(int mode, CallOnSession call) throws Exception {
        Connection connection = connect();
        Session session = connection.createSession(mode);
        MessageProducer producer = session.createProducer(newQueue());
        LinkedBlockingQueue<String> outcome = new LinkedBlockingQueue<>();
        producer.send(session.createMessage(), new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                try {
                    call.on(connection, session, producer);
                    outcome.add("done");
                } catch (JMSException e) {
                    outcome.add(e.getClass().getSimpleName());
                }
            }

            @Override
            public void onException(Message message, Exception exception) {
                outcome.add(exception.toString());
            }
        });
        return outcome.poll(SOON, TimeUnit.MILLISECONDS);
    }

    @FunctionalInterface
    private interface CallOnSession {
        void on(Connection connection, Session session, MessageProducer producer) throws JMSException;
    }

    @Section("7.3.4")
    @Test
    void closingFromACallbackIsAnIllegalState() throws Exception {
        int auto = Session.AUTO_ACKNOWLEDGE;
        assertThat(fromACallback(auto, (c, s, p) -> c.close())).isEqualTo("IllegalStateException");
        assertThat(fromACallback(auto, (c, s, p) -> s.close())).isEqualTo("IllegalStateException");
        assertThat(fromACallback(auto, (c, s, p) -> p.close())).isEqualTo("IllegalStateException");
    }

    @Section("7.3.4")
    @Test
    void committingFromACallbackIsAnIllegalState() throws Exception {
        Connection connection = connect();
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        List<String> outcomes = new ArrayList<>();
        CompletionListener listener = new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                for (CallOnSession call : new CallOnSession[] {(c, s, p) -> s.commit(), (c, s, p) -> s.rollback()}) {
                    try {
                        call.on(connection, session, null);
                        outcomes.add("done");
                    } catch (JMSException e) {
                        outcomes.add(e.getClass().getSimpleName());
                    }
                }
            }

            @Override
            public void onException(Message message, Exception exception) {
                outcomes.add(exception.toString());
            }
        };
        session.createProducer(newQueue()).send(session.createMessage(), listener);
        session.commit();
        assertThat(outcomes).containsExactly("IllegalStateException", "IllegalStateException");
    }

    @Section("7.3.4")
    @Test
    void closingAContextFromACallbackIsAnIllegalStateButStoppingItIsNot() throws Exception {
        JMSContext context = context();
        LinkedBlockingQueue<String> outcome = new LinkedBlockingQueue<>();
        JMSProducer producer = context.createProducer().setAsync(new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                for (Runnable call : new Runnable[] {context::close, context::stop}) {
                    try {
                        call.run();
                        outcome.add("done");
                    } catch (RuntimeException e) {
                        outcome.add(e.getClass().getSimpleName());
                    }
                }
            }

            @Override
            public void onException(Message message, Exception exception) {
                outcome.add(exception.toString());
            }
        });
        producer.send(newQueue(), "x");
        assertThat(outcome.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("IllegalStateRuntimeException");
        assertThat(outcome.poll(SOON, TimeUnit.MILLISECONDS)).isEqualTo("done");
    }

    @Test
    void aContextSendsAsynchronouslyWhenItsProducerIsToldTo() throws Exception {
        Queue queue = newQueue();
        JMSContext context = context();
        CompletionRecord record = new CompletionRecord();
        JMSProducer producer = context.createProducer();
        assertThat(producer.getAsync()).isNull();
        producer.setAsync(record);
        assertThat(producer.getAsync()).isSameAs(record);
        producer.send(queue, "one");
        assertThat(text(record.next().message())).isEqualTo("one");
        producer.setAsync(null);
        producer.send(queue, "two");
        assertThat(record.waiting()).isZero();
        assertHolds(queue, "one", "two");
    }

    @Section("7.3.2")
    @Test
    void aContextReportsWhatIsWrongWithACallUnchecked() {
        JMSProducer producer = context().createProducer().setAsync(new CompletionRecord());
        assertThatThrownBy(() -> producer.send(null, "x")).isInstanceOf(InvalidDestinationRuntimeException.class);
        assertThatThrownBy(() -> producer.send(newQueue(), (Message) null))
                .isInstanceOf(MessageFormatRuntimeException.class);
    }

    @Section("7.3.7")
    @Test
    void theSendingThreadGoesOnUsingTheSession() throws Exception {
        Queue queue = newQueue();
        CompletionRecord record = new CompletionRecord();
        MessageProducer producer = session().createProducer(queue);
        MessageConsumer consumer = session().createConsumer(queue);
        for (int i = 0; i < 20; i++) {
            producer.send(session().createTextMessage("m" + i), record);
            assertThat(receiveText(consumer)).isEqualTo("m" + i);
        }
        for (int i = 0; i < 20; i++) assertThat(record.next().exception()).isNull();
    }
}
