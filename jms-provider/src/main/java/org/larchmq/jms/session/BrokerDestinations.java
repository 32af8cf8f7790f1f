package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.message.LarchDestination;
import org.larchmq.jms.net.Transport;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;

/** What a connection knows of the broker's destinations: their handles, and which temporary ones are its own. */
final class BrokerDestinations {
    /** No destination has this handle. */
    private static final int NOWHERE = 0;

    private static final int HANDLES = 1000;

    private final Handles handles = new Handles(HANDLES);
    private final Map<String, LarchDestination> ownTemporaries = new ConcurrentHashMap<>();
    private volatile Set<LarchDestination> unknown = Set.of(); // refused when the connection was restored
    private volatile boolean mayBeGone;
    private final AtomicInteger renewals = new AtomicInteger();
    private final Link link;
    private final int timeoutMillis;

    BrokerDestinations(Link link, int timeoutMillis) {
        this.link = link;
        this.timeoutMillis = timeoutMillis;
    }

    /** The broker's number for a destination, asked for once. */
    int handle(LarchDestination destination) throws JMSException {
        if (mayBeGone) askAgain();
        Integer known = handles.get(destination);
        return known != null ? known : askForHandle(destination);
    }

    /**
     * The broker has refused something that was sent to a destination that it does not know: one of those that are known here
     * was deleted, and may be made anew under another number. All are asked for again.
     */
    void mayBeGone() {
        mayBeGone = true;
    }

    private void askAgain() {
        mayBeGone = false;
        handles.replaceBy(Map.of());
    }

    private int askForHandle(LarchDestination destination) throws JMSException {
        while (true) {
            Transport on = link.usable();
            try {
                Frames.Reply reply = open(on, destination.kind(), destination.name());
                if (remember(on, destination, (int) reply.value())) return (int) reply.value();
            } catch (JMSException e) {
                if (!link.isLoss(e, on)) throw e;
            }
        }
    }

    /** False when the number came over a transport that has been replaced meanwhile: it may be another broker's. */
    private synchronized boolean remember(Transport from, LarchDestination destination, int handle) {
        if (from.end() != null || from != link.transport()) return false;
        handles.put(destination, handle);
        renewals.incrementAndGet();
        return true;
    }

    /** Changes whenever a destination may have got another number. */
    int renewals() {
        return renewals.get();
    }

    /** Whether the destination is known under another number by now. */
    boolean isOutdated(LarchDestination destination, int handle) {
        Integer known = handles.get(destination);
        return known != null && known != handle;
    }

    /**
     * The number of a destination that the broker does not know under an earlier one: whoever made a temporary destination
     * has made it again after losing its connection, and a permanent one that was deleted is made anew when it is used.
     *
     * @throws jakarta.jms.InvalidDestinationException when it is gone
     */
    int renewed(LarchDestination destination, int earlier) throws JMSException {
        Integer known = handles.get(destination);
        if (known != null && known == earlier) forget(destination);
        return handle(destination);
    }

    /** Asks for the numbers of destinations all at once. What is gone is not in the answer. */
    Map<LarchDestination, Integer> renewed(Transport on, Set<LarchDestination> destinations) throws JMSException {
        Map<LarchDestination, Transport.PendingRequest> requests = new LinkedHashMap<>();
        for (LarchDestination destination : destinations) {
            requests.put(
                    destination,
                    on.ask((id, out) ->
                            new Frames.OpenDestination(id, destination.kind(), destination.name()).encode(out)));
        }
        on.outbound().flush();
        Map<LarchDestination, Integer> known = new HashMap<>();
        for (var request : requests.entrySet()) {
            Frames.Reply reply = request.getValue().await(timeoutMillis);
            if (reply.code() != ErrorCode.OK) continue;
            known.put(request.getKey(), (int) reply.value());
            remember(on, request.getKey(), (int) reply.value());
        }
        return known;
    }

    /** It is gone at the broker; it may be made anew under another number. */
    void forget(LarchDestination destination) {
        handles.remove(destination);
    }

