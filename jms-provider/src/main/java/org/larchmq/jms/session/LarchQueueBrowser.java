package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import java.util.Enumeration;
import java.util.NoSuchElementException;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.error.Unchecked;
import org.larchmq.jms.net.DeliveryBatch.Delivered;

/**
 * Looks at the messages of a queue without taking them. Every enumeration shows what is in the queue when its first
 * element is asked for, as far as it is still there when its turn comes.
 */
final class LarchQueueBrowser implements QueueBrowser {
    private final LarchSession session;
    private final Queue queue;
    private final String selector;
    private final Set<BrowserInbox> open = ConcurrentHashMap.newKeySet();
    private BrowserInbox unused;
    private volatile boolean closed;

    /** @throws JMSException when the queue or the selector is not accepted */
    LarchQueueBrowser(LarchSession session, Queue queue, String selector) throws JMSException {
        this.session = session;
        this.queue = queue;
        this.selector = selector == null || selector.isBlank() ? null : selector;
        unused = open();
    }

    private BrowserInbox open() throws JMSException {
        BrowserInbox inbox = session.openBrowser(queue, selector);
        open.removeIf(BrowserInbox::isClosed);
        open.add(inbox);
        return inbox;
    }

    private void checkOpen() throws JMSException {
        session.checkOpen();
        if (closed) throw JmsErrors.closed("browser");
    }

    @Override
    public Queue getQueue() throws JMSException {
        checkOpen();
        return queue;
    }

    @Override
    public String getMessageSelector() throws JMSException {
        checkOpen();
        return selector;
    }

    @Override
    public Enumeration<?> getEnumeration() throws JMSException {
        checkOpen();
        session.tellAcknowledged();
        BrowserInbox inbox = unused == null || unused.isLost() || unused.isClosed() ? open() : unused;
        unused = null;
        return new Messages(inbox);
    }

    private final class Messages implements Enumeration<Message> {
        private final BrowserInbox inbox;
        private Delivered next;
        private boolean ended;

        Messages(BrowserInbox inbox) {
            this.inbox = inbox;
        }

        /** @throws jakarta.jms.JMSRuntimeException when the connection is lost, or too many others were begun since */
        @Override
        public boolean hasMoreElements() {
            if (next != null) return true;
            if (ended || inbox.isClosed() && inbox.givenUpBecause() == null) return false;
            next = Unchecked.get(this::advance);
            return next != null;
        }

        private Delivered advance() throws JMSException {
            Delivered delivered = inbox.next();
            while (delivered != null && session.isExpired(delivered)) delivered = inbox.next();
            if (delivered != null) return delivered;
            ended = true;
            open.remove(inbox);
            session.closeBrowser(
                    inbox, new CloseTime(session.connection().options().closeTimeoutMillis()));
            return null;
        }

        @Override
        public Message nextElement() {
            if (!hasMoreElements()) throw new NoSuchElementException("the browser is at the end of " + queue);
            Delivered message = next;
            next = null;
            return session.decode(inbox.queue(), message);
        }
    }

    @Override
    public void close() throws JMSException {
        close(new CloseTime(session.connection().options().closeTimeoutMillis()));
    }

    private void close(CloseTime time) throws JMSException {
        if (closed) return;
        closed = true;
        Ending ending = new Ending();
        for (BrowserInbox inbox : open) ending.step(() -> session.closeBrowser(inbox, time));
        open.clear();
        ending.end();
    }
}
