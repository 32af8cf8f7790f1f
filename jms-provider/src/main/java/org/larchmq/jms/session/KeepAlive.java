package org.larchmq.jms.session;

import java.util.concurrent.CountDownLatch;

/**
 * A thread that keeps the JVM alive while a connection is open. All other threads of the client are daemons, so that
 * without it a program ends that has nothing but listeners when its {@code main} has returned.
 */
final class KeepAlive {
    private final CountDownLatch over = new CountDownLatch(1);

    private KeepAlive() {}

    static KeepAlive start(String name) {
        KeepAlive started = new KeepAlive();
        Thread thread = new Thread(null, started::run, name, 0, false);
        thread.setDaemon(false);
        thread.setContextClassLoader(null);
        thread.start();
        return started;
    }

    /** The connection is closed, or lost for good. */
    void end() {
        over.countDown();
    }

    private void run() {
        while (over.getCount() > 0) {
            try {
                over.await();
            } catch (InterruptedException e) {
                // only the connection's end ends it
            }
        }
    }
}
