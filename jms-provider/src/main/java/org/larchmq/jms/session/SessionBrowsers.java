package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.larchmq.jms.error.JmsErrors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The looks through queues that a session has under way. They are bounded, since an application can begin one and neither
 * read it to its end nor close its browser: the oldest ends when there are too many. Safe from any thread.
 */
final class SessionBrowsers {
    static final int MOST = 100;
    private static final Logger LOG = LoggerFactory.getLogger(SessionBrowsers.class);

    private final Set<BrowserInbox> open = new LinkedHashSet<>();
    private final int closeTimeoutMillis;
    private boolean closed;

    SessionBrowsers(int closeTimeoutMillis) {
        this.closeTimeoutMillis = closeTimeoutMillis;
    }

    /** Before another one: those whose connection is lost are forgotten, and the oldest one ends if there are too many. */
    void makeRoom() {
        for (BrowserInbox ended : superfluous()) {
            new Ending()
                    .step(() -> ended.giveUp(
                            JmsErrors.illegalState("this enumeration is ended: its session has begun " + MOST
                                    + " others since; read enumerations to their end, or close their browser"),
                            new CloseTime(closeTimeoutMillis)))
                    .quietly(e -> LOG.debug("A browser was not ended in order", e));
        }
    }

    private synchronized List<BrowserInbox> superfluous() {
        List<BrowserInbox> ended = new ArrayList<>();
        for (BrowserInbox inbox : open) {
            if (inbox.isLost() || open.size() - ended.size() >= MOST) ended.add(inbox);
        }
        ended.forEach(open::remove);
        return ended;
    }

    /** @throws JMSException when the session was closed meanwhile */
    void add(BrowserInbox inbox) throws JMSException {
        synchronized (this) {
            if (!closed) {
                open.add(inbox);
                return;
            }
        }
        inbox.close(new CloseTime(closeTimeoutMillis));
        throw JmsErrors.closed("session");
    }

    /** Ends one. */
    void close(BrowserInbox inbox, CloseTime time) throws JMSException {
        synchronized (this) {
            open.remove(inbox);
        }
        inbox.close(time);
    }

    /** Ends all, and those that are begun later. */
    void close(CloseTime time) throws JMSException {
        List<BrowserInbox> all;
        synchronized (this) {
            closed = true;
            all = new ArrayList<>(open);
            open.clear();
        }
        Ending ending = new Ending();
        for (BrowserInbox inbox : all) ending.step(() -> inbox.close(time));
        ending.end();
    }
}
