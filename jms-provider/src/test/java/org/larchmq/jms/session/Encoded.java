package org.larchmq.jms.session;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import org.larchmq.jms.message.LarchQueue;
import org.larchmq.jms.message.LarchTextMessage;
import org.larchmq.jms.message.MessageEncoder;
import org.larchmq.jms.message.SendHeaders;
import org.larchmq.message.ByteWriter;

/** Messages as a broker would deliver them. */
final class Encoded {
    private Encoded() {}

    static byte[] text(String text) throws JMSException {
        ByteWriter out = new ByteWriter(128);
        SendHeaders send = new SendHeaders(new LarchQueue("q"), 1, 1, true, 1000, 0, 0, DeliveryMode.PERSISTENT, 4);
        MessageEncoder.encode(new LarchTextMessage(text), send, out);
        return out.toByteArray();
    }

    static byte[] expiringAt(long millis) throws JMSException {
        ByteWriter out = new ByteWriter(128);
        SendHeaders send =
                new SendHeaders(new LarchQueue("q"), 1, 1, true, 1000, millis, 0, DeliveryMode.PERSISTENT, 4);
        MessageEncoder.encode(new LarchTextMessage("expiring"), send, out);
        return out.toByteArray();
    }

    static byte[][] texts(int count) throws JMSException {
        byte[][] all = new byte[count][];
        for (int i = 0; i < count; i++) all[i] = text("m" + i);
        return all;
    }
}
