package org.larchmq.message;

import java.nio.ByteBuffer;

/**
 * One encoded message in a buffer: its place, and its fixed fields by name. The message was checked, see {@link
 * MessageLayout#check}. Valid as long as the bytes are, and until {@link #set} makes it refer to another: there is one for
 * each message that comes, so that whoever reads many uses one again and again. Not thread safe.
 */
public final class MessageRef {
    private ByteBuffer buffer;
    private int at;
    private int size;

    /** Refers to nothing yet. */
    public MessageRef() {}

    /** See {@link #set}. */
    public MessageRef(ByteBuffer buffer, int at, int size) {
        set(buffer, at, size);
    }

    /**
     * Refers to another message from now on.
     *
     * @param at   where the message begins in the buffer, whatever the buffer's position is
     * @param size encoded bytes of the message
     */
    public MessageRef set(ByteBuffer buffer, int at, int size) {
        this.buffer = buffer;
        this.at = at;
        this.size = size;
        return this;
    }

    public ByteBuffer buffer() {
        return buffer;
    }

    /** Where the message begins in {@link #buffer}. */
    public int at() {
        return at;
    }

    /** Encoded bytes of the message. */
    public int size() {
        return size;
    }

    public int priority() {
        return MessageLayout.priority(buffer, at);
    }

    public boolean isPersistent() {
        return MessageLayout.isPersistent(buffer, at);
    }

    /** Whether the body is elsewhere in the log; see {@link MessageLayout#FLAG_LARGE}. */
    public boolean isLarge() {
        return MessageLayout.isLarge(buffer, at);
    }

    /** Whether the producer may send it again; see {@link MessageLayout#FLAG_TRACKED}. */
    public boolean isTracked() {
        return MessageLayout.isTracked(buffer, at);
    }

    /** JMSExpiration, ms since 1970; 0 for never. */
    public long expirationMillis() {
        return MessageLayout.expirationMillis(buffer, at);
    }

    /** JMSDeliveryTime, ms since 1970; 0 for at once. */
    public long deliveryTimeMillis() {
        return MessageLayout.deliveryTimeMillis(buffer, at);
    }

    public long producerId() {
        return MessageLayout.producerId(buffer, at);
    }

    /** The producer's number of the message. */
    public long sequence() {
        return MessageLayout.sequence(buffer, at);
    }

    /** {@link MessageLayout#tagHash(String)} of its tag; 0 without one. */
    public int tagHash() {
        return MessageLayout.tagHash(buffer, at);
    }

    @Override
    public String toString() {
        return MessageLayout.messageId(producerId(), sequence()) + " of " + size + " bytes";
    }
}
