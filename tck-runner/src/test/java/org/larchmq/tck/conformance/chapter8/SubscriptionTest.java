package org.larchmq.tck.conformance.chapter8;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.IllegalStateRuntimeException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.InvalidDestinationRuntimeException;
import jakarta.jms.InvalidSelectorException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSRuntimeException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.tck.conformance.AgainstBroker;
import org.larchmq.tck.conformance.Section;

/** The four kinds of subscriptions. */
@Section("8.3")
class SubscriptionTest extends AgainstBroker {
    /** A started connection with a client identifier of its own. */
    private Connection withClientId(String id) throws JMSException {
        Connection connection = closeLater(factory("clientId=" + id).createConnection());
        connection.start();
        return connection;
    }

    private Session clientSession() throws JMSException {
        return withClientId(newName()).createSession();
    }

    /** Checks that a consumer gets these texts, in this order, and nothing else. */
    private static void assertGets(MessageConsumer consumer, String... texts) throws JMSException {
        for (String text : texts) assertThat(receiveText(consumer)).isEqualTo(text);
        assertThat(text(consumer.receiveNoWait())).as("a surplus message").isNull();
    }

    // Unshared, non-durable.

    @Section("8.3.1")
    @Test
    void everySubscriberGetsEveryMessage() throws JMSException {
        Topic topic = newTopic();
        MessageConsumer[] subscribers = new MessageConsumer[3];
        for (int i = 0; i < 3; i++) subscribers[i] = session().createConsumer(topic);
        sendTexts(topic, "one", "two");
        for (MessageConsumer subscriber : subscribers) assertGets(subscriber, "one", "two");
    }

    @Section("8.3.1")
    @Test
    void aSubscriberGetsWhatIsPublishedWhileItExists() throws JMSException {
        Topic topic = newTopic();
        sendTexts(topic, "before");
        MessageConsumer subscriber = session().createConsumer(topic);
        sendTexts(topic, "during");
        assertGets(subscriber, "during");
        subscriber.close();
        sendTexts(topic, "after");
        assertGets(session().createConsumer(topic));
    }

    @Section("8.3.1")
    @Test
    void aSubscriberWithASelectorGetsWhatMatches() throws JMSException {
        Topic topic = newTopic();
        MessageConsumer subscriber = session().createConsumer(topic, "n > 2");
        publishNumbers(topic, 5);
        assertGets(subscriber, "3", "4");
    }

    private void publishNumbers(Topic topic, int count) throws JMSException {
        publishNumbers(session(), topic, count);
    }

    private static void publishNumbers(Session session, Topic topic, int count) throws JMSException {
        try (MessageProducer producer = session.createProducer(topic)) {
            for (int i = 0; i < count; i++) {
                Message message = session.createTextMessage("" + i);
                message.setIntProperty("n", i);
                producer.send(message);
            }
        }
    }

    @Section("8.3.1")
    @Test
    void noLocalKeepsTheConnectionsOwnMessagesOut() throws JMSException {
        Topic topic = newTopic();
        Session own = connection().createSession();
        MessageConsumer noLocal = own.createConsumer(topic, null, true);
        MessageConsumer local = own.createConsumer(topic, null, false);
        sendTexts(topic, "own");
        Session other = connect().createSession();
        other.createProducer(topic).send(other.createTextMessage("other's"));
        assertGets(noLocal, "other's");
        assertGets(local, "own", "other's");
    }

    @Section("8.3.1")
    @Test
    void aTopicSubscriberTellsItsTopicAndNoLocal() throws JMSException {
        Topic topic = newTopic();
        var session = closeLater(factory().createTopicConnection()).createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        TopicSubscriber subscriber = session.createSubscriber(topic, "a = 1", true);
        assertThat(subscriber.getTopic()).isEqualTo(topic);
        assertThat(subscriber.getNoLocal()).isTrue();
        assertThat(subscriber.getMessageSelector()).isEqualTo("a = 1");
        assertThat(session.createSubscriber(topic).getNoLocal()).isFalse();
    }

    // Unshared, durable.

    @Section("8.3.3")
    @Test
    void aDurableSubscriptionKeepsWhatIsPublishedWhileItIsInactive() throws JMSException {
        Topic topic = newTopic();
        Session session = clientSession();
        session.createDurableConsumer(topic, "s").close();
        sendTexts(topic, "one", "two");
        MessageConsumer consumer = session.createDurableConsumer(topic, "s");
        assertThat(receiveText(consumer)).isEqualTo("one");
        assertThat(receiveText(consumer)).isEqualTo("two");
        sendTexts(topic, "three");
        assertThat(receiveText(consumer)).isEqualTo("three");
    }

