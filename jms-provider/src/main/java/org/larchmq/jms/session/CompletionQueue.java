package org.larchmq.jms.session;

import jakarta.jms.CompletionListener;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.Condition;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.net.PendingSend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Calls a session's CompletionListeners, one after the other in one thread, in the order of the sends (specification
 * 7.3.8), although the broker may confirm a later one first. Completed sends come by the frame, with one wake-up; sends
 * whose callback has not returned are counted and bounded.
 */
public final class CompletionQueue implements PendingSend.Sink {
    private static final Logger LOG = LoggerFactory.getLogger(CompletionQueue.class);
    private static final int MAX_OPEN = 100_000;

    private final ReentrantLock lock = new ReentrantLock();
    private final Condition work = lock.newCondition();
    private final Condition fewer = lock.newCondition();
    private final String name;
    private final Patience patience;
    private final Runnable destinationGone;
    private final ArrayDeque<CallbackSend> inOrder = new ArrayDeque<>(); // sends whose callback has not begun
    private final List<CallbackSend> inWork = new ArrayList<>();
    private int open;
    private int waitingForFewer;
    private Runnable errand;
    private boolean idle;
    private boolean closed;
    private volatile Thread thread;

    /** @param destinationGone told when the broker does not know the destination of a send */
    CompletionQueue(String name, Patience patience, Runnable destinationGone) {
        this.name = name;
        this.destinationGone = destinationGone;
        this.patience = patience;
    }

    /**
     * How long a send waits for the broker.
     *
     * @param sendMillis    sendTimeout, while there is a connection
     * @param restoreMillis longer by this while the connection is being restored; -1: as long as it takes
     * @param isDown        whether it is being restored
     */
    record Patience(int sendMillis, int restoreMillis, BooleanSupplier isDown) {
        /** When a send has to be looked at again; not above 0 when its time is over. */
        long nanosLeft(CallbackSend send) {
            long whole = TimeUnit.MILLISECONDS.toNanos(sendMillis);
            if (!send.underWay) return whole;
            long left = whole - (System.nanoTime() - send.sentNanos);
            if (left > 0 || !isDown.getAsBoolean()) return left;
            if (restoreMillis < 0) return whole;
            return left + TimeUnit.MILLISECONDS.toNanos(restoreMillis);
        }
    }

    /** A send with a listener. */
    static final class CallbackSend extends PendingSend {
        private final CompletionListener listener;
        private final Message message;
        private boolean completed; // guarded by the queue's lock
        private PendingSend answer = this;
        private volatile long sentNanos;
        private volatile boolean underWay;
        private volatile Runnable whenGivenUp = () -> {};

        CallbackSend(CompletionQueue queue, CompletionListener listener, Message message) {
            super(queue);
            this.listener = listener;
            this.message = message;
        }

        /** It has been sent, or sent again: its time begins. */
        void isUnderWay() {
            sentNanos = System.nanoTime();
            underWay = true;
        }

        /** @param forget the broker's answer is of no use any more */
        void whenGivenUp(Runnable forget) {
            whenGivenUp = forget;
        }

        private void call() {
            try {
                if (answer.failure() == null) listener.onCompletion(message);
                else listener.onException(message, answer.failure());
            } catch (Throwable e) { // whatever an application, or its language, throws
                LOG.warn("A completion listener failed for {}", message, e);
            }
        }
    }

    /** Counts a send that will be completed; waits when there are too many. */
    void opened(CallbackSend send, int timeoutMillis) throws JMSException {
        lock.lock();
        try {
            if (closed) throw JmsErrors.closed("session");
            if (open >= MAX_OPEN && !isCallbackThread() && !awaitAtMost(MAX_OPEN - 1, timeoutMillis)) {
                throw JmsErrors.exhausted(
                        ClientError.WINDOW_FULL,
                        open + " asynchronous sends wait for their completion listener; it is too slow");
            }
            if (thread == null) start();
            open++;
            inOrder.addLast(send);
        } finally {
            lock.unlock();
        }
    }

    /** The send was refused before it was under way: its listener is not called. */
    void abandoned(CallbackSend send) {
        lock.lock();
        try {
            if (!inOrder.removeLastOccurrence(send)) return;
            if (idle && isWorkThere()) work.signal();
        } finally {
            lock.unlock();
        }
        closedSends(1);
    }

