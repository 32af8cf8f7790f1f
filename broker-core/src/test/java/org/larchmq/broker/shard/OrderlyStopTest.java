package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.larchmq.message.DestinationKind;
import org.larchmq.store.io.DiskWrapper;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;

/** An orderly stop keeps non-persistent messages (specification 7.7), and says when it could not. */
class OrderlyStopTest {
    private static final int MESSAGES = 3_000;

    private final SimulatedClock clock = new SimulatedClock();
    private final SimulatedDisk disk = new SimulatedDisk(1);

    @Test
    void allNonPersistentMessagesAreThereAfterAnOrderlyStop() {
        SimulatedBroker broker = SimulatedBroker.on(disk, clock);
        sendNonPersistent(broker);
        assertThat(broker.stop()).isTrue();
        SimulatedBroker again = SimulatedBroker.on(disk.afterPowerLoss(), clock);
        SimulatedClient consumer = again.connect();
        consumer.consume(1, DestinationKind.QUEUE, "orders", "", MESSAGES, reply -> {});
        again.run();
        assertThat(consumer.deliveries).hasSize(MESSAGES);
    }

    @Test
    void aStopThatHasNoRoomForAllMessagesSaysSo() {
        disk.capacity(8 << 20);
        SimulatedBroker broker = SimulatedBroker.on(disk, clock);
        sendNonPersistent(broker);
        disk.capacity(disk.totalBytes() - disk.usableBytes());
        assertThat(broker.stop()).isFalse();
    }

    @Test
    void anErrorOfTheThreadThatFlushesEndsTheBroker() {
        boolean[] armed = new boolean[1];
        DiskWrapper failing = new DiskWrapper(disk, file -> new DiskWrapper.File(file) {
            @Override
            public void force(boolean metadata) {
                if (armed[0]) throw new LinkageError("planted");
                super.force(metadata);
            }
        });
        SimulatedBroker broker = new SimulatedBroker(failing, clock, true, SimulatedBroker.SETTINGS);
        SimulatedClient client = broker.connect();
        int orders = client.queue("orders");
        broker.run();
        for (int i = 0; i < 3; i++) { // so much is flushed beside the loop
            client.send(orders, SimulatedClient.message(7, i, new byte[60_000], true, 4, 0), code -> {});
        }
        armed[0] = true;
        assertThatThrownBy(broker::run).hasMessageContaining("planted");
        assertThat(broker.shard.isDown()).isTrue();
    }

    private static void sendNonPersistent(SimulatedBroker broker) {
        SimulatedClient client = broker.connect();
        int orders = client.queue("orders");
        for (int i = 0; i < MESSAGES; i++) {
            client.send(orders, SimulatedClient.message(7, i, new byte[1000], false, 4, 0), code -> {});
        }
        broker.run();
    }
}
