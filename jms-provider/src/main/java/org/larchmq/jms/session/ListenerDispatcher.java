package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import jakarta.jms.MessageListener;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
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
        Thread made = new Thread(this::run, name);
        made.setDaemon(true);
        made.start(); // may fail; the next listener tries again
        thread = made;
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
        boolean interrupted = false;
        ConsumerInbox finished = null;
        while (true) {
            try {
                ConsumerInbox consumer = inbox.nextForListener(finished, waits);
                finished = consumer;
                if (consumer == null) break;
                handOver(consumer);
            } catch (Throwable e) { // top of the thread
                interrupted |= Thread.interrupted(); // in a thread of our own it was meant for a listener
                if (session.isClosed() || session.connection().isOver()) break;
                if (!isInterruption(e)) failed(e);
            }
        }
        if (interrupted && !waits) Thread.currentThread().interrupt();
    }

    private static boolean isInterruption(Throwable e) {
        return e instanceof JMSException known && ClientError.INTERRUPTED.text().equals(known.getErrorCode());
    }

    /** Nobody knows which message was in whose hands: the end of the transport gives everything back. */
    private void failed(Throwable e) {
        LOG.warn("Dispatching in {} failed, which ends its connection to the broker", name, e);
        session.transport().fail(JmsErrors.asException(e));
    }

    /** When this returns the message is the listener's, or has gone back. */
    private void handOver(ConsumerInbox consumer) throws JMSException {
        JMSException refusal = consumer.takeRefusal();
        if (refusal != null) {
            passOver(consumer, refusal);
            return;
        }
        Delivered delivered = consumer.current();
        MessageListener listener = consumer.listener();
        if (session.isExpired(delivered)) return; // goes the way of a consumed one
        LarchMessage message = null;
        try {
            message = session.decode(consumer, delivered);
            listener.onMessage(message);
        } catch (Throwable e) { // whatever an application, or its language, throws
            LOG.warn("The message listener of {} failed with {}", consumer.destination(), message, e);
            session.listenerFailed(consumer);
        }
    }

    /** The listener does not get the message, which goes back: it could not read it. */
    private void passOver(ConsumerInbox consumer, JMSException refusal) throws JMSException {
        LOG.warn("A message of {} is not handed over: {}", consumer.destination(), refusal.getMessage());
        inbox.giveBackUnreadable();
        session.connection().tellExceptionListener(refusal);
    }
}
