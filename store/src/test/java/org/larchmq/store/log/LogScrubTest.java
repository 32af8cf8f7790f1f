package org.larchmq.store.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;
import org.larchmq.store.Warnings;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.MemoryDisk;
import org.larchmq.store.io.ReadPace;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreException;

class LogScrubTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final List<VerifyReport.Fault> faults = new ArrayList<>();

    @Test
    void anUndamagedLogIsReadWholeAndNothingIsReported() {
        closedLog(200);
        CommitLog log = LogFixture.create(disk);
        LogFixture.recover(log, 0);
        assertThat(log.scrub().run(ReadPace.NONE, faults::add)).isGreaterThan(200 * 100);
        assertThat(faults).isEmpty();
    }

    @Test
    void aFlippedBitThatRecoveryDoesNotReadIsReportedWithItsPlace() {
        List<Long> offsets = closedLog(200);
        CommitLog log = recoverAt(offsets.get(199));
        flip(offsets.get(30) + 60);
        log.scrub().run(ReadPace.NONE, faults::add);
        assertThat(faults).singleElement().satisfies(fault -> {
            assertThat(fault.physicalOffset()).isEqualTo(offsets.get(30));
            assertThat(fault.filePosition()).isEqualTo(offsets.get(30) % 4096);
            assertThat(fault.bytes()).isEqualTo(offsets.get(31) - offsets.get(30));
            assertThat(fault.file()).endsWith(Segment.fileName(offsets.get(30) / 4096 * 4096));
        });
    }

    @Test
    void everyFlippedBitOfAClosedLogIsReportedByRecoveryOrByTheScrub() {
        List<Long> offsets = closedLog(100);
        List<String> files =
                disk.paths().stream().filter(path -> path.endsWith(".log")).toList();
        Random random = new Random(7);
        for (int i = 0; i < 600; i++) {
            SimulatedDisk copy = disk.afterPowerLoss(); // with nothing unsynced: a copy
            String file = files.get(random.nextInt(files.size()));
            long bit = random.nextLong(copy.sizeOf(file) * 8);
            copy.flipBit(file, bit);
            faults.clear();
            try (var warnings = new Warnings()) {
                CommitLog log = LogFixture.create(copy);
                boolean refused = false;
                try {
                    LogFixture.recover(log, offsets.get(90));
                    log.scrub().run(ReadPace.NONE, faults::add);
                } catch (StoreException e) {
                    refused = true;
                }
                boolean told = refused || !faults.isEmpty() || !warnings.all().isEmpty();
                assertThat(told).as("%s bit %d", file, bit).isTrue();
            }
        }
    }

    @Test
    void damageBehindTheEndOfAClosedLogIsReportedAndMended() {
        List<Long> offsets = closedLog(5);
        flip(offsets.get(4) + 700);
        try (var warnings = new Warnings()) {
            CommitLog log = recoverAt(0);
            assertThat(warnings.all()).singleElement().asString().contains("offset=" + (offsets.get(4) + 700));
            log.close();
        }
        try (var warnings = new Warnings()) {
            recoverAt(0);
            assertThat(warnings.all()).isEmpty();
        }
    }

    @Test
    void bytesOfATornBatchAreNoDamageAfterTheNextCloseInOrder() {
        CommitLog log = LogFixture.open(disk);
        LogFixture.appendFlushed(log, 0, 3);
        long torn = LogFixture.append(log, 3, 100);
        log.write();
        flip(torn + 16); // it does not name its place any more: nothing that could pass for an entry
        LogFixture.open(disk).close();
        try (var warnings = new Warnings()) {
            CommitLog again = LogFixture.open(disk);
            again.scrub().run(ReadPace.NONE, faults::add);
            assertThat(warnings.all()).isEmpty();
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void oldBytesOfARecycledFileAreNoDamage() {
        CommitLog log = LogFixture.open(disk);
        for (int round = 0; round < 20; round++) {
            LogFixture.appendFlushed(log, round * 60, round * 60 + 61);
            log.deleteSegmentsBefore(log.endOffset());
        }
        log.close();
        try (var warnings = new Warnings()) {
            CommitLog again = LogFixture.open(disk);
            again.scrub().run(ReadPace.NONE, faults::add);
            assertThat(warnings.all()).isEmpty();
        }
        assertThat(faults).isEmpty();
    }

    @Test
    void segmentsMayBeDeletedAndTheLogAppendedToMeanwhile() {
        List<Long> offsets = closedLog(400);
        CommitLog log = recoverAt(offsets.get(399));
        int[] reads = {0};
        ReadPace meanwhile = bytes -> {
            if (++reads[0] == 3) {
                LogFixture.appendFlushed(log, 400, 500);
                log.deleteSegmentsBefore(log.endOffset());
                LogFixture.appendFlushed(log, 500, 600); // into files that were just deleted
            }
        };
        log.scrub().run(meanwhile, faults::add);
        assertThat(reads[0]).isGreaterThanOrEqualTo(3);
        assertThat(faults).isEmpty();
    }

    @Test
    void aStoppedScrubReportsNothingOfFilesThatWereClosed() {
        List<Long> offsets = closedLog(100);
        CommitLog log = recoverAt(offsets.get(99));
        ReadPace stopped = bytes -> {
            log.close();
            throw new CancellationException();
        };
        assertThatThrownBy(() -> log.scrub().run(stopped, faults::add)).isInstanceOf(CancellationException.class);
        assertThat(faults).isEmpty();
    }

    @Test
    void theOwnerReadsWhatItWroteWhileTheScrubRuns() throws Exception {
        Disk shared = new MemoryDisk(1 << 20);
        CommitLog first = LogFixture.open(shared);
        List<Long> offsets = LogFixture.appendFlushed(first, 0, 400);
        first.close();
        CommitLog log = LogFixture.create(shared);
        LogFixture.recover(log, offsets.get(399));
        var scrubbing = CompletableFuture.runAsync(() -> {
            for (int i = 0; i < 300; i++) log.scrub().run(ReadPace.NONE, faults::add);
        });
        while (!scrubbing.isDone()) {
            for (long offset : offsets)
                assertThat(log.read(offset, 140).remaining()).isEqualTo(100);
        }
        scrubbing.get();
        assertThat(faults).isEmpty();
    }

    private List<Long> closedLog(int messages) {
        CommitLog log = LogFixture.open(disk);
        List<Long> offsets = LogFixture.appendFlushed(log, 0, messages);
        log.close();
        return offsets;
    }

    private CommitLog recoverAt(long from) {
        CommitLog log = LogFixture.create(disk);
        LogFixture.recover(log, from);
        return log;
    }

    private void flip(long physicalOffset) {
        long base = physicalOffset / 4096 * 4096;
        disk.flipBit("commitlog/" + Segment.fileName(base), (physicalOffset - base) * 8);
    }
}
