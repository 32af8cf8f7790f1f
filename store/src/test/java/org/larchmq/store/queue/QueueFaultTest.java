package org.larchmq.store.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

class QueueFaultTest {
    @Test
    void rowsThatFindTheDiskFullWaitInMemoryAndNoCheckpointPassesThem() {
        SimulatedDisk disk = new SimulatedDisk(1).capacity(4096);
        ConsumeQueueStore store = new ConsumeQueueStore(disk, "queues", 16, 4);
        ConsumeQueue queue = store.create(1);
        for (int i = 0; i < 203 * 5; i++)
            assertThat(queue.append(i * 8L, 1, 0, 0)).isEqualTo(i);
        assertThat(store.hasRoom()).isFalse();
        assertThat(store.waitingPages()).isEqualTo(3);
        queue.update(203 * 2 + 7, 7);
        queue.update(5, 55);
        Row row = new Row();
        queue.read(203 * 2 + 7, row);
        assertThat(row.physicalOffset()).isEqualTo(7);
        assertThat(queue.minPhysicalOffsetFrom(203)).isEqualTo(7);
        store.checkpointBegun();
        queue.snapshot();
        assertThatThrownBy(store::force).matches(e -> ((StoreException) e).error() == StoreError.DISK_FULL);
        disk.capacity(8192 * 10);
        assertThat(store.hasRoom()).isTrue();
        assertThat(store.waitingPages()).isZero();
        assertThatThrownBy(store::force)
                .as("the checkpoint begun before does not name what was written since")
                .matches(e -> ((StoreException) e).error() == StoreError.DISK_FULL);
        store.checkpointBegun();
        byte[] snapshot = queue.snapshot();
        store.force();
        ConsumeQueueStore next = new ConsumeQueueStore(disk.afterPowerLoss(), "queues", 16, 4);
        ConsumeQueue restored = next.restore(1, snapshot);
        next.verify(restored);
        for (int i = 0; i < 203 * 5; i++) {
            restored.read(i, row);
            assertThat(row.physicalOffset()).isEqualTo(i == 203 * 2 + 7 ? 7 : i == 5 ? 55 : i * 8L);
        }
    }

    @Test
    void releasedRowsOfAFullDiskNoLongerWait() {
        SimulatedDisk disk = new SimulatedDisk(1).capacity(0);
        ConsumeQueueStore store = new ConsumeQueueStore(disk, "queues", 16, 4);
        ConsumeQueue queue = store.create(1);
        for (int i = 0; i < 203 * 5; i++) queue.append(i * 8L, 1, 0, 0);
        assertThat(store.waitingPages()).isEqualTo(4);
        queue.releaseBefore(203 * 3);
        assertThat(store.waitingPages()).isEqualTo(1);
        queue.delete();
        assertThat(store.hasRoom()).isTrue();
        store.checkpointBegun();
        store.force();
        assertThat(store.usedPages()).isZero();
    }

    @Test
    void queuesOnADiskThatIsFullNowAndThenEqualAModelOfThem() {
        int forgotten = 0;
        for (long seed = 1; seed <= 200; seed++) {
            FullNowAndThen run = new FullNowAndThen(seed);
            run.run(600);
            forgotten += run.forgotten;
        }
        assertThat(forgotten).as("pages given up between others").isGreaterThan(1000);
    }

    /** Queues beside maps that are what they must be; the disk is full at times; a restart follows checkpoints. */
    private static final class FullNowAndThen {
        private static final int QUEUES = 3;

        private final long seed;
        private final Random random;
        private final List<TreeMap<Long, Long>> expected = new ArrayList<>(); // what is needed
        private final long[] ends = new long[QUEUES];
        private final List<ConsumeQueue> queues = new ArrayList<>();
        private SimulatedDisk disk;
        private ConsumeQueueStore store;
        private int forgotten;

        FullNowAndThen(long seed) {
            this.seed = seed;
            this.random = new Random(seed);
            this.disk = new SimulatedDisk(seed);
            this.store = new ConsumeQueueStore(disk, "queues", 2, 3);
            for (int q = 0; q < QUEUES; q++) {
                expected.add(new TreeMap<>());
                queues.add(store.create(q));
            }
        }

        void run(int steps) {
            for (int step = 0; step < steps; step++) {
                step();
                if (step % 20 == 0) check();
            }
        }

