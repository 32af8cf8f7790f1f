package org.larchmq.jms.session;

import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatException;
import jakarta.jms.Queue;
import jakarta.jms.QueueSender;
import jakarta.jms.Topic;
import jakarta.jms.TopicPublisher;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.message.LarchDestination;

/** Sends messages to one destination, or without one of its own (anonymous) to any. */
public final class LarchProducer implements QueueSender, TopicPublisher {
    private static final SendOptions DEFAULTS =
            new SendOptions(Message.DEFAULT_DELIVERY_MODE, Message.DEFAULT_PRIORITY, 0, 0, true, true);

    private final LarchSession session;
    private final LarchDestination destination;
    private volatile SendOptions options = DEFAULTS;
    private volatile boolean closed;

    LarchProducer(LarchSession session, LarchDestination destination) {
        this.session = session;
        this.destination = destination;
    }

    private void checkOpen() throws JMSException {
        session.checkOpen();
        if (closed) throw JmsErrors.closed("producer");
    }

    private SendOptions open() throws JMSException {
        checkOpen();
        return options;
    }

    private void change(int mode, int priority, long ttl, long delay, boolean id, boolean timestamp) {
        options = new SendOptions(mode, priority, ttl, delay, id, timestamp);
    }

    @Override
    public void setDisableMessageID(boolean value) throws JMSException {
        SendOptions o = open();
        change(o.deliveryMode(), o.priority(), o.ttlMillis(), o.delayMillis(), !value, o.timestamp());
    }

    @Override
    public boolean getDisableMessageID() throws JMSException {
        return !open().messageId();
    }

    @Override
    public void setDisableMessageTimestamp(boolean value) throws JMSException {
        SendOptions o = open();
        change(o.deliveryMode(), o.priority(), o.ttlMillis(), o.delayMillis(), o.messageId(), !value);
    }

    @Override
    public boolean getDisableMessageTimestamp() throws JMSException {
        return !open().timestamp();
    }

    @Override
    public void setDeliveryMode(int deliveryMode) throws JMSException {
        SendOptions o = open();
        SendOptions.checkDeliveryMode(deliveryMode);
        change(deliveryMode, o.priority(), o.ttlMillis(), o.delayMillis(), o.messageId(), o.timestamp());
    }

    @Override
    public int getDeliveryMode() throws JMSException {
        return open().deliveryMode();
    }

    @Override
    public void setPriority(int priority) throws JMSException {
        SendOptions o = open();
        SendOptions.checkPriority(priority);
        change(o.deliveryMode(), priority, o.ttlMillis(), o.delayMillis(), o.messageId(), o.timestamp());
    }

    @Override
    public int getPriority() throws JMSException {
        return open().priority();
    }

    @Override
    public void setTimeToLive(long timeToLive) throws JMSException {
        SendOptions o = open();
        SendOptions.checkNotNegative("the time to live", timeToLive);
        change(o.deliveryMode(), o.priority(), timeToLive, o.delayMillis(), o.messageId(), o.timestamp());
    }

    @Override
    public long getTimeToLive() throws JMSException {
        return open().ttlMillis();
    }

    @Override
    public void setDeliveryDelay(long deliveryDelay) throws JMSException {
        SendOptions o = open();
        SendOptions.checkNotNegative("the delivery delay", deliveryDelay);
        change(o.deliveryMode(), o.priority(), o.ttlMillis(), deliveryDelay, o.messageId(), o.timestamp());
    }

    @Override
    public long getDeliveryDelay() throws JMSException {
        return open().delayMillis();
    }

    @Override
    public Destination getDestination() throws JMSException {
        checkOpen();
        return destination;
    }

    @Override
    public Queue getQueue() throws JMSException {
        return (Queue) getDestination();
    }

    @Override
    public Topic getTopic() throws JMSException {
        return (Topic) getDestination();
    }

