package org.larchmq.jms.net;

import java.nio.ByteBuffer;
import org.larchmq.message.ByteReader;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.MessageLayout;
import org.larchmq.wire.DeliverFrame;

/** The messages of one DELIVER frame, taken out one by one. Belongs to one thread at a time. */
public final class DeliveryBatch {
    private final ByteReader in;
    private final int consumerId;
    private long nextSequence;
    private int remaining;
    private final long arrivedNanos = System.nanoTime();

    /**
     * @param body reader of a DELIVER body in a buffer that nobody else uses
     * @throws org.larchmq.message.ProtocolException when it is malformed; later there is nothing that could fail
     */
    DeliveryBatch(ByteReader body) {
        in = body;
        consumerId = in.getInt();
        nextSequence = in.getLong();
        remaining = in.getCount(DeliverFrame.PER_MESSAGE_BYTES + MessageLayout.FIXED_BYTES);
        check();
    }

    private void check() {
        int start = in.position();
        int end = start + in.remaining();
        for (int i = 0; i < remaining; i++) {
            int flags = in.getUnsignedByte();
            in.skip(Short.BYTES);
            int size = in.getSize();
            MessageLayout.check(in.buffer(), in.position(), size);
            in.skip(size);
            if ((flags & DeliverFrame.ORIGIN) != 0) {
                DestinationKind.of(in.getUnsignedByte());
                in.skip(in.getUnsignedShort());
                in.skip(in.getUnsignedShort());
            }
        }
        in.end();
        in.reset(in.buffer(), start, end);
    }

    public int consumerId() {
        return consumerId;
    }

    /** Messages not taken out yet. */
    public int remaining() {
        return remaining;
    }

    /** Delivery sequence of the next message. */
    public long nextSequence() {
        return nextSequence;
    }

    /**
     * Forgets the last messages.
     *
     * @param messages at most {@link #remaining}
     * @return delivery sequence of the first that was forgotten
     */
    public long dropLast(int messages) {
        remaining -= messages;
        return nextSequence + remaining;
    }

    /** Takes the next message out; there must be one. */
    public Delivered next() {
        int flags = in.getUnsignedByte();
        int deliveryCount = in.getUnsignedShort();
        int size = in.getSize();
        int at = in.position();
        ByteBuffer frame = in.buffer();
        in.skip(size);
        DestinationKind originKind = null;
        String originName = null;
        String reason = null;
        if ((flags & DeliverFrame.ORIGIN) != 0) {
            originKind = DestinationKind.of(in.getUnsignedByte());
            originName = in.getShortString();
            reason = in.getShortString();
        }
        remaining--;
        return new Delivered(
                frame,
                at,
                size,
                nextSequence++,
                (flags & DeliverFrame.REDELIVERED) != 0,
                deliveryCount,
                originKind,
                originName,
                reason,
                arrivedNanos);
    }

    /**
     * One delivered message: where its bytes are, and what the broker says about it.
     *
     * @param originKind   null unless it was dead-lettered
     * @param arrivedNanos when it came, of System.nanoTime
     */
    public record Delivered(
            ByteBuffer frame,
            int at,
            int size,
            long sequence,
            boolean redelivered,
            int deliveryCount,
            DestinationKind originKind,
            String originName,
            String reason,
            long arrivedNanos) {
        /** The next attempt of a message that the broker does not track. */
        public Delivered again() {
            return new Delivered(
                    frame, at, size, sequence, true, deliveryCount + 1, originKind, originName, reason, arrivedNanos);
        }

        public boolean isCompressed() {
            return MessageLayout.isCompressed(frame, at);
        }

        /** Of {@link MessageLayout}. */
        public int bodyType() {
            return frame.get(at + MessageLayout.BODY_TYPE);
        }

        public long timestampMillis() {
            return MessageLayout.timestampMillis(frame, at);
        }

        public long expirationMillis() {
            return MessageLayout.expirationMillis(frame, at);
        }
    }
}
