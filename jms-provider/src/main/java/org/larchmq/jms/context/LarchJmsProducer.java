package org.larchmq.jms.context;

import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import java.io.Serializable;
import java.util.Collections;
import java.util.Enumeration;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import org.larchmq.jms.error.JmsErrors;
import org.larchmq.jms.error.Unchecked;
import org.larchmq.jms.message.LarchMessage;
import org.larchmq.jms.session.LarchSession;

/**
 * A producer of the simplified API. Send options live in a classic producer without a destination, headers and
 * properties in a template message that every sent message gets them from.
 */
final class LarchJmsProducer implements JMSProducer {
    private final LarchSession session;
    private final MessageProducer producer;
    private final LarchMessage template = new LarchMessage();
    private boolean correlationIdIsBytes;
    private CompletionListener completionListener;

    LarchJmsProducer(LarchSession session, MessageProducer producer) {
        this.session = session;
        this.producer = producer;
    }

    private JMSProducer set(Unchecked.Action action) {
        Unchecked.run(action);
        return this;
    }

    // Sending.

    @Override
    public JMSProducer send(Destination destination, Message message) {
        return set(() -> {
            if (message == null) throw JmsErrors.messageFormat("the message is null");
            applyTemplate(message);
            if (completionListener == null) producer.send(destination, message);
            else producer.send(destination, message, completionListener);
        });
    }

    private void applyTemplate(Message message) throws JMSException {
        if (template.getJMSCorrelationIDAsBytes() != null) copyCorrelationId(message);
        if (template.getJMSReplyTo() != null) message.setJMSReplyTo(template.getJMSReplyTo());
        if (template.getJMSType() != null) message.setJMSType(template.getJMSType());
        for (Enumeration<?> names = template.getPropertyNames(); names.hasMoreElements(); ) {
            String name = (String) names.nextElement();
            message.setObjectProperty(name, template.getObjectProperty(name));
        }
    }

    private void copyCorrelationId(Message message) throws JMSException {
        if (correlationIdIsBytes) message.setJMSCorrelationIDAsBytes(template.getJMSCorrelationIDAsBytes());
        else message.setJMSCorrelationID(template.getJMSCorrelationID());
    }

    @Override
    public JMSProducer send(Destination destination, String body) {
        return send(destination, Unchecked.get(() -> session.createTextMessage(body)));
    }

    @Override
    public JMSProducer send(Destination destination, Map<String, Object> body) {
        return send(destination, Unchecked.get(() -> {
            MapMessage message = session.createMapMessage();
            if (body == null) return message;
            for (Map.Entry<String, Object> entry : body.entrySet()) message.setObject(entry.getKey(), entry.getValue());
            return message;
        }));
    }

    @Override
    public JMSProducer send(Destination destination, byte[] body) {
        return send(destination, Unchecked.get(() -> {
            BytesMessage message = session.createBytesMessage();
            if (body != null) message.writeBytes(body);
            return message;
        }));
    }

    @Override
    public JMSProducer send(Destination destination, Serializable body) {
        return send(destination, Unchecked.get(() -> session.createObjectMessage(body)));
    }

    // How to send.

    @Override
    public JMSProducer setDisableMessageID(boolean value) {
        return set(() -> producer.setDisableMessageID(value));
    }

    @Override
    public boolean getDisableMessageID() {
        return Unchecked.get(producer::getDisableMessageID);
    }

    @Override
    public JMSProducer setDisableMessageTimestamp(boolean value) {
        return set(() -> producer.setDisableMessageTimestamp(value));
    }

    @Override
    public boolean getDisableMessageTimestamp() {
        return Unchecked.get(producer::getDisableMessageTimestamp);
    }

    @Override
    public JMSProducer setDeliveryMode(int deliveryMode) {
        return set(() -> producer.setDeliveryMode(deliveryMode));
    }

    @Override
    public int getDeliveryMode() {
        return Unchecked.get(producer::getDeliveryMode);
    }

    @Override
    public JMSProducer setPriority(int priority) {
        return set(() -> producer.setPriority(priority));
    }

    @Override
    public int getPriority() {
        return Unchecked.get(producer::getPriority);
    }

    @Override
    public JMSProducer setTimeToLive(long timeToLive) {
        return set(() -> producer.setTimeToLive(timeToLive));
    }

    @Override
    public long getTimeToLive() {
        return Unchecked.get(producer::getTimeToLive);
    }

