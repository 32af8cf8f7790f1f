package org.larchmq.store.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.larchmq.store.io.DiskWrapper;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

class ConsumeQueueTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final ConsumeQueueStore store = new ConsumeQueueStore(disk, "queues", 64, 8);
    private final Row row = new Row();

    @Test
    void rowsAreReadBackByQueueOffsetFromPagesAndTail() {
        for (ConsumeQueue queue : List.of(store.create(1), store.createInMemory(2))) {
            for (int i = 0; i < 1000; i++)
                assertThat(queue.append(i * 100L, i + 50, i * 7, i & 3)).isEqualTo(i);
            for (int i = 0; i < 1000; i++) {
                queue.read(i, row);
                assertThat(row.physicalOffset()).isEqualTo(i * 100L);
                assertThat(row.sizeBytes()).isEqualTo(i + 50);
                assertThat(row.tagHash()).isEqualTo(i * 7);
                assertThat(row.flags()).isEqualTo(i & 3);
            }
        }
        assertThat(disk.paths()).containsExactly("queues/000000.pages");
    }

    @Test
    void tenThousandQueuesWithAFewRowsCostNoFileAndSmallSnapshots() {
        List<ConsumeQueue> queues = new ArrayList<>();
        for (int q = 0; q < 10_000; q++) {
            ConsumeQueue queue = store.create(q);
            for (int i = 0; i < 100; i++) queue.append(i, 1, 1, 0);
            queues.add(queue);
        }
        assertThat(disk.paths()).isEmpty();
        assertThat(queues.get(77).snapshot()).hasSize(36 + 100 * 20);
    }

    @Test
    void aRestoredQueueGoesOnWhereTheSnapshotWasTaken() {
        ConsumeQueue queue = store.create(5);
        for (int i = 0; i < 500; i++) queue.append(i, 10, 0, 0);
        queue.releaseBefore(210);
        byte[] snapshot = queue.snapshot();
        store.force();

        ConsumeQueueStore reopened = new ConsumeQueueStore(disk.afterPowerLoss(), "queues", 64, 8);
        ConsumeQueue restored = reopened.restore(5, snapshot);
        reopened.verify(restored);
        assertThat(restored.startOffset()).isEqualTo(210);
        assertThat(restored.endOffset()).isEqualTo(500);
        assertThat(restored.append(500, 10, 0, 0)).isEqualTo(500);
        for (int i = 210; i < 501; i++) {
            restored.read(i, row);
            assertThat(row.physicalOffset()).isEqualTo(i);
        }
    }

    @Test
    void aFreedPageIsReusedOnlyAfterTheNextDurableCheckpoint() {
        ConsumeQueue queue = store.create(1);
        for (int i = 0; i < 203 * 3 + 1; i++) queue.append(i, 10, 0, 0);
        store.checkpointBegun();
        byte[] snapshot = queue.snapshot();
        store.force();
        store.checkpointDurable();
        queue.releaseBefore(203 * 2);
        ConsumeQueue other = store.create(2);
        for (int i = 0; i < 203 * 4; i++) other.append(-1 - i, 10, 0, 0);

        store.force();
        ConsumeQueueStore reopened = new ConsumeQueueStore(disk.afterPowerLoss(), "queues", 64, 8);
        ConsumeQueue restored = reopened.restore(1, snapshot);
        reopened.verify(restored);
        int before = store.usedPages();
        store.checkpointBegun();
        store.checkpointDurable();
        assertThat(store.usedPages()).isEqualTo(before - 2);
    }

    private void checkpoint(ConsumeQueueStore of) {
        of.checkpointBegun();
        of.force();
        of.checkpointDurable();
    }

    /** The file is there for its successor, and its name is not on the disk yet. */
    @Test
    void aPageFileThatAKilledProcessMadeOutlivesALossOfPower() {
        for (int seed = 1; seed <= 20; seed++) {
            SimulatedDisk killed = new SimulatedDisk(seed);
            ConsumeQueue unsaid = new ConsumeQueueStore(killed, "queues", 64, 8).create(1);
            for (int i = 0; i < 300; i++) unsaid.append(i, 10, 0, 0);
            ConsumeQueueStore next = new ConsumeQueueStore(killed, "queues", 64, 8);
            ConsumeQueue queue = next.create(1);
            for (int i = 0; i < 300; i++) queue.append(i, 10, 0, 0);
            next.checkpointBegun();
            byte[] snapshot = queue.snapshot();
            next.force();
            ConsumeQueueStore last = new ConsumeQueueStore(killed.afterPowerLoss(), "queues", 64, 8);
            last.verify(last.restore(1, snapshot));
        }
    }

    @Test
    void aDiskThatWantsRoomToGiveRoomBackIsAskedAgainLater() {
        boolean[] full = {true};
        DiskWrapper copying = new DiskWrapper(disk, file -> new DiskWrapper.File(file) {
            @Override
            public void truncate(long sizeBytes) {
                if (full[0]) throw new StoreException(StoreError.DISK_FULL, path(), sizeBytes, "planted", null);
                super.truncate(sizeBytes);
            }
        });
        ConsumeQueueStore large = new ConsumeQueueStore(copying, "large", 1024, 8);
        ConsumeQueue deep = large.create(1);
        for (int i = 0; i <= 203 * 3000; i++) deep.append(i, 10, 0, 0);
        deep.releaseBefore(203 * 3000);
        checkpoint(large);
        assertThat(disk.heldBytes()).isGreaterThanOrEqualTo(3000 * 4096L);
        full[0] = false;
        checkpoint(large);
        assertThat(disk.heldBytes()).isLessThan(100_000);
    }

    @Test
    void theRoomOfADeepBacklogGoesBackToTheDiskAfterwards() {
        ConsumeQueueStore large = new ConsumeQueueStore(disk, "large", 1024, 8);
        ConsumeQueue waiting = large.create(1);
        for (int i = 0; i < 300; i++) waiting.append(i, 10, 0, 0);
        ConsumeQueue deep = large.create(2);
        for (int i = 0; i <= 203 * 3000; i++) deep.append(i, 10, 0, 0);
        checkpoint(large);
        assertThat(disk.heldBytes()).isGreaterThanOrEqualTo(3000 * 4096L);
        deep.releaseBefore(203 * 2999);
        checkpoint(large);
        checkpoint(large);
        assertThat(disk.heldBytes()).as("the last page is in use").isGreaterThanOrEqualTo(3000 * 4096L);
        deep.releaseBefore(203 * 3000);
        checkpoint(large);
        checkpoint(large);
        assertThat(disk.heldBytes()).isLessThan(100_000);

        for (int i = 0; i < 203 * 2000; i++) deep.append(1_000_000 + i, 10, 0, 0);
        large.checkpointBegun();
        byte[] snapshotOfWaiting = waiting.snapshot();
        byte[] snapshotOfDeep = deep.snapshot();
        large.force();
        large.checkpointDurable();
        ConsumeQueueStore reopened = new ConsumeQueueStore(disk.afterPowerLoss(), "large", 1024, 8);
        ConsumeQueue restored = reopened.restore(1, snapshotOfWaiting);
        ConsumeQueue restoredDeep = reopened.restore(2, snapshotOfDeep);
        reopened.verify(restored);
        reopened.verify(restoredDeep);
        restoredDeep.read(203 * 3000 + 1, row);
        assertThat(row.physicalOffset()).isEqualTo(1_000_000);
    }

    @Test
    void aRelocatedRowMovesItsPageUnlessNoCheckpointKnowsIt() {
        ConsumeQueue queue = store.create(1);
        for (int i = 0; i < 250; i++) queue.append(1000 + i, 10, 0, 0);
        queue.update(10, 5);
        assertThat(store.usedPages()).isEqualTo(1);
        store.checkpointBegun();
        byte[] snapshot = queue.snapshot();
        store.force();
        store.checkpointDurable();
        queue.update(11, 6);
        assertThat(store.usedPages()).isEqualTo(2);
        queue.update(240, 7);
        queue.read(10, row);
        assertThat(row.physicalOffset()).isEqualTo(5);
        queue.read(11, row);
        assertThat(row.physicalOffset()).isEqualTo(6);
        queue.read(240, row);
        assertThat(row.physicalOffset()).isEqualTo(7);
        store.force();
        ConsumeQueueStore reopened = new ConsumeQueueStore(disk.afterPowerLoss(), "queues", 64, 8);
        ConsumeQueue restored = reopened.restore(1, snapshot);
        restored.read(11, row);
        assertThat(row.physicalOffset()).isEqualTo(1011);
    }

    @Test
    void theSmallestPhysicalOffsetIsExact() {
        Random random = new Random(7);
        ConsumeQueue queue = store.create(1);
        List<Long> offsets = new ArrayList<>();
        for (int i = 0; i < 1000; i++) {
            offsets.add((long) random.nextInt(1_000_000));
            queue.append(offsets.get(i), 10, 0, 0);
        }
        for (int from = 0; from <= 1000; from += 17) {
            long expected =
                    offsets.subList(from, 1000).stream().mapToLong(o -> o).min().orElse(Long.MAX_VALUE);
            assertThat(queue.minPhysicalOffsetFrom(from)).isEqualTo(expected);
        }
        assertThat(queue.minPhysicalOffsetFrom(1000)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void anyHistoryOfAppendReleaseUpdateAndRestoreAgreesWithAList() {
        for (long seed = 0; seed < 20; seed++) {
            Random random = new Random(seed);
            ConsumeQueue queue = store.create(seed);
            List<Long> model = new ArrayList<>();
            long start = 0;
            for (int step = 0; step < 3000; step++) {
                int dice = random.nextInt(100);
                if (dice < 80) {
                    model.add((long) step);
                    queue.append(step, 10, 0, 0);
                } else if (dice < 90 && start < model.size()) {
                    int at = (int) start + random.nextInt(model.size() - (int) start);
                    model.set(at, (long) -step);
                    queue.update(at, -step);
                } else if (dice < 92) {
                    start = Math.min(model.size(), start + random.nextInt(300));
                    queue.releaseBefore(start);
                } else if (dice < 93) {
                    store.checkpointBegun();
                    store.checkpointDurable();
                } else if (start < model.size()) {
                    int at = (int) start + random.nextInt(model.size() - (int) start);
                    queue.read(at, row);
                    assertThat(row.physicalOffset())
                            .as("seed %d step %d", seed, step)
                            .isEqualTo(model.get(at));
                }
                assertThat(queue.startOffset()).isEqualTo(start);
                assertThat(queue.endOffset()).isEqualTo(model.size());
            }
            queue.delete();
        }
    }

    @Test
    void anEmptyQueueCanGoOnWithAnyNumber() {
        ConsumeQueue queue = store.create(1);
        queue.append(1, 1, 1, 1);
        assertThatThrownBy(() -> queue.startAt(9)).isInstanceOf(IllegalStateException.class);
        queue.releaseBefore(1);
        queue.startAt(1000);
        assertThat(queue.append(2, 1, 1, 1)).isEqualTo(1000);
        queue.read(1000, row);
        assertThat(row.physicalOffset()).isEqualTo(2);
    }

    @Test
    void everyFlippedBitOfAPageIsFoundWithItsPlace() {
        ConsumeQueue queue = store.create(1);
        for (int i = 0; i < 203 * 2 + 1; i++) queue.append(i, 10, 0, 0);
        for (int bit = 0; bit < 4096 * 8; bit += 11) {
            disk.flipBit("queues/000000.pages", 4096 * 8 + bit);
            assertThatThrownBy(() -> store.verify(queue))
                    .hasMessageContaining("DAMAGED_QUEUE_FILE")
                    .hasMessageContaining("000000.pages offset=4096")
                    .hasMessageContaining("rebuilt");
            disk.flipBit("queues/000000.pages", 4096 * 8 + bit);
        }
        store.verify(queue);
    }

    @Test
    void afterDiscardingEverythingIsNewAgain() {
        ConsumeQueue queue = store.create(1);
        for (int i = 0; i < 300; i++) queue.append(i, 10, 0, 0);
        store.discardAll();
        assertThat(disk.paths()).isEmpty();
        ConsumeQueue rebuilt = store.create(1);
        for (int i = 0; i < 300; i++) rebuilt.append(i + 5, 10, 0, 0);
        rebuilt.read(3, row);
        assertThat(row.physicalOffset()).isEqualTo(8);
    }

    @Test
    void aBrokenSnapshotIsRefused() {
        assertThatThrownBy(() -> store.restore(1, new byte[7])).hasMessageContaining("DAMAGED_QUEUE_FILE");
        assertThatThrownBy(() -> store.restore(1, store.create(2).snapshot()))
                .hasMessageContaining("DAMAGED_QUEUE_FILE");
    }
}
