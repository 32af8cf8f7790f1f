package org.larchmq.broker.shard;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.larchmq.broker.state.ShardState;
import org.larchmq.broker.state.SpaceCount;
import org.larchmq.broker.state.SpaceUsage;
import org.larchmq.broker.state.SpaceUsage.Holder;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.StoreException;

/**
 * Answers who needs how much of the log. One count serves all who ask meanwhile, and those who ask within a second of it,
 * so that it costs the loop the same however many ask. Shard thread only.
 */
final class SpaceReport {
    private static final int MOST_HOLDERS = 20;
    private static final int ROWS_PER_STEP = 1024;
    private static final long HOLDS_NANOS = TimeUnit.SECONDS.toNanos(1);

    private final ShardState state;
    private final ShardLoop loop;
    private final CommitCycle cycle;
    private final Clock clock;
    /** Each may wait for one answer, which bounds them. */
    private final Map<ClientConnection, Integer> waiting = new LinkedHashMap<>();

    private SpaceUsage last;
    private long lastNanos;

    SpaceReport(ShardState state, ShardLoop loop, CommitCycle cycle, Clock clock) {
        this.state = state;
        this.loop = loop;
        this.cycle = cycle;
        this.clock = clock;
    }

    /** Answers a request, now or when the messages are counted. */
    void answer(ClientConnection connection, int requestId) {
        if (last != null && clock.nanoTime() - lastNanos < HOLDS_NANOS) {
            reply(connection, requestId, last);
            return;
        }
        if (waiting.containsKey(connection)) {
            throw new IllegalArgumentException(
                    "the connection has asked for the space already and not been answered yet; wait for the answer");
        }
        waiting.put(connection, requestId);
        if (waiting.size() == 1) count(this::counted, this::failed);
    }

    /** Counts anew. */
    void count(Consumer<SpaceUsage> then, Consumer<StoreException> failed) {
        step(new SpaceCount(state, 0, MOST_HOLDERS), then, failed);
    }

    private void step(SpaceCount counting, Consumer<SpaceUsage> then, Consumer<StoreException> failed) {
        loop.execute(() -> {
            if (cycle.isEnding()) return;
            try {
                if (counting.step(ROWS_PER_STEP)) then.accept(counting.result());
                else step(counting, then, failed);
            } catch (StoreException e) {
                failed.accept(e);
            } catch (RuntimeException e) {
                cycle.fail(e);
            }
        });
    }

    private void counted(SpaceUsage usage) {
        last = usage;
        lastNanos = clock.nanoTime();
        waiting.forEach((connection, requestId) -> reply(connection, requestId, usage));
        waiting.clear();
    }

    private void failed(StoreException cause) {
        waiting.forEach((connection, requestId) -> {
            if (!connection.isClosed()) {
                String text = "the space cannot be counted: " + cause.getMessage();
                connection.link().reply(requestId, ErrorCode.ILLEGAL_STATE, text, 0, "");
            }
        });
        waiting.clear();
    }

    private static void reply(ClientConnection connection, int requestId, SpaceUsage usage) {
        if (connection.isClosed()) return;
        connection.link().reply(requestId, ErrorCode.OK, "", 0, text(usage));
    }

    /** The first line is the total, then one for each that keeps much, as in {@link Listings}. */
    private static String text(SpaceUsage usage) {
        StringBuilder text = new StringBuilder("unsettledBytes=" + usage.unsettledBytes() + "\n");
        for (Holder holder : usage.holders()) {
            text.append("kind=").append(holder.kind().name().toLowerCase(java.util.Locale.ROOT));
            text.append("\tname=").append(Listings.printable(holder.name()));
            text.append("\tmessages=").append(holder.messages());
            text.append("\tbytes=").append(holder.bytes()).append('\n');
        }
        return text.toString();
    }
}