    @Section("8.3.3")
    @Test
    void aDurableSubscriptionOutlivesItsConnection() throws JMSException {
        Topic topic = newTopic();
        String id = newName();
        Connection first = withClientId(id);
        first.createSession().createDurableConsumer(topic, "s");
        first.close();
        sendTexts(topic, "one");
        assertThat(receiveText(withClientId(id).createSession().createDurableConsumer(topic, "s")))
                .isEqualTo("one");
    }

    @Section("8.3.3")
    @Test
    void anAcknowledgedMessageOfADurableSubscriptionDoesNotComeAgain() throws JMSException {
        Topic topic = newTopic();
        Session session = clientSession();
        MessageConsumer consumer = session.createDurableConsumer(topic, "s");
        sendTexts(topic, "one", "two");
        assertThat(receiveText(consumer)).isEqualTo("one");
        consumer.close();
        assertGets(session.createDurableConsumer(topic, "s"), "two");
    }

    @Section("8.3.3")
    @Test
    void anUnacknowledgedMessageOfADurableSubscriptionIsRedelivered() throws JMSException {
        Topic topic = newTopic();
        String id = newName();
        Connection connection = withClientId(id);
        MessageConsumer consumer =
                connection.createSession(Session.CLIENT_ACKNOWLEDGE).createDurableConsumer(topic, "s");
        sendTexts(topic, "one");
        assertThat(receiveText(consumer)).isEqualTo("one");
        connection.close();
        Message again = withClientId(id)
                .createSession()
                .createDurableConsumer(topic, "s")
                .receive(SOON);
        assertThat(text(again)).isEqualTo("one");
        assertThat(again.getJMSRedelivered()).isTrue();
    }

