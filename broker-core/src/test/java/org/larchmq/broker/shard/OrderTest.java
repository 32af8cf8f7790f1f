package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.shard.SimulatedClient.Delivery;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;

/** What a sender sends in one mode comes in the order of sending (6.2.9), wherever the broker keeps it meanwhile. */
class OrderTest {
    private static final int BIG = 40_000;
    private static final long SEGMENT_BYTES = 1 << 20;

    private final SimulatedClock clock = new SimulatedClock();
    private SimulatedDisk disk = new SimulatedDisk(1);
    private final BrokerSettings settings =
            SimulatedBroker.SETTINGS.with(SimulatedBroker.SETTINGS.limits().withMemoryBudget(1 << 20));
    private SimulatedBroker broker = new SimulatedBroker(disk, clock, false, settings);
    private SimulatedClient client = broker.connect();
    private long next;
    private long filled;

    private void send(String queue, int count, int bytes) {
        for (int i = 0; i < count; i++) {
            byte[] message = SimulatedClient.message(7, next++, new byte[bytes], false, 4, 0, "tag");
            client.send(client.queue(queue), message, code -> assertThat(code).isEqualTo(ErrorCode.OK));
        }
    }

    private List<Long> receive(String queue, String selector, int credit) {
        client.deliveries.clear();
        client.consume(1, DestinationKind.QUEUE, queue, selector, credit, reply -> {});
        broker.run();
        List<Long> received = sequences();
        client.acknowledge(true, reply -> {}, new long[] {1, 1, received.size()});
        client.closeConsumer(1, Long.MAX_VALUE, reply -> {});
        broker.run();
        return received;
    }

    private List<Long> sequences() {
        return client.deliveries.stream().map(Delivery::messageSequence).toList();
    }

    /** Messages through a queue of their own, consumed at once, so that others are moved in the log. */
    private void fill(long bytes) {
        client.onDelivery = delivery -> {
            if (delivery.consumerId() != 50) return;
            client.acknowledge(false, reply -> {}, new long[] {50, delivery.sequence(), 1});
            client.credit(50, 1);
        };
        client.consume(50, DestinationKind.QUEUE, "filling", "", 10, reply -> {});
        for (long left = bytes; left > 0; left -= BIG) {
            byte[] message = SimulatedClient.message(8, filled++, new byte[BIG], true, 4, 0, null, 0);
            client.send(client.queue("filling"), message, code -> {});
            broker.advance(50);
        }
        client.closeConsumer(50, Long.MAX_VALUE, reply -> {});
        broker.advance(1000);
        client.onDelivery = client.deliveries::add;
    }

    /** Some in memory, later ones in the log, then again some in memory and some in the log. */
    private List<Long> sendThroughBoth() {
        next = 0;
        send("orders", 40, BIG);
        broker.run();
        List<Long> first = receive("orders", "", 15);
        assertThat(first).hasSize(15).isSorted();
        send("orders", 40, BIG);
        broker.run();
        List<Long> rest = new ArrayList<>();
        for (long i = 15; i < 80; i++) rest.add(i);
        return rest;
    }

    @Test
    void whatWentThroughTheLogForWantOfMemoryKeepsItsPlaceAmongWhatDidNot_6_2_9() {
        for (String selector : new String[] {"", "tag = 'tag'"}) {
            List<Long> expected = sendThroughBoth();
            assertThat(receive("orders", selector, 1000)).as(selector).isEqualTo(expected);
        }
    }

    @Test
    void theOrderStaysWhenTheLoggedOnesAreMoved_6_2_9() {
        for (String selector : new String[] {"", "tag = 'tag'"}) {
            List<Long> expected = sendThroughBoth();
            long before = broker.shard.log().startOffset();
            fill(12 * SEGMENT_BYTES);
            assertThat(broker.shard.log().startOffset()).isGreaterThan(before + 6 * SEGMENT_BYTES);
            client.deliveries.clear();
            assertThat(receive("orders", selector, 1000)).as(selector).isEqualTo(expected);
        }
    }

    @Test
    void anOlderMessageThatIsNotCommittedYetIsNotOvertakenByAYoungerOneInMemory_6_2_9() {
        for (String selector : new String[] {"", "tag = 'tag'"}) {
            next = 0;
            send("other", 26, BIG); // uses the memory up
            next = 0;
            client.deliveries.clear();
            client.consume(1, DestinationKind.QUEUE, "orders", selector, 10, reply -> {});
            broker.run();
            send("orders", 1, BIG); // goes through the log
            SimulatedClient other = broker.connect();
            other.consume(1, DestinationKind.QUEUE, "other", "", 1000, reply -> {});
            other.onDelivery =
                    delivery -> other.acknowledge(false, reply -> {}, new long[] {1, delivery.sequence(), 1});
            other.connection.consumers().get(1).feed().consumerReady();
            send("orders", 3, 10);
            broker.run();
            send("orders", 3, 10);
            broker.run();
            assertThat(sequences()).as(selector).containsExactly(0L, 1L, 2L, 3L, 4L, 5L, 6L);
            client.acknowledge(true, reply -> {}, new long[] {1, 1, 7});
            client.closeConsumer(1, Long.MAX_VALUE, reply -> {});
            broker.run();
        }
    }

    @Test
    void aBrowserSeesThemInThatOrderToo_8_9() {
        List<Long> expected = sendThroughBoth();
        client.deliveries.clear();
        client.consume(
                2, DestinationKind.QUEUE, "orders", "", 0, org.larchmq.wire.Frames.CreateConsumer.BROWSER, reply -> {});
        client.browse(2, 1000, reply -> {});
        broker.run();
        assertThat(sequences()).startsWith(expected.get(0), expected.get(1)).isSorted();
        assertThat(sequences().size()).isGreaterThan(20);
    }

    @Test
    void whoPublishesToSubscribersThatHaveNoMoreMemoryDoesNotWaitForTheDisk() {
        client.subscribe(3, "prices", "", 0, "", 0, reply -> {}); // never takes any
        broker.run();
        int topic = client.handle(DestinationKind.TOPIC, "prices");
        List<ErrorCode> receipts = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            byte[] message = SimulatedClient.message(7, i, new byte[BIG], true, 4, 0, null);
            client.send(topic, message, receipts::add);
            client.flush();
            assertThat(receipts)
                    .as("before the end of the cycle, which flushes")
                    .hasSize(i + 1);
        }
        broker.run();
        assertThat(receipts).containsOnly(ErrorCode.OK);
    }
}
