package org.larchmq.broker.shard;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.larchmq.broker.delivery.ClientLink;
import org.larchmq.message.ErrorCode;

/** A client's end that takes what it is sent when it pleases, and remembers only what it can misuse. */
final class HostileLink implements ClientLink {
    private final Random random;
    private final Runnable touched;
    private final Map<Integer, Long> lastSequence = new HashMap<>();
    private boolean isTouched;
    boolean writable = true;
    int lastHandle;
    String lastName = "";
    String temporaryQueue = "";
    int temporaryHandle;
    final Map<ErrorCode, Integer> answers = new HashMap<>();

    HostileLink(Random random, java.util.function.Consumer<ClientLink> touched) {
        this.random = random;
        this.touched = () -> touched.accept(this);
    }

    private void touch() {
        if (isTouched) return;
        isTouched = true;
        touched.run();
    }

    /** Of the last delivery to a consumer; 0 for none. */
    long lastSequence(int consumerId) {
        return lastSequence.getOrDefault(consumerId, 0L);
    }

    @Override
    public boolean isWritable() {
        return writable;
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
        touch();
        lastSequence.put(consumerId, sequence);
        if (random.nextInt(20) == 0) writable = false;
    }

    @Override
    public void receipt(long sendSequence) {
        touch();
        answers.merge(ErrorCode.OK, 1, Integer::sum);
    }

    @Override
    public void sendFailed(long sendSequence, ErrorCode code, String text) {
        touch();
        answers.merge(code, 1, Integer::sum);
    }

    @Override
    public void reply(int requestId, ErrorCode code, String text, long value, String name) {
        touch();
        answers.merge(code, 1, Integer::sum);
        if (value > 0 && value < Integer.MAX_VALUE) lastHandle = (int) value;
        if (!name.isEmpty() && name.length() < 200) lastName = name;
        if (name.startsWith("temporary-queue-")) {
            temporaryQueue = name;
            temporaryHandle = (int) value;
        }
    }

    @Override
    public void recall(int consumerId) {
        touch();
    }

    @Override
    public void flush() {
        isTouched = false;
    }
}
