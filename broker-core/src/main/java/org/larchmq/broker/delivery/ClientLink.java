package org.larchmq.broker.delivery;

import java.nio.ByteBuffer;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;

/**
 * The way back to one client. Calls only collect; {@link #flush} sends. The network endpoint implements it, and so does a
 * simulated client. Shard thread only.
 */
public interface ClientLink {
    /** Where a dead-lettered message came from. */
    record Origin(DestinationKind kind, String name, String reason) {}

    /** False while so much is unsent that nothing more should be delivered. */
    boolean isWritable();

    /**
     * Delivers a message; consecutive ones for one consumer share a frame. The bytes are copied before it returns, but for
     * the body of a large one: that is read as the client takes it, and until then {@link #isWritable} is false.
     *
     * @param flags  of {@link org.larchmq.wire.DeliverFrame}
     * @param origin null unless the message was dead-lettered
     */
    void deliver(
            int consumerId,
            long sequence,
            int flags,
            int deliveryCount,
            ByteBuffer buffer,
            int at,
            int size,
            Origin origin);

    /** A send is confirmed. */
    void receipt(long sendSequence);

    void sendFailed(long sendSequence, ErrorCode code, String text);

    void reply(int requestId, ErrorCode code, String text, long value, String name);

    /** Answers a request with OK when all that was delivered before is collected, large messages included. */
    default void replyWhenDelivered(int requestId) {
        reply(requestId, ErrorCode.OK, "", 0, "");
    }

    /** The client can be written to again. */
    default void resume() {}

    /** The connection is gone: nothing more will be asked of it. */
    default void ended() {}

    /** Another consumer waits for what this one may not have used; its credit was taken back. */
    void recall(int consumerId);

    /** From now on so many bytes of messages may be under way; repeating it is harmless. */
    default void sendWindow(int bytes) {}

    /** Nothing more that the client asks is done until {@link #goOn}: the log has enough of it that is not committed. */
    default void hold() {}

    /** What {@link #hold} has stopped goes on. */
    default void goOn() {}

    /** Sends what was collected. */
    void flush();
}
