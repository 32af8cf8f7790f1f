package org.larchmq.broker.selector;

import java.nio.ByteBuffer;
import java.util.LinkedHashMap;
import java.util.Map;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.Values;

/** A message to be matched: set what the test is about, then {@link #encode}. */
final class TestMessage {
    final Map<String, Object> properties = new LinkedHashMap<>();
    boolean persistent = true;
    boolean hasMessageId = true;
    int priority = 4;
    long timestampMillis = 1_700_000_000_000L;
    long producerId = 0xABCDEFL;
    long sequence = 17;
    /** A string, bytes or null. */
    Object correlationId;

    String type;
    String replyTo;
    int bodyBytes;
    int deliveryCount = 1;

    static TestMessage with(Object... namesAndValues) {
        TestMessage message = new TestMessage();
        for (int i = 0; i < namesAndValues.length; i += 2) {
            message.properties.put((String) namesAndValues[i], namesAndValues[i + 1]);
        }
        return message;
    }

    boolean matches(String selector) {
        return Selector.parse(selector).matches(encode(), 0, deliveryCount);
    }

    ByteBuffer encode() {
        ByteWriter out = new ByteWriter(256);
        out.putByte(MessageLayout.CURRENT_VERSION).putByte(MessageLayout.BODY_BYTES);
        out.putByte((persistent ? MessageLayout.FLAG_PERSISTENT : 0)
                | (hasMessageId ? 0 : MessageLayout.FLAG_NO_MESSAGE_ID));
        out.putByte(priority)
                .putLong(timestampMillis)
                .putLong(0)
                .putLong(0)
                .putLong(producerId)
                .putLong(sequence);
        out.putInt(properties.get(MessageLayout.TAG_PROPERTY) instanceof String tag ? MessageLayout.tagHash(tag) : 0);
        out.putInt(0).putInt(0).putInt(bodyBytes);
        writeHeaders(out);
        int propertiesAt = out.size();
        out.patchInt(MessageLayout.HEADER_SIZE, propertiesAt - MessageLayout.FIXED_BYTES);
        out.putShort(properties.size());
        properties.forEach((name, value) -> Values.write(out.putShortString(name), value));
        out.patchInt(MessageLayout.PROPERTY_SIZE, out.size() - propertiesAt);
        out.putBytes(new byte[bodyBytes]);
        return ByteBuffer.wrap(out.toByteArray());
    }

    private void writeHeaders(ByteWriter out) {
        int presence = (correlationId != null ? MessageLayout.HAS_CORRELATION_ID : 0)
                | (correlationId instanceof byte[] ? MessageLayout.CORRELATION_ID_IS_BYTES : 0)
                | (replyTo != null ? MessageLayout.HAS_REPLY_TO : 0)
                | (type != null ? MessageLayout.HAS_TYPE : 0);
        out.putByte(presence);
        if (correlationId instanceof String id) out.putString(id);
        if (correlationId instanceof byte[] id) out.putInt(id.length).putBytes(id);
        if (replyTo != null) out.putByte(0).putShortString(replyTo);
        if (type != null) out.putString(type);
    }
}
