package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.message.LarchDestination;
import org.larchmq.jms.net.Transport;
import org.larchmq.wire.DestinationKind;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;

/** What a connection knows of the broker's destinations: their handles, and which temporary ones are its own. */
final class BrokerDestinations {
    private final Map<LarchDestination, Integer> handles = new ConcurrentHashMap<>();
    private final Set<String> ownTemporaries = ConcurrentHashMap.newKeySet();
    private final Supplier<Transport> transport;
    private final int timeoutMillis;

    /** @param transport of the connection, at the time of asking */
    BrokerDestinations(Supplier<Transport> transport, int timeoutMillis) {
        this.transport = transport;
        this.timeoutMillis = timeoutMillis;
    }

    /** The broker's number for a destination, asked for once. */
    int handle(LarchDestination destination) throws JMSException {
        Integer known = handles.get(destination);
        if (known != null) return known;
        Frames.Reply reply = open(destination.kind(), destination.name());
        handles.put(destination, (int) reply.value());
        return (int) reply.value();
    }

    /** It is gone at the broker; it may be made anew under another number. */
    void forget(LarchDestination destination) {
        handles.remove(destination);
    }

    private Frames.Reply open(DestinationKind kind, String name) throws JMSException {
        return transport
                .get()
                .callOrThrow(timeoutMillis, (id, out) -> new Frames.OpenDestination(id, kind, name).encode(out));
    }

    /** Returns the name of a new temporary destination. */
    String makeTemporary(DestinationKind kind) throws JMSException {
        Frames.Reply reply = open(kind, "");
        ownTemporaries.add(reply.name());
        handles.put(LarchDestination.of(kind, reply.name()), (int) reply.value());
        return reply.name();
    }

    void checkMayConsume(LarchDestination destination) throws JMSException {
        if (destination.kind().isTemporary() && !ownTemporaries.contains(destination.name())) {
            throw JmsErrors.invalidDestination(destination
                    + " is not a temporary destination of this connection, which alone may consume from it");
        }
    }

    /** Deleting it again has no effect. */
    void deleteTemporary(LarchDestination destination) throws JMSException {
        if (!ownTemporaries.contains(destination.name())) return;
        int handle = handle(destination);
        transport.get().callOrThrow(timeoutMillis, (id, out) -> {
            int mark = out.beginFrame(FrameType.DELETE_DESTINATION);
            out.putInt(id).putInt(handle);
            out.endFrame(mark);
        });
        ownTemporaries.remove(destination.name());
        handles.remove(destination);
    }
}
