package org.larchmq.store.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.larchmq.store.io.PowerLoss;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

class CommitLogTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);

    @Test
    void anEntryIsReadableFromMemoryBeforeItIsWrittenAndFromDiskAfterAReopen() {
        CommitLog log = LogFixture.open(disk);
        long offset = LogFixture.append(log, 42, 100);
        int size = log.lastEntrySizeBytes();
        assertThat(log.read(offset, size).getLong()).isEqualTo(42);
        log.close();

        CommitLog again = LogFixture.open(disk.afterProcessDeath());
        assertThat(again.read(offset, size).getLong()).isEqualTo(42);
        assertThat(again.read(offset, size).remaining()).isEqualTo(100);
    }

    @Test
    void entriesKeepTheirOrderOverManySegments() {
        CommitLog log = LogFixture.open(disk);
        List<Long> offsets = new ArrayList<>();
        for (int i = 0; i < 500; i++) offsets.add(LogFixture.append(log, i, 8 + i % 200));
        LogFixture.flush(log);
        assertThat(offsets).isSorted();

        CommitLog again = LogFixture.create(disk.afterPowerLoss());
        var seen = LogFixture.recoverSeen(again, 0);
        assertThat(seen).extracting(LogFixture.Seen::number).containsExactlyElementsOf(numbers(500));
        assertThat(seen).extracting(LogFixture.Seen::physicalOffset).containsExactlyElementsOf(offsets);
        for (var entry : seen) {
            assertThat(again.read(entry.physicalOffset(), entry.sizeBytes()).getLong())
                    .isEqualTo(entry.number());
        }
    }

    @Test
    void aCleanCloseIsKnownOnceAndDoesNotLookBehindTheEnd() {
        CommitLog log = LogFixture.open(disk);
        LogFixture.append(log, 1, 100);
        log.close();
        CommitLog second = LogFixture.create(disk);
        assertThat(second.wasCleanlyClosed()).isTrue();
        assertThat(second.recover(0, (o, s, t, e, m, p) -> {}).cleanlyClosed()).isTrue();
        CommitLog third = LogFixture.create(disk.afterProcessDeath());
        assertThat(third.wasCleanlyClosed()).isFalse();
        assertThat(LogFixture.recover(third, 0)).containsExactly(1L);
    }

    @Test
    void theHeadIsWrittenAtTheStartOfEverySegmentAndTheLogRebuildsFromAnyOfThem() {
        SegmentHead head = log -> {
            log.begin((byte) 7, 16, 0).putLong(-1);
            log.end();
        };
        CommitLog log = LogFixture.create(disk, LogFixture.SMALL, head);
        log.recover(0, (o, s, t, e, m, p) -> {});
        for (int i = 0; i < 200; i++) LogFixture.append(log, i, 100);
        LogFixture.flush(log);
        long startBefore = log.startOffset();
        log.deleteSegmentsBefore(log.endOffset());
        assertThat(log.startOffset()).isGreaterThan(startBefore);
        LogFixture.append(log, 200, 100);
        LogFixture.flush(log);

        CommitLog again = LogFixture.create(disk.afterPowerLoss(), LogFixture.SMALL, head);
        List<Byte> types = new ArrayList<>();
        again.recover(0, (o, s, type, e, m, p) -> types.add(type));
        assertThat(types.get(0)).isEqualTo((byte) 7);
        assertThat(again.startOffset()).isEqualTo(log.startOffset());
    }

    @Test
    void aHeadThatACrashLeftHalfIsWrittenAgain() {
        SegmentHead head = log -> {
            for (int i = 0; i < 3; i++) {
                log.begin((byte) 7, 16, 0).putLong(i);
                log.end();
                if (i == 1) LogFixture.flush(log);
            }
        };
        boolean[] crash = {true};
        SegmentHead crashing = log -> {
            head.write(log);
            if (crash[0]) throw new IllegalStateException("crash");
        };
        CommitLog log = LogFixture.create(disk, LogFixture.SMALL, crashing);
        log.recover(0, (o, s, t, e, m, p) -> {});
        assertThatThrownBy(() -> LogFixture.append(log, 1, 100)).isInstanceOf(IllegalStateException.class);
        for (int restart = 0; restart < 2; restart++) {
            CommitLog idle = LogFixture.create(disk, LogFixture.SMALL, head);
            idle.recover(restart == 0 ? 0 : idle.endOffset(), (o, s, t, e, m, p) -> {});
        }
        crash[0] = false;
        CommitLog again = LogFixture.create(disk, LogFixture.SMALL, head);
        again.recover(0, (o, s, t, e, m, p) -> {});
        LogFixture.append(again, 1, 100);
        LogFixture.flush(again);
        List<Byte> types = new ArrayList<>();
        LogFixture.create(disk, LogFixture.SMALL, head).recover(0, (o, s, type, e, m, p) -> types.add(type));
        assertThat(types.subList(types.size() - 4, types.size()))
                .containsExactly((byte) 7, (byte) 7, (byte) 7, (byte) 1);
    }

    @Test
    void deletedSegmentsAreUsedAgainAndTheirOldEntriesNeverComeBack() {
        CommitLog log = LogFixture.open(disk);
        for (int round = 0; round < 20; round++) {
            for (int i = 0; i < 60; i++) LogFixture.append(log, round * 60 + i, 100);
            LogFixture.flush(log);
            log.deleteSegmentsBefore(log.endOffset());
        }
        assertThat(disk.paths()).filteredOn(path -> path.endsWith(".log")).hasSizeLessThan(6);
        SimulatedDisk survivor = disk.afterPowerLoss();
        CommitLog again = LogFixture.create(survivor);
        List<Long> numbers = LogFixture.recover(again, 0);
        assertThat(numbers.get(numbers.size() - 1)).isEqualTo(1199);
        assertThat(numbers).isSorted();
    }

    /** First the process dies while it retires segments, then the power goes while the next one uses them again. */
    @Test
    void aRetiredSegmentIsUsedAgainOnlyWhenItsOldNameIsGoneForGood() {
        for (int death = 1; death <= 4; death++) {
            for (int cut = 1; cut <= 60; cut++) {
                SimulatedDisk first = new SimulatedDisk(100 * death + cut);
                CommitLog log = LogFixture.open(first);
                for (int i = 0; i < 120; i++) LogFixture.append(log, i, 100);
                LogFixture.flush(log);
                long checkpoint = log.endOffset();
                first.losePowerAtWrite(death);
                assertThatThrownBy(() -> log.deleteSegmentsBefore(checkpoint)).isInstanceOf(PowerLoss.class);

                SimulatedDisk second = first.afterProcessDeath();
                second.losePowerAtWrite(cut);
                try {
                    CommitLog next = LogFixture.create(second);
                    LogFixture.recover(next, checkpoint);
                    LogFixture.appendFlushed(next, 120, 200);
                } catch (PowerLoss e) {
                    // what is left must be a log
                }
                CommitLog again = LogFixture.create(second.afterPowerLoss());
                assertThat(LogFixture.recover(again, checkpoint))
                        .as("death=%d cut=%d", death, cut)
                        .isSorted();
            }
        }
    }

    @Test
    void messagesAreRefusedOnAFullDiskBeforeOtherEntriesAreAndResumeByThemselves() {
        SimulatedDisk small = new SimulatedDisk(1).capacity(20_000);
        var clock = new org.larchmq.store.io.SimulatedClock();
        CommitLog log = new CommitLog(
                small, "commitlog", LogFixture.SMALL, clock, SegmentHead.NONE, Runnable::run, LogFixture.SALTS);
        log.recover(0, (o, s, t, e, m, p) -> {});
        int messages = 0;
        while (log.acceptsMessages()) {
            LogFixture.append(log, messages++, 100);
            LogFixture.flush(log);
            clock.advanceMillis(200);
        }
        int acknowledgements = 0;
        StoreException full = null;
        while (full == null) {
            try {
                LogFixture.append(log, acknowledgements, 8);
                acknowledgements++;
            } catch (StoreException e) {
                full = e;
            }
        }
        assertThat(full.error()).isEqualTo(StoreError.DISK_FULL);
        assertThat(messages).isGreaterThan(50);
        assertThat(acknowledgements).isGreaterThanOrEqualTo(2);
        LogFixture.flush(log);
        log.deleteSegmentsBefore(log.endOffset());
        clock.advanceMillis(200);
        log.acceptsMessages();
        assertThat(log.acceptsMessages()).isTrue();
        LogFixture.append(log, 1, 100);
        LogFixture.flush(log);
        assertThat(LogFixture.recover(LogFixture.create(small.afterPowerLoss()), 0))
                .endsWith(1L);
    }

    @Test
    void aFailedFlushIsNotRetriedAndStopsTheLog() {
        CommitLog log = LogFixture.open(disk);
        LogFixture.appendFlushed(log, 0, 3);
        LogFixture.append(log, 3, 100);
        log.write();
        disk.failForceAt(1);
        assertThatThrownBy(log::force).matches(e -> ((StoreException) e).error() == StoreError.FLUSH_FAILED);
        assertThatThrownBy(log::force).matches(e -> ((StoreException) e).error() == StoreError.STOPPED);
        assertThatThrownBy(() -> LogFixture.append(log, 4, 100))
                .matches(e -> ((StoreException) e).error() == StoreError.STOPPED);
        log.close();
        assertThat(disk.exists("commitlog/closed")).isFalse();
    }

    @Test
    void afterAFailedFlushARestartMakesDurableWhatItReads() {
        CommitLog log = LogFixture.open(disk);
        LogFixture.appendFlushed(log, 0, 3);
        LogFixture.append(log, 3, 100);
        log.write();
        disk.failForceAt(1);
        assertThatThrownBy(log::force).isInstanceOf(StoreException.class);
        SimulatedDisk restarted = disk.afterProcessDeath();
        assertThat(LogFixture.recover(LogFixture.create(restarted), 0)).containsExactly(0L, 1L, 2L, 3L);
        assertThat(LogFixture.recover(LogFixture.create(restarted.afterPowerLoss()), 0))
                .containsExactly(0L, 1L, 2L, 3L);
    }

    @Test
    void aFailedWriteStopsTheLog() {
        CommitLog log = LogFixture.open(disk);
        LogFixture.append(log, 1, 100);
        disk.failWriteAt(1);
        assertThatThrownBy(log::write).matches(e -> ((StoreException) e).error() == StoreError.IO_ERROR);
        assertThatThrownBy(log::write).matches(e -> ((StoreException) e).error() == StoreError.STOPPED);
    }

    @Test
    void anEntryTooLargeIsRefusedWithItsSizeAndTheBound() {
        CommitLog log = LogFixture.open(disk);
        assertThatThrownBy(() -> log.begin((byte) 1, 5000, 0))
                .hasMessageContaining("ENTRY_TOO_LARGE")
                .hasMessageContaining("5000")
                .hasMessageContaining("1024");
    }

    @Test
    void typesBelowOneAreTheLogsOwn() {
        CommitLog log = LogFixture.open(disk);
        assertThatThrownBy(() -> log.begin((byte) 0, 8, 0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aReaderGoingForwardReadsInRanges() {
        var settings = new CommitLogSettings(1 << 20, 1 << 12, 1 << 12, 0, 1 << 16, 1 << 12, 1 << 17, 8);
        CommitLog log = LogFixture.create(disk, settings, SegmentHead.NONE);
        log.recover(0, (o, s, t, e, m, p) -> {});
        List<Long> offsets = new ArrayList<>();
        for (int i = 0; i < 2000; i++) offsets.add(LogFixture.append(log, i, 1000));
        log.write();
        long before = disk.reads();
        for (int i = 0; i < 1900; i++) {
            assertThat(log.read(offsets.get(i), 1040).getLong()).isEqualTo(i);
        }
        assertThat(disk.reads() - before).isLessThan(30);
    }

    @Test
    void aBitFlippedOnDiskIsNeverReadAsGood() {
        CommitLog log = LogFixture.open(disk);
        List<Long> offsets = LogFixture.appendFlushed(log, 0, 10);
        log.close();
        long offset = offsets.get(3);
        for (int bit = 0; bit < 144 * 8; bit += 7) {
            disk.flipBit("commitlog/" + Segment.fileName(0), offset * 8 + bit);
            CommitLog again = LogFixture.create(disk.afterProcessDeath());
            assertThatThrownBy(() -> LogFixture.recover(again, 0))
                    .hasMessageContaining("DAMAGED_LOG")
                    .hasMessageContaining("offset=" + offset)
                    .hasMessageContaining("larchmq repair --data DIR");
            disk.flipBit("commitlog/" + Segment.fileName(0), offset * 8 + bit);
        }
    }

    @Test
    void damageFoundByAReadNamesFileAndOffset() {
        CommitLog log = LogFixture.open(disk);
        List<Long> offsets = LogFixture.appendFlushed(log, 0, 300);
        disk.flipBit("commitlog/" + Segment.fileName(0), (offsets.get(2) + 60) * 8);
        assertThatThrownBy(() -> log.read(offsets.get(2), 140))
                .hasMessageContaining("DAMAGED_ENTRY")
                .hasMessageContaining(Segment.fileName(0) + " offset=" + offsets.get(2));
    }

    private static List<Long> numbers(int count) {
        return LongStream.range(0, count).boxed().toList();
    }
}
