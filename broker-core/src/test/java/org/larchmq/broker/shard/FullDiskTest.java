package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

/** A disk that somebody else fills to the last byte: what was prepared in the log is left for consumers and a restart. */
class FullDiskTest {
    private final SimulatedClock clock = new SimulatedClock();
    private final SimulatedDisk disk = new SimulatedDisk(1).capacity(16 << 20);

    @Test
    void aBrokerStartsOnADiskWithoutASingleFreeByteAndItsConsumersDrain() {
        SimulatedBroker broker = SimulatedBroker.on(disk, clock);
        SimulatedClient client = broker.connect();
        int orders = client.queue("orders");
        List<ErrorCode> receipts = new ArrayList<>();
        for (int i = 0; i < 200; i++) {
            client.send(orders, SimulatedClient.message(7, i, new byte[8000], true, 4, 0), receipts::add);
            broker.run();
        }
        assertThat(receipts).hasSize(200).containsOnly(ErrorCode.OK);
        SimulatedDisk full = disk.afterProcessDeath();
        full.capacity(16L << 20);
        full.capacity((16L << 20) - full.usableBytes());
        assertThat(full.usableBytes()).isZero();

        SimulatedBroker again = SimulatedBroker.on(full, clock);
        SimulatedClient consumer = again.connect();
        consumer.consume(1, DestinationKind.QUEUE, "orders", "", 1000, reply -> {});
        again.run();
        List<Object> confirmed = new ArrayList<>();
        int delivered = consumer.deliveries.size();
        assertThat(delivered).isEqualTo(200);
        for (int i = 0; i < delivered; i++) {
            long sequence = consumer.deliveries.get(i).sequence();
            consumer.acknowledge(true, confirmed::add, new long[] {1, sequence, 1});
            again.run();
        }
        assertThat(confirmed).hasSize(200);
    }

    /** Acknowledgements have used up all that was prepared: not even the entry that begins an epoch has room. */
    @Test
    void aBrokerStartsWithoutRoomForASingleEntryAndServesWhenThereIsRoomAgain() {
        SimulatedBroker broker = SimulatedBroker.on(disk, clock);
        SimulatedClient client = broker.connect();
        int orders = client.queue("orders");
        List<ErrorCode> receipts = new ArrayList<>();
        client.send(orders, SimulatedClient.message(7, 0, new byte[10], true, 4, 0), receipts::add);
        broker.run();
        disk.capacity(disk.heldBytes());
        assertThatThrownBy(() -> {
                    for (int i = 0; ; i++) {
                        client.queue("q" + i);
                        broker.run();
                    }
                })
                .isInstanceOfSatisfying(
                        StoreException.class, e -> assertThat(e.error()).isEqualTo(StoreError.DISK_FULL));
        broker.run();

        SimulatedDisk full = disk.afterProcessDeath();
        SimulatedBroker again = SimulatedBroker.on(full, clock);
        again.run();
        int epoch = again.shard.state().epoch();
        full.capacity(1L << 40);
        again.advance(1_000);
        SimulatedClient consumer = again.connect();
        consumer.consume(1, DestinationKind.QUEUE, "orders", "", 10, reply -> {});
        again.run();
        assertThat(consumer.deliveries).hasSize(1);
        consumer.acknowledge(
                true, reply -> {}, new long[] {1, consumer.deliveries.get(0).sequence(), 1});
        again.run();
        SimulatedBroker last = SimulatedBroker.on(full.afterProcessDeath(), clock);
        assertThat(last.shard.state().epoch()).isEqualTo(epoch + 1);
        assertThat(last.shard.state().find(false, "orders").onlySubscription().unsettled())
                .isZero();
    }

    /** A stop on such a disk ends, and says that it could not keep what a stop keeps. */
    @Test
    void aStopWithoutRoomForASingleEntrySaysSo() {
        SimulatedBroker broker = SimulatedBroker.on(disk, clock);
        SimulatedClient client = broker.connect();
        disk.capacity(disk.heldBytes());
        assertThatThrownBy(() -> {
                    for (int i = 0; ; i++) {
                        client.queue("q" + i);
                        broker.run();
                    }
                })
                .isInstanceOf(StoreException.class);
        assertThat(broker.stop()).isFalse();
    }
}
