package org.larchmq.store.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.store.io.Clock;
import org.larchmq.store.io.NioDisk;

/** The real disk, with space allocated and flushes made on other threads. */
class CommitLogOnDiskTest {
    private static final int ENTRIES = 20_000;
    private final ExecutorService threads = Executors.newFixedThreadPool(2);

    @TempDir
    Path directory;

    @AfterEach
    void stop() {
        threads.shutdownNow();
    }

    @Test
    void theOwnerAppendsReadsAndDeletesWhileAnotherThreadFlushes() throws Exception {
        NioDisk disk = new NioDisk(directory);
        CommitLogSettings settings = CommitLogSettings.withSegmentSize(1 << 20, disk.totalBytes());
        CommitLog log = open(disk, settings);
        log.recover(0, (o, s, t, e, m, p) -> {});
        AtomicBoolean done = new AtomicBoolean();
        Future<?> flusher = threads.submit(() -> {
            while (!done.get()) log.force();
        });
        List<Long> offsets = new ArrayList<>();
        for (int i = 0; i < ENTRIES; i++) {
            offsets.add(LogFixture.append(log, i, 500));
            if (i % 10 == 0) log.write();
            int old = i / 2;
            if (offsets.get(old) >= log.startOffset()) {
                assertThat(log.read(offsets.get(old), 540).getLong()).isEqualTo(old);
            }
            if (i % 5000 == 4999) log.deleteSegmentsBefore(offsets.get(i / 2));
        }
        done.set(true);
        flusher.get();
        long start = log.startOffset();
        assertThat(start).isPositive();
        log.close();

        CommitLog again = open(disk, settings);
        List<Long> numbers = LogFixture.recover(again, 0);
        assertThat(again.startOffset()).isEqualTo(start);
        assertThat(numbers.get(numbers.size() - 1)).isEqualTo(ENTRIES - 1);
        for (int i = 1; i < numbers.size(); i++) assertThat(numbers.get(i)).isEqualTo(numbers.get(i - 1) + 1);
        again.close();
        assertThat(LogVerifier.verify(disk, "commitlog").faults()).isEmpty();
    }

    private CommitLog open(NioDisk disk, CommitLogSettings settings) {
        return new CommitLog(disk, "commitlog", settings, Clock.system(), SegmentHead.NONE, threads);
    }
}
