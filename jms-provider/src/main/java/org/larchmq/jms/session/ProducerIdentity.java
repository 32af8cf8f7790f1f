package org.larchmq.jms.session;

import jakarta.jms.JMSException;
import org.larchmq.jms.net.Transport;
import org.larchmq.message.ByteWriter;
import org.larchmq.wire.ClientIdentity;
import org.larchmq.wire.FrameType;

/**
 * Who a session is as a producer: the id that its messages carry and its commits are named by. The broker computes the id
 * too, from what the connection's HELLO said and the index that is declared here, so that nobody else can send as this
 * producer. Declared on each transport before it is used there. Safe from any thread.
 */
final class ProducerIdentity {
    private final int index;
    private final long id;
    private volatile Transport declaredOn;

    ProducerIdentity(ClientIdentity client, int index) {
        this.index = index;
        id = client.producerId(index);
    }

    /** The producer id in messages and named commits. */
    long id() {
        return id;
    }

    /** Tells the broker, before anything is sent on this transport as this producer; cheap when that is done. */
    void declareOn(Transport transport) throws JMSException {
        if (declaredOn == transport) return;
        synchronized (this) {
            if (declaredOn == transport) return;
            transport.outbound().append(this::encodeDeclaration);
            declaredOn = transport;
        }
    }

    /** The session is closed: tells the broker, if it knows the producer. */
    void close() {
        Transport on = declaredOn;
        if (on != null && on.end() == null) on.outbound().appendUrgent(out -> encode(FrameType.PRODUCER_CLOSED, out));
    }

    /** Writes the declaration; repeating it is harmless. */
    void encodeDeclaration(ByteWriter out) {
        encode(FrameType.PRODUCER, out);
    }

    private void encode(FrameType type, ByteWriter out) {
        int mark = type.begin(out);
        out.putInt(index);
        FrameType.end(out, mark);
    }
}