    @Section("8.3.3")
    @Test
    void aDurableSubscriptionHasOneConsumerAtATime() throws JMSException {
        Topic topic = newTopic();
        Session session = clientSession();
        MessageConsumer consumer = session.createDurableConsumer(topic, "s");
        assertThatThrownBy(() -> session.createDurableConsumer(topic, "s")).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> session.createDurableSubscriber(topic, "s")).isInstanceOf(JMSException.class);
        consumer.close();
        session.createDurableConsumer(topic, "s");
    }

    @Section("8.3.3")
    @Test
    void anUnsharedDurableSubscriptionNeedsAClientIdentifier() throws JMSException {
        Topic topic = newTopic();
        assertThatThrownBy(() -> session().createDurableConsumer(topic, "s")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> session().createDurableConsumer(topic, "s", "a = 1", true))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> session().createDurableSubscriber(topic, "s"))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> session().createDurableSubscriber(topic, "s", "a = 1", true))
                .isInstanceOf(IllegalStateException.class);
        JMSContext context = context();
        assertThatThrownBy(() -> context.createDurableConsumer(topic, "s"))
                .isInstanceOf(IllegalStateRuntimeException.class);
        assertThatThrownBy(() -> context.createDurableConsumer(topic, "s", "a = 1", true))
                .isInstanceOf(IllegalStateRuntimeException.class);
    }

    @Section("8.3.3")
    @Test
    void subscriptionsOfOneNameAndTwoClientsAreTwo() throws JMSException {
        Topic topic = newTopic();
        MessageConsumer one = clientSession().createDurableConsumer(topic, "s");
        MessageConsumer two = clientSession().createDurableConsumer(topic, "s");
        sendTexts(topic, "m");
        assertGets(one, "m");
        assertGets(two, "m");
    }

    enum Change {
        SELECTOR,
        NO_LOCAL,
        TOPIC
    }

    @Section("8.3.3")
    @ParameterizedTest
    @EnumSource(Change.class)
    void aChangedSubscriptionIsANewEmptyOne(Change change) throws JMSException {
        Topic topic = newTopic();
        Topic otherTopic = newTopic();
        Session session = clientSession();
        session.createDurableConsumer(topic, "s", "n >= 0", false).close();
        publishNumbers(topic, 2);
        MessageConsumer changed = switch (change) {
            case SELECTOR -> session.createDurableConsumer(topic, "s", "n > -1", false);
            case NO_LOCAL -> session.createDurableConsumer(topic, "s", "n >= 0", true);
            case TOPIC -> session.createDurableConsumer(otherTopic, "s", "n >= 0", false);
        };
        assertGets(changed);
        publishNumbers(change == Change.TOPIC ? otherTopic : topic, 3);
        assertGets(changed, "0", "1", "2");
    }

    @Section("8.3.3")
    @Test
    void aDurableSubscriptionWithASelectorKeepsWhatMatches() throws JMSException {
        Topic topic = newTopic();
        Session session = clientSession();
        session.createDurableConsumer(topic, "s", "n = 1", false).close();
        publishNumbers(topic, 3);
        assertGets(session.createDurableConsumer(topic, "s", "n = 1", false), "1");
    }

    @Section("8.3.3")
    @Test
    void noLocalOfADurableSubscriptionKeepsTheClientsOwnMessagesOut() throws JMSException {
        Topic topic = newTopic();
        Connection connection = withClientId(newName());
        Session session = connection.createSession();
        MessageConsumer consumer = session.createDurableConsumer(topic, "s", null, true);
        session.createProducer(topic).send(session.createTextMessage("own"));
        sendTexts(topic, "other's");
        assertGets(consumer, "other's");
    }

    @Section("8.3.3")
    @Test
    void theDurableSubscriptionsOfASessionAreIndependentAndEndWithWhatTheyHaveNotDelivered() throws JMSException {
        Topic topic = newTopic();
        Session session = clientSession();
        MessageConsumer noLocal = session.createDurableSubscriber(topic, "noLocal", "", true);
        MessageConsumer selective = session.createDurableSubscriber(topic, "selective", "n = 1", false);
        MessageConsumer all = session.createDurableSubscriber(topic, "all");
        publishNumbers(session, topic, 2);
        assertThat(noLocal.receive(50)).isNull();
        assertGets(all, "0", "1");
        assertGets(selective, "1");
        publishNumbers(topic, 2);
        assertGets(noLocal, "0", "1");
        for (MessageConsumer consumer : List.of(noLocal, selective, all)) consumer.close();
        for (String name : List.of("noLocal", "selective", "all")) {
            session.unsubscribe(name);
            assertGets(session.createDurableSubscriber(topic, name));
        }
    }

    @Section("8.3.3")
    @Test
    void unsubscribeDeletesASubscription() throws JMSException {
        Topic topic = newTopic();
        Session session = clientSession();
        session.createDurableConsumer(topic, "s").close();
        sendTexts(topic, "one");
        session.unsubscribe("s");
        assertGets(session.createDurableConsumer(topic, "s"));
    }

    @Section("8.3.3")
    @Test
    void anUnknownSubscriptionCannotBeUnsubscribed() throws JMSException {
        Session session = clientSession();
        assertThatThrownBy(() -> session.unsubscribe("unknown")).isInstanceOf(InvalidDestinationException.class);
        JMSContext context = closeLater(factory("clientId=" + newName()).createContext());
        assertThatThrownBy(() -> context.unsubscribe("unknown")).isInstanceOf(InvalidDestinationRuntimeException.class);
    }

    @Section("8.3.4")
    @Test
    void anUnknownSubscriptionCannotBeUnsubscribedWithoutAClientIdentifierEither() {
        assertThatThrownBy(() -> session().unsubscribe("unknown")).isInstanceOf(InvalidDestinationException.class);
        JMSContext context = context();
        assertThatThrownBy(() -> context.unsubscribe("unknown")).isInstanceOf(InvalidDestinationRuntimeException.class);
    }

    @Section("8.3.3")
    @Test
    void aSubscriptionWithAConsumerCannotBeUnsubscribed() throws JMSException {
        Topic topic = newTopic();
        Session session = clientSession();
        MessageConsumer consumer = session.createDurableConsumer(topic, "s");
        assertThatThrownBy(() -> session.unsubscribe("s")).isInstanceOf(JMSException.class);
        consumer.close();
        session.unsubscribe("s");
    }

    @Section("8.3.3")
    @Test
    void aSubscriptionWithAnUndecidedMessageCannotBeUnsubscribed() throws JMSException {
        Topic topic = newTopic();
        Connection connection = withClientId(newName());
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = session.createDurableConsumer(topic, "s");
        sendTexts(topic, "one");
        assertThat(receiveText(consumer)).isEqualTo("one");
        consumer.close();
        assertThatThrownBy(() -> session.unsubscribe("s")).isInstanceOf(JMSException.class);
        session.commit();
        session.unsubscribe("s");
    }

    @Section("8.3.3")
    @Test
    void aDurableSubscriberIsADurableConsumer() throws JMSException {
        Topic topic = newTopic();
        Session session = clientSession();
        TopicSubscriber subscriber = session.createDurableSubscriber(topic, "s", "n > 0", true);
        assertThat(subscriber.getTopic()).isEqualTo(topic);
        assertThat(subscriber.getNoLocal()).isTrue();
        subscriber.close();
        publishNumbers(topic, 2);
        assertGets(session.createDurableConsumer(topic, "s", "n > 0", true), "1");
    }

    @Section("8.3.3")
    @Test
    void aContextHasDurableConsumers() throws JMSException {
        Topic topic = newTopic();
        JMSContext context = closeLater(factory("clientId=" + newName()).createContext());
        context.createDurableConsumer(topic, "s").close();
        sendTexts(topic, "one");
        JMSConsumer consumer = context.createDurableConsumer(topic, "s");
        assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("one");
        assertThatThrownBy(() -> context.createDurableConsumer(topic, "s")).isInstanceOf(JMSRuntimeException.class);
        consumer.close();
        context.unsubscribe("s");
    }

    // Shared, non-durable.

    @Section("8.3.2")
    @Test
    void theConsumersOfASharedSubscriptionShareItsMessages() throws JMSException {
        Topic topic = newTopic();
        MessageConsumer one = session().createSharedConsumer(topic, "shared");
        MessageConsumer two = connect().createSession().createSharedConsumer(topic, "shared");
        MessageConsumer all = session().createConsumer(topic);
        String[] texts = new String[40];
        for (int i = 0; i < texts.length; i++) texts[i] = "m" + i;
        sendTexts(topic, texts);
        List<String> seen = new ArrayList<>();
        while (seen.size() < texts.length) {
            int before = seen.size();
            for (MessageConsumer consumer : new MessageConsumer[] {one, two}) {
                Message message = consumer.receive(seen.size() == before ? 200 : 1);
                if (message != null) seen.add(text(message));
            }
            assertThat(seen).as("some of the messages come to nobody").hasSizeGreaterThan(before);
        }
        assertThat(seen).containsExactlyInAnyOrder(texts);
        assertGets(all, texts);
    }

    @Section("8.3.2")
    @Test
    void twoConsumersOfOneSessionEachFindAMessageOfASharedSubscription() throws JMSException {
        Topic topic = newTopic();
        String name = newName();
        MessageConsumer one = session().createSharedConsumer(topic, name);
        MessageConsumer two = session().createSharedConsumer(topic, name);
        sendTexts(topic, "1", "2");
        assertThat(one.receive(SOON)).isNotNull();
        assertThat(two.receive(SOON)).isNotNull();
    }

    @Section("8.3.2")
    @ParameterizedTest
    @ValueSource(strings = {"", "n = 2"})
    void aMessageOfASharedSubscriptionIsForTheConsumerThatAsksForIt(String selector) throws JMSException {
        int published = selector.isEmpty() ? 1 : 3;
        Topic topic = newTopic();
        String name = newName();
        MessageConsumer one = session().createSharedConsumer(topic, name, selector);
        MessageConsumer two = session().createSharedConsumer(topic, name, selector);
        assertWhoAsksGetsIt(topic, published, one, two);
    }

    /** Publishes numbers, of which one comes to the two consumers; each of them asks twice as the first, in vain else. */
    private void assertWhoAsksGetsIt(Topic topic, int published, MessageConsumer one, MessageConsumer two)
            throws JMSException {
        for (MessageConsumer first : List.of(one, two, two, one)) {
            publishNumbers(topic, published);
            assertThat(receiveText(first)).isEqualTo("" + (published - 1));
            assertThat((first == one ? two : one).receive(50)).isNull();
        }
    }

    @Section("8.3.2")
    @Test
    void aSharedSubscriptionEndsWithItsLastConsumer() throws JMSException {
        Topic topic = newTopic();
        String name = newName();
        MessageConsumer one = session().createSharedConsumer(topic, name);
        MessageConsumer two = session().createSharedConsumer(topic, name);
        one.close();
        sendTexts(topic, "kept");
        assertGets(two, "kept");
        two.close();
        sendTexts(topic, "lost");
        assertGets(session().createSharedConsumer(topic, name));
    }

    @Section("8.3.2")
    @Test
    void anActiveSharedSubscriptionCannotBeChanged() throws JMSException {
        Topic topic = newTopic();
        Topic other = newTopic();
        String name = newName();
        MessageConsumer consumer = session().createSharedConsumer(topic, name, "n > 0");
        assertThatThrownBy(() -> session().createSharedConsumer(topic, name)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> session().createSharedConsumer(topic, name, "n > 1"))
                .isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> session().createSharedConsumer(other, name, "n > 0"))
                .isInstanceOf(JMSException.class);
        session().createSharedConsumer(topic, name, "n > 0").close();
        consumer.close();
        session().createSharedConsumer(other, name);
    }

    @Section("8.3.2")
    @Test
    void sharedSubscriptionsOfTwoClientIdentifiersAreTwo() throws JMSException {
        Topic topic = newTopic();
        String name = newName();
        MessageConsumer[] consumers = {
            session().createSharedConsumer(topic, name),
            clientSession().createSharedConsumer(topic, name),
            clientSession().createSharedConsumer(topic, name)
        };
        sendTexts(topic, "m");
        for (MessageConsumer consumer : consumers) assertGets(consumer, "m");
    }

    @Section("8.3.2")
    @Test
    void aSharedAndADurableSubscriptionMayHaveOneName() throws JMSException {
        Topic topic = newTopic();
        Session session = clientSession();
        MessageConsumer shared = session.createSharedConsumer(topic, "s");
        MessageConsumer durable = session.createDurableConsumer(topic, "s");
        sendTexts(topic, "m");
        assertGets(shared, "m");
        assertGets(durable, "m");
    }

    @Section("8.3.2")
    @Test
    void aContextHasSharedConsumers() throws JMSException {
        Topic topic = newTopic();
        String name = newName();
        JMSContext context = context();
        JMSConsumer consumer = context.createSharedConsumer(topic, name, "n = 1");
        publishNumbers(topic, 3);
        assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("1");
        assertThatThrownBy(() -> context.createSharedConsumer(topic, name)).isInstanceOf(JMSRuntimeException.class);
    }

    // Shared, durable.

    @Section("8.3.4")
    @Test
    void aSharedDurableSubscriptionNeedsNoClientIdentifierAndKeepsMessages() throws JMSException {
        Topic topic = newTopic();
        String name = newName();
        session().createSharedDurableConsumer(topic, name).close();
        sendTexts(topic, "one", "two");
        Connection other = connect();
        MessageConsumer consumer = other.createSession().createSharedDurableConsumer(topic, name);
        assertGets(consumer, "one", "two");
        consumer.close();
        session().unsubscribe(name);
    }

    @Section("8.3.4")
    @Test
    void theConsumersOfASharedDurableSubscriptionShareItsMessages() throws JMSException {
        Topic topic = newTopic();
        String name = newName();
        MessageConsumer one = session().createSharedDurableConsumer(topic, name);
        MessageConsumer two = session().createSharedDurableConsumer(topic, name);
        sendTexts(topic, "1", "2");
        assertThat(one.receive(SOON)).isNotNull();
        assertThat(two.receive(SOON)).isNotNull();
        assertThat(one.receiveNoWait()).isNull();
        assertThat(two.receiveNoWait()).isNull();
    }

    @Section("8.3.4")
    @ParameterizedTest
    @ValueSource(strings = {"", "n = 2"})
    void aMessageOfASharedDurableSubscriptionIsForTheConsumerThatAsksForIt(String selector) throws JMSException {
        int published = selector.isEmpty() ? 1 : 3;
        Topic topic = newTopic();
        String name = newName();
        MessageConsumer one = session().createSharedDurableConsumer(topic, name, selector);
        MessageConsumer two = session().createSharedDurableConsumer(topic, name, selector);
        assertWhoAsksGetsIt(topic, published, one, two);
        one.close();
        publishNumbers(topic, published);
        assertThat(receiveText(two)).isEqualTo("" + (published - 1));
        assertGets(session().createSharedDurableConsumer(topic, name, selector));
        assertGets(two);
    }

    @Section("8.3.4")
    @Test
    void anActiveSharedDurableSubscriptionCannotBeChangedAndAnInactiveOneBeginsAnew() throws JMSException {
        Topic topic = newTopic();
        String name = newName();
        MessageConsumer consumer = session().createSharedDurableConsumer(topic, name, "n >= 0");
        assertThatThrownBy(() -> session().createSharedDurableConsumer(topic, name))
                .isInstanceOf(JMSException.class);
        consumer.close();
        publishNumbers(topic, 2);
        MessageConsumer changed = session().createSharedDurableConsumer(topic, name, "n > 0");
        assertGets(changed);
        publishNumbers(topic, 2);
        assertGets(changed, "1");
    }

    @Section("8.3.4")
    @Test
    void aSharedAndAnUnsharedDurableSubscriptionCannotHaveOneName() throws JMSException {
        Topic topic = newTopic();
        Session session = clientSession();
        session.createDurableConsumer(topic, "unshared").close();
        assertThatThrownBy(() -> session.createSharedDurableConsumer(topic, "unshared"))
                .isInstanceOf(JMSException.class);
        session.createSharedDurableConsumer(topic, "shared").close();
        assertThatThrownBy(() -> session.createDurableConsumer(topic, "shared")).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> session.createDurableSubscriber(topic, "shared"))
                .isInstanceOf(JMSException.class);
    }

    @Section("8.3.4")
    @Test
    void aContextHasSharedDurableConsumers() throws JMSException {
        Topic topic = newTopic();
        String name = newName();
        JMSContext context = context();
        context.createSharedDurableConsumer(topic, name).close();
        sendTexts(topic, "one");
        JMSConsumer consumer = context.createSharedDurableConsumer(topic, name);
        assertThat(consumer.receiveBody(String.class, SOON)).isEqualTo("one");
        consumer.close();
        context.unsubscribe(name);
    }

    // Common rules.

    @Section("4.2.4")
    @ParameterizedTest
    @ValueSource(strings = {"a", "A_1", "with.dot", "with-minus", "ünï", "9"})
    void subscriptionNamesMayHaveTheseCharacters(String name) throws JMSException {
        subscribeAndDelete(name + newName().replace("conformance", ""));
    }

    @Section("4.2.4")
    @Test
    void subscriptionNamesMayHave128Characters() throws JMSException {
        subscribeAndDelete("n".repeat(128));
    }

    private void subscribeAndDelete(String name) throws JMSException {
        Topic topic = newTopic();
        session().createSharedConsumer(topic, name).close();
        session().createSharedDurableConsumer(topic, name).close();
        session().unsubscribe(name);
        Session session = clientSession();
        session.createDurableConsumer(topic, name).close();
        session.unsubscribe(name);
    }

    @ParameterizedTest
    @ValueSource(strings = {""})
    void anEmptyOrNullNameIsRefused(String empty) throws JMSException {
        Topic topic = newTopic();
        Session session = clientSession();
        for (String name : new String[] {empty, null}) {
            assertThatThrownBy(() -> session.createSharedConsumer(topic, name)).isInstanceOf(JMSException.class);
            assertThatThrownBy(() -> session.createDurableConsumer(topic, name)).isInstanceOf(JMSException.class);
            assertThatThrownBy(() -> session.createSharedDurableConsumer(topic, name))
                    .isInstanceOf(JMSException.class);
        }
    }

    @Test
    void aNullTopicIsInvalid() throws JMSException {
        Session session = clientSession();
        assertThatThrownBy(() -> session.createSharedConsumer(null, "n"))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createSharedConsumer(null, "n", "a = 1"))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createDurableConsumer(null, "n"))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createDurableConsumer(null, "n", "a = 1", true))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createDurableSubscriber(null, "n"))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createDurableSubscriber(null, "n", "a = 1", true))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createSharedDurableConsumer(null, "n"))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createSharedDurableConsumer(null, "n", "a = 1"))
                .isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void aNullTopicIsInvalidWhoeverAsks() throws JMSException {
        Session session = session(); // without a client identifier
        assertThatThrownBy(() -> session.createDurableConsumer(null, "n"))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> session.createDurableSubscriber(null, "n", "a = 1", true))
                .isInstanceOf(InvalidDestinationException.class);
    }

    @Test
    void aWrongSelectorIsRefused() throws JMSException {
        Topic topic = newTopic();
        Session session = clientSession();
        assertThatThrownBy(() -> session.createSharedConsumer(topic, "n", "a ="))
                .isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> session.createDurableConsumer(topic, "n", "a =", false))
                .isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> session.createDurableSubscriber(topic, "n", "a =", false))
                .isInstanceOf(InvalidSelectorException.class);
        assertThatThrownBy(() -> session.createSharedDurableConsumer(topic, "n", "a ="))
                .isInstanceOf(InvalidSelectorException.class);
    }
}
