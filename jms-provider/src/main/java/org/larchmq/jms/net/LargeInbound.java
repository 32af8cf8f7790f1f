package org.larchmq.jms.net;

import java.nio.ByteBuffer;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.ProtocolException;
import org.larchmq.wire.DeliverFrame;

/**
 * Puts a large message together again, from DELIVER_LARGE and the DELIVER_PARTs behind it, to what DELIVER would have
 * brought. One at a time on a connection; the reading thread's.
 */
final class LargeInbound {
    private static final int SIZE_AT = DeliverFrame.HEADER_BYTES + DeliverFrame.PER_MESSAGE_BYTES - Integer.BYTES;

    private final int maxMessageBytes;
    private ByteBuffer frame;
    private int bodyAt;
    private int bodyBytes;
    private int received;

    LargeInbound(int maxMessageBytes) {
        this.maxMessageBytes = maxMessageBytes;
    }

    /** One that was under way is forgotten: the broker could not read it to its end. */
    void begin(ByteReader in) {
        ByteBuffer head = in.buffer();
        int from = in.position();
        int bytes = in.remaining();
        if (bytes < SIZE_AT + Integer.BYTES) throw ProtocolException.malformed("a large message without a head");
        int headBytes = head.getInt(from + SIZE_AT);
        int headAt = from + SIZE_AT + Integer.BYTES;
        if (headBytes < 0 || headBytes > from + bytes - headAt) {
            throw ProtocolException.malformed("a head of " + headBytes + " bytes");
        }
        MessageLayout.checkHead(head, headAt, headBytes);
        bodyBytes = head.getInt(headAt + MessageLayout.BODY_SIZE);
        if (bodyBytes < 1 || bodyBytes > maxMessageBytes - headBytes) {
            throw new ProtocolException(ErrorCode.PROTOCOL, "a body of " + bodyBytes + " bytes");
        }
        received = 0;
        int before = SIZE_AT + Integer.BYTES + headBytes;
        bodyAt = before;
        frame = ByteBuffer.allocate(bytes + bodyBytes);
        frame.put(0, head, from, before);
        frame.putInt(SIZE_AT, headBytes + bodyBytes);
        frame.put(before + bodyBytes, head, from + before, bytes - before);
    }

    /** Adds a part; returns the whole message when it was the last one, null before. */
    DeliveryBatch part(ByteReader in) {
        int consumerId = in.getInt();
        long sequence = in.getLong();
        int at = in.getInt();
        int size = in.getSize();
        boolean follows = frame != null
                && consumerId == frame.getInt(0)
                && sequence == frame.getLong(Integer.BYTES)
                && at == received
                && size <= bodyBytes - received
                && size == in.remaining();
        if (!follows) throw ProtocolException.malformed("a part of a message that does not follow the one before");
        frame.put(bodyAt + received, in.buffer(), in.position(), size);
        received += size;
        if (received < bodyBytes) return null;
        ByteBuffer whole = frame;
        frame = null;
        return new DeliveryBatch(new ByteReader(whole));
    }
}
