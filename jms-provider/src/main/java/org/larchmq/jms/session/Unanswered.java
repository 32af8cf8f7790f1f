package org.larchmq.jms.session;

import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeUnit;
import java.util.function.BiPredicate;
import org.larchmq.jms.message.LarchDestination;
import org.larchmq.jms.net.PendingSend;
import org.larchmq.jms.net.Transport;
import org.larchmq.jms.session.CompletionQueue.CallbackSend;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The sends of a session that the broker has not answered, in their order, kept so that they can be sent again on the next
 * transport. The broker's send window bounds them. Safe from any thread; never blocks.
 */
final class Unanswered implements PendingSend.Sink {
    private static final Logger LOG = LoggerFactory.getLogger(Unanswered.class);

    private final Set<Sent> sends = new LinkedHashSet<>();
    private final Set<Sent> refused = new LinkedHashSet<>();
    private final CompletionQueue completions;
    private final Runnable repeat;
    private volatile boolean hasRefused;
    private boolean over;

    /** @param repeat sends again what was refused under an outdated number; called by another thread than the reading one */
    Unanswered(CompletionQueue completions, Runnable repeat) {
        this.completions = completions;
        this.repeat = repeat;
    }

    /** A message, and the last attempt to send it. */
    static final class Sent {
        private final LarchDestination destination;
        private final byte[] bytes;
        private final CallbackSend told;
        private final boolean awaited;
        private long since;
        private UUID store;
        private Attempt last;
        private int handle;
        private boolean resent;
        private boolean repeated;

        /**
         * @param awaited whether a thread waits for the answer
         * @param told    who is told otherwise; null for nobody
         */
        Sent(LarchDestination destination, byte[] bytes, boolean awaited, CallbackSend told) {
            this.destination = destination;
            this.bytes = bytes;
            this.awaited = awaited;
            this.told = told;
        }

        LarchDestination destination() {
            return destination;
        }

        byte[] bytes() {
            return bytes;
        }

        void sentAgain() {
            if (told != null) told.isUnderWay();
        }

        /** Whether an earlier transport was lost under it: then the broker may have it. */
        boolean wasResent() {
            return resent;
        }

        /** Whether this is the store that it was sent to: only that one can say whether it has it. */
        boolean wasSentTo(Transport broker) {
            return store.equals(broker.welcome().storeId());
        }

        /** Position of the broker's log before which it cannot be. */
        long since() {
            return since;
        }
    }

    /** One attempt to send, on one transport. */
    record Attempt(PendingSend send, Transport on) {
        /** Whether the transport was lost before the broker had answered. */
        boolean isLost() {
            return send.isComplete() && send.failure() != null && send.failure() == on.end();
        }
    }

    /** An attempt that no thread waits for. */
    private static final class Unawaited extends PendingSend {
        private final Sent sent;
        private final Transport on;

        Unawaited(Unanswered all, Sent sent, Transport on) {
            super(all);
            this.sent = sent;
            this.on = on;
        }
    }

    Attempt attempt(Sent sent, Transport on) {
        return new Attempt(sent.awaited ? new PendingSend(null) : new Unawaited(this, sent, on), on);
    }

    /** It is going to be sent for the first time. */
    synchronized void add(Sent sent, Attempt first, int handle) {
        sent.since = first.on.welcome().position();
        sent.store = first.on.welcome().storeId();
        sent.last = first;
        sent.handle = handle;
        sends.add(sent);
    }

    /** It was sent again on another transport. */
    synchronized void again(Sent sent, Attempt attempt, int handle) {
        sent.last = attempt;
        sent.handle = handle;
        sent.resent = true;
        refused.remove(sent);
        hasRefused = !refused.isEmpty();
        notifyAll();
    }

    // Destinations that have got another number.

    /**
     * Whether a refused send is worth another attempt: a temporary destination may have been made again, under another
     * number, by a client that had lost its connection, and one that was deleted is made anew. Nothing was stored, and it is
     * tried once.
     */
    synchronized boolean mayRepeat(Sent sent) {
        return !sent.repeated && !over && sent.last.send.failure() instanceof InvalidDestinationException;
    }

    /** The oldest refused send that waits to be repeated, which it does no longer; null for none. */
    synchronized Sent nextRefused() {
        var first = refused.iterator();
        if (!first.hasNext()) return null;
        Sent sent = first.next();
        first.remove();
        hasRefused = !refused.isEmpty();
        return sent;
    }

    synchronized int handle(Sent sent) {
        return sent.handle;
    }

