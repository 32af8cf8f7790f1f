package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.message.DestinationKind;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;

/**
 * Consumers with selectors on a deep queue: each finds its messages, looks at none twice, and keeps nobody waiting.
 * System property larchmq.deep.messages; the scan rate is printed.
 */
class DeepSelectorTest {
    private static final int TAGS = 10;
    private static final int BATCH = 64;

    @Test
    void everyConsumerDrainsItsTagOfADeepQueue() {
        int messages = Integer.getInteger("larchmq.deep.messages", 20_000);
        SimulatedBroker broker = SimulatedBroker.on(new SimulatedDisk(1), new SimulatedClock());
        SimulatedClient producer = broker.connect();
        int orders = producer.queue("orders");
        for (int i = 0; i < messages; i++) {
            String tag = "tag" + i % TAGS;
            producer.send(orders, SimulatedClient.message(7, i, new byte[100], true, 4, 0, tag), code -> {});
            if (i % 1000 == 999) broker.run();
        }
        broker.run();
        long startedNanos = System.nanoTime();
        List<SimulatedClient> consumers = new ArrayList<>();
        int[] received = new int[TAGS];
        for (int tag = 0; tag < TAGS; tag++) {
            SimulatedClient client = broker.connect();
            consumers.add(client);
            int mine = tag;
            client.onDelivery = delivery -> {
                assertThat(delivery.messageSequence() % TAGS).isEqualTo(mine);
                if (++received[mine] % BATCH != 0) return;
                client.acknowledge(false, reply -> {}, new long[] {1, delivery.sequence() - BATCH + 1, BATCH});
                client.credit(1, BATCH);
            };
            client.consume(1, DestinationKind.QUEUE, "orders", "tag = 'tag" + tag + "'", 1000, reply -> {});
        }
        broker.run();
        double seconds = (System.nanoTime() - startedNanos) / 1e9;
        for (int tag = 0; tag < TAGS; tag++) assertThat(received[tag]).isEqualTo(messages / TAGS);
        System.out.printf(
                "DeepSelectorTest: %d consumers scanned %d messages each in %.2f s: %.0f messages/s each%n",
                TAGS, messages, seconds, messages / seconds);
    }

    @Test
    void aConsumerWithoutASelectorIsNotSlowedByOneThatFindsNothing() {
        SimulatedBroker broker = SimulatedBroker.on(new SimulatedDisk(1), new SimulatedClock());
        SimulatedClient producer = broker.connect();
        int orders = producer.queue("orders");
        SimulatedClient picky = broker.connect();
        picky.consume(1, DestinationKind.QUEUE, "orders", "tag = 'green'", 100, reply -> {});
        for (int i = 0; i < 10_000; i++) {
            producer.send(orders, SimulatedClient.message(7, i, new byte[10], true, 4, 0, "red"), code -> {});
        }
        broker.run();
        SimulatedClient other = broker.connect();
        other.consume(1, DestinationKind.QUEUE, "orders", "", 20_000, reply -> {});
        broker.run();
        assertThat(other.deliveries).hasSize(10_000);
        assertThat(picky.deliveries).isEmpty();
        producer.send(orders, SimulatedClient.message(7, 1, new byte[10], true, 4, 0, "green"), code -> {});
        broker.run();
        assertThat(picky.deliveries.size() + other.deliveries.size()).isEqualTo(10_001);
    }
}
