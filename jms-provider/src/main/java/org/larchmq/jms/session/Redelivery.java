package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import org.larchmq.jms.net.DeliveryBatch.Delivered;
import org.larchmq.jms.net.Transport;
import org.larchmq.message.ByteWriter;
import org.larchmq.wire.AckFrame;
import org.larchmq.wire.FrameType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives messages back for redelivery: for recover, rollback and a listener that failed. Order is kept by giving back
 * everything: first the credit is taken back, so that nothing more is under way, then what the application has seen and
 * what it has not goes to the broker, which delivers all of it again in order against new credit.
 *
 * <p>A consumer whose messages the broker does not track gets its current message again from here.
 */
final class Redelivery {
    private static final Logger LOG = LoggerFactory.getLogger(Redelivery.class);
    private static final int REVOKE = 1;
    private static final int UNTRACKED_ATTEMPTS = 10;

    private final Link link;
    private final SessionInbox inbox;
    private final Acknowledger acknowledger;
    private final int timeoutMillis;

    Redelivery(Link link, SessionInbox inbox, Acknowledger acknowledger, int timeoutMillis) {
        this.link = link;
        this.inbox = inbox;
        this.acknowledger = acknowledger;
        this.timeoutMillis = timeoutMillis;
    }

    /** Something that gives messages back at the broker. */
    interface AtBroker {
        void run() throws JMSException;
    }

    /** Everything that is not acknowledged will be delivered again, in order. */
    void returnAll() throws JMSException {
        returnAll(() -> {});
    }

    /** The same, together with what the broker gives back: nothing is handed over in between. */
    void returnAll(AtBroker alsoGivesBack) throws JMSException {
        inbox.setSuspended(true);
        Transport on = acknowledger.transport();
        try {
            revokeCredit(on, credited());
            acknowledger.flush();
            alsoGivesBack.run();
            ByteWriter frames = new ByteWriter(256);
            inbox.lock.lock();
            try {
                if (!acknowledger.isOn(on)) return; // all of it has gone back with its transport
                encodeReturns(inbox.consumers(), frames);
                for (ConsumerInbox consumer : inbox.consumers()) grant(consumer, frames);
                inbox.consumers().removeIf(ConsumerInbox::isClosed);
            } finally {
                inbox.lock.unlock();
            }
            send(on, frames);
        } catch (JMSException e) {
            if (!link.isRestored(on)) throw e;
            forgetDelivered(on);
        } finally {
            inbox.takeUnitLost();
            inbox.setSuspended(false);
        }
    }

    /** It goes back by itself, because its transport is lost. */
    private void forgetDelivered(Transport lost) {
        inbox.lock.lock();
        try {
            if (!acknowledger.isOn(lost)) return;
            for (ConsumerInbox consumer : inbox.consumers()) {
                consumer.delivered().clear();
                consumer.setCurrent(null);
            }
        } finally {
            inbox.lock.unlock();
        }
    }

    /** Gives back what the application has seen and not acknowledged, and what was lent: the session is closed. */
    void returnDelivered() throws JMSException {
        ByteWriter frames = new ByteWriter(64);
        Transport on;
        inbox.lock.lock();
        try {
            on = acknowledger.transport();
            AckGroups seen = AckGroups.begin(frames, FrameType.RETURN, 0, AckFrame.SEEN);
            for (ConsumerInbox consumer : inbox.consumers()) returnSeen(consumer, seen);
            seen.end();
            AckGroups unseen = AckGroups.begin(frames, FrameType.RETURN, 0, 0);
            for (ConsumerInbox consumer : inbox.consumers()) {
                // those of our own consumers go back with the consumers
                if (consumer.isLent()) unseen.add(consumer.id(), consumer.lastSeen(), consumer.dropBuffered());
            }
            unseen.end();
        } finally {
            inbox.lock.unlock();
        }
        send(on, frames);
    }

    /** Gives back what one inbox holds and nobody has seen, as after an attempt. */
    void returnBuffered(ConsumerInbox consumer) throws JMSException {
        ByteWriter frames = new ByteWriter(64);
        Transport on;
        inbox.lock.lock();
        try {
            on = acknowledger.transport();
            AckGroups returned = AckGroups.begin(frames, FrameType.RETURN, 0, AckFrame.SEEN);
            returned.add(consumer.id(), consumer.lastSeen(), consumer.dropBuffered());
            returned.end();
        } finally {
            inbox.lock.unlock();
        }
        send(on, frames);
    }

    private List<ConsumerInbox> credited() {
        inbox.lock.lock();
        try {
            List<ConsumerInbox> credited = new ArrayList<>();
            for (ConsumerInbox consumer : inbox.consumers()) {
                boolean hasCredit = consumer.isGranted() || consumer.isDemanded();
                boolean open = !consumer.isClosed() && consumer.failure() == null;
                if (consumer.isTracked() && hasCredit && open) credited.add(consumer);
            }
            return credited;
        } finally {
            inbox.lock.unlock();
        }
    }

    /** When this returns nothing is under way to these consumers. */
    private void revokeCredit(Transport on, List<ConsumerInbox> consumers) throws JMSException {
        List<Transport.PendingRequest> requests = new ArrayList<>();
        for (ConsumerInbox consumer : consumers) requests.add(on.ask((id, out) -> drain(id, consumer, REVOKE, out)));
        on.outbound().flush();
        for (Transport.PendingRequest request : requests)
            request.awaitConfirmation("to take credit back", timeoutMillis);
    }

