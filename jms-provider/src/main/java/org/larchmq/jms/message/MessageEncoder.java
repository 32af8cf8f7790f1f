package org.larchmq.jms.message;

import jakarta.jms.JMSException;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageLayout;

/** Writes a message as {@link MessageLayout} says. */
public final class MessageEncoder {
    private MessageEncoder() {}

    /**
     * Appends the message to {@code out}; on failure {@code out} is as it was.
     *
     * @throws jakarta.jms.MessageFormatException when it cannot be encoded, for example with too long a name
     */
    public static void encode(LarchMessage message, SendHeaders send, ByteWriter out) throws JMSException {
        int at = out.size();
        try {
            write(message, send, out, at);
        } catch (IllegalArgumentException e) {
            out.truncate(at);
            throw JmsErrors.withCause(JmsErrors.messageFormat("the message cannot be encoded: " + e.getMessage()), e);
        } catch (JMSException | RuntimeException e) {
            out.truncate(at);
            throw e;
        }
    }

    private static void write(LarchMessage message, SendHeaders send, ByteWriter out, int at) throws JMSException {
        boolean nullBody = message.receivedNullBody() || message.hasNullBody();
        out.putByte(MessageLayout.CURRENT_VERSION).putByte(message.bodyType());
        out.putByte(flags(send, nullBody)).putByte(send.priority());
        out.putLong(send.timestampMillis()).putLong(send.expirationMillis()).putLong(send.deliveryTimeMillis());
        out.putLong(send.producerId()).putLong(send.sequence());
        out.putInt(0).putInt(0).putInt(0).putInt(0); // tag hash and three sizes, below
        int headersAt = out.size();
        message.encodeHeaders(out);
        int propertiesAt = out.size();
        message.encodeProperties(out);
        int bodyAt = out.size();
        if (!nullBody) message.encodeBody(out);
        if (propertiesAt + 2 < bodyAt && message.property(MessageLayout.TAG_PROPERTY) instanceof String tag) {
            out.patchInt(at + MessageLayout.TAG_HASH, MessageLayout.tagHash(tag));
        }
        out.patchInt(at + MessageLayout.HEADER_SIZE, propertiesAt - headersAt);
        out.patchInt(at + MessageLayout.PROPERTY_SIZE, bodyAt - propertiesAt);
        out.patchInt(at + MessageLayout.BODY_SIZE, out.size() - bodyAt);
    }

    private static int flags(SendHeaders send, boolean nullBody) {
        int flags = send.deliveryMode() == jakarta.jms.DeliveryMode.PERSISTENT ? MessageLayout.FLAG_PERSISTENT : 0;
        if (!send.hasMessageId()) flags |= MessageLayout.FLAG_NO_MESSAGE_ID;
        if (send.tracked()) flags |= MessageLayout.FLAG_TRACKED;
        if (nullBody) flags |= MessageLayout.FLAG_NULL_BODY;
        return flags;
    }
}