    /** Later sends throw; asynchronous ones that are under way have been completed. */
    @Override
    public void close() throws JMSException {
        if (!closed) session.checkNotInCallback("a producer be closed");
        closed = true;
        if (!session.isInCallback()) session.awaitCompletions(); // also when another thread has closed it just now
    }

    // Sending. Every variant comes to one of the two below.

    private void send(LarchDestination to, Message message, SendOptions how) throws JMSException {
        session.sender().send(to, checked(message), how);
    }

    private void sendAsync(LarchDestination to, Message message, SendOptions how, CompletionListener listener)
            throws JMSException {
        if (listener == null) throw new IllegalArgumentException("the completion listener is null");
        session.sender().sendAsync(to, checked(message), how, listener);
    }

    private static Message checked(Message message) throws MessageFormatException {
        if (message == null) throw new MessageFormatException("the message is null", ClientError.MESSAGE_FORMAT.text());
        return message;
    }

    private LarchDestination fixed() throws JMSException {
        checkOpen();
        if (destination == null) {
            throw new UnsupportedOperationException("this producer has no destination; name one with the message");
        }
        return destination;
    }

    private LarchDestination given(Destination to) throws JMSException {
        checkOpen();
        if (destination != null) {
            throw new UnsupportedOperationException("this producer sends to " + destination + " only");
        }
        return LarchSession.own(to);
    }

    @Override
    public void send(Message message) throws JMSException {
        send(fixed(), message, options);
    }

    @Override
    public void send(Message message, int deliveryMode, int priority, long timeToLive) throws JMSException {
        send(fixed(), message, options.with(deliveryMode, priority, timeToLive));
    }

    @Override
    public void send(Destination to, Message message) throws JMSException {
        send(given(to), message, options);
    }

    @Override
    public void send(Destination to, Message message, int deliveryMode, int priority, long timeToLive)
            throws JMSException {
        send(given(to), message, options.with(deliveryMode, priority, timeToLive));
    }

    @Override
    public void send(Message message, CompletionListener listener) throws JMSException {
        sendAsync(fixed(), message, options, listener);
    }

    @Override
    public void send(Message message, int deliveryMode, int priority, long timeToLive, CompletionListener listener)
            throws JMSException {
        sendAsync(fixed(), message, options.with(deliveryMode, priority, timeToLive), listener);
    }

    @Override
    public void send(Destination to, Message message, CompletionListener listener) throws JMSException {
        sendAsync(given(to), message, options, listener);
    }

    @Override
    public void send(
            Destination to,
            Message message,
            int deliveryMode,
            int priority,
            long timeToLive,
            CompletionListener listener)
            throws JMSException {
        sendAsync(given(to), message, options.with(deliveryMode, priority, timeToLive), listener);
    }

    @Override
    public void send(Queue queue, Message message) throws JMSException {
        send((Destination) queue, message);
    }

    @Override
    public void send(Queue queue, Message message, int deliveryMode, int priority, long timeToLive)
            throws JMSException {
        send((Destination) queue, message, deliveryMode, priority, timeToLive);
    }

    @Override
    public void publish(Message message) throws JMSException {
        send(message);
    }

    @Override
    public void publish(Message message, int deliveryMode, int priority, long timeToLive) throws JMSException {
        send(message, deliveryMode, priority, timeToLive);
    }

    @Override
    public void publish(Topic topic, Message message) throws JMSException {
        send((Destination) topic, message);
    }

    @Override
    public void publish(Topic topic, Message message, int deliveryMode, int priority, long timeToLive)
            throws JMSException {
        send((Destination) topic, message, deliveryMode, priority, timeToLive);
    }

    /** Whether messages are persistent unless said otherwise. */
    @Override
    public String toString() {
        String mode = options.deliveryMode() == DeliveryMode.PERSISTENT ? "persistent" : "non-persistent";
        return "LarchProducer[" + (destination == null ? "anonymous" : destination) + ", " + mode + "]";
    }
}
