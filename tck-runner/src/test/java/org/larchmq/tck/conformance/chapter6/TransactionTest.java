package org.larchmq.tck.conformance.chapter6;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.CompletionRecord;
import org.larchmq.tck.conformance.Section;

/** Transacted sessions: all of a unit or nothing. */
@Section("6.2.7")
class TransactionTest extends AgainstBroker {
    private Session transacted() throws JMSException {
        return connection().createSession(Session.SESSION_TRANSACTED);
    }

    @ParameterizedTest
    @ValueSource(ints = {DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT})
    void whatIsSentAppearsWhenItIsCommitted(int mode) throws JMSException {
        Queue queue = newQueue();
        Session session = transacted();
        MessageProducer producer = session.createProducer(queue);
        producer.setDeliveryMode(mode);
        MessageConsumer consumer = session().createConsumer(queue);
        producer.send(session.createTextMessage("one"));
        producer.send(session.createTextMessage("two"));
        assertThat(consumer.receiveNoWait()).isNull();
        session.commit();
        assertThat(receiveText(consumer)).isEqualTo("one");
        assertThat(receiveText(consumer)).isEqualTo("two");
    }

    @ParameterizedTest
    @ValueSource(ints = {DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT})
    void whatIsSentAndRolledBackNeverAppears(int mode) throws JMSException {
        Queue queue = newQueue();
        Session session = transacted();
        MessageProducer producer = session.createProducer(queue);
        producer.setDeliveryMode(mode);
        producer.send(session.createTextMessage("never"));
        session.rollback();
        producer.send(session.createTextMessage("committed"));
        session.commit();
        assertHolds(queue, "committed");
    }

    @Test
    void whatIsPublishedAppearsWhenItIsCommitted() throws JMSException {
        Topic topic = newTopic();
        MessageConsumer subscriber = session().createConsumer(topic);
        Session session = transacted();
        MessageProducer producer = session.createProducer(topic);
        producer.send(session.createTextMessage("never"));
        session.rollback();
        producer.send(session.createTextMessage("one"));
        assertThat(subscriber.receiveNoWait()).isNull();
        session.commit();
        assertThat(receiveText(subscriber)).isEqualTo("one");
    }

