package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.larchmq.message.DestinationKind;
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

    private static void sendNonPersistent(SimulatedBroker broker) {
        SimulatedClient client = broker.connect();
        int orders = client.queue("orders");
        for (int i = 0; i < MESSAGES; i++) {
            client.send(orders, SimulatedClient.message(7, i, new byte[1000], false, 4, 0), code -> {});
        }
        broker.run();
    }
}
