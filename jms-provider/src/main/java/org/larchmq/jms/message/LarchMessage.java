package org.larchmq.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.MessageFormatException;
import jakarta.jms.MessageNotReadableException;
import jakarta.jms.MessageNotWriteableException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import org.larchmq.jms.error.ClientError;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.ProtocolException;

/** A message without a body, and what all kinds of messages share: properties, acknowledgement, read-only states. */
public class LarchMessage extends MessageHeaders {
    private static final String DELIVERY_COUNT = "JMSXDeliveryCount";

    private Encoded encodedProperties;
    private Encoded encodedBody;
    private MessageProperties properties;
    private boolean bodyReadOnly;
    private Receipt receipt;
    private int deliveryCount;
    private Received.Origin origin;

    /** Where a received message came from. */
    public interface Receipt {
        /** Acknowledges all that the session has received, if that is its mode. */
        void acknowledge() throws JMSException;
    }

    public LarchMessage() {}

    LarchMessage(Received received) {
        super(received.encoded(), received.destination(), received.redelivered());
        encodedProperties = received.encoded();
        encodedBody = received.encoded();
        bodyReadOnly = true;
        receipt = received.receipt();
        deliveryCount = received.deliveryCount();
        origin = received.origin();
    }

    // What the kinds of messages override.

    int bodyType() {
        return MessageLayout.BODY_NONE;
    }

    boolean hasNullBody() {
        return false;
    }

    /** Writes a body that was made or changed here. */
    void writeBody(ByteWriter out) throws JMSException {}

    /** Reads a received body; called once, when it is first needed. */
    void readBody(ByteReader in) throws JMSException {}

    void forgetBody() {}

    // The body and its states.

    /** To be called before any access to the body. When it fails it can be called again. */
    final void decodeBody() throws JMSException {
        if (encodedBody == null) return;
        try {
            readBody(encodedBody.body());
        } catch (ProtocolException e) {
            throw JmsErrors.withCause(JmsErrors.messageFormat("the body is damaged: " + e.getMessage()), e);
        }
        encodedBody = null;
    }

    final void encodeBody(ByteWriter out) throws JMSException {
        if (encodedBody == null) {
            writeBody(out);
            return;
        }
        ByteReader body = encodedBody.body();
        ByteBuffer bytes = body.buffer();
        out.putBytes(bytes.array(), bytes.arrayOffset() + body.position(), body.remaining());
    }

    /** Whether the received body says that it is null; only before {@link #decodeBody} has read it. */
    final boolean receivedNullBody() {
        return encodedBody != null
                && (encodedBody.frame().get(encodedBody.at() + MessageLayout.FLAGS) & MessageLayout.FLAG_NULL_BODY)
                        != 0;
    }

    final boolean isEncoded() {
        return encodedBody != null;
    }

    final boolean isBodyReadOnly() {
        return bodyReadOnly;
    }

    final void makeBodyReadOnly() {
        bodyReadOnly = true;
    }

    final void checkBodyWriteable() throws MessageNotWriteableException {
        if (bodyReadOnly) {
            throw new MessageNotWriteableException(
                    "the body of a received message is read-only until clearBody()", ClientError.ILLEGAL_STATE.text());
        }
    }

    final void checkBodyReadable() throws MessageNotReadableException {
        if (!bodyReadOnly) {
            throw new MessageNotReadableException(
                    "the body is being written; call reset() before reading it", ClientError.ILLEGAL_STATE.text());
        }
    }

    @Override
    public void clearBody() throws JMSException {
        encodedBody = null;
        bodyReadOnly = false;
        forgetBody();
    }

    /** The body as an object of the API's table for this kind of message; null when there is none. */
    Object bodyObject(Class<?> wanted) throws JMSException {
        return null;
    }

    /** What an application that asks for a body and no message gets for an empty one; null where that is none. */
    public Object emptyBody() {
        return null;
    }

    @Override
    public <T> T getBody(Class<T> wanted) throws JMSException {
        Object body = bodyObject(wanted);
        if (body == null) return null;
        if (wanted.isInstance(body)) return wanted.cast(body);
        throw new MessageFormatException(
                "the body is a " + body.getClass().getName() + ", not a " + wanted.getName(),
                ClientError.MESSAGE_FORMAT.text());
    }

