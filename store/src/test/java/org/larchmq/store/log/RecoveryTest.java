package org.larchmq.store.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.PowerLoss;
import org.larchmq.store.io.SimulatedDisk;

class RecoveryTest {
    private static final String FIRST = "commitlog/" + Segment.fileName(0);

    @Test
    void aBadBatchThatWasNeverFlushedIsATornTail() {
        SimulatedDisk disk = new SimulatedDisk(1);
        CommitLog log = LogFixture.open(disk);
        LogFixture.appendFlushed(log, 0, 5);
        long torn = LogFixture.append(log, 5, 100);
        LogFixture.append(log, 6, 100);
        log.write();
        disk.flipBit(FIRST, (torn + 50) * 8);
        CommitLog again = LogFixture.create(disk.afterProcessDeath());
        assertThat(LogFixture.recover(again, 0)).containsExactlyElementsOf(numbers(5));
        assertThat(again.endOffset()).isEqualTo(torn);
    }

    @Test
    void aBadEntryBelowAWatermarkIsDamageAndNothingIsCut() {
        SimulatedDisk disk = new SimulatedDisk(1);
        CommitLog log = LogFixture.open(disk);
        List<Long> offsets = LogFixture.appendFlushed(log, 0, 5);
        log.markFlushed();
        long last = offsets.get(4);
        disk.flipBit(FIRST, (last + 50) * 8);
        SimulatedDisk restarted = disk.afterProcessDeath();
        assertThatThrownBy(() -> LogFixture.recover(LogFixture.create(restarted), 0))
                .hasMessageContaining("DAMAGED_LOG")
                .hasMessageContaining("offset=" + last);
        disk.flipBit(FIRST, (last + 50) * 8);
        assertThat(LogFixture.recover(LogFixture.create(restarted), 0)).containsExactlyElementsOf(numbers(5));
    }

    @Test
    void aBadEntryBelowTheCheckpointIsDamage() {
        SimulatedDisk disk = new SimulatedDisk(1);
        CommitLog log = LogFixture.open(disk);
        LogFixture.appendFlushed(log, 0, 5);
        long end = log.endOffset();
        SimulatedDisk restarted = disk.afterProcessDeath();
        restarted.delete(FIRST);
        assertThatThrownBy(() -> LogFixture.recover(LogFixture.create(restarted), end))
                .hasMessageContaining("DAMAGED_LOG");
    }

    @Test
    void entriesBehindACutNeverComeBack() {
        SimulatedDisk disk = new SimulatedDisk(1);
        CommitLog log = LogFixture.open(disk);
        LogFixture.appendFlushed(log, 0, 5);
        long torn = LogFixture.append(log, 100, 100);
        for (int i = 101; i < 130; i++) LogFixture.append(log, i, 100);
        log.write();
        disk.flipBit(FIRST, (torn + 50) * 8);
        SimulatedDisk restarted = disk.afterProcessDeath();
        CommitLog second = LogFixture.create(restarted);
        LogFixture.recover(second, 0);
        LogFixture.appendFlushed(second, 5, 6); // the same length: the old successor would follow exactly
        SimulatedDisk third = restarted.afterPowerLoss();
        assertThat(LogFixture.recover(LogFixture.create(third), 0)).containsExactlyElementsOf(numbers(6));
    }

    @Test
    void aMissingSegmentIsDamage() {
        SimulatedDisk disk = new SimulatedDisk(1);
        CommitLog log = LogFixture.open(disk);
        LogFixture.appendFlushed(log, 0, 100);
        disk.delete("commitlog/" + Segment.fileName(4096));
        assertThatThrownBy(() -> LogFixture.recover(LogFixture.create(disk.afterProcessDeath()), 0))
                .hasMessageContaining("DAMAGED_LOG")
                .hasMessageContaining(Segment.fileName(4096));
    }

    @Test
    void everyFlippedBitBelowAWatermarkIsEitherHarmlessOrReported() {
        SimulatedDisk disk = new SimulatedDisk(1);
        CommitLog log = LogFixture.open(disk);
        LogFixture.appendFlushed(log, 0, 60);
        log.markFlushed();
        log.close();
        for (int bit = 0; bit < 2 * 4096 * 8; bit += 13) {
            String file = "commitlog/" + Segment.fileName(bit / (4096 * 8) * 4096L);
            disk.flipBit(file, bit % (4096 * 8));
            CommitLog again = LogFixture.create(disk.afterProcessDeath());
            try {
                assertThat(LogFixture.recover(again, 0))
                        .as("bit %d of %s", bit, file)
                        .containsExactlyElementsOf(numbers(60));
                disk.flipBit(file, bit % (4096 * 8));
                LogFixture.create(disk).recover(0, (o, s, t, e, m, p) -> {});
                restoreMarker(disk);
            } catch (org.larchmq.store.io.StoreException e) {
                assertThat(e).hasMessageContaining("DAMAGED_LOG").hasMessageContaining("offset=");
                disk.flipBit(file, bit % (4096 * 8));
            }
        }
    }