    @Test
    void whatIsConsumedAndCommittedIsGone() throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one", "two");
        Session session = transacted();
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(receiveText(consumer)).isEqualTo("one");
        session.commit();
        session.close();
        assertHolds(queue, "two");
    }

    @Test
    void whatIsConsumedAndRolledBackComesAgainInOrderAndFlagged() throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one", "two", "three");
        Session session = transacted();
        MessageConsumer consumer = session.createConsumer(queue);
        for (int delivery = 1; delivery <= 3; delivery++) {
            for (String text : new String[] {"one", "two"}) {
                Message message = consumer.receive(SOON);
                assertThat(text(message)).isEqualTo(text);
                assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(delivery);
                assertThat(message.getJMSRedelivered()).isEqualTo(delivery > 1);
            }
            session.rollback();
        }
        for (String text : new String[] {"one", "two", "three"})
            assertThat(receiveText(consumer)).isEqualTo(text);
        session.commit();
    }

    @Test
    void whatATopicConsumerRolledBackComesAgain() throws JMSException {
        Topic topic = newTopic();
        Session session = transacted();
        MessageConsumer consumer = session.createConsumer(topic);
        sendTexts(topic, "one");
        assertThat(receiveText(consumer)).isEqualTo("one");
        session.rollback();
        Message again = consumer.receive(SOON);
        assertThat(text(again)).isEqualTo("one");
        assertThat(again.getJMSRedelivered()).isTrue();
        session.commit();
        assertThat(consumer.receiveNoWait()).isNull();
    }

    @Test
    void oneTransactionCoversSeveralDestinationsInBothDirections() throws JMSException {
        Queue in = newQueue();
        Queue out = newQueue();
        Topic topic = newTopic();
        MessageConsumer subscriber = session().createConsumer(topic);
        sendTexts(in, "request");
        Session session = transacted();
        MessageConsumer consumer = session.createConsumer(in);
        MessageProducer producer = session.createProducer(null);
        for (int attempt = 0; attempt < 2; attempt++) {
            assertThat(receiveText(consumer)).isEqualTo("request");
            producer.send(out, session.createTextMessage("answer"));
            producer.send(topic, session.createTextMessage("event"));
            if (attempt == 0) session.rollback();
        }
        assertThat(subscriber.receiveNoWait()).isNull();
        session.commit();
        session.close();
        assertHolds(out, "answer");
        assertThat(receiveText(subscriber)).isEqualTo("event");
        assertThat(subscriber.receiveNoWait()).isNull();
        assertHolds(in);
    }

    @Test
    void aCommitBeginsTheNextTransaction() throws JMSException {
        Queue queue = newQueue();
        Session session = transacted();
        MessageProducer producer = session.createProducer(queue);
        for (int i = 0; i < 5; i++) {
            producer.send(session.createTextMessage("m" + i));
            if (i % 2 == 0) session.commit();
            else session.rollback();
        }
        assertHolds(queue, "m0", "m2", "m4");
    }

    @Test
    void commitAndRollbackOfNothingDoNothing() throws JMSException {
        Session session = transacted();
        session.commit();
        session.rollback();
        session.commit();
    }

    @Section("10.3")
    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.CLIENT_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE})
    void commitAndRollbackWithoutTransactionsAreAnIllegalState(int mode) throws JMSException {
        Session session = connection().createSession(mode);
        assertThatThrownBy(session::commit).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(session::rollback).isInstanceOf(IllegalStateException.class);
        JMSContext context = context(mode);
        assertThatThrownBy(context::commit).isInstanceOf(IllegalStateRuntimeException.class);
        assertThatThrownBy(context::rollback).isInstanceOf(IllegalStateRuntimeException.class);
    }

    @Section("6.2.15")
    @Test
    void closingTheSessionRollsBack() throws JMSException {
        Queue in = newQueue();
        Queue out = newQueue();
        sendTexts(in, "one");
        Session session = transacted();
        assertThat(receiveText(session.createConsumer(in))).isEqualTo("one");
        session.createProducer(out).send(session.createTextMessage("never"));
        session.close();
        assertHolds(in, "one");
        assertHolds(out);
    }

    @Test
    void aCommitAfterTheProducerAndConsumerWereClosedCoversTheirWork() throws JMSException {
        Queue in = newQueue();
        Queue out = newQueue();
        sendTexts(in, "one");
        Session session = transacted();
        try (MessageConsumer consumer = session.createConsumer(in);
                MessageProducer producer = session.createProducer(out)) {
            consumer.receive(SOON);
            producer.send(session.createTextMessage("answer"));
        }
        session.commit();
        session.close();
        assertHolds(in);
        assertHolds(out, "answer");
    }

    @Test
    void aTransactionOfManyMessagesIsWhole() throws JMSException {
        Queue queue = newQueue();
        Session session = transacted();
        MessageProducer producer = session.createProducer(queue);
        String filler = "x".repeat(5_000);
        for (int i = 0; i < 500; i++) {
            Message message = session.createTextMessage(filler);
            message.setIntProperty("n", i);
            producer.send(message);
        }
        MessageConsumer consumer = session().createConsumer(queue);
        assertThat(consumer.receiveNoWait()).isNull();
        session.commit();
        for (int i = 0; i < 500; i++)
            assertThat(consumer.receive(SOON).getIntProperty("n")).isEqualTo(i);
    }

    @Test
    void aMessageSentInATransactionCannotBeReceivedInIt() throws JMSException {
        Queue queue = newQueue();
        Session session = transacted();
        MessageConsumer consumer = session.createConsumer(queue);
        session.createProducer(queue).send(session.createTextMessage("one"));
        assertThat(consumer.receiveNoWait()).isNull();
        session.commit();
        assertThat(receiveText(consumer)).isEqualTo("one");
        session.commit();
    }

    @Test
    void twoTransactionsDoNotSeeOrDisturbEachOther() throws JMSException {
        Queue queue = newQueue();
        sendTexts(queue, "one", "two");
        Session first = closeLater(factory("prefetch=1").createConnection()).createSession(true, 0);
        Connection connection = closeLater(factory("prefetch=0").createConnection());
        connection.start();
        Session a = connection.createSession(true, 0);
        Session b = connection.createSession(true, 0);
        MessageConsumer consumerA = a.createConsumer(queue);
        MessageConsumer consumerB = b.createConsumer(queue);
        List<String> seen = new ArrayList<>();
        seen.add(receiveText(consumerA));
        seen.add(receiveText(consumerB));
        assertThat(seen).containsExactlyInAnyOrder("one", "two");
        a.commit();
        b.rollback();
        a.close();
        b.close();
        first.close();
        assertHolds(queue, seen.get(1));
    }

    @Section("7.8")
    @Test
    void timesOfATransactedSendCountFromTheSend() throws JMSException {
        Queue queue = newQueue();
        Session session = transacted();
        Message message = session.createMessage();
        long before = System.currentTimeMillis();
        session.createProducer(queue).send(message, DeliveryMode.PERSISTENT, 4, 100_000);
        long after = System.currentTimeMillis();
        while (System.currentTimeMillis() <= after + 5) Thread.onSpinWait();
        session.commit();
        Message received = session().createConsumer(queue).receive(SOON);
        assertThat(received.getJMSTimestamp()).isBetween(before, after);
        assertThat(received.getJMSExpiration()).isBetween(before + 100_000, after + 100_000);
    }

    @Test
    void aContextCommitsAndRollsBack() throws JMSException {
        Queue in = newQueue();
        Queue out = newQueue();
        sendTexts(in, "one");
        JMSContext context = context(JMSContext.SESSION_TRANSACTED);
        JMSConsumer consumer = context.createConsumer(in);
        assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("one");
        context.createProducer().send(out, "never");
        context.rollback();
        Message again = consumer.receive(SOON);
        assertThat(again.getJMSRedelivered()).isTrue();
        context.createProducer().send(out, "answer");
        context.commit();
        context.close();
        assertHolds(in);
        assertHolds(out, "answer");
    }

    @Test
    void aListenerMayCommitAndRollBackItsOwnSession() throws Exception {
        Queue queue = newQueue();
        Connection connection = closeLater(factory().createConnection());
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        CountDownLatch committed = new CountDownLatch(1);
        session.createConsumer(queue).setMessageListener(message -> {
            try {
                if (message.getIntProperty("JMSXDeliveryCount") == 1) {
                    session.rollback();
                } else {
                    session.commit();
                    committed.countDown();
                }
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        connection.start();
        sendTexts(queue, "one");
        assertThat(committed.await(SOON, TimeUnit.MILLISECONDS)).isTrue();
        connection.close();
        assertHolds(queue);
    }

    @Section("7.3.4")
    @Test
    void aCommitWaitsForAsynchronousSends() throws Exception {
        Queue queue = newQueue();
        Session session = transacted();
        MessageProducer producer = session.createProducer(queue);
        CompletionRecord record = new CompletionRecord();
        for (int i = 0; i < 10; i++) producer.send(session.createTextMessage("m" + i), record);
        session.commit();
        assertThat(record.waiting()).isEqualTo(10);
        for (int i = 0; i < 10; i++) {
            assertThat(text(record.next().message())).isEqualTo("m" + i);
        }
        assertHolds(queue, "m0", "m1", "m2", "m3", "m4", "m5", "m6", "m7", "m8", "m9");
    }

    @Section("7.3.4")
    @Test
    void aRollbackWaitsForAsynchronousSendsAndDropsThem() throws Exception {
        Queue queue = newQueue();
        Session session = transacted();
        MessageProducer producer = session.createProducer(queue);
        CompletionRecord record = new CompletionRecord();
        for (int i = 0; i < 10; i++) producer.send(session.createTextMessage("m" + i), record);
        session.rollback();
        assertThat(record.waiting()).isEqualTo(10);
        assertHolds(queue);
    }
}
