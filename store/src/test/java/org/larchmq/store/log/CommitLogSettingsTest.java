package org.larchmq.store.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.larchmq.store.io.SimulatedDisk;

class CommitLogSettingsTest {
    @Test
    void theDefaultsAreAsDocumented() {
        CommitLogSettings defaults = CommitLogSettings.defaultsFor(new SimulatedDisk(1).capacity(1L << 40));
        assertThat(defaults.segmentSizeBytes()).isEqualTo(256L << 20);
        assertThat(defaults.tailMemoryBytes()).isEqualTo(32 << 20);
        assertThat(defaults.maxEntryBytes()).isEqualTo(32 << 20);
        assertThat(defaults.reservedBytes()).isEqualTo(512L << 20);
        assertThat(defaults.allocateAheadBytes()).isEqualTo(16L << 20);
        assertThat(defaults.appendReserveBytes()).isEqualTo(4L << 20);
    }

    @Test
    void aSmallFileSystemGetsSmallSegments() {
        assertThat(CommitLogSettings.defaultSegmentSizeBytes(60L << 20)).isEqualTo(1L << 20);
        assertThat(CommitLogSettings.defaultSegmentSizeBytes(1L << 30)).isEqualTo(32L << 20);
        assertThat(CommitLogSettings.defaultSegmentSizeBytes(7L << 30)).isEqualTo(128L << 20);
    }

    @Test
    void aSettingOutOfBoundsIsNamedWithItsValue() {
        assertThatThrownBy(() -> new CommitLogSettings(4096, 8192, 2048, 0, 1024, 256, 1024, 4))
                .hasMessage("maxEntryBytes must be at most a quarter of segmentSizeBytes: 2048");
    }
}
