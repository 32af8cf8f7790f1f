package org.larchmq.store.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.MemoryDisk;
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

    @Test
    void theIdIsMadeOnceAndTheSameAfterPowerLossesAndStops() {
        SimulatedDisk disk = new SimulatedDisk(1);
        DataDirectory first = new DataDirectory(disk, new Random(1)::nextLong);
        StoreId id = first.storeId();
        first.close();
        assertThat(StoreId.of(id.toBytes())).isEqualTo(id);
        assertThat(id.toString()).matches("[0-9a-f]{32}");
        SimulatedDisk next = disk.afterPowerLoss();
        for (int start = 2; start < 10; start++) {
            DataDirectory again = new DataDirectory(next, new Random(start)::nextLong);
            assertThat(again.storeId()).isEqualTo(id);
            again.close();
            next = next.afterPowerLoss();
        }
    }

    @Test
    void anIdThatAStartHasShownSurvivesAPowerLossAtAnyStepOfTheNextStart() {
        for (int step = 1; step < 30; step++) {
            SimulatedDisk disk = new SimulatedDisk(step).losePowerAtWrite(step);
            StoreId shown = null;
            try {
                DataDirectory first = new DataDirectory(disk, new Random(step)::nextLong);
                shown = first.storeId();
                first.close();
                new DataDirectory(disk, new Random(-step)::nextLong).close();
            } catch (PowerLoss expected) {
                // at this step
            }
            DataDirectory last = new DataDirectory(disk.afterPowerLoss(), new Random(99)::nextLong);
            if (shown != null) assertThat(last.storeId()).as("step %d", step).isEqualTo(shown);
        }
    }

    @Test
    void anIdThatOnlyTheOperatingSystemsMemoryHoldsIsMadeDurableBeforeItIsUsed() {
        for (int step = 1; step < 12; step++) {
            SimulatedDisk disk = new SimulatedDisk(step).losePowerAtWrite(step);
            try {
                new DataDirectory(disk, new Random(step)::nextLong);
            } catch (PowerLoss expected) {
                // here the process dies only
            }
            SimulatedDisk second = disk.afterProcessDeath();
            StoreId shown = new DataDirectory(second, new Random(-step)::nextLong).storeId();
            assertThat(new DataDirectory(second.afterPowerLoss(), new Random(99)::nextLong).storeId())
                    .as("step %d", step)
                    .isEqualTo(shown);
        }
    }

    @Test
    void aDamagedIdIsReplacedAndNeverTakenForAnother() {
        SimulatedDisk disk = new SimulatedDisk(1);
        DataDirectory first = new DataDirectory(disk, new Random(1)::nextLong);
        StoreId id = first.storeId();
        first.close();
        for (int bit = 0; bit < 32 * 8; bit++) {
            SimulatedDisk damaged = disk.afterPowerLoss();
            damaged.flipBit("id", bit);
            StoreId made = new StoreId(new Random(7).nextLong(), 0);
            DataDirectory again = new DataDirectory(damaged, new Random(7)::nextLong);
            assertThat(again.storeId()).as("bit %d", bit).isNotEqualTo(id);
            assertThat(again.storeId().high()).isEqualTo(made.high());
            assertThat(new DataDirectory(damaged.afterPowerLoss(), new Random(8)::nextLong).storeId())
                    .isEqualTo(again.storeId());
        }
    }

    @Test
    void twoDirectoriesHaveDifferentIds() {
        StoreId one = new DataDirectory(new MemoryDisk(1 << 20)).storeId();
        StoreId other = new DataDirectory(new MemoryDisk(1 << 20)).storeId();
        assertThat(one).isNotEqualTo(other);
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
