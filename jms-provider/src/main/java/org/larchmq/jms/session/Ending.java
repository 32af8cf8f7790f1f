package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import java.util.function.Consumer;

/**
 * The steps of closing something: each is done whatever the ones before it threw, and without being disturbed by an
 * interrupt of the thread, which is kept for later.
 */
final class Ending {
    private boolean interrupted = Thread.interrupted();
    private Throwable failure;

    /** One step; the ones after it do not depend on it. */
    @FunctionalInterface
    interface Step {
        void run() throws JMSException;
    }

    Ending step(Step step) {
        try {
            step.run();
        } catch (Throwable e) { // what follows must be done in any case
            if (failure == null) failure = e;
            else if (failure != e) failure.addSuppressed(e);
        }
        interrupted |= Thread.interrupted();
        return this;
    }

    /** Ends it; what the first step threw that failed is told and not thrown, unless it is an error. */
    void quietly(Consumer<Exception> told) {
        if (interrupted) Thread.currentThread().interrupt();
        if (failure instanceof Error e) throw e;
        if (failure instanceof Exception e) told.accept(e);
    }

    /** Ends it with what the first step threw that failed. */
    void end() throws JMSException {
        if (interrupted) Thread.currentThread().interrupt();
        if (failure instanceof JMSException e) throw e;
        if (failure instanceof RuntimeException e) throw e;
        if (failure instanceof Error e) throw e;
    }
}
