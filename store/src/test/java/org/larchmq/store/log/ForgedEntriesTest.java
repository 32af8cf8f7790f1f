package org.larchmq.store.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.larchmq.store.io.Disk;
import org.larchmq.store.io.DiskFile;
import org.larchmq.store.io.ReadPace;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreException;

/**
 * A client that knows the format and the coming offsets, but not the salts, sends messages whose bodies are entries. None is
 * ever executed, taken for damage, or cut away with what is confirmed.
 */
class ForgedEntriesTest {
    private static final long FORGED = -666;
    private static final int SEGMENT_BYTES = 4096, FORGED_BYTES = EntryFormat.HEADER_BYTES + 8, BODY_BYTES = 900;
    private static final long GUESSED_SALT = 0;

    /** Opens a log on a disk. */
    private interface LogFactory {
        CommitLog open(Disk disk);
    }

    private static LogFactory salted(long seed) {
        Random random = new Random(seed);
        return disk -> new CommitLog(
                disk,
                "commitlog",
                LogFixture.SMALL,
                new SimulatedClock(),
                SegmentHead.NONE,
                Runnable::run,
                random::nextLong);
    }

    private static LogFactory unsalted() {
        return disk -> MutantLogs.withoutSalt(disk, LogFixture.SMALL, new SimulatedClock(), SegmentHead.NONE);
    }

    @Test
    void entriesInsideOldBodiesOfARecycledSegmentAreNotExecutedAfterACrash() {
        assertThat(attackRecycled(salted(1), false)).isEmpty();
    }

    @Test
    void entriesInsideOldBodiesOfARecycledSegmentAreNotExecutedAfterAnOrderlyStop() {
        assertThat(attackRecycled(salted(1), true)).isEmpty();
    }

    @Test
    void aLogWithoutSaltIsCaughtExecutingThem() {
        assertThat(attackRecycled(unsalted(), false)).contains("executed");
    }

    @Test
    void withoutSaltTheCloseMarkerAloneEndsTheLog() {
        assertThat(attackRecycled(unsalted(), true)).doesNotContain("executed");
    }

    @Test
    void entriesInsideATornBodyOfAFreshSegmentAreNeitherExecutedNorTakenForDamage() {
        assertThat(attackFresh(salted(1))).isEmpty();
        assertThat(attackFresh(unsalted())).isNotEmpty();
    }

    @Test
    void anEntryWhoseEpochDoesNotFitIsNoEntry() {
        assertThat(appendedBehindTheEnd(5)).isTrue();
        assertThat(appendedBehindTheEnd(6)).isTrue();
        assertThat(appendedBehindTheEnd(4)).isFalse();
        assertThat(appendedBehindTheEnd(-1)).isFalse();
        assertThat(appendedBehindTheEnd(1 << 20)).isFalse();
        assertThat(appendedBehindTheEnd(Integer.MAX_VALUE)).isFalse();
    }

    @Test
    void repairFindsTheSaltOfASegmentWhoseHeaderIsDamagedInItsEntries() {
        for (int bit = 0; bit < SegmentHeader.HEADER_BYTES * 8; bit++) {
            SimulatedDisk disk = new SimulatedDisk(1);
            LogFactory factory = salted(7);
            CommitLog log = recovered(factory, disk, new ArrayList<>());
            for (int i = 0; i < 100; i++) LogFixture.append(log, i, 100);
            LogFixture.flush(log);
            log.close();
            disk.flipBit("commitlog/" + Segment.fileName(SEGMENT_BYTES), bit);
            LogRepair.repair(disk, "commitlog", LogFixture.SMALL, 0, lost -> {});
            List<Long> seen = new ArrayList<>();
            recovered(factory, disk, seen);
            assertThat(seen).as("bit %d", bit).hasSize(100);
        }
    }

    /** What went wrong over many ways to meet a recycled file's old bytes. */
    private static List<String> attackRecycled(LogFactory factory, boolean orderly) {
        List<String> wrong = new ArrayList<>();
        for (int distance = 9; distance <= 13; distance++) {
            for (int more = 0; more < 120; more++) {
                SimulatedDisk disk = new SimulatedDisk(more);
                try {
                    attackRecycled(factory, disk, distance, more, orderly);
                    examine(factory, disk.afterProcessDeath(), wrong);
                } catch (StoreException e) {
                    wrong.add("refused: " + e.error());
                }
            }
        }
        return wrong.stream().distinct().toList();
    }

