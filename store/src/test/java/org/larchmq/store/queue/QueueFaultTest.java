package org.larchmq.store.queue;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

class QueueFaultTest {
    @Test
    void aRowThatFindsTheDiskFullIsNotAddedAndGoesInLater() {
        SimulatedDisk disk = new SimulatedDisk(1).capacity(4096);
        ConsumeQueueStore store = new ConsumeQueueStore(disk, "queues", 16, 4);
        ConsumeQueue queue = store.create(1);
        for (int i = 0; i < 203 * 2; i++) queue.append(i, 1, 0, 0);
        assertThatThrownBy(() -> queue.append(406, 1, 0, 0))
                .matches(e -> ((StoreException) e).error() == StoreError.DISK_FULL);
        assertThat(queue.endOffset()).isEqualTo(406);
        disk.capacity(8192);
        assertThat(queue.append(406, 1, 0, 0)).isEqualTo(406);
        store.verify(queue);
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