    @Override
    @SuppressWarnings("rawtypes")
    public boolean isBodyAssignableTo(Class wanted) throws JMSException {
        Object body = bodyObject(wanted);
        return body == null || wanted.isInstance(body);
    }

    @Override
    public void acknowledge() throws JMSException {
        if (receipt != null) receipt.acknowledge();
    }

    // Properties.

    final MessageProperties properties() {
        if (properties != null) return properties;
        if (encodedProperties == null) {
            properties = new MessageProperties();
        } else {
            try {
                properties = MessageProperties.decode(encodedProperties.properties());
            } catch (ProtocolException e) {
                if (origin == null) throw damaged("properties", e);
                properties = MessageProperties.unreadable(); // at least those that say so
            }
            encodedProperties = null;
            if (deliveryCount > 0) properties.setByProvider(DELIVERY_COUNT, deliveryCount);
            if (origin != null) origin.describe(properties);
        }
        return properties;
    }

    /** Writes the properties; what the provider set on delivery stays out. */
    final void encodeProperties(ByteWriter out) {
        if (properties == null && encodedProperties == null) {
            out.putShort(0);
            return;
        }
        MessageProperties all = properties();
        if (deliveryCount == 0 && origin == null) {
            all.encode(out);
            return;
        }
        MessageProperties own = new MessageProperties();
        for (String name : all.names()) {
            if (!isSetOnDelivery(name)) own.setByProvider(name, all.get(name));
        }
        own.encode(out);
    }

    private boolean isSetOnDelivery(String name) {
        return name.equals(DELIVERY_COUNT) || origin != null && Received.Origin.describes(name);
    }

    final Object property(String name) {
        return properties().get(name);
    }

    @Override
    public void clearProperties() {
        properties().clear();
    }

    @Override
    public boolean propertyExists(String name) {
        return properties().contains(name);
    }

    @Override
    public Enumeration<?> getPropertyNames() {
        List<String> names = new ArrayList<>(properties().names());
        return Collections.enumeration(names);
    }

    @Override
    public boolean getBooleanProperty(String name) throws JMSException {
        return Conversions.toBoolean(property(name));
    }

    @Override
    public byte getByteProperty(String name) throws JMSException {
        return Conversions.toByte(property(name));
    }

    @Override
    public short getShortProperty(String name) throws JMSException {
        return Conversions.toShort(property(name));
    }

    @Override
    public int getIntProperty(String name) throws JMSException {
        return Conversions.toInt(property(name));
    }

    @Override
    public long getLongProperty(String name) throws JMSException {
        return Conversions.toLong(property(name));
    }

    @Override
    public float getFloatProperty(String name) throws JMSException {
        return Conversions.toFloat(property(name));
    }

    @Override
    public double getDoubleProperty(String name) throws JMSException {
        return Conversions.toDouble(property(name));
    }

    @Override
    public String getStringProperty(String name) throws JMSException {
        return Conversions.toText(property(name));
    }

    @Override
    public Object getObjectProperty(String name) {
        return property(name);
    }

    @Override
    public void setBooleanProperty(String name, boolean value) throws JMSException {
        properties().set(name, value);
    }

    @Override
    public void setByteProperty(String name, byte value) throws JMSException {
        properties().set(name, value);
    }

    @Override
    public void setShortProperty(String name, short value) throws JMSException {
        properties().set(name, value);
    }

    @Override
    public void setIntProperty(String name, int value) throws JMSException {
        properties().set(name, value);
    }

    @Override
    public void setLongProperty(String name, long value) throws JMSException {
        properties().set(name, value);
    }

    @Override
    public void setFloatProperty(String name, float value) throws JMSException {
        properties().set(name, value);
    }

    @Override
    public void setDoubleProperty(String name, double value) throws JMSException {
        properties().set(name, value);
    }

    @Override
    public void setStringProperty(String name, String value) throws JMSException {
        properties().set(name, value);
    }

    @Override
    public void setObjectProperty(String name, Object value) throws JMSException {
        properties().set(name, value);
    }

    /** Kind and id only: a log line must not show, decode or deserialize what is inside. */
    @Override
    public String toString() {
        return getClass().getSimpleName() + "[" + getJMSMessageID() + "]";
    }
}
