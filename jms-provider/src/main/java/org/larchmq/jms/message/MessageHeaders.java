package org.larchmq.jms.message;

import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageFormatRuntimeException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.ProtocolException;

/**
 * The JMS headers of a message (specification 3.4). The fixed ones are read at once, the optional ones when first asked
 * for. The message id's text is made when it is asked for.
 */
abstract class MessageHeaders implements Message {
    private Encoded encodedHeaders;
    private String messageId;
    private boolean hasIdentity;
    private long producerId;
    private long sequence;
    private long timestamp;
    private long expiration;
    private long deliveryTime;
    private int deliveryMode = DeliveryMode.PERSISTENT;
    private int priority = DEFAULT_PRIORITY;
    private boolean redelivered;
    private Destination destination;
    private Destination replyTo;
    private String correlationId;
    private byte[] correlationIdBytes;
    private String type;

    MessageHeaders() {}

    MessageHeaders(Encoded encoded, LarchDestination destination, boolean redelivered) {
        ByteBuffer frame = encoded.frame();
        int at = encoded.at();
        int flags = frame.get(at + MessageLayout.FLAGS);
        encodedHeaders = encoded;
        hasIdentity = (flags & MessageLayout.FLAG_NO_MESSAGE_ID) == 0;
        deliveryMode =
                (flags & MessageLayout.FLAG_PERSISTENT) != 0 ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT;
        producerId = MessageLayout.producerId(frame, at);
        sequence = MessageLayout.sequence(frame, at);
        timestamp = MessageLayout.timestampMillis(frame, at);
        expiration = MessageLayout.expirationMillis(frame, at);
        deliveryTime = MessageLayout.deliveryTimeMillis(frame, at);
        if (deliveryTime == 0) deliveryTime = timestamp;
        priority = MessageLayout.priority(frame, at);
        this.destination = destination;
        this.redelivered = redelivered;
    }

    /** Fills in what a send decides. */
    public final void stamp(SendHeaders headers) {
        producerId = headers.producerId();
        sequence = headers.sequence();
        hasIdentity = headers.hasMessageId();
        messageId = null;
        timestamp = headers.timestampMillis();
        expiration = headers.expirationMillis();
        deliveryTime = headers.deliveryTimeMillis() != 0 ? headers.deliveryTimeMillis() : timestamp;
        deliveryMode = headers.deliveryMode();
        priority = headers.priority();
        destination = headers.destination();
        redelivered = false;
    }

    final void encodeHeaders(ByteWriter out) throws JMSException {
        decodeHeaders();
        int presence = 0;
        boolean isText = correlationIdBytes == null || CorrelationIds.isText(correlationIdBytes);
        if (correlationId != null || correlationIdBytes != null) presence |= MessageLayout.HAS_CORRELATION_ID;
        if (!isText) presence |= MessageLayout.CORRELATION_ID_IS_BYTES;
        if (replyTo != null) presence |= MessageLayout.HAS_REPLY_TO;
        if (type != null) presence |= MessageLayout.HAS_TYPE;
        out.putByte(presence);
        if (correlationIdBytes != null) out.putInt(correlationIdBytes.length).putBytes(correlationIdBytes);
        else if (correlationId != null) out.putString(correlationId);
        if (replyTo != null) {
            LarchDestination to = own(replyTo, "JMSReplyTo");
            out.putByte(to.kind().number()).putShortString(to.name());
        }
        if (type != null) out.putString(type);
    }

    /** @throws jakarta.jms.InvalidDestinationException when it is another provider's */
    static LarchDestination own(Destination destination, String role) throws JMSException {
        if (destination instanceof LarchDestination own) return own;
        throw JmsErrors.invalidDestination(role + " is "
                + (destination == null
                        ? "null"
                        : "of another provider: " + destination.getClass().getName()));
    }

    private void decodeHeaders() {
        if (encodedHeaders == null) return;
        try {
            readHeaders(encodedHeaders.headers());
        } catch (ProtocolException e) {
            throw damaged("headers", e);
        }
        encodedHeaders = null;
    }