        private void step() {
            int q = random.nextInt(QUEUES);
            ConsumeQueue queue = queues.get(q);
            switch (random.nextInt(11)) {
                case 0, 1, 2 -> {
                    for (int i = random.nextInt(300); i > 0; i--) {
                        long place = random.nextInt(1 << 20);
                        assertThat(queue.append(place, 1, 0, 0)).isEqualTo(ends[q]);
                        expected.get(q).put(ends[q]++, place);
                    }
                }
                case 3, 4 -> {
                    if (expected.get(q).isEmpty()) return;
                    Long row = expected.get(q).ceilingKey(random.nextLong(queue.startOffset(), queue.endOffset()));
                    if (row == null) return;
                    long place = random.nextInt(1 << 20);
                    queue.update(row, place);
                    expected.get(q).put(row, place);
                }
                case 5 -> {
                    long to = Math.min(queue.endOffset(), queue.startOffset() + random.nextInt(500));
                    queue.releaseBefore(to);
                    expected.get(q).headMap(to).clear();
                }
                case 6 -> settle(q);
                case 7 -> {
                    ends[q] += random.nextInt(700);
                    queue.skipTo(ends[q]);
                }
                case 8 -> forget(q, random.nextInt(1 << 21));
                case 9 -> disk.capacity(random.nextBoolean() ? 1 << 30 : random.nextInt(20 * 4096));
                default -> checkpointAndPerhapsRestart();
            }
        }

        /** Most rows of a stretch are not needed any more. */
        private void settle(int q) {
            if (ends[q] == 0) return;
            long from = random.nextLong(ends[q]);
            expected.get(q)
                    .subMap(from, from + random.nextInt(1500))
                    .keySet()
                    .removeIf(row -> random.nextInt(1000) > 0);
        }

        private void forget(int q, long place) {
            ConsumeQueue queue = queues.get(q);
            int before = queue.pageCount();
            long from = 0;
            while (from >= 0) {
                from = queue.forgetUnneeded(place, from, row -> {
                    Long next = expected.get(q).ceilingKey(row);
                    return next == null ? queue.endOffset() : next;
                });
            }
            forgotten += before - queue.pageCount();
            if (place < 1 << 20) return;
            assertThat(queue.minPhysicalOffsetFrom(0)).as("seed %d", seed).isEqualTo(smallest(q));
        }

        private long smallest(int q) {
            return expected.get(q).values().stream().min(Long::compare).orElse(Long.MAX_VALUE);
        }

        private void checkpointAndPerhapsRestart() {
            store.checkpointBegun();
            List<byte[]> snapshots = queues.stream().map(ConsumeQueue::snapshot).toList();
            try {
                store.force();
            } catch (StoreException e) {
                assertThat(e.error()).isEqualTo(StoreError.DISK_FULL);
                return;
            }
            store.checkpointDurable();
            if (random.nextBoolean()) return;
            disk = disk.afterPowerLoss();
            store = new ConsumeQueueStore(disk, "queues", 2, 3);
            for (int q = 0; q < QUEUES; q++) queues.set(q, store.restore(q, snapshots.get(q)));
            queues.forEach(store::verify);
        }

        private void check() {
            Row row = new Row();
            for (int q = 0; q < QUEUES; q++) {
                ConsumeQueue queue = queues.get(q);
                assertThat(queue.endOffset()).as("seed %d", seed).isEqualTo(ends[q]);
                for (var entry : expected.get(q).entrySet()) {
                    queue.read(entry.getKey(), row);
                    assertThat(row.physicalOffset()).as("seed %d", seed).isEqualTo(entry.getValue());
                }
                assertThat(queue.minPhysicalOffsetFrom(0)).as("seed %d", seed).isLessThanOrEqualTo(smallest(q));
                long from = random.nextLong(ends[q] + 1);
                expected.get(q)
                        .tailMap(from)
                        .values()
                        .forEach(place -> assertThat(queue.minPhysicalOffsetFrom(from))
                                .as("seed %d", seed)
                                .isLessThanOrEqualTo(place));
            }
        }
    }

    @Test
    void aFailedFlushIsReportedAndNeverRetried() {
        SimulatedDisk disk = new SimulatedDisk(1);
        ConsumeQueueStore store = new ConsumeQueueStore(disk, "queues", 16, 4);
        ConsumeQueue queue = store.create(1);
        for (int i = 0; i < 300; i++) queue.append(i, 1, 0, 0);
        disk.failForceAt(1);
        assertThatThrownBy(store::force).matches(e -> ((StoreException) e).error() == StoreError.FLUSH_FAILED);
        assertThatThrownBy(store::force).matches(e -> ((StoreException) e).error() == StoreError.FLUSH_FAILED);
    }
}
