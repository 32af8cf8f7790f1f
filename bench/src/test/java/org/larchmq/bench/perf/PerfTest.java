package org.larchmq.bench.perf;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.jms.Session;
import java.time.Duration;
import java.util.List;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;
import org.larchmq.bench.support.Json;

class PerfTest {
    private static PerfSettings settings(boolean topic, int consumers, String selector) {
        return new PerfSettings(
                null,
                null,
                "perf",
                topic,
                3,
                2,
                consumers,
                1024,
                0,
                Duration.ofSeconds(1),
                Duration.ZERO,
                0,
                0,
                true,
                0,
                Session.AUTO_ACKNOWLEDGE,
                selector,
                "a,b",
                4,
                Duration.ZERO);
    }

    @Test
    void openLoopSendsAreDueByThePlanWhateverTheyTake() {
        var pacer = new Pacer(1000, 5_000_000);
        long slow = 900_000_000;
        assertThat(pacer.nextDueNanos(5_000_000)).isEqualTo(5_000_000);
        assertThat(pacer.nextDueNanos(slow)).isEqualTo(6_000_000);
        assertThat(pacer.nextDueNanos(slow)).isEqualTo(7_000_000);
    }

    @Test
    void flatOutSendsAreDueNow() {
        var pacer = new Pacer(0, 0);
        assertThat(pacer.nextDueNanos(123)).isEqualTo(123);
        assertThat(pacer.nextDueNanos(456)).isEqualTo(456);
    }

    @Test
    void whatShouldArriveIsKnownUnlessMessagesAreFiltered() {
        assertThat(settings(false, 4, null).copiesExpected()).isEqualTo(1);
        assertThat(settings(true, 4, null).copiesExpected()).isEqualTo(4);
        assertThat(settings(true, 4, "a = 1").copiesExpected()).isEqualTo(-1);
        assertThat(settings(false, 0, null).copiesExpected()).isEqualTo(-1);
        assertThat(settings(false, 1, null).destinationNames()).isEqualTo(List.of("perf-0", "perf-1", "perf-2"));
    }

    @Test
    void aLoadWithoutAnybodyIsRefused() {
        assertThatThrownBy(() -> new PerfSettings(
                        null,
                        null,
                        "q",
                        false,
                        1,
                        0,
                        0,
                        64,
                        0,
                        Duration.ZERO,
                        Duration.ZERO,
                        0,
                        0,
                        true,
                        0,
                        1,
                        null,
                        null,
                        4,
                        Duration.ZERO))
                .hasMessageContaining("a producer or a consumer");
    }

    private static PerfResult result(Long undelivered, long errors) {
        var send = new Histogram(3);
        for (int i = 1; i <= 1000; i++) send.recordValue(i * 1000L);
        return new PerfResult(
                settings(false, 1, null), 2, 1000, 2, 990, undelivered, 0, errors, "x", send, new Histogram(3));
    }

    @Test
    void theTableShowsRatesPercentilesAndLosses() {
        String table = result(10L, 0).table();
        assertThat(table)
                .contains("500/s", "495/s", "p99.99", "NOT DELIVERED: 10 messages")
                .doesNotContain("end to end ");
        assertThat(result(0L, 0).isClean()).isTrue();
        assertThat(result(10L, 0).isClean()).isFalse();
        assertThat(result(0L, 1).isClean()).isFalse();
        assertThat(result(null, 0).isClean()).isTrue();
    }

    @Test
    void theJsonHasTheSameNumbers() {
        String json = Json.write(result(0L, 0).toMap());
        assertThat(json)
                .contains("\"sentPerSecond\":500.000", "\"p99.9\":", "\"endToEndMicros\":null", "\"undelivered\":0");
    }

    @Test
    void metersTakeAnyLatency() {
        var meters = new Meters();
        meters.sent(-5);
        meters.sent(Long.MAX_VALUE);
        meters.committed(10, 1_000);
        assertThat(meters.sent.sum()).isEqualTo(12);
        assertThat(meters.takeSend().getTotalCount()).isEqualTo(3);
    }
}
