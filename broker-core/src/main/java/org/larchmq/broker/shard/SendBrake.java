package org.larchmq.broker.shard;

import java.util.ArrayDeque;
import java.util.function.IntSupplier;
import org.larchmq.broker.delivery.ClientLink;
import org.larchmq.store.io.Clock;

/**
 * Slows senders down in steps while the disk comes near its high-water mark, so that they feel it before they are
 * refused: confirmations of sends are held back for a while, and the send windows of connections that send are narrowed.
 * Consumers are not slowed. Without pressure it costs a comparison per confirmation. Shard thread only.
 */
final class SendBrake {
    /** By how near the mark is, from 0 (far) to 4. */
    private static final int[] DELAY_MILLIS = {0, 2, 10, 40, 100};

    private static final int[] WINDOW_PARTS = {1, 4, 16, 64, 128};
    private static final int NARROWEST_WINDOW_BYTES = 64 << 10;

    private final IntSupplier pressure;
    private final int windowBytes;
    private final ShardLoop loop;
    private final Clock clock;
    private final ArrayDeque<Held> held = new ArrayDeque<>(0);
    private int level;
    private boolean narrowedSome;
    private boolean timerRunning;

    private record Held(ClientLink link, Runnable answer, long dueNanos) {}

    /**
     * @param pressure    0 to 4, see {@link org.larchmq.store.log.CommitLog#spacePressure}
     * @param windowBytes the usual send window of a connection
     */
    SendBrake(IntSupplier pressure, int windowBytes, ShardLoop loop, Clock clock) {
        this.pressure = pressure;
        this.windowBytes = windowBytes;
        this.loop = loop;
        this.clock = clock;
    }

    /** Looks how near the mark is; once per batch. */
    void look() {
        level = pressure.getAsInt();
    }

    boolean isOff() {
        return level == 0 && held.isEmpty();
    }

    /** Confirms a send, now or later. */
    void receipt(ClientLink link, long sendSequence) {
        if (!isOff()) {
            answer(link, () -> link.receipt(sendSequence));
            return;
        }
        if (narrowedSome) link.sendWindow(windowBytes);
        link.receipt(sendSequence);
    }

    /** Gives an answer that a sender waits for, now or later, in the order of the calls. */
    void answer(ClientLink link, Runnable answer) {
        held.add(new Held(link, answer, clock.nanoTime() + DELAY_MILLIS[level] * 1_000_000L));
        startTimer();
    }

    private void startTimer() {
        if (timerRunning || held.isEmpty()) return;
        timerRunning = true;
        long millis = (held.peek().dueNanos - clock.nanoTime() + 999_999) / 1_000_000;
        loop.executeLater(
                () -> {
                    timerRunning = false;
                    release();
                },
                Math.max(1, millis));
    }

    private void release() {
        look();
        long now = clock.nanoTime();
        int window = Math.max(Math.min(windowBytes, NARROWEST_WINDOW_BYTES), windowBytes / WINDOW_PARTS[level]);
        narrowedSome |= window < windowBytes;
        while (!held.isEmpty() && (level == 0 || held.peek().dueNanos <= now)) {
            Held next = held.poll();
            next.link.sendWindow(window);
            next.answer.run();
        }
        startTimer();
    }
}