    private static void drain(int requestId, ConsumerInbox consumer, int flags, ByteWriter out) {
        int mark = FrameType.DRAIN.begin(out);
        out.putInt(requestId).putInt(consumer.id()).putByte(flags);
        FrameType.end(out, mark);
    }

    private void encodeReturns(List<ConsumerInbox> consumers, ByteWriter out) {
        AckGroups seen = AckGroups.begin(out, FrameType.RETURN, 0, AckFrame.SEEN);
        for (ConsumerInbox consumer : consumers) {
            if (consumer.isTracked()) returnSeen(consumer, seen);
            else handOverAgain(consumer);
        }
        seen.end();
        AckGroups unseen = AckGroups.begin(out, FrameType.RETURN, 0, 0);
        for (ConsumerInbox consumer : consumers) {
            if (consumer.isTracked()) unseen.add(consumer.id(), consumer.lastSeen(), consumer.dropBuffered());
        }
        unseen.end();
    }

    private static void returnSeen(ConsumerInbox consumer, AckGroups seen) {
        Delivered current = consumer.current();
        if (current != null && consumer.delivered().isEmpty())
            consumer.delivered().add(current.sequence());
        seen.add(consumer.id(), consumer.lastSeen(), consumer.delivered());
        consumer.delivered().clear();
        consumer.setCurrent(null);
    }

    private void handOverAgain(ConsumerInbox consumer) {
        Delivered current = consumer.current();
        consumer.setCurrent(null);
        if (current == null) return;
        if (current.deliveryCount() >= UNTRACKED_ATTEMPTS) {
            LOG.warn(
                    "A message of {} is given up after {} attempts of the listener",
                    consumer.destination(),
                    UNTRACKED_ATTEMPTS);
            return;
        }
        consumer.handOverAgain(current);
        inbox.makeReady(consumer);
    }

    private static void grant(ConsumerInbox consumer, ByteWriter out) {
        consumer.setDemanded(false);
        if (!consumer.isTracked() || !consumer.isGranted() || consumer.isClosed()) return;
        consumer.creditReturned();
        Acknowledger.credit(consumer.id(), Math.max(1, consumer.prefetch()), consumer.prefetchBytes(), out);
    }

    private void send(Transport on, ByteWriter frames) throws JMSException {
        if (frames.size() == 0) return;
        try {
            on.outbound().append(out -> out.putBytes(frames.array(), 0, frames.size()));
        } catch (JMSException e) {
            if (!link.isRestored(on)) throw e; // what it says is said again, or does not matter any more
        }
        on.outbound().flush();
    }

    // Credit for those who receive.

    /** Grants a consumer's credit if the connection is started and it does not have it. */
    void grantIfRunning(ConsumerInbox consumer) throws JMSException {
        ByteWriter frames = new ByteWriter(32);
        Transport on;
        inbox.lock.lock();
        try {
            on = acknowledger.transport();
            boolean onDemand = consumer.prefetch() == 0 && consumer.listener() == null;
            if (!inbox.isRunning() || inbox.isDetached() || consumer.isClosed()) return;
            if (onDemand) {
                if (consumer.isWanted()) encodeDemand(consumer, frames);
            } else if (!consumer.isGranted()) {
                consumer.setGranted();
                Acknowledger.credit(consumer.id(), Math.max(1, consumer.prefetch()), consumer.prefetchBytes(), frames);
            }
        } finally {
            inbox.lock.unlock();
        }
        send(on, frames);
    }

    /** With prefetch 0: asks for one message, unless one is there or asked for. */
    void demand(ConsumerInbox consumer) throws JMSException {
        if (consumer.prefetch() > 0) return;
        ByteWriter frames = new ByteWriter(32);
        Transport on;
        inbox.lock.lock();
        try {
            on = acknowledger.transport();
            if (inbox.isRunning() && !inbox.isDetached()) encodeDemand(consumer, frames);
            else consumer.setWanted(true);
        } finally {
            inbox.lock.unlock();
        }
        send(on, frames);
    }

    private static void encodeDemand(ConsumerInbox consumer, ByteWriter out) {
        consumer.setWanted(false);
        if (consumer.hasMessages() || consumer.isDemanded()) return;
        consumer.setDemanded(true);
        Acknowledger.credit(consumer.id(), 1, consumer.prefetchBytes(), out);
    }

    /** Waits until all that the broker has for the consumer is here; with prefetch 0 it keeps the rest. */
    void drain(ConsumerInbox consumer) throws JMSException {
        int flags = consumer.prefetch() == 0 ? REVOKE : 0;
        Transport on = acknowledger.transport();
        try {
            on.callOrThrow(timeoutMillis, (id, out) -> drain(id, consumer, flags, out));
        } catch (JMSException e) {
            if (link.isRestored(on)) return; // nothing is there now
            throw e;
        }
        if (flags == 0) return;
        inbox.lock.lock();
        try {
            consumer.setDemanded(false);
            consumer.setWanted(false);
        } finally {
            inbox.lock.unlock();
        }
    }
}
