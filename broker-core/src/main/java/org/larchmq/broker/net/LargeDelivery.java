package org.larchmq.broker.net;

import java.nio.ByteBuffer;
import org.larchmq.broker.delivery.LargeBodies;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;
import org.larchmq.wire.FrameType;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A large message on its way to a client: its head was sent, the parts of its body follow. Shard thread only. */
final class LargeDelivery implements AutoCloseable {
    private static final Logger LOG = LoggerFactory.getLogger(LargeDelivery.class);

    private final int consumerId;
    private final long sequence;
    private final LargeBodies.Body body;
    private int bodyAt;

    LargeDelivery(int consumerId, long sequence, LargeBodies.Body body) {
        this.consumerId = consumerId;
        this.sequence = sequence;
        this.body = body;
    }

    /** Writes the next part; false when there is none, or when it is damaged: then the client never gets the whole. */
    boolean writePart(FrameBuffer out) {
        if (!body.hasNext()) return false;
        ByteBuffer part;
        try {
            part = body.next();
        } catch (StoreException e) {
            if (e.error() != StoreError.DAMAGED_ENTRY) throw e;
            LOG.error("Part of the body of a large message is damaged, it is not delivered: {}", e.getMessage());
            return false;
        }
        int mark = out.beginFrame(FrameType.DELIVER_PART);
        out.putInt(consumerId);
        out.putLong(sequence);
        out.putInt(bodyAt);
        out.putInt(part.remaining());
        out.put(part, part.position(), part.remaining());
        out.endFrame(mark);
        bodyAt += part.remaining();
        return true;
    }

    @Override
    public void close() {
        body.close();
    }
}
