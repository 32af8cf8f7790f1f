package org.larchmq.store.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.NioDisk;
import org.larchmq.store.io.PowerLoss;
import org.larchmq.store.io.SimulatedDisk;

class DataDirectoryTest {
    @TempDir
    Path path;

    @Test
    void aSecondBrokerIsToldWhoHoldsTheDirectory() {
        try (DataDirectory first = new DataDirectory(new NioDisk(path))) {
            assertThat(first.wasStoppedInOrder()).isFalse();
            assertThatThrownBy(() -> new DataDirectory(new NioDisk(path)))
                    .hasMessageContaining("ALREADY_LOCKED")
                    .hasMessageContaining(
                            "held by process " + ProcessHandle.current().pid())
                    .hasMessageContaining(path.toString());
        }
        new DataDirectory(new NioDisk(path)).close();
    }

    @Test
    void aStopInOrderIsKnownOnce() {
        SimulatedDisk disk = new SimulatedDisk(1);
        DataDirectory first = new DataDirectory(disk);
        first.markStopped();
        first.close();
        SimulatedDisk second = disk.afterPowerLoss();
        assertThat(new DataDirectory(second).wasStoppedInOrder()).isTrue();
        assertThat(new DataDirectory(second.afterPowerLoss()).wasStoppedInOrder())
                .isFalse();
    }

    @Test
    void aFormatFileWithAFlippedBitIsWrittenAgainSinceEverySegmentNamesItsVersionToo() {
        SimulatedDisk disk = new SimulatedDisk(1);
        new DataDirectory(disk).close();
        disk.open("commitlog/00000000000000000000.log", true).close();
        for (int bit = 0; bit < 12 * 8; bit++) {
            byte[] before = bytesOf(disk);
            disk.flipBit("format", bit);
            new DataDirectory(disk).close();
            assertThat(bytesOf(disk)).as("bit %d", bit).isEqualTo(before);
        }
    }

    private static byte[] bytesOf(SimulatedDisk disk) {
        ByteBuffer bytes = ByteBuffer.allocate(16);
        try (DiskFile file = disk.open("format", false)) {
            file.read(bytes, 0);
        }
        return bytes.array();
    }

    @Test
    void aPowerLossAtAnyStepOfTheFirstStartIsHarmless() {
        for (int step = 1; step < 12; step++) {
            SimulatedDisk disk = new SimulatedDisk(step).losePowerAtWrite(step);
            try {
                new DataDirectory(disk);
            } catch (PowerLoss expected) {
                // at this step
            }
            new DataDirectory(disk.afterPowerLoss()).close();
        }
    }
}
