package org.larchmq.jms.session;

import jakarta.jms.ConnectionConsumer;
import jakarta.jms.JMSException;
import jakarta.jms.ServerSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.net.DeliveryBatch.Delivered;
import org.larchmq.jms.net.Transport;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Hands the messages of one consumer to the sessions of a server's pool (specification 11.2, "Concurrent processing of a
 * subscription's messages"). The consumer belongs to a session of ours that nobody else sees; its thread takes messages
 * out, lends them to a session of the pool and starts that. A session acknowledges what it was lent as its own mode says.
 */
final class LarchConnectionConsumer implements ConnectionConsumer {
    private static final Logger LOG = LoggerFactory.getLogger(LarchConnectionConsumer.class);
    private static final int PAUSE_MILLIS = 1000;

    private final LarchConnection connection;
    private final LarchSession session;
    private final ConsumerInbox consumer;
    private final ServerSessionPool pool;
    private final int maxMessages;
    private final CountDownLatch closed = new CountDownLatch(1);

    private LarchConnectionConsumer(
            LarchConnection connection,
            LarchSession session,
            ConsumerInbox consumer,
            ServerSessionPool pool,
            int maxMessages) {
        this.connection = connection;
        this.session = session;
        this.consumer = consumer;
        this.pool = pool;
        this.maxMessages = maxMessages;
    }

    /** How the consumer is made in our session. */
    interface Opening {
        LarchConsumer open(LarchSession session) throws JMSException;
    }

    /**
     * @param maxMessages that a server's session is lent at once
     * @param opening     makes the consumer; when it fails nothing is left
     */
    static LarchConnectionConsumer open(
            LarchConnection connection, ServerSessionPool pool, int maxMessages, Opening opening) throws JMSException {
        if (pool == null) throw JmsErrors.illegalArgument("the ServerSessionPool is null");
        if (maxMessages < 1) throw JmsErrors.illegalArgument("maxMessages must be positive, is " + maxMessages);
        LarchSession session = (LarchSession) connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        boolean made = false;
        try {
            ConsumerInbox consumer = opening.open(session).inbox();
            LarchConnectionConsumer feed =
                    new LarchConnectionConsumer(connection, session, consumer, pool, maxMessages);
            session.onClose(feed.closed::countDown);
            Thread thread = new Thread(feed::run, session.name() + "-connection-consumer");
            thread.setDaemon(true);
            thread.start();
            made = true;
            return feed;
        } finally {
            if (!made) session.close();
        }
    }

    @Override
    public ServerSessionPool getServerSessionPool() throws JMSException {
        session.checkOpen();
        return pool;
    }

    ConsumerInbox inbox() {
        return consumer;
    }

    /** Gives back what no session was lent; what one was lent is still processed. */
    @Override
    public void close() throws JMSException {
        session.close();
    }

    private void run() {
        while (closed.getCount() > 0) {
            try {
                List<Delivered> messages = await();
                if (messages.isEmpty()) return;
                hand(messages);
            } catch (Throwable e) { // top of the thread, and the pool is an application's
                if (closed.getCount() == 0 || connection.isOver()) return;
                boolean goesOn = !session.inbox().hasFailed(consumer);
                failed(JmsErrors.asException(e));
                if (!goesOn) return; // the broker has ended the consumer
            }
        }
    }

    /** Waits for a message, and takes what has come with it. Empty when closed. */
    private List<Delivered> await() throws JMSException {
        List<Delivered> messages = new ArrayList<>();
        Delivered next = session.inbox().takeToLend(consumer, Long.MAX_VALUE);
        while (next != null) {
            messages.add(next);
            if (messages.size() == maxMessages) break;
            next = session.inbox().takeToLend(consumer, System.nanoTime());
        }
        return messages;
    }

    private void hand(List<Delivered> messages) throws JMSException {
        ServerSession server = pool.getServerSession();
        if (!(server.getSession() instanceof LarchSession target) || target.connection() != connection) {
            throw JmsErrors.illegalState(
                    "the ServerSessionPool has a session of another connection: " + server.getSession());
        }
        Transport on = letGo();
        if (on != null && !target.lend(consumer, messages, on)) takeBack(messages, on);
        try {
            server.start(); // also without messages: the pool has no other way to get its session back
        } catch (Throwable e) {
            target.giveBackLent(consumer);
            throw e;
        }
    }

    /** The session of the pool is closed: they are ours again, and go back. */
    private void takeBack(List<Delivered> messages, Transport cameOver) throws JMSException {
        SessionInbox inbox = session.inbox();
        inbox.lock.lock();
        try {
            if (!inbox.isAttachedTo(cameOver)) return;
            for (Delivered message : messages) consumer.delivered().add(message.sequence());
        } finally {
            inbox.lock.unlock();
        }
        throw JmsErrors.illegalState("the ServerSessionPool has a session that is closed");
    }

    /**
     * From here on the messages are not ours any more.
     *
     * @return the transport they came over; null when we were closed and have given them back, or when it was lost, so
     *     that they come again
     */
    private Transport letGo() {
        session.inbox().lock.lock();
        try {
            boolean gone = consumer.delivered().isEmpty();
            if (gone || consumer.isClosed() || closed.getCount() == 0) return null;
            consumer.delivered().clear();
            return session.transport();
        } finally {
            session.inbox().lock.unlock();
        }
    }

    /** The pool has no session for them: they go back, and are tried again after a pause. */
    private void failed(Exception e) {
        JMSException why = e instanceof JMSException known
                ? known
                : JmsErrors.withCause(JmsErrors.illegalState("the ServerSessionPool failed: " + e), e);
        try {
            connection.tellExceptionListener(why);
            session.recover();
            closed.await(PAUSE_MILLIS, TimeUnit.MILLISECONDS);
        } catch (InterruptedException interrupted) {
            LOG.debug("The thread of a connection consumer was interrupted, and goes on", interrupted);
        } catch (Throwable again) {
            if (session.isClosed()) return;
            LOG.warn("A connection consumer could not give messages back, which ends its connection", again);
            session.transport().fail(JmsErrors.asException(again)); // gives them back
        }
    }
}
