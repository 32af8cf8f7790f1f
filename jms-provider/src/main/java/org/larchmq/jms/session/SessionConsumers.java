package org.larchmq.jms.session;

import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.QueueReceiver;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.message.LarchDestination;
import org.larchmq.jms.message.ObjectTrust;
import org.larchmq.message.Names;

/** The many ways to ask for a consumer, and the rules that need no broker (specification 8.3). */
abstract class SessionConsumers extends SessionMessages {
    SessionConsumers(ObjectTrust trust) {
        super(trust);
    }

    /** Makes the consumer; the session is open. */
    abstract LarchConsumer open(ConsumerRequest request) throws JMSException;

    /** Deletes a durable subscription; the session is open. */
    abstract void endSubscription(String name) throws JMSException;

    /** Null for none. */
    abstract String clientId() throws JMSException;

    /** @throws jakarta.jms.InvalidDestinationException when it is null or another provider's */
    static LarchDestination own(Destination destination) throws JMSException {
        if (destination instanceof LarchDestination own) return own;
        throw JmsErrors.invalidDestination(
                destination == null
                        ? "the destination is null"
                        : "a destination of another provider: "
                                + destination.getClass().getName());
    }

    // Queues, and topics without a subscription of a name.

    public MessageConsumer createConsumer(Destination destination) throws JMSException {
        return plain(destination, null, false);
    }

    public MessageConsumer createConsumer(Destination destination, String selector) throws JMSException {
        return plain(destination, selector, false);
    }

    public MessageConsumer createConsumer(Destination destination, String selector, boolean noLocal)
            throws JMSException {
        return plain(destination, selector, noLocal);
    }

    public QueueReceiver createReceiver(Queue queue) throws JMSException {
        return plain(queue, null, false);
    }

    public QueueReceiver createReceiver(Queue queue, String selector) throws JMSException {
        return plain(queue, selector, false);
    }

    public TopicSubscriber createSubscriber(Topic topic) throws JMSException {
        return plain(topic, null, false);
    }

    public TopicSubscriber createSubscriber(Topic topic, String selector, boolean noLocal) throws JMSException {
        return plain(topic, selector, noLocal);
    }

    private LarchConsumer plain(Destination destination, String selector, boolean noLocal) throws JMSException {
        checkOpen();
        return open(ConsumerRequest.plain(own(destination), selector, noLocal));
    }

    // Durable.

    public TopicSubscriber createDurableSubscriber(Topic topic, String name) throws JMSException {
        return durable(topic, name, null, false);
    }

    public TopicSubscriber createDurableSubscriber(Topic topic, String name, String selector, boolean noLocal)
            throws JMSException {
        return durable(topic, name, selector, noLocal);
    }

    public MessageConsumer createDurableConsumer(Topic topic, String name) throws JMSException {
        return durable(topic, name, null, false);
    }

    public MessageConsumer createDurableConsumer(Topic topic, String name, String selector, boolean noLocal)
            throws JMSException {
        return durable(topic, name, selector, noLocal);
    }

    private LarchConsumer durable(Topic topic, String name, String selector, boolean noLocal) throws JMSException {
        checkOpen();
        own(topic);
        if (clientId() == null) {
            throw JmsErrors.illegalState("an unshared durable subscription needs a client id: set one on the"
                    + " connection, or in its factory");
        }
        return named(topic, name, selector, noLocal, true, false);
    }

    /** As {@link #createDurableConsumer}, for a name that every client with this client id may use at once. */
    public MessageConsumer createSharedDurableConsumer(Topic topic, String name) throws JMSException {
        return createSharedDurableConsumer(topic, name, null);
    }

    public MessageConsumer createSharedDurableConsumer(Topic topic, String name, String selector) throws JMSException {
        checkOpen();
        return named(topic, name, selector, false, true, true);
    }

    // Shared, ends with its last consumer.

    public MessageConsumer createSharedConsumer(Topic topic, String name) throws JMSException {
        return createSharedConsumer(topic, name, null);
    }

    public MessageConsumer createSharedConsumer(Topic topic, String name, String selector) throws JMSException {
        checkOpen();
        return named(topic, name, selector, false, false, true);
    }

    private LarchConsumer named(
            Topic topic, String name, String selector, boolean noLocal, boolean durable, boolean shared)
            throws JMSException {
        LarchDestination from = own(topic);
        if (!from.kind().isTopic()) throw JmsErrors.invalidDestination(from + " is no topic");
        if (durable && from.kind().isTemporary()) {
            throw JmsErrors.invalidDestination("a temporary topic cannot have a durable subscription");
        }
        if (name == null || name.isEmpty()) throw JmsErrors.illegalArgument("a subscription needs a name");
        if (!Names.isText(name)) {
            throw JmsErrors.illegalArgument("the subscription's name has half of a character (an unpaired surrogate)");
        }
        return open(new ConsumerRequest(from, selector, noLocal, durable, shared, name));
    }

    /** @throws jakarta.jms.InvalidDestinationException when there is no durable subscription of this name */
    public void unsubscribe(String name) throws JMSException {
        checkOpen();
        if (name == null || name.isEmpty()) throw JmsErrors.invalidDestination("the subscription's name is empty");
        endSubscription(name);
    }
}
