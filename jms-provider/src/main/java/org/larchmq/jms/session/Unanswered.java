package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
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
    private final CompletionQueue completions;
    private boolean over;

    Unanswered(CompletionQueue completions) {
        this.completions = completions;
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
    synchronized void add(Sent sent, Attempt first) {
        sent.since = first.on.welcome().position();
        sent.store = first.on.welcome().storeId();
        sent.last = first;
        sends.add(sent);
    }

    /** It was sent again. */
    synchronized void again(Sent sent, Attempt attempt) {
        sent.last = attempt;
    }

    /** It is not sent again, since nobody there can say whether it was stored: whoever waits for the answer is told why. */
    void giveUp(Sent sent, Transport instead, JMSException why) {
        Attempt last = attempt(sent, instead);
        last.send.giveUp(why);
        synchronized (this) {
            sent.last = last;
            sends.remove(sent);
        }
        if (last.send instanceof Unawaited) tell(List.of(last.send));
    }

    synchronized Attempt last(Sent sent) {
        return sent.last;
    }

    /** It is answered, or given up. */
    synchronized void remove(Sent sent) {
        sends.remove(sent);
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
        synchronized (this) {
            for (PendingSend send : answered) {
                Unawaited unawaited = (Unawaited) send;
                boolean lost = send.failure() != null && send.failure() == unawaited.on.end();
                if (lost && !over) continue; // it is sent again
                if (sends.remove(unawaited.sent)) ended.add(send);
            }
        }
        tell(ended);
    }

    /** The connection is at its end: nothing is sent again. */
    void over() {
        List<PendingSend> ended = new ArrayList<>();
        synchronized (this) {
            over = true;
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