    /** It is about to be repeated under another number. */
    synchronized void repeats(Sent sent, Attempt attempt, int handle) {
        sent.repeated = true;
        sent.last = attempt;
        sent.handle = handle;
        notifyAll();
    }

    /** The repeated send has not left, its transport being lost: it is one of those that are sent on the next. */
    synchronized void lostBeforeSent(Attempt attempt) {
        attempt.send.giveUp(attempt.on.end());
    }

    /**
     * Waits until what was sent under outdated numbers is refused, so that nothing overtakes it.
     *
     * @param isOutdated told of destination and number
     * @return what is to be done then: to repeat what was refused, nothing, or nothing more since the time is over
     */
    synchronized Outdated awaitRefusal(BiPredicate<LarchDestination, Integer> isOutdated, long deadlineNanos)
            throws InterruptedException {
        while (true) {
            if (!refused.isEmpty()) return Outdated.REFUSED;
            boolean waits = false;
            for (Sent sent : sends) {
                if (!(sent.last.send instanceof Unawaited)) continue;
                if (sent.last.on.end() != null) continue; // is sent again with the number of then
                waits |= isOutdated.test(sent.destination, sent.handle);
            }
            if (!waits) return Outdated.NONE;
            long left = deadlineNanos - System.nanoTime();
            if (left <= 0) return Outdated.UNANSWERED;
            TimeUnit.NANOSECONDS.timedWait(this, left);
        }
    }

    /** What has become of the sends under outdated numbers. */
    enum Outdated {
        NONE,
        REFUSED,
        UNANSWERED
    }

    boolean hasRefused() {
        return hasRefused;
    }

    /** It is not sent again, since nobody there can say whether it was stored: whoever waits for the answer is told why. */
    void giveUp(Sent sent, Transport instead, JMSException why) {
        Attempt last = attempt(sent, instead);
        last.send.giveUp(why);
        synchronized (this) {
            sent.last = last;
            refused.remove(sent);
            hasRefused = !refused.isEmpty();
            if (!sends.remove(sent)) return; // told already, the connection being at its end
            notifyAll();
        }
        if (last.send instanceof Unawaited) tell(List.of(last.send));
    }

    synchronized Attempt last(Sent sent) {
        return sent.last;
    }

    /** It is answered, or given up. */
    synchronized void remove(Sent sent) {
        sends.remove(sent);
        refused.remove(sent);
        hasRefused = !refused.isEmpty();
        notifyAll();
    }

    /** What has to be sent again, in order. */
    synchronized List<Sent> lost() {
        List<Sent> lost = new ArrayList<>();
        for (Sent sent : sends) if (isLost(sent.last)) lost.add(sent);
        return lost;
    }

    /** An unawaited send is not marked as complete: what was answered is gone from here. */
    private static boolean isLost(Attempt attempt) {
        return attempt.send instanceof Unawaited || attempt.isLost();
    }

    @Override
    public void completed(List<PendingSend> answered) {
        List<PendingSend> ended = new ArrayList<>(answered.size());
        boolean repeats = false;
        synchronized (this) {
            for (PendingSend send : answered) {
                Unawaited unawaited = (Unawaited) send;
                boolean lost = send.failure() != null && send.failure() == unawaited.on.end();
                if (lost && !over) continue; // it is sent again
                if (send.failure() != null && unawaited.sent.last.send == send && mayRepeat(unawaited.sent)) {
                    repeats |= sends.contains(unawaited.sent) && refused.add(unawaited.sent);
                    continue;
                }
                if (sends.remove(unawaited.sent)) ended.add(send);
            }
            hasRefused = !refused.isEmpty();
            notifyAll();
        }
        tell(ended);
        if (repeats) completions.doSoon(repeat);
    }

    /** The connection is at its end: nothing is sent again. */
    void over() {
        List<PendingSend> ended = new ArrayList<>();
        synchronized (this) {
            over = true;
            refused.clear();
            hasRefused = false;
            notifyAll();
            for (Sent sent : List.copyOf(sends)) {
                if (!(sent.last.send instanceof Unawaited) || sent.last.send.failure() == null) continue;
                sends.remove(sent);
                ended.add(sent.last.send);
            }
        }
        tell(ended);
    }

    private void tell(List<PendingSend> ended) {
        for (PendingSend send : ended) {
            CallbackSend told = ((Unawaited) send).sent.told;
            if (told != null) completions.completed(told, send);
            else if (send.failure() != null) LOG.warn("A NON_PERSISTENT message was not stored", send.failure());
        }
    }
}