    @Test
    void repairCostsOneMessageAndNotThoseBehindIt() {
        SimulatedDisk disk = new SimulatedDisk(1);
        CommitLog log = LogFixture.open(disk);
        List<Long> offsets = LogFixture.appendFlushed(log, 0, 100);
        log.markFlushed();
        disk.flipBit(FIRST, (offsets.get(7) + 4) * 8 + 3); // the length
        SimulatedDisk restarted = disk.afterProcessDeath();
        assertThat(LogVerifier.verify(restarted, "commitlog").faults())
                .singleElement()
                .satisfies(fault -> {
                    assertThat(fault.physicalOffset()).isEqualTo(offsets.get(7));
                    assertThat(fault.file()).endsWith(Segment.fileName(0));
                });
        RepairReport report = LogRepair.repair(restarted, "commitlog", LogFixture.SMALL, 0, lost -> {});
        assertThat(report.lost()).singleElement().satisfies(lost -> {
            assertThat(lost.physicalOffset()).isEqualTo(offsets.get(7));
            assertThat(lost.bytes()).isEqualTo(144);
        });
        List<Long> expected =
                LongStream.range(0, 100).filter(n -> n != 7).boxed().toList();
        assertThat(LogFixture.recover(LogFixture.create(restarted), 0)).containsExactlyElementsOf(expected);
        assertThat(LogVerifier.verify(restarted, "commitlog").faults()).isEmpty();
    }

    @Test
    void repairGetsPastAMissingSegmentADamagedHeaderAndADamagedCleanEnd() {
        for (int damage = 0; damage < 3; damage++) {
            SimulatedDisk disk = new SimulatedDisk(1);
            CommitLog log = LogFixture.open(disk);
            List<Long> offsets = LogFixture.appendFlushed(log, 0, 100);
            log.close();
            if (damage == 0) disk.delete("commitlog/" + Segment.fileName(4096));
            if (damage == 1) disk.flipBit("commitlog/" + Segment.fileName(4096), 8);
            if (damage == 2) {
                long last = log.endOffset() - 40; // the watermark that close wrote
                disk.flipBit("commitlog/" + Segment.fileName(last / 4096 * 4096), (last % 4096 + 30) * 8);
            }
            assertThatThrownBy(() -> LogFixture.recover(LogFixture.create(disk), 0))
                    .hasMessageContaining("DAMAGED_LOG");
            assertThat(LogVerifier.verify(disk, "commitlog").faults()).isNotEmpty();
            LogRepair.repair(disk, "commitlog", LogFixture.SMALL, 0, lost -> {});
            List<Long> expected = new java.util.ArrayList<>(numbers(100));
            if (damage == 0) expected.removeIf(n -> offsets.get(n.intValue()) / 4096 == 1);
            assertThat(LogFixture.recover(LogFixture.create(disk), 0)).containsExactlyElementsOf(expected);
        }
    }

    @Test
    void powerLossAtAnyStepOfARecoveryLeavesARecoverableLog() {
        for (int step = 1; step < 40; step++) {
            SimulatedDisk disk = new SimulatedDisk(step);
            CommitLog log = LogFixture.open(disk);
            LogFixture.appendFlushed(log, 0, 20);
            for (int i = 20; i < 60; i++) LogFixture.append(log, i, 100);
            log.write();
            SimulatedDisk second = disk.afterPowerLoss().losePowerAtWrite(step);
            try {
                LogFixture.recover(LogFixture.create(second), 0);
            } catch (PowerLoss expected) {
                // at this step
            }
            List<Long> numbers = LogFixture.recover(LogFixture.create(second.afterPowerLoss()), 0);
            assertThat(numbers).as("step %d", step).startsWith(numbers(20).toArray(Long[]::new));
            assertThat(numbers).isEqualTo(numbers(numbers.size()));
        }
    }

    private static void restoreMarker(SimulatedDisk disk) {
        VerifyReport report = LogVerifier.verify(disk, "commitlog");
        new CloseMarker(report.endOffset(), true).write(disk, "commitlog");
        try (DiskFile file = disk.open("commitlog/closed", false)) {
            assertThat(file.size()).isEqualTo(32);
        }
    }

    private static List<Long> numbers(int count) {
        return LongStream.range(0, count).boxed().toList();
    }
}
