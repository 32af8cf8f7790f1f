package org.larchmq.broker.selector;

/** The header fields that a selector may name (section 3.8.1.1), and the one property that no message carries. */
enum Header {
    JMSDeliveryMode(Expression.Type.STRING),
    JMSPriority(Expression.Type.NUMBER),
    JMSMessageID(Expression.Type.STRING),
    JMSTimestamp(Expression.Type.NUMBER),
    JMSCorrelationID(Expression.Type.STRING),
    JMSType(Expression.Type.STRING),
    JMSXDeliveryCount(Expression.Type.NUMBER);

    final Expression.Type type;

    Header(Expression.Type type) {
        this.type = type;
    }

    /** Null when the name is not on the list. */
    static Header of(String name) {
        for (Header header : values()) {
            if (header.name().equals(name)) return header;
        }
        return null;
    }
}