    @Override
    public JMSProducer setDeliveryDelay(long deliveryDelay) {
        return set(() -> producer.setDeliveryDelay(deliveryDelay));
    }

    @Override
    public long getDeliveryDelay() {
        return Unchecked.get(producer::getDeliveryDelay);
    }

    @Override
    public JMSProducer setAsync(CompletionListener listener) {
        completionListener = listener;
        return this;
    }

    @Override
    public CompletionListener getAsync() {
        return completionListener;
    }

    // Headers of every message.

    @Override
    public JMSProducer setJMSCorrelationIDAsBytes(byte[] correlationId) {
        correlationIdIsBytes = true;
        return set(() -> template.setJMSCorrelationIDAsBytes(correlationId));
    }

    @Override
    public byte[] getJMSCorrelationIDAsBytes() {
        return template.getJMSCorrelationIDAsBytes();
    }

    @Override
    public JMSProducer setJMSCorrelationID(String correlationId) {
        correlationIdIsBytes = false;
        return set(() -> template.setJMSCorrelationID(correlationId));
    }

    @Override
    public String getJMSCorrelationID() {
        return template.getJMSCorrelationID();
    }

    @Override
    public JMSProducer setJMSType(String type) {
        return set(() -> template.setJMSType(type));
    }

    @Override
    public String getJMSType() {
        return template.getJMSType();
    }

    @Override
    public JMSProducer setJMSReplyTo(Destination replyTo) {
        return set(() -> template.setJMSReplyTo(replyTo));
    }

    @Override
    public Destination getJMSReplyTo() {
        return template.getJMSReplyTo();
    }

    // Properties of every message.

    @Override
    public JMSProducer clearProperties() {
        return set(template::clearProperties);
    }

    @Override
    public boolean propertyExists(String name) {
        return template.propertyExists(name);
    }

    @Override
    public Set<String> getPropertyNames() {
        Set<String> names = new LinkedHashSet<>();
        for (Enumeration<?> all = template.getPropertyNames(); all.hasMoreElements(); ) {
            names.add((String) all.nextElement());
        }
        return Collections.unmodifiableSet(names);
    }

    @Override
    public JMSProducer setProperty(String name, Object value) {
        return set(() -> template.setObjectProperty(name, value));
    }

    @Override
    public Object getObjectProperty(String name) {
        return template.getObjectProperty(name);
    }

    @Override
    public JMSProducer setProperty(String name, boolean value) {
        return set(() -> template.setBooleanProperty(name, value));
    }

    @Override
    public boolean getBooleanProperty(String name) {
        return Unchecked.get(() -> template.getBooleanProperty(name));
    }

    @Override
    public JMSProducer setProperty(String name, byte value) {
        return set(() -> template.setByteProperty(name, value));
    }

    @Override
    public byte getByteProperty(String name) {
        return Unchecked.get(() -> template.getByteProperty(name));
    }

    @Override
    public JMSProducer setProperty(String name, short value) {
        return set(() -> template.setShortProperty(name, value));
    }

    @Override
    public short getShortProperty(String name) {
        return Unchecked.get(() -> template.getShortProperty(name));
    }

    @Override
    public JMSProducer setProperty(String name, int value) {
        return set(() -> template.setIntProperty(name, value));
    }

    @Override
    public int getIntProperty(String name) {
        return Unchecked.get(() -> template.getIntProperty(name));
    }

    @Override
    public JMSProducer setProperty(String name, long value) {
        return set(() -> template.setLongProperty(name, value));
    }

    @Override
    public long getLongProperty(String name) {
        return Unchecked.get(() -> template.getLongProperty(name));
    }

    @Override
    public JMSProducer setProperty(String name, float value) {
        return set(() -> template.setFloatProperty(name, value));
    }

    @Override
    public float getFloatProperty(String name) {
        return Unchecked.get(() -> template.getFloatProperty(name));
    }

    @Override
    public JMSProducer setProperty(String name, double value) {
        return set(() -> template.setDoubleProperty(name, value));
    }

    @Override
    public double getDoubleProperty(String name) {
        return Unchecked.get(() -> template.getDoubleProperty(name));
    }

    @Override
    public JMSProducer setProperty(String name, String value) {
        return set(() -> template.setStringProperty(name, value));
    }

    @Override
    public String getStringProperty(String name) {
        return Unchecked.get(() -> template.getStringProperty(name));
    }
}
