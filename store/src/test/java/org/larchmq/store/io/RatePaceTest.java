package org.larchmq.store.io;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.concurrent.CancellationException;
import org.junit.jupiter.api.Test;

class RatePaceTest {
    private final RatePace pace = new RatePace(1_000_000, new SimulatedClock());

    @Test
    void itRestsAsLongAsTheRateAsksFor() {
        assertThat(pace.restNanos(1_000, 0)).isEqualTo(1_000_000);
        assertThat(pace.restNanos(1_000, 200_000)).isEqualTo(800_000);
        assertThat(pace.restNanos(0, 0)).isZero();
    }

    @Test
    void aSlowDiskIsLeftToOthersThreeQuartersOfTheTime() {
        assertThat(pace.restNanos(1_000, 5_000_000)).isEqualTo(15_000_000);
    }

    @Test
    void aStoppedJobEndsAtItsNextRead() {
        pace.stop();
        assertThatThrownBy(() -> pace.afterRead(1 << 30)).isInstanceOf(CancellationException.class);
    }
}