    /** Segments full of entries for the one that lies so many segments ahead; then messages in a file used again. */
    private static void attackRecycled(
            LogFactory factory, SimulatedDisk disk, int distance, int more, boolean orderly) {
        CommitLog log = recovered(factory, disk, new ArrayList<>());
        for (int i = 0; i < 40; i++) appendForged(log, distance * SEGMENT_BYTES);
        LogFixture.flush(log);
        log.deleteSegmentsBefore(log.endOffset());
        for (int i = 0; i < 5 + more % 6; i++) LogFixture.append(log, i, BODY_BYTES); // into files that are used again
        for (int i = 0; i < more / 6; i++) LogFixture.append(log, i, 8 + more % 3 * 16);
        LogFixture.flush(log);
        if (orderly) log.close();
    }

    private static List<String> attackFresh(LogFactory factory) {
        List<String> wrong = new ArrayList<>();
        for (int bit = 0; bit < EntryFormat.HEADER_BYTES * 8; bit++) {
            SimulatedDisk disk = new SimulatedDisk(bit);
            CommitLog log = recovered(factory, disk, new ArrayList<>());
            LogFixture.append(log, 1, 100);
            LogFixture.flush(log);
            long torn = log.endOffset();
            appendForged(log, 0);
            log.write();
            disk.flipBit("commitlog/" + Segment.fileName(0), torn * 8 + bit);
            try {
                examine(factory, disk.afterProcessDeath(), wrong);
            } catch (StoreException e) {
                wrong.add("refused: " + e.error());
            }
        }
        return wrong.stream().distinct().toList();
    }

    /** Verifies, recovers and scrubs. */
    private static void examine(LogFactory factory, SimulatedDisk disk, List<String> wrong) {
        if (!LogVerifier.verify(disk, "commitlog").faults().isEmpty()) wrong.add("verify reports damage");
        List<Long> seen = new ArrayList<>();
        CommitLog log = recovered(factory, disk, seen);
        if (seen.contains(FORGED)) wrong.add("executed");
        log.scrub().run(ReadPace.NONE, fault -> wrong.add("the scrub reports damage"));
        LogFixture.append(log, 2, 100);
        LogFixture.flush(log);
        seen.clear();
        recovered(factory, disk.afterProcessDeath(), seen);
        if (seen.contains(FORGED)) wrong.add("executed");
    }

    private static CommitLog recovered(LogFactory factory, Disk disk, List<Long> seen) {
        CommitLog log = factory.open(disk);
        log.recover(0, (offset, size, type, epoch, millis, payload) -> seen.add(payload.getLong()));
        return log;
    }

    /** A message whose body is a chain of entries for the same file positions of a segment so many bytes ahead. */
    private static void appendForged(CommitLog log, long aheadBytes) {
        ByteBuffer payload = log.begin(LogFixture.MESSAGE, BODY_BYTES, 0);
        long place = log.endOffset() + EntryFormat.HEADER_BYTES + aheadBytes;
        payload.putLong(1);
        for (long at = place + 8; payload.remaining() >= FORGED_BYTES; at += FORGED_BYTES) {
            payload.put(forged(at, GUESSED_SALT, 0, Long.MAX_VALUE / 2));
        }
        while (payload.hasRemaining()) payload.put((byte) 0);
        log.end();
    }

    private static ByteBuffer forged(long offset, long salt, int epoch, long flushedOffset) {
        ByteBuffer entry = ByteBuffer.allocate(FORGED_BYTES);
        long place = EntryFormat.place(offset, salt);
        EntryFormat.writeHeader(entry, 0, FORGED_BYTES, LogFixture.MESSAGE, EntryFormat.NO_FLAGS, epoch, place, 0);
        entry.putLong(EntryFormat.HEADER_BYTES, FORGED);
        EntryFormat.complete(entry, 0, offset, flushedOffset, EntryChecksum.crc32c());
        return entry.clear();
    }

    /** Whether an entry of that epoch, with the right salt, counts behind entries of epoch 5. */
    private static boolean appendedBehindTheEnd(int epoch) {
        SimulatedDisk disk = new SimulatedDisk(1);
        LogFactory factory = d -> LogFixture.create(d);
        CommitLog log = recovered(factory, disk, new ArrayList<>());
        log.setEpoch(5);
        LogFixture.appendFlushed(log, 0, 3);
        try (DiskFile file = disk.open("commitlog/" + Segment.fileName(0), false)) {
            file.write(forged(log.endOffset(), LogFixture.SALTS.nextLong(), epoch, 0), log.endOffset());
        }
        List<Long> seen = new ArrayList<>();
        recovered(factory, disk.afterProcessDeath(), seen);
        return seen.contains(FORGED);
    }
}