    /** What another client has written and nobody can read: unchecked, since getters of the simplified API use it too. */
    static MessageFormatRuntimeException damaged(String part, ProtocolException e) {
        return new MessageFormatRuntimeException(
                "the " + part + " of a message are damaged: " + e.getMessage(), ClientError.MESSAGE_FORMAT.text(), e);
    }

    private void readHeaders(ByteReader in) {
        int presence = in.getUnsignedByte();
        if ((presence & MessageLayout.HAS_CORRELATION_ID) != 0) {
            if ((presence & MessageLayout.CORRELATION_ID_IS_BYTES) != 0) correlationIdBytes = in.getBytes(in.getSize());
            else correlationId = in.getString();
        }
        if ((presence & MessageLayout.HAS_REPLY_TO) != 0) {
            replyTo = LarchDestination.of(DestinationKind.of(in.getUnsignedByte()), in.getShortString());
        }
        if ((presence & MessageLayout.HAS_TYPE) != 0) type = in.getString();
    }

    @Override
    public String getJMSMessageID() {
        if (messageId == null && hasIdentity) messageId = MessageLayout.messageId(producerId, sequence);
        return messageId;
    }

    @Override
    public void setJMSMessageID(String id) {
        messageId = id;
        hasIdentity = false;
    }

    @Override
    public long getJMSTimestamp() {
        return timestamp;
    }

    @Override
    public void setJMSTimestamp(long timestamp) {
        this.timestamp = timestamp;
    }

    @Override
    public byte[] getJMSCorrelationIDAsBytes() {
        decodeHeaders();
        if (correlationIdBytes != null) return correlationIdBytes.clone();
        return correlationId == null ? null : correlationId.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void setJMSCorrelationIDAsBytes(byte[] correlationId) {
        decodeHeaders();
        this.correlationId = null;
        correlationIdBytes = correlationId == null ? null : correlationId.clone();
    }

    @Override
    public String getJMSCorrelationID() {
        decodeHeaders();
        return correlationIdBytes != null ? CorrelationIds.text(correlationIdBytes) : correlationId;
    }

    @Override
    public void setJMSCorrelationID(String correlationId) {
        decodeHeaders();
        this.correlationId = correlationId;
        correlationIdBytes = null;
    }

    @Override
    public Destination getJMSReplyTo() {
        decodeHeaders();
        return replyTo;
    }

    @Override
    public void setJMSReplyTo(Destination replyTo) {
        decodeHeaders();
        this.replyTo = replyTo;
    }

    @Override
    public Destination getJMSDestination() {
        return destination;
    }

    @Override
    public void setJMSDestination(Destination destination) {
        this.destination = destination;
    }

    @Override
    public int getJMSDeliveryMode() {
        return deliveryMode;
    }

    @Override
    public void setJMSDeliveryMode(int deliveryMode) {
        this.deliveryMode = deliveryMode;
    }

    @Override
    public boolean getJMSRedelivered() {
        return redelivered;
    }

    @Override
    public void setJMSRedelivered(boolean redelivered) {
        this.redelivered = redelivered;
    }

    @Override
    public String getJMSType() {
        decodeHeaders();
        return type;
    }

    @Override
    public void setJMSType(String type) {
        decodeHeaders();
        this.type = type;
    }

    @Override
    public long getJMSExpiration() {
        return expiration;
    }

    @Override
    public void setJMSExpiration(long expiration) {
        this.expiration = expiration;
    }

    @Override
    public long getJMSDeliveryTime() {
        return deliveryTime;
    }

    @Override
    public void setJMSDeliveryTime(long deliveryTime) {
        this.deliveryTime = deliveryTime;
    }

    @Override
    public int getJMSPriority() {
        return priority;
    }

    @Override
    public void setJMSPriority(int priority) {
        this.priority = priority;
    }
}
