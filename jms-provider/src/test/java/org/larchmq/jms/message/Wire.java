package org.larchmq.jms.message;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import java.nio.ByteBuffer;
import java.util.List;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageLayout;

/** Sends a message through its encoding, as a broker would. */
final class Wire {
    static final LarchQueue QUEUE = new LarchQueue("q");
    static final SendHeaders SEND = new SendHeaders(QUEUE, 0xABCDL, 7, true, 1000, 2000, 0, DeliveryMode.PERSISTENT, 4);

    private Wire() {}

    static byte[] encode(LarchMessage message, SendHeaders send) throws JMSException {
        ByteWriter out = new ByteWriter(64);
        out.putLong(0); // a message does not begin at 0 in a frame
        MessageEncoder.encode(message, send, out);
        return out.toByteArray();
    }

    @SuppressWarnings("unchecked")
    static <M extends LarchMessage> M receive(M message, SendHeaders send, String... trusted) throws JMSException {
        ByteBuffer frame = ByteBuffer.wrap(encode(message, send));
        MessageLayout.check(frame, 8, frame.limit() - 8);
        return (M) new MessageDecoder(QUEUE, new ObjectTrust(List.of(trusted)), 1 << 20, () -> {})
                .decode(frame, 8, frame.limit() - 8, false, 1, null, null);
    }

    static <M extends LarchMessage> M receive(M message) throws JMSException {
        return receive(message, SEND);
    }
}
