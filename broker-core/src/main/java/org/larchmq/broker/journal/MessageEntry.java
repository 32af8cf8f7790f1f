package org.larchmq.broker.journal;

import java.nio.ByteBuffer;
import java.util.List;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.MessageRef;

/**
 * Entries that carry a message, or part of one.
 *
 * <p>{@code publisher}: client id of the sender, or a name that its connection has in this process; there when a
 * subscription of the topic leaves out what its own client publishes.
 */
public sealed interface MessageEntry extends Entry {
    /** In place of a queueOffset: the message gets one when its transaction commits. */
    long IN_TRANSACTION = -1;
    /** In place of a queueOffset: the message gets one when its delivery time has come, see {@link ScheduleEntry}. */
    long DELAYED = -2;

    EntryKind MESSAGE_STORED = new EntryKind(
            1,
            "MESSAGE_STORED",
            "destinationId 4, flags 1 (1 volatile, 2 publisher), transactionId 8 (0 none), queueOffset 8 (-1 in a"
                    + " transaction, -2 when its delivery time had not come, in a transaction or not); with flag 2:"
                    + " publisher name (client id of the sender, or a name of its connection that begins with a zero"
                    + " byte; there when a subscription of the topic leaves out what its own client publishes, and in"
                    + " transactions); message",
            MessageStored::decode);
    EntryKind LARGE_PART =
            new EntryKind(18, "LARGE_PART", "bytes of the body of a large message, see below", LargePart::decode);
    EntryKind MESSAGE_MOVED = new EntryKind(
            29,
            "MESSAGE_MOVED",
            "as MESSAGE_STORED; in place of transactionId the id of the queue or topic it waits in 8; queueOffset"
                    + " there, or the complement of its former physicalOffset while its delivery time has not come",
            MessageMoved::decode);
    EntryKind STAGED_MOVED = new EntryKind(
            30,
            "STAGED_MOVED",
            "as MESSAGE_STORED, of an open transaction or prepared branch; in place of queueOffset its former"
                    + " physicalOffset",
            StagedMoved::decode);

    List<EntryKind> KINDS = List.of(MESSAGE_STORED, LARGE_PART, MESSAGE_MOVED, STAGED_MOVED);

    /**
     * A message was stored: for its destination at once, or when its transaction commits.
     *
     * <p>No record, since there is one for each message: whoever stores many uses one again and again. What it says holds
     * until {@link #set} is called again, which {@link Journal#append} and {@link Replay} permit when they return.
     */
    final class MessageStored implements MessageEntry {
        private int destinationId;
        private long transactionId;
        private long queueOffset;
        private boolean isVolatile;
        private String publisher;
        private MessageRef message;

        /**
         * Says what is stored.
         *
         * @param transactionId 0 for none
         * @param queueOffset   its place in the queue, so that a damaged entry before it moves nothing; {@link
         *                      #IN_TRANSACTION}, or {@link #DELAYED} when its delivery time had not come, transaction or not
         * @param isVolatile    a non-persistent message that did not fit in memory: lost by an unclean stop
         * @param publisher     null when no subscription asks who published
         */
        public MessageStored set(
                int destinationId,
                long transactionId,
                long queueOffset,
                boolean isVolatile,
                String publisher,
                MessageRef message) {
            this.destinationId = destinationId;
            this.transactionId = transactionId;
            this.queueOffset = queueOffset;
            this.isVolatile = isVolatile;
            this.publisher = publisher;
            this.message = message;
            return this;
        }

        public int destinationId() {
            return destinationId;
        }

        /** 0 for none. */
        public long transactionId() {
            return transactionId;
        }

        /** Its place in the queue, {@link #IN_TRANSACTION} or {@link #DELAYED}. */
        public long queueOffset() {
            return queueOffset;
        }

        /** Whether an unclean stop loses it. */
        public boolean isVolatile() {
            return isVolatile;
        }

        /** Who published it; null when no subscription asks. */
        public String publisher() {
            return publisher;
        }

        @Override
        public MessageRef message() {
            return message;
        }

        @Override
        public EntryKind kind() {
            return MESSAGE_STORED;
        }

