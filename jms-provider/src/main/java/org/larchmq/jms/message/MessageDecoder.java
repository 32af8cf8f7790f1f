package org.larchmq.jms.message;

import java.nio.ByteBuffer;
import org.larchmq.message.MessageLayout;

/** Makes messages of delivered bytes, without decoding more than the fixed headers. */
public final class MessageDecoder {
    private final LarchDestination destination;
    private final ObjectTrust trust;
    private final int maxMessageBytes;
    private final LarchMessage.Receipt receipt;

    /**
     * @param destination     what the consumer consumes from
     * @param maxMessageBytes what a compressed body may become
     * @param receipt         what acknowledge() of the messages does
     */
    public MessageDecoder(
            LarchDestination destination, ObjectTrust trust, int maxMessageBytes, LarchMessage.Receipt receipt) {
        this.destination = destination;
        this.trust = trust;
        this.maxMessageBytes = maxMessageBytes;
        this.receipt = receipt;
    }

    /**
     * The bytes must have been checked to be laid out as a message.
     *
     * @param origin null unless the message was dead-lettered
     */
    public LarchMessage decode(
            ByteBuffer frame,
            int at,
            int size,
            boolean redelivered,
            int deliveryCount,
            LarchDestination origin,
            String reason) {
        Encoded encoded = new Encoded(frame, at, size, maxMessageBytes);
        Received.Origin from = origin == null ? null : new Received.Origin(origin, reason);
        Received received = new Received(encoded, destination, redelivered, deliveryCount, from, trust, receipt);
        return switch (frame.get(at + MessageLayout.BODY_TYPE)) {
            case MessageLayout.BODY_TEXT -> new LarchTextMessage(received);
            case MessageLayout.BODY_BYTES -> new LarchBytesMessage(received);
            case MessageLayout.BODY_MAP -> new LarchMapMessage(received);
            case MessageLayout.BODY_STREAM -> new LarchStreamMessage(received);
            case MessageLayout.BODY_OBJECT -> new LarchObjectMessage(received);
            default -> new LarchMessage(received);
        };
    }
}
