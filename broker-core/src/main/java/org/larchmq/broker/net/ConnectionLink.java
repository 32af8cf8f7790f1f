package org.larchmq.broker.net;

import io.netty.channel.Channel;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.larchmq.broker.delivery.ClientLink;
import org.larchmq.broker.delivery.LargeBodies;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.MessageLayout;
import org.larchmq.wire.FrameType;

/**
 * Collects what goes to one client and sends it in one write per cycle. Consecutive deliveries to a consumer share a
 * frame, consecutive receipts a range. Shard thread only.
 */
final class ConnectionLink implements ClientLink {
    /** A DELIVER frame is closed when it holds this much. */
    private static final int FRAME_BYTES = 128 * 1024;
    /** Beyond this much collected, nothing more is delivered until it is sent. */
    private static final int MAX_COLLECTED_BYTES = 1 << 20;

    /** Beyond this much waiting, the client's requests are not read until it has taken some. */
    private static final int MAX_WAITING_BYTES = 4 << 20;

    private final Channel channel;
    private final ConnectionMemory memory;
    private final AtomicLong unwrittenBytes = new AtomicLong();
    private volatile long takenBytes;
    private final Runnable drained;
    private volatile boolean isBackedUp;
    private volatile boolean isHeld;
    private final LargeBodies largeBodies;
    private final Consumer<ClientLink> touched;
    private final Runnable freeAgain;
    private final List<Integer> repliesBehindLarge = new ArrayList<>(0);
    private LargeDelivery large;
    private final FrameBuffer out;
    private boolean isTouched;
    private int openFrame = -1;
    private int openConsumer;
    private long openNextSequence;
    private int openCountAt;
    private int openCount;
    private long receiptFrom;
    private int receiptCount;
    private int sendWindowBytes = -1; // what was said last

    /**
     * @param touched   told when there is something to flush
     * @param freeAgain told when a large message has left, so that others may
     * @param drained   told, on any thread, when {@link #isBackedUp} may be over
     */
    ConnectionLink(
            Channel channel,
            ConnectionMemory memory,
            LargeBodies largeBodies,
            Consumer<ClientLink> touched,
            Runnable freeAgain,
            Runnable drained) {
        this.channel = channel;
        this.memory = memory;
        this.drained = drained;
        this.largeBodies = largeBodies;
        this.touched = touched;
        this.freeAgain = freeAgain;
        this.out = new FrameBuffer(channel.alloc());
    }

    @Override
    public boolean isWritable() {
        return large == null
                && out.size() < MAX_COLLECTED_BYTES
                && channel.isWritable()
                && memory.permits(out.size() + unwrittenBytes.get());
    }

    @Override
    public void hold() {
        isHeld = true;
    }

    @Override
    public void goOn() {
        isHeld = false;
        drained.run();
    }

    /**
     * Whether so much waits for the client, or for the log on its behalf, that nothing more is done for it. Any thread;
     * approximate on others.
     */
    boolean isBackedUp() {
        if (isHeld) return true;
        if (out.size() + unwrittenBytes.get() > MAX_WAITING_BYTES) {
            isBackedUp = true;
            if (out.size() + unwrittenBytes.get() < MAX_WAITING_BYTES / 2) isBackedUp = false; // taken just now
        }
        return isBackedUp;
    }

    /** Bytes that the client's connection has not taken. Any thread. */
    long waitingBytes() {
        return unwrittenBytes.get();
    }

    /** Whether the log is kept for a large message that the client is reading. Shard thread. */
    boolean holdsLog() {
        return large != null;
    }

    /** Bytes that the client's connection has taken since it began. Any thread. */
    long takenBytes() {
        return takenBytes;
    }

    private void written(int bytes, int memoryBytes) {
        takenBytes += bytes; // by the channel's loop only
        memory.waiting(-memoryBytes);
        if (unwrittenBytes.addAndGet(-bytes) < MAX_WAITING_BYTES / 2 && isBackedUp) {
            isBackedUp = false;
            drained.run();
        }
    }

    @Override
    public void deliver(
            int consumerId,
            long sequence,
            int flags,
            int deliveryCount,
            ByteBuffer buffer,
            int at,
            int size,
            Origin origin) {
        if (MessageLayout.isLarge(buffer, at)) {
            deliverLarge(consumerId, sequence, flags, deliveryCount, buffer, at, origin);
            return;
        }
        boolean joins = openFrame >= 0
                && openConsumer == consumerId
                && openNextSequence == sequence
                && out.size() - openFrame < FRAME_BYTES;
        if (!joins) openDeliverFrame(consumerId, sequence);
        out.putByte(flags);
        out.putShort(deliveryCount);
        out.putInt(size);
        out.put(buffer, at, size);
        putOrigin(origin);
        openCount++;
        openNextSequence = sequence + 1;
    }

    private void putOrigin(Origin origin) {
        if (origin == null) return;
        out.putByte(origin.kind().number());
        out.putShortString(origin.name());
        out.putShortString(origin.reason());
    }

