package org.larchmq.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.ObjectMessage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.ObjectOutputStream;
import java.io.Serializable;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageLayout;

/** A serialized object. It is serialized when it is set, and deserialized only by getObject and getBody. */
public final class LarchObjectMessage extends LarchMessage implements ObjectMessage {
    private final ObjectTrust trust;
    private byte[] serialized;
    private boolean setHere;

    /** @param trust which classes may be deserialized */
    public LarchObjectMessage(ObjectTrust trust) {
        this.trust = trust;
    }

    LarchObjectMessage(Received received) {
        super(received);
        trust = received.trust();
    }

    @Override
    int bodyType() {
        return MessageLayout.BODY_OBJECT;
    }

    @Override
    boolean hasNullBody() {
        return serialized == null && !isEncoded();
    }

    @Override
    void writeBody(ByteWriter out) {
        out.putBytes(serialized);
    }

    @Override
    void readBody(ByteReader in) {
        serialized = receivedNullBody() ? null : in.getBytes(in.remaining());
    }

    @Override
    void forgetBody() {
        serialized = null;
    }

    @Override
    public void setObject(Serializable object) throws JMSException {
        checkBodyWriteable();
        serialized = object == null ? null : serialize(object);
        setHere = true;
    }

    private static byte[] serialize(Serializable object) throws JMSException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ObjectOutputStream out = new ObjectOutputStream(bytes)) {
            out.writeObject(object);
        } catch (IOException | RuntimeException e) {
            throw JmsErrors.withCause(
                    JmsErrors.messageFormat("a " + object.getClass().getName() + " cannot be serialized: " + e), e);
        }
        return bytes.toByteArray();
    }

    @Override
    public Serializable getObject() throws JMSException {
        decodeBody();
        if (serialized == null) return null;
        return (setHere ? ObjectTrust.OURSELVES : trust).deserialize(serialized);
    }

    @Override
    Object bodyObject(Class<?> wanted) throws JMSException {
        return getObject();
    }
}
