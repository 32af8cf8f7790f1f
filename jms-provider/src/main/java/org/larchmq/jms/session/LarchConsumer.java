package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.QueueReceiver;
import jakarta.jms.Topic;
import jakarta.jms.TopicSubscriber;
import java.util.concurrent.TimeUnit;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.message.LarchMessage;
import org.larchmq.jms.net.DeliveryBatch.Delivered;

/** Receives the messages of one destination, by asking or with a listener. */
public final class LarchConsumer implements QueueReceiver, TopicSubscriber {
    /** Waits until there is a message or the consumer is closed. */
    public static final long FOR_EVER = 0;

    /** Does not wait, but asks the broker whether there is a message. */
    public static final long NO_WAIT = -1;

    private final LarchSession session;
    private final ConsumerInbox consumer;
    private final SessionInbox inbox;
    private final Redelivery credit;
    private final String selector;
    private final boolean noLocal;
    private volatile boolean closed;
    private final Closing closing = new Closing();

    LarchConsumer(LarchSession session, ConsumerInbox consumer, Redelivery credit, String selector, boolean noLocal) {
        this.session = session;
        this.consumer = consumer;
        this.inbox = consumer.session();
        this.credit = credit;
        this.selector = selector;
        this.noLocal = noLocal;
    }

    ConsumerInbox inbox() {
        return consumer;
    }

    private void checkOpen() throws JMSException {
        session.checkOpen();
        if (closed) throw JmsErrors.closed("consumer");
    }

    @Override
    public Message receive() throws JMSException {
        return message(delivered(FOR_EVER, false));
    }

    @Override
    public Message receive(long timeoutMillis) throws JMSException {
        if (timeoutMillis < 0) throw JmsErrors.illegalArgument("a timeout of " + timeoutMillis + " ms");
        return message(delivered(timeoutMillis, false));
    }

    @Override
    public Message receiveNoWait() throws JMSException {
        return message(delivered(NO_WAIT, false));
    }

    /**
     * For JMSConsumer.receiveBody: a message without a body, or with one of another type, is, in the automatic modes, as
     * if it had not been received.
     *
     * @param timeoutMillis {@link #FOR_EVER}, {@link #NO_WAIT} or a time
     */
    public <T> T receiveBody(Class<T> type, long timeoutMillis) throws JMSException {
        Delivered delivered = delivered(timeoutMillis, true);
        if (delivered == null) return null;
        boolean accepted = false;
        try {
            LarchMessage message = session.decode(consumer, delivered);
            T body = message.getBody(type);
            Object empty = body == null ? message.emptyBody() : null;
            if (type.isInstance(empty)) body = type.cast(empty);
            if (body == null) throw JmsErrors.messageFormat("the message has no body; receive() gets it without one");
            accepted = true;
            return body;
        } finally {
            inbox.release(consumer, accepted);
        }
    }

    private Message message(Delivered delivered) {
        return delivered == null ? null : session.decode(consumer, delivered);
    }

    private Delivered delivered(long timeoutMillis, boolean hold) throws JMSException {
        checkMayReceive();
        boolean asks = timeoutMillis == NO_WAIT && inbox.needsAsking(consumer);
        if (timeoutMillis != NO_WAIT || asks) credit.demand(consumer);
        if (asks) credit.drain(consumer);
        Delivered delivered = take(deadline(timeoutMillis), hold);
        boolean tooLate = delivered == null && timeoutMillis > 0 && consumer.prefetch() == 0;
        if (!tooLate || !inbox.needsAsking(consumer)) return delivered;
        credit.drain(consumer); // takes the credit back; the message may have come just now
        return take(System.nanoTime(), hold);
    }

    private static long deadline(long timeoutMillis) {
        if (timeoutMillis == FOR_EVER) return Long.MAX_VALUE;
        long now = System.nanoTime();
        if (timeoutMillis == NO_WAIT) return now;
        long nanos = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        return nanos > Long.MAX_VALUE / 2 ? Long.MAX_VALUE : now + nanos;
    }

    private Delivered take(long deadlineNanos, boolean hold) throws JMSException {
        while (true) {
            Delivered delivered = inbox.take(consumer, deadlineNanos, hold);
            boolean isReadable = delivered != SessionInbox.UNREADABLE;
            if (delivered == null || isReadable && !session.isExpired(delivered)) return delivered;
            if (hold && isReadable) inbox.release(consumer, true); // an expired message goes the way of a consumed one
            credit.demand(consumer);
        }
    }

    private void checkMayReceive() throws JMSException {
        checkOpen();
        session.checkNotAbandoned();
        if (session.hasListeners()) {
            throw JmsErrors.illegalState("a session with a message listener cannot be asked for messages");
        }
    }

    @Override
    public String getMessageSelector() throws JMSException {
        checkOpen();
        return selector;
    }

    @Override
    public MessageListener getMessageListener() throws JMSException {
        checkOpen();
        return consumer.listener();
    }

    /** A null listener ends asynchronous delivery; what is buffered waits for receive or the next listener. */
    @Override
    public void setMessageListener(MessageListener listener) throws JMSException {
        checkOpen();
        session.setListener(consumer, listener);
        if (listener != null) credit.grantIfRunning(consumer);
    }

    @Override
    public Queue getQueue() throws JMSException {
        checkOpen();
        return (Queue) consumer.destination();
    }

    @Override
    public Topic getTopic() throws JMSException {
        checkOpen();
        return (Topic) consumer.destination();
    }

    @Override
    public boolean getNoLocal() throws JMSException {
        checkOpen();
        return noLocal;
    }

    /**
     * Waits for a listener in progress, unless it is the caller. A receive in progress returns null. When another thread
     * closes it already, or its session, waits for that.
     */
    @Override
    public void close() throws JMSException {
        if (closed || !closing.begin()) {
            awaitClosed();
            return;
        }
        closed = true;
        new Ending()
                .step(() -> session.closeConsumer(this, consumer))
                .step(closing::end)
                .end();
    }

    private void awaitClosed() {
        if (session.isInCallback()) return;
        if (closing.hasBegun()) closing.await(session.connection().options().closeTimeoutMillis());
        else session.awaitClosed();
    }

    void markClosed() {
        closed = true;
    }
}
