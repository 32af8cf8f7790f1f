package org.larchmq.broker.delivery;

import java.nio.ByteBuffer;
import org.larchmq.broker.journal.LargeBody;
import org.larchmq.broker.journal.StoredPayload;
import org.larchmq.broker.state.Level;
import org.larchmq.broker.state.MemoryQueue;
import org.larchmq.broker.state.ShardState;
import org.larchmq.message.MessageLayout;
import org.larchmq.store.log.CommitLog;
import org.larchmq.store.queue.Row;

/**
 * Window on one stored message, moved from message to message: its bytes and what its row says. Valid until the next
 * {@link #load}. Shard thread only.
 */
final class StoredMessage {
    private final CommitLog log;
    private final Row row = new Row();
    private ByteBuffer buffer;
    private int at;
    private int size;
    private int destinationId;
    private String publisher;
    private int payloadAt;

    StoredMessage(CommitLog log) {
        this.log = log;
    }

    /**
     * Looks at the row only.
     *
     * @return false when the message is gone: settled in memory, or volatile and lost by an unclean stop
     */
    boolean loadRow(Level level, long queueOffset, boolean inMemory) {
        if (inMemory) return level.inMemory().get(queueOffset) != null;
        level.logged().read(queueOffset, row);
        return !(ShardState.isVolatile(row.flags()) && queueOffset < level.volatileLostBelow());
    }

    /** Hash of the tag of the message whose row was loaded. */
    int tagHash(Level level, long queueOffset, boolean inMemory) {
        return inMemory ? level.inMemory().get(queueOffset).tagHash() : row.tagHash();
    }

    /**
     * Reads the message whose row was loaded; its checksum is verified when it comes from the disk.
     *
     * @throws org.larchmq.store.io.StoreException DAMAGED_ENTRY
     */
    void load(Level level, long queueOffset, boolean inMemory) {
        if (inMemory) {
            MemoryQueue.Message message = level.inMemory().get(queueOffset);
            buffer = message.bytes();
            at = 0;
            size = buffer.limit();
            boolean isHere = message.sentTo() == MemoryQueue.HERE;
            destinationId = isHere ? level.destination().id() : message.sentTo();
            publisher = message.publisher();
            payloadAt = -1;
        } else {
            buffer = log.read(row.physicalOffset(), row.sizeBytes());
            payloadAt = buffer.position();
            destinationId = StoredPayload.destinationId(buffer, payloadAt);
            at = StoredPayload.messageAt(buffer, payloadAt);
            size = buffer.limit() - at;
        }
    }

    /** Where the message whose row was loaded is in the log. */
    long physicalOffset() {
        return row.physicalOffset();
    }

    Row row() {
        return row;
    }

    ByteBuffer buffer() {
        return buffer;
    }

    int at() {
        return at;
    }

    int size() {
        return size;
    }

    /** Its size as the client has it, a large body included. */
    int creditBytes() {
        return MessageLayout.isLarge(buffer, at) ? size + LargeBody.bodyBytes(buffer, at) : size;
    }

    /** The destination it was sent to; another one than where it is when it was dead-lettered. */
    int destinationId() {
        return destinationId;
    }

    /** Null when nobody asked when it was stored. */
    String publisher() {
        return payloadAt < 0 ? publisher : StoredPayload.publisher(buffer, payloadAt);
    }
}