    private Frames.Reply open(Transport on, DestinationKind kind, String name) throws JMSException {
        return on.callOrThrow(timeoutMillis, (id, out) -> new Frames.OpenDestination(id, kind, name).encode(out));
    }

    /** Returns the name of a new temporary destination. */
    String makeTemporary(DestinationKind kind) throws JMSException {
        while (true) {
            Transport on = link.usable();
            try {
                Frames.Reply reply = open(on, kind, "");
                LarchDestination made = LarchDestination.of(kind, reply.name());
                ownTemporaries.put(reply.name(), made);
                if (remember(on, made, (int) reply.value())) return reply.name();
                ownTemporaries.remove(reply.name());
            } catch (JMSException e) {
                if (!link.isLoss(e, on)) throw e;
            }
        }
    }

    void checkMayConsume(LarchDestination destination) throws JMSException {
        if (destination.kind().isTemporary() && !ownTemporaries.containsKey(destination.name())) {
            throw JmsErrors.invalidDestination(destination
                    + " is not a temporary destination of this connection, which alone may consume from it");
        }
    }

    /** Deleting it again has no effect. */
    void deleteTemporary(LarchDestination destination) throws JMSException {
        if (!ownTemporaries.containsKey(destination.name())) return;
        int handle = handle(destination);
        Transport on = link.usable();
        try {
            on.callOrThrow(timeoutMillis, (id, out) -> {
                int mark = FrameType.DELETE_DESTINATION.begin(out);
                out.putInt(id).putInt(handle);
                FrameType.end(out, mark);
            });
        } catch (JMSException e) {
            if (!link.isRestored(on)) throw e; // otherwise it has ended with its transport
        }
        ownTemporaries.remove(destination.name());
        handles.remove(destination);
    }

    /**
     * Asks a new transport for everything that was known of the old one; temporary destinations of this connection are
     * made again under their names.
     *
     * @throws JMSException when the transport is lost, or its broker is stopping: then everything is still known and can be
     *                      asked for on the next; a destination that is refused otherwise is known no more
     */
    synchronized void restore(Transport to) throws JMSException {
        Map<LarchDestination, Integer> restored = new HashMap<>();
        Set<LarchDestination> refused = new HashSet<>();
        List<LarchDestination> asked = known();
        List<Transport.PendingRequest> requests = new ArrayList<>();
        for (LarchDestination destination : asked) {
            boolean own = ownTemporaries.containsKey(destination.name());
            requests.add(to.ask((id, out) -> {
                if (own) new Frames.RestoreDestination(id, destination.kind(), destination.name()).encode(out);
                else new Frames.OpenDestination(id, destination.kind(), destination.name()).encode(out);
            }));
        }
        to.outbound().flush();
        for (int i = 0; i < asked.size(); i++) {
            Frames.Reply reply = requests.get(i).await(timeoutMillis);
            if (reply.code() == ErrorCode.STOPPING) throw JmsErrors.refused(reply.code(), reply.text());
            if (reply.code() == ErrorCode.OK) restored.put(asked.get(i), (int) reply.value());
            else refused.add(asked.get(i));
        }
        handles.replaceBy(restored);
        unknown = refused;
    }

    /** Own temporary destinations are made again, however long ago they were used. */
    private List<LarchDestination> known() {
        Set<LarchDestination> known = new LinkedHashSet<>(handles.destinations());
        known.addAll(ownTemporaries.values());
        return new ArrayList<>(known);
    }

    /**
     * While the connection is being restored: the number on the new transport, or one that no destination has.
     *
     * @throws JMSException when the transport is lost
     */
    int restored(LarchDestination destination, Transport to) throws JMSException {
        Integer known = handles.get(destination);
        if (known != null) return known;
        if (unknown.contains(destination)) return NOWHERE;
        Frames.Reply reply = to.call(
                timeoutMillis,
                (id, out) -> new Frames.OpenDestination(id, destination.kind(), destination.name()).encode(out));
        if (reply.code() != ErrorCode.OK) return NOWHERE;
        handles.put(destination, (int) reply.value());
        return (int) reply.value();
    }
}
