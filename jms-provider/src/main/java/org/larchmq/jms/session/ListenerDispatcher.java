package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import org.larchmq.jms.message.LarchMessage;
import org.larchmq.jms.net.DeliveryBatch.Delivered;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A session's dispatch thread: hands messages to listeners one after the other. Started with the first listener. */
final class ListenerDispatcher {
    private static final Logger LOG = LoggerFactory.getLogger(ListenerDispatcher.class);

    private final LarchSession session;
    private final SessionInbox inbox;
    private final String name;
    private Thread thread;

    ListenerDispatcher(LarchSession session, SessionInbox inbox, String name) {
        this.session = session;
        this.inbox = inbox;
        this.name = name;
    }

    synchronized void ensureStarted() {
        if (thread != null) return;
        thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.start();
    }

    /** Null when no listener was ever set. */
    synchronized Thread thread() {
        return thread;
    }

    /** Hands over what is there in the calling thread, and returns: Session.run. */
    void runInCaller() {
        run(false);
    }

    private void run() {
        run(true);
    }

    private void run(boolean waits) {
        ConsumerInbox finished = null;
        while (true) {
            try {
                ConsumerInbox consumer = inbox.nextForListener(finished, waits);
                if (consumer == null) return;
                finished = consumer;
                handOver(consumer);
            } catch (JMSException | RuntimeException e) { // top of the thread
                Thread.interrupted(); // it was meant for a listener
                if (session.isClosed() || session.connection().isOver()) return;
                LOG.warn("Dispatching in {} failed", name, e);
            }
        }
    }

    private void handOver(ConsumerInbox consumer) throws JMSException {
        JMSException refusal = consumer.takeRefusal();
        if (refusal != null) {
            passOver(consumer, refusal);
            return;
        }
        Delivered delivered = consumer.current();
        MessageListener listener = consumer.listener();
        if (LarchSession.isExpired(delivered)) return; // goes the way of a consumed one
        LarchMessage message = session.decode(consumer, delivered);
        try {
            listener.onMessage(message);
        } catch (RuntimeException e) {
            LOG.warn("The message listener of {} failed with {}", consumer.destination(), message, e);
            session.listenerFailed();
        }
    }

    /** The listener does not get the message, which goes back: it could not read it. */
    private void passOver(ConsumerInbox consumer, JMSException refusal) throws JMSException {
        LOG.warn("A message of {} is not handed over: {}", consumer.destination(), refusal.getMessage());
        inbox.giveBackUnreadable();
        session.connection().tellExceptionListener(refusal);
    }
}
