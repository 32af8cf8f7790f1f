package org.larchmq.store.log;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.larchmq.store.io.PowerLoss;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

/** Heads may be larger than a segment, than ten; they may find the disk full, or the power gone, at any place. */
class LargeHeadTest {
    private static final byte HEAD = 7;
    private static final int HEAD_ENTRY_BYTES = 400;

    private final List<Long> visited = new ArrayList<>(); // messages as they are, parts of a head as -1 - index

    @Test
    void headsTakeAtMostAboutHalfOfTheLogWhateverTheirSize() {
        for (int entries : new int[] {0, 1, 5, 8, 9, 10, 15, 30, 120}) {
            SimulatedDisk disk = new SimulatedDisk(1);
            int[] headEntries = {0};
            CommitLog log = open(disk, counted(entries, headEntries));
            for (int i = 0; i < 3000; i++) LogFixture.append(log, i, 100);
            LogFixture.flush(log);
            long headBytes = (long) headEntries[0] * (HEAD_ENTRY_BYTES + EntryFormat.HEADER_BYTES);
            long messages = 3000L * 144;
            assertThat(headBytes).as("%d entries", entries).isLessThan(messages * 11 / 10 + entries * 440L);
            assertThat(log.endOffset()).as("%d entries", entries).isLessThan(3 * messages);
        }
    }

    @Test
    void aLogWhoseFirstSegmentsWereDeletedBeginsWithAWholeHeadWheneverThePowerGoes() {
        for (int seed = 1; seed <= 400; seed++) {
            Random random = new Random(seed);
            int entries = random.nextInt(3) == 0 ? random.nextInt(150) : random.nextInt(20);
            SimulatedDisk disk = new SimulatedDisk(seed);
            long confirmed = -1;
            for (int life = 0; life < 5; life++) {
                disk.losePowerAtWrite(1 + random.nextInt(250));
                long number = confirmed;
                try {
                    CommitLog log = open(disk, head(entries));
                    number = lastMessage();
                    assertThat(number).as("seed %d", seed).isGreaterThanOrEqualTo(confirmed);
                    checkHead(log, entries, "seed " + seed + " life " + life);
                    while (true) {
                        for (int i = random.nextInt(40); i >= 0; i--)
                            LogFixture.append(log, ++number, random.nextInt(300) + 8);
                        if (random.nextInt(3) == 0) log.write();
                        LogFixture.flush(log);
                        confirmed = number;
                        if (random.nextInt(4) == 0) log.deleteSegmentsBefore(log.flushedOffset());
                        if (random.nextInt(30) == 0) log.close();
                    }
                } catch (PowerLoss | StoreException | IllegalStateException end) {
                    // closed or crashed
                }
                disk = random.nextBoolean() ? disk.afterPowerLoss() : disk.afterProcessDeath();
            }
        }
    }

    @Test
    void aDiskThatIsFullInTheMiddleOfAHeadCostsNothingAndTheLogGoesOnWhenThereIsRoom() {
        for (int entries : new int[] {3, 8, 12, 40, 110}) {
            for (int room = 4096; room < 80_000; room += 1111) {
                SimulatedDisk disk = new SimulatedDisk(room).capacity(room);
                CommitLog log = open(disk, head(entries));
                int written = 0;
                int refused = 0;
                while (refused < 50) {
                    try {
                        LogFixture.append(log, written, 100);
                        written++;
                    } catch (StoreException e) {
                        assertThat(e.error()).isEqualTo(StoreError.DISK_FULL);
                        refused++;
                    }
                    LogFixture.flush(log);
                }
                long end = log.endOffset();
                for (int i = 0; i < 50; i++) {
                    try {
                        LogFixture.append(log, written, 100);
                        written++;
                    } catch (StoreException e) {
                        assertThat(e.error()).isEqualTo(StoreError.DISK_FULL);
                    }
                }
                assertThat(log.endOffset())
                        .as("attempts without room take none")
                        .isEqualTo(end);
                SimulatedDisk restarted = disk.afterPowerLoss().capacity(1 << 30);
                CommitLog again = open(restarted, head(entries));
                assertThat(lastMessage()).isEqualTo(written - 1);
                for (int i = 0; i < 100; i++) LogFixture.append(again, written + i, 100);
                LogFixture.flush(again);
                again.deleteSegmentsBefore(again.endOffset());
                CommitLog last = open(restarted.afterPowerLoss(), head(entries));
                assertThat(lastMessage()).isEqualTo(written + 99);
                checkHead(last, entries, "entries " + entries + " room " + room);
            }
        }
    }

    @Test
    void aHeadThatFailsHalfWayIsWrittenAgainAndLeavesNoOpenEntry() {
        boolean[] fail = {true};
        SegmentHead failing = log -> {
            head(20).write(log);
            log.begin(HEAD, 16, 0);
            if (fail[0]) throw new IllegalStateException("a bug");
            log.end();
        };
        SimulatedDisk disk = new SimulatedDisk(1);
        CommitLog log = open(disk, failing);
        for (int i = 0; i < 3; i++) {
            try {
                LogFixture.append(log, 1, 100);
            } catch (IllegalStateException e) {
                assertThat(e).hasMessage("a bug");
            }
        }
        fail[0] = false;
        LogFixture.append(log, 1, 100);
        LogFixture.flush(log);
        open(disk.afterPowerLoss(), head(20));
        assertThat(lastMessage()).isEqualTo(1);
    }

    /** Once the log does not begin at 0 any more, its entries must begin with all parts of a head before any end. */
    private void checkHead(CommitLog log, int entries, String what) {
        if (log.startOffset() == 0) return;
        int next = 0;
        for (long number : visited) {
            if (number >= 0) {
                assertThat(next)
                        .as("%s: a message before the head is whole", what)
                        .isEqualTo(entries);
                return;
            }
            int part = (int) (-1 - number);
            next = part == next ? next + 1 : part == 0 ? Math.max(1, next == entries ? next : 1) : next;
        }
        assertThat(next).as(what).isEqualTo(entries);
    }

    private long lastMessage() {
        return visited.stream().mapToLong(Long::longValue).max().orElse(-1);
    }

    private CommitLog open(SimulatedDisk disk, SegmentHead head) {
        CommitLog log = LogFixture.create(disk, LogFixture.SMALL, head);
        visited.clear();
        log.recover(0, (offset, size, type, epoch, millis, payload) -> visited.add(payload.getLong()));
        return log;
    }

    private static SegmentHead head(int entries) {
        return counted(entries, new int[1]);
    }

    private static SegmentHead counted(int entries, int[] count) {
        return log -> {
            for (int i = 0; i < entries; i++) {
                ByteBuffer payload = log.begin(HEAD, HEAD_ENTRY_BYTES, 0);
                payload.putLong(-1 - i);
                log.end();
                count[0]++;
            }
        };
    }
}