    private void start() {
        Thread made = new Thread(this::run, name);
        made.setDaemon(true);
        made.start(); // may fail; the next send tries again
        thread = made;
    }

    @Override
    public void completed(List<PendingSend> sends) {
        lock.lock();
        try {
            for (PendingSend send : sends) ((CallbackSend) send).completed = true;
            if (idle && isWorkThere()) work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** A send was completed by another attempt than the first. */
    void completed(CallbackSend send, PendingSend byAttempt) {
        lock.lock();
        try {
            if (!send.completed) send.answer = byAttempt;
            send.completed = true;
            if (idle && isWorkThere()) work.signal();
        } finally {
            lock.unlock();
        }
    }

    /** Whether this is the thread that calls completion listeners. */
    boolean isCallbackThread() {
        return Thread.currentThread() == thread;
    }

    /** Waits until every callback has returned. @return false when the time is over */
    boolean awaitAll(int timeoutMillis) {
        lock.lock();
        try {
            return isCallbackThread() || awaitAtMost(0, timeoutMillis);
        } finally {
            lock.unlock();
        }
    }

    private boolean awaitAtMost(int wanted, int timeoutMillis) {
        long left = TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
        boolean interrupted = false;
        waitingForFewer++;
        try {
            while (open > wanted && left > 0) {
                try {
                    left = fewer.awaitNanos(left);
                } catch (InterruptedException e) {
                    interrupted = true;
                }
            }
            return open <= wanted;
        } finally {
            waitingForFewer--;
            if (interrupted) Thread.currentThread().interrupt();
        }
    }

    /** The thread ends when it has called what has arrived. */
    void close() {
        lock.lock();
        try {
            closed = true;
            work.signal();
        } finally {
            lock.unlock();
        }
    }

    private void call(CallbackSend send) {
        if (send.answer.failure() instanceof InvalidDestinationException) destinationGone.run();
        send.call();
    }

    private void run() {
        while (awaitWork()) {
            doErrand();
            for (CallbackSend send : inWork) call(send);
            int done = inWork.size();
            inWork.clear();
            closedSends(done);
        }
    }

    /** Does something, soon, in the thread that calls the listeners; never blocks. One at a time is remembered. */
    void doSoon(Runnable work) {
        lock.lock();
        try {
            if (closed && open == 0) return;
            if (thread == null) start();
            errand = work;
            if (idle) this.work.signal();
        } finally {
            lock.unlock();
        }
    }

    private void doErrand() {
        Runnable mine;
        lock.lock();
        try {
            mine = errand;
            errand = null;
        } finally {
            lock.unlock();
        }
        if (mine == null) return;
        try {
            mine.run();
        } catch (RuntimeException e) { // the listeners must be called all the same
            LOG.warn("What was to be sent again could not be", e);
        }
    }

    private boolean awaitWork() {
        lock.lock();
        try {
            while (!isWorkThere() && errand == null) {
                if (closed && open == 0) return false;
                idle = true;
                awaitAnswer();
                idle = false;
            }
            while (isWorkThere()) inWork.add(inOrder.pollFirst());
            return true;
        } finally {
            lock.unlock();
        }
    }

    /** Waits for the broker's answer to the first send, which is given up when its time is over. */
    private void awaitAnswer() {
        CallbackSend first = inOrder.peekFirst();
        if (first == null) {
            work.awaitUninterruptibly();
            return;
        }
        long left = patience.nanosLeft(first);
        if (left <= 0) {
            giveUp(first);
            return;
        }
        try {
            work.awaitNanos(left);
        } catch (InterruptedException e) {
            // it was meant for a listener
        }
    }

    private void giveUp(CallbackSend send) {
        PendingSend unanswered = new PendingSend(null);
        unanswered.giveUp(JmsErrors.failed(
                ClientError.OUTCOME_UNKNOWN,
                "the broker has not confirmed a message within " + patience.sendMillis
                        + " ms (sendTimeout); it may or may not be stored"));
        send.answer = unanswered;
        send.completed = true;
        send.whenGivenUp.run();
    }

    private boolean isWorkThere() {
        CallbackSend first = inOrder.peekFirst();
        return first != null && first.completed;
    }

    private void closedSends(int done) {
        lock.lock();
        try {
            open -= done;
            if (waitingForFewer > 0) fewer.signalAll();
            if (closed && open == 0) work.signal();
        } finally {
            lock.unlock();
        }
    }
}
