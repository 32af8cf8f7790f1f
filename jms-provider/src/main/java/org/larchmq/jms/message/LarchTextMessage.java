package org.larchmq.jms.message;

import jakarta.jms.JMSException;
import jakarta.jms.TextMessage;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageLayout;

/** A text, or null. */
public final class LarchTextMessage extends LarchMessage implements TextMessage {
    private String text;

    public LarchTextMessage(String text) {
        this.text = text;
    }

    LarchTextMessage(Received received) {
        super(received);
    }

    @Override
    public String getText() throws JMSException {
        decodeBody();
        return text;
    }

    @Override
    public void setText(String text) throws JMSException {
        checkBodyWriteable();
        this.text = text;
    }

    @Override
    int bodyType() {
        return MessageLayout.BODY_TEXT;
    }

    @Override
    boolean hasNullBody() {
        return text == null && !isEncoded();
    }

    @Override
    void writeBody(ByteWriter out) {
        out.putUtf8(text);
    }

    @Override
    void readBody(ByteReader in) {
        text = receivedNullBody() ? null : in.utf8(in.remaining());
    }

    @Override
    void forgetBody() {
        text = null;
    }

    @Override
    Object bodyObject(Class<?> wanted) throws JMSException {
        return getText();
    }
}
