package org.larchmq.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UnitsTest {
    @ParameterizedTest
    @CsvSource({
        "0, 0",
        "1B, 1",
        "4KiB, 4096",
        "16MiB, 16777216",
        "16 MiB, 16777216",
        "2GiB, 2147483648",
        "1TiB, 1099511627776"
    })
    void readsSizes(String text, long bytes) {
        assertThat(Units.sizeBytes(text)).isEqualTo(bytes);
    }

    @ParameterizedTest
    @CsvSource({"0, 0", "100ms, 100", "10s, 10000", "2 min, 120000", "1h, 3600000", "1d, 86400000"})
    void readsDurations(String text, long millis) {
        assertThat(Units.durationMillis(text)).isEqualTo(millis);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "16", "16mib", "16MB", "16M", "-1B", "1.5GiB", "MiB", "1 2B", " 1B", "1B ", "0x10B"})
    void refusesWhatIsNoSize(String text) {
        assertThatThrownBy(() -> Units.sizeBytes(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("such as 16MiB");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "100", "100 MS", "1sec", "1m", "1.5s", "-1s", "s"})
    void refusesWhatIsNoDuration(String text) {
        assertThatThrownBy(() -> Units.durationMillis(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("such as 100ms");
    }

    @Test
    void asksWhatAnAmbiguousUnitMeans() {
        for (String text : new String[] {"5m", "5M", "5 m"}) {
            assertThatThrownBy(() -> Units.durationMillis(text))
                    .hasMessageContainingAll("min or MiB?", "such as 100ms");
            assertThatThrownBy(() -> Units.sizeBytes(text)).hasMessageContainingAll("min or MiB?", "such as 16MiB");
        }
    }

    @Test
    void refusesASizeThatDoesNotFitInALong() {
        assertThatThrownBy(() -> Units.sizeBytes("8388608TiB")).hasMessage("is too large");
        assertThat(Units.sizeBytes("8388607TiB")).isEqualTo(8_388_607L << 40);
    }

    @ParameterizedTest
    @ValueSource(longs = {0, 1, 1023, 1024, 1536, 5L << 20, 3L << 30, 1L << 40})
    void whatIsFormattedReadsBackAsTheSame(long value) {
        assertThat(Units.sizeBytes(Units.size(value))).isEqualTo(value);
        assertThat(Units.durationMillis(Units.duration(value))).isEqualTo(value);
    }
}
