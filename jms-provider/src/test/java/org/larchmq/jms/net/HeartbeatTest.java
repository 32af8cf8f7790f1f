package org.larchmq.jms.net;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.larchmq.jms.net.Heartbeat.Intervals;

class HeartbeatTest {
    @Test
    void theApplicationsHeartbeatCountsAndTheBrokerHearsFromUsAsOftenAsItWants() {
        assertThat(Intervals.of(Transport.Limits.AS_THE_BROKER_SAYS, 30_000)).isEqualTo(new Intervals(30_000, 30_000));
        assertThat(Intervals.of(1_000, 30_000)).isEqualTo(new Intervals(1_000, 1_000));
        assertThat(Intervals.of(300_000, 30_000)).isEqualTo(new Intervals(30_000, 300_000));
        assertThat(Intervals.of(0, 30_000)).isEqualTo(new Intervals(30_000, 0));
        assertThat(Intervals.of(1_000, 0)).isEqualTo(new Intervals(1_000, 1_000));
        assertThat(Intervals.of(0, 0)).isEqualTo(new Intervals(0, 0));
    }
}
