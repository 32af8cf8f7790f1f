package org.larchmq.store.log;

import static org.assertj.core.api.Assertions.assertThat;

import com.code_intelligence.jazzer.junit.FuzzTest;
import java.nio.ByteBuffer;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreException;

/** Any bytes in a segment file: recovery, verification and repair answer, or throw a StoreException. */
class LogRecoveryFuzzTest {
    @FuzzTest
    void anyBytesOnDiskGiveALogOrAStoreException(byte[] bytes) {
        SimulatedDisk disk = new SimulatedDisk(1);
        int split = Math.min(bytes.length, 4096);
        write(disk, 0, bytes, 0, split);
        if (split < bytes.length) write(disk, 4096, bytes, split, bytes.length - split);
        try {
            recoverAndAppend(disk);
        } catch (StoreException refused) {
            VerifyReport report = LogVerifier.verify(disk, "commitlog");
            assertThat(report.faults()).isNotEmpty();
            LogRepair.repair(disk, "commitlog", LogFixture.SMALL, 0, lost -> {});
            recoverAndAppend(disk);
        }
    }

    private static void recoverAndAppend(SimulatedDisk disk) {
        CommitLog log = LogFixture.create(disk);
        log.recover(0, (offset, size, type, epoch, millis, payload) -> {
            assertThat(payload.remaining()).isEqualTo(size - EntryFormat.HEADER_BYTES);
            if (type > 0) return;
            throw new AssertionError("an entry of the log's own was shown: " + type);
        });
        if (log.endOffset() > 1L << 40) return; // only a hostile file name gets there
        LogFixture.append(log, 1, 100);
        LogFixture.flush(log);
        log.close();
    }

    private static void write(SimulatedDisk disk, long base, byte[] bytes, int from, int length) {
        try (DiskFile file = disk.open("commitlog/" + Segment.fileName(base), true)) {
            file.write(ByteBuffer.wrap(bytes, from, length), 0);
            file.force(true);
        }
    }
}
