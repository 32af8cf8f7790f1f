package org.larchmq.jms.session;

import jakarta.jms.ExceptionListener;
import jakarta.jms.JMSException;
import java.util.ArrayDeque;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls a connection's ExceptionListener: one call after the other, in the order of the reports (specification 6.1.7), in
 * a thread that lives as long as there is something to tell. Any thread may report.
 */
final class ExceptionReports {
    private static final Logger LOG = LoggerFactory.getLogger(ExceptionReports.class);
    private static final int MAX_WAITING = 1000;

    private final ArrayDeque<Runnable> waiting = new ArrayDeque<>();
    private boolean running;

    /** Returns at once. @param name of the thread if one is needed */
    synchronized void tell(ExceptionListener listener, JMSException why, String name) {
        if (waiting.size() >= MAX_WAITING) {
            LOG.warn("The ExceptionListener is too slow and is not told: {}", why.getMessage());
            return;
        }
        waiting.add(() -> call(listener, why));
        if (running) return;
        Thread thread = new Thread(this::run, name);
        thread.setDaemon(true);
        thread.setContextClassLoader(listener.getClass().getClassLoader()); // not that of whoever noticed
        thread.start(); // may fail; the next report tries again
        running = true;
    }

    /** Does it when the listener has been told everything: at once, or later in its thread. */
    void afterwards(Runnable work) {
        synchronized (this) {
            if (running) {
                waiting.add(work);
                return;
            }
        }
        work.run();
    }

    private void run() {
        for (Runnable next = next(); next != null; next = next()) next.run();
    }

    private synchronized Runnable next() {
        Runnable next = waiting.poll();
        running = next != null;
        return next;
    }

    private static void call(ExceptionListener listener, JMSException why) {
        try {
            listener.onException(why);
        } catch (Throwable e) { // whatever an application, or its language, throws
            LOG.warn("The ExceptionListener failed when it was told: {}", why.getMessage(), e);
        }
    }
}
