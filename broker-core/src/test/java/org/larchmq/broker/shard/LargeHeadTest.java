package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.Frames;

/** A state that is larger than an entry, and than a segment: each segment's head has it, and a start reads it. */
class LargeHeadTest {
    private final SimulatedClock clock = new SimulatedClock();
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final SimulatedBroker broker = SimulatedBroker.on(disk, clock);
    private final SimulatedClient client = broker.connect();

    @Test
    void subscriptionsWithLongSelectorsAreThereAfterARebuildFromTheLog() {
        int subscriptions = 300;
        String selector = "a = '" + "x".repeat(8000) + "'";
        for (int i = 0; i < subscriptions; i++) {
            client.subscribe(
                    1,
                    "prices",
                    "s" + i,
                    Frames.CreateConsumer.DURABLE | Frames.CreateConsumer.SHARED,
                    selector,
                    1,
                    reply -> assertThat(reply.code()).isEqualTo(ErrorCode.OK));
            client.closeConsumer(1, 0, reply -> {});
            broker.run();
        }
        useSegments(8);
        assertThat(broker.shard.log().startOffset()).isPositive();
        SimulatedBroker again = rebuilt();
        assertThat(again.shard.state().durableSubscriptions()).isEqualTo(subscriptions);
    }

    @Test
    void manyStagedMessagesStopNeitherTheBrokerNorAStart() {
        int orders = client.queue("orders");
        int staged = 30_000;
        for (int i = 0; i < staged; i++) {
            client.send(1 + i % 3, orders, message(i), code -> assertThat(code).isEqualTo(ErrorCode.OK));
            if (i % 1000 == 0) broker.run();
        }
        useSegments(4);
        client.commit(1, List.of(), List.of(), reply -> assertThat(reply.code()).isEqualTo(ErrorCode.OK));
        broker.run();
        SimulatedBroker again = rebuilt();
        SimulatedClient consumer = again.connect();
        consumer.consume(1, DestinationKind.QUEUE, "orders", "", staged, reply -> {});
        again.run();
        assertThat(consumer.deliveries).hasSize(staged / 3);
    }

    private SimulatedBroker rebuilt() {
        broker.advance(1000);
        SimulatedDisk left = disk.afterProcessDeath();
        for (String path : left.paths()) if (path.startsWith("catalog/")) left.delete(path);
        return SimulatedBroker.on(left, clock);
    }

    /** Sends and consumes so much that the log gets so many segments, and the first ones go. */
    private void useSegments(int segments) {
        int work = client.queue("work");
        client.consume(9, DestinationKind.QUEUE, "work", "", 1_000_000, reply -> {});
        long end = broker.shard.log().endOffset() + segments * (1L << 20);
        client.onDelivery = delivery -> client.acknowledge(false, reply -> {}, new long[] {9, delivery.sequence(), 1});
        byte[] large = SimulatedClient.message(8, 1, new byte[100_000], true, 4, 0);
        while (broker.shard.log().endOffset() < end) {
            client.send(work, large, code -> {});
            broker.run();
            broker.advance(100);
        }
        broker.advance(1000);
    }

    private static byte[] message(int sequence) {
        return SimulatedClient.message(7, sequence, new byte[20], true, 4, 0);
    }
}