        @Override
        public void encode(ByteWriter out) {
            StoredPayload.encode(out, destinationId, isVolatile, publisher, transactionId, queueOffset);
        }

        static MessageStored decode(ByteReader in) {
            StoredPayload read = StoredPayload.decode(in);
            return new MessageStored()
                    .set(
                            read.destinationId(),
                            read.transactionId(),
                            read.place(),
                            read.isVolatile(),
                            read.publisher(),
                            read.message());
        }
    }

    /**
     * A message that waits was copied to the end of the log, so that the segment it was in can go. Nothing else about it
     * has changed.
     *
     * @param destinationId where it was sent to
     * @param holderId      id of the queue or topic it waits in: where it was sent to, or the dead-letter queue
     * @param place         its queueOffset there; the complement of its former physicalOffset when its delivery time has
     *                      not come
     */
    record MessageMoved(
            int destinationId, int holderId, long place, boolean isVolatile, String publisher, MessageRef message)
            implements MessageEntry {
        /**
         * @param isVolatile whether it is lost by an unclean stop, as its row says: a dead letter that was sent as
         *                   non-persistent is not
         * @param stored     payload of the entry that has it until now, from position to limit; a copy of the log's bytes
         */
        public static MessageMoved of(int holderId, long place, boolean isVolatile, ByteBuffer stored) {
            StoredPayload read = StoredPayload.of(stored);
            return new MessageMoved(
                    read.destinationId(), holderId, place, isVolatile, read.publisher(), read.message());
        }

        @Override
        public EntryKind kind() {
            return MESSAGE_MOVED;
        }

        @Override
        public void encode(ByteWriter out) {
            StoredPayload.encode(out, destinationId, isVolatile, publisher, holderId, place);
        }

        static MessageMoved decode(ByteReader in) {
            StoredPayload read = StoredPayload.decode(in);
            return new MessageMoved(
                    read.destinationId(),
                    (int) read.transactionId(),
                    read.place(),
                    read.isVolatile(),
                    read.publisher(),
                    read.message());
        }
    }

    /**
     * A message of an open transaction or prepared branch was copied to the end of the log, so that the segment it was in
     * can go.
     *
     * @param formerOffset its physicalOffset until now
     */
    record StagedMoved(
            int destinationId,
            long transactionId,
            long formerOffset,
            boolean isVolatile,
            String publisher,
            MessageRef message)
            implements MessageEntry {
        /** @param stored payload of the entry that has it until now, from position to limit; a copy of the log's bytes */
        public static StagedMoved of(long transactionId, long formerOffset, ByteBuffer stored) {
            StoredPayload read = StoredPayload.of(stored);
            return new StagedMoved(
                    read.destinationId(),
                    transactionId,
                    formerOffset,
                    read.isVolatile(),
                    read.publisher(),
                    read.message());
        }

        @Override
        public EntryKind kind() {
            return STAGED_MOVED;
        }

        @Override
        public void encode(ByteWriter out) {
            StoredPayload.encode(out, destinationId, isVolatile, publisher, transactionId, formerOffset);
        }

        static StagedMoved decode(ByteReader in) {
            StoredPayload read = StoredPayload.decode(in);
            return new StagedMoved(
                    read.destinationId(),
                    read.transactionId(),
                    read.place(),
                    read.isVolatile(),
                    read.publisher(),
                    read.message());
        }
    }

    /** Part of the body of a large message, which comes to be when its message is stored: by itself it changes nothing. */
    record LargePart(ByteBuffer bulk, int bulkAt, int bulkBytes) implements MessageEntry {
        @Override
        public EntryKind kind() {
            return LARGE_PART;
        }

        @Override
        public void encode(ByteWriter out) {}

        @Override
        public MessageRef message() {
            return null;
        }

        static LargePart decode(ByteReader in) {
            int at = in.position();
            int bytes = in.remaining();
            in.skip(bytes);
            return new LargePart(in.buffer(), at, bytes);
        }
    }

    /** The message; null for a part of one. */
    MessageRef message();

    @Override
    default ByteBuffer bulk() {
        return message().buffer();
    }

    @Override
    default int bulkAt() {
        return message().at();
    }

    @Override
    default int bulkBytes() {
        return message().size();
    }
}
