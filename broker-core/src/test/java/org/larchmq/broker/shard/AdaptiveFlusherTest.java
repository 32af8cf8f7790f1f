package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.store.io.SimulatedClock;

class AdaptiveFlusherTest {
    private final SimulatedClock clock = new SimulatedClock();
    private final List<String> where = new ArrayList<>();
    private long batchBytes = 1000;
    private long flushMillis;
    private final AdaptiveFlusher flusher = new AdaptiveFlusher(at("loop"), at("beside"), () -> batchBytes, clock);

    private Flusher at(String place) {
        return (force, done) -> {
            where.add(place);
            force.run();
            done.accept(null);
        };
    }

    private String flush() {
        where.clear();
        flusher.flush(() -> clock.advanceMillis(flushMillis), failure -> {});
        return where.get(0);
    }

    @Test
    void smallBatchesOnAQuickDiskAreFlushedOnTheLoop() {
        assertThat(flush()).isEqualTo("loop");
        batchBytes = 100_000;
        assertThat(flush()).isEqualTo("beside");
        batchBytes = 1000;
        assertThat(flush()).isEqualTo("loop");
    }

    @Test
    void aSlowFlushMovesTheNextOnesAwayFromTheLoopForAWhile() {
        flushMillis = 5;
        assertThat(flush()).isEqualTo("loop");
        for (int i = 0; i < 64; i++) assertThat(flush()).isEqualTo("beside");
        assertThat(flush()).isEqualTo("loop");
    }
}