    /** Sends the head; the body follows as the client takes it, and nothing else is delivered meanwhile. */
    private void deliverLarge(
            int consumerId, long sequence, int flags, int deliveryCount, ByteBuffer buffer, int at, Origin origin) {
        if (large != null) throw new IllegalStateException("a large message is under way already");
        LargeBodies.Body body = largeBodies.open(buffer, at);
        int headBytes = MessageLayout.bodyAt(buffer, at) - at;
        int mark = begin(FrameType.DELIVER_LARGE);
        out.putInt(consumerId);
        out.putLong(sequence);
        out.putInt(1);
        out.putByte(flags);
        out.putShort(deliveryCount);
        out.putInt(headBytes);
        int head = out.size();
        out.put(buffer, at, headBytes);
        out.patchByte(head + MessageLayout.FLAGS, buffer.get(at + MessageLayout.FLAGS) & ~MessageLayout.FLAG_LARGE);
        out.patchInt(head + MessageLayout.BODY_SIZE, body.bytes());
        putOrigin(origin);
        out.endFrame(mark);
        large = new LargeDelivery(consumerId, sequence, body);
    }

    private void writeLarge() {
        while (out.size() < MAX_COLLECTED_BYTES) {
            if (large.writePart(out)) continue;
            endLarge();
            freeAgain.run();
            return;
        }
    }

    private void endLarge() {
        large.close();
        large = null;
        for (int requestId : repliesBehindLarge) reply(requestId, ErrorCode.OK, "", 0, "");
        repliesBehindLarge.clear();
    }

    @Override
    public void replyWhenDelivered(int requestId) {
        if (large == null) reply(requestId, ErrorCode.OK, "", 0, "");
        else repliesBehindLarge.add(requestId);
    }

    @Override
    public void resume() {
        if (large != null) touch();
    }

    @Override
    public void ended() {
        if (large != null) endLarge();
    }

    private void openDeliverFrame(int consumerId, long sequence) {
        touch();
        closeDeliverFrame();
        openFrame = out.beginFrame(FrameType.DELIVER);
        out.putInt(consumerId);
        out.putLong(sequence);
        openCountAt = out.size();
        out.putInt(0);
        openConsumer = consumerId;
        openCount = 0;
    }

    private void closeDeliverFrame() {
        if (openFrame < 0) return;
        out.patchInt(openCountAt, openCount);
        out.endFrame(openFrame);
        openFrame = -1;
    }

    @Override
    public void receipt(long sendSequence) {
        if (receiptCount > 0 && receiptFrom + receiptCount == sendSequence) {
            receiptCount++;
            return;
        }
        touch();
        writeReceipts();
        receiptFrom = sendSequence;
        receiptCount = 1;
    }

    private void writeReceipts() {
        if (receiptCount == 0) return;
        closeDeliverFrame();
        int mark = out.beginFrame(FrameType.RECEIPT);
        out.putShort(1);
        out.putLong(receiptFrom);
        out.putInt(receiptCount);
        out.endFrame(mark);
        receiptCount = 0;
    }

    @Override
    public void sendFailed(long sendSequence, ErrorCode code, String text) {
        int mark = begin(FrameType.SEND_FAILED);
        out.putLong(sendSequence);
        out.putShort(code.number());
        out.putString(text);
        out.endFrame(mark);
    }

    @Override
    public void reply(int requestId, ErrorCode code, String text, long value, String name) {
        int mark = begin(FrameType.REPLY);
        out.putInt(requestId);
        out.putShort(code.number());
        out.putString(text);
        out.putLong(value);
        out.putString(name);
        out.endFrame(mark);
    }

    @Override
    public void recall(int consumerId) {
        int mark = begin(FrameType.RECALL);
        out.putInt(consumerId);
        out.endFrame(mark);
    }

    @Override
    public void sendWindow(int bytes) {
        if (bytes == sendWindowBytes) return;
        sendWindowBytes = bytes;
        int mark = begin(FrameType.SEND_WINDOW);
        out.putInt(bytes);
        out.endFrame(mark);
    }

    /** An answer to PING. */
    void pong() {
        out.endFrame(begin(FrameType.PONG));
    }

    private int begin(FrameType type) {
        touch();
        closeDeliverFrame();
        return out.beginFrame(type);
    }

    private void touch() {
        if (isTouched) return;
        isTouched = true;
        touched.accept(this);
    }

    @Override
    public void flush() {
        isTouched = false;
        closeDeliverFrame();
        writeReceipts();
        if (large != null && channel.isWritable()) writeLarge();
        if (out.size() == 0) return;
        if (channel.isActive()) {
            int bytes = out.size();
            int memoryBytes = out.memoryBytes();
            unwrittenBytes.addAndGet(bytes);
            memory.waiting(memoryBytes);
            channel.writeAndFlush(out.take()).addListener(done -> written(bytes, memoryBytes));
        } else {
            out.release();
        }
        if (large != null && channel.isWritable()) touch(); // otherwise it will be told when it is
    }

    @Override
    public String toString() {
        return "client " + channel.remoteAddress();
    }
}
