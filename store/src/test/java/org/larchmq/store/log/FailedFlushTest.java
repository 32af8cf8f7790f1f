package org.larchmq.store.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskWrapper;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

/** A flush that fails is final for the log, whatever it was for: the operating system will not say so again. */
class FailedFlushTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);

    @Test
    void aFlushThatFailsWhileSpaceIsPreparedEndsTheLogBeforeAnythingIsConfirmed() {
        List<Runnable> background = new ArrayList<>();
        CommitLog log = open(disk, background);
        LogFixture.append(log, 1, 100);
        LogFixture.flush(log);
        runAll(background);
        for (int i = 2; i < 8; i++) LogFixture.append(log, i, 100);
        log.write();
        assertThat(background).as("space is wanted").isNotEmpty();
        long confirmed = log.flushedOffset();
        disk.failForceAt(1);
        runAll(background);
        assertStopped(log::force);
        assertThat(log.flushedOffset()).isEqualTo(confirmed);
        assertStopped(log::write);
        assertStopped(() -> LogFixture.append(log, 9, 100));
        log.close();
        assertThat(disk.exists("commitlog/closed")).isFalse();
        CommitLog again = LogFixture.create(disk.afterPowerLoss());
        assertThat(LogFixture.recover(again, 0)).first().isEqualTo(1L);
    }

    @Test
    void aWriteThatFailsWhileSpaceIsPreparedEndsTheLogButAFullDiskDoesNot() {
        List<Runnable> background = new ArrayList<>();
        CommitLog log = open(disk, background);
        LogFixture.append(log, 1, 100);
        LogFixture.flush(log);
        disk.capacity(1);
        runAll(background);
        LogFixture.append(log, 2, 100);
        LogFixture.flush(log);
        disk.capacity(1 << 30);
        for (int i = 3; i < 9; i++) LogFixture.append(log, i, 100);
        disk.failWriteAt(1);
        runAll(background);
        assertStopped(log::write);
    }

    @Test
    void markFlushedAndTheOwnersOwnPreparationPassAFailedFlushOn() {
        for (int forces = 1; forces < 4; forces++) {
            SimulatedDisk failing = new SimulatedDisk(forces);
            CommitLog log = open(failing, new ArrayList<>());
            LogFixture.append(log, 1, 100);
            LogFixture.flush(log);
            failing.failForceAt(forces);
            assertThatThrownBy(() -> {
                        for (int i = 0; i < 100; i++) {
                            LogFixture.append(log, i, 100);
                            log.write();
                        }
                    })
                    .matches(e -> ((StoreException) e).error() == StoreError.FLUSH_FAILED);
            assertStopped(log::force);
            assertStopped(log::markFlushed);
        }
    }

    @Test
    void aDeletedSegmentWhoseDirectoryCannotBeFlushedEndsTheLog() {
        CommitLog log = LogFixture.open(disk);
        LogFixture.appendFlushed(log, 0, 100);
        disk.failAtChange(1, SimulatedDisk.Fault.BROKEN);
        assertThatThrownBy(() -> log.deleteSegmentsBefore(log.endOffset())).isInstanceOf(StoreException.class);
        assertStopped(log::force);
    }

    /** The flush of the entries succeeds while one for space in the same file is told of the failure. */
    @Test
    void aFlushOfEntriesIsNotConfirmedWhileOneBesideItMayHaveBeenToldOfAFailure() throws Exception {
        CountDownLatch preparing = new CountDownLatch(1),
                failNow = new CountDownLatch(1),
                entries = new CountDownLatch(1);
        AtomicBoolean armed = new AtomicBoolean();
        Disk wrapped = new DiskWrapper(disk, file -> new DiskWrapper.File(file) {
            @Override
            public void force(boolean metadata) {
                if (armed.get() && Thread.currentThread().getName().equals("space")) {
                    preparing.countDown();
                    await(failNow);
                    throw new StoreException(StoreError.FLUSH_FAILED, path(), 0, "told to the other thread", null);
                }
                super.force(metadata);
                if (armed.get()) entries.countDown();
            }
        });
        ExecutorService space = Executors.newSingleThreadExecutor(task -> new Thread(task, "space"));
        ExecutorService flusher = Executors.newSingleThreadExecutor();
        try {
            List<Runnable> background = new ArrayList<>();
            CommitLog log = open(wrapped, background);
            LogFixture.append(log, 1, 100);
            LogFixture.flush(log);
            runAll(background);
            for (int i = 2; i < 8; i++) LogFixture.append(log, i, 100);
            log.write();
            long confirmed = log.flushedOffset();
            armed.set(true);
            Future<?> prepared = space.submit(() -> runAll(background));
            await(preparing);
            Future<?> flushed = flusher.submit((Callable<Void>) () -> {
                log.force();
                return null;
            });
            await(entries);
            assertThat(log.flushedOffset()).isEqualTo(confirmed);
            failNow.countDown();
            prepared.get(60, TimeUnit.SECONDS);
            assertThatThrownBy(() -> flushed.get(60, TimeUnit.SECONDS)).hasCauseInstanceOf(StoreException.class);
            assertThat(log.flushedOffset()).isEqualTo(confirmed);
        } finally {
            failNow.countDown();
            space.shutdown();
            flusher.shutdown();
        }
    }

    private static void await(CountDownLatch latch) {
        try {
            assertThat(latch.await(60, TimeUnit.SECONDS)).isTrue();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }

    private static CommitLog open(Disk disk, List<Runnable> background) {
        CommitLog log = new CommitLog(
                disk, "commitlog", LogFixture.SMALL, new SimulatedClock(), SegmentHead.NONE, background::add);
        log.recover(0, (offset, size, type, epoch, millis, payload) -> {});
        return log;
    }

    private static void runAll(List<Runnable> background) {
        List<Runnable> now = List.copyOf(background);
        background.clear();
        now.forEach(Runnable::run);
    }

    private static void assertStopped(org.assertj.core.api.ThrowableAssert.ThrowingCallable call) {
        assertThatThrownBy(call).matches(e -> ((StoreException) e).error() == StoreError.STOPPED);
    }
}
