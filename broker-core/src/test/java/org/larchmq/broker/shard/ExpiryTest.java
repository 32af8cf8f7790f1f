package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.shard.SimulatedClient.Delivery;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.Frames;

/** Expired messages go within a minute, whether a consumer comes or not (3.4.9). */
class ExpiryTest {
    private static final int DURABLE = Frames.CreateConsumer.DURABLE | Frames.CreateConsumer.SHARED;

    private final SimulatedClock clock = new SimulatedClock();
    private SimulatedDisk disk = new SimulatedDisk(1);
    private SimulatedBroker broker = SimulatedBroker.on(disk, clock);
    private SimulatedClient client = broker.connect();
    private long next;

    private void send(DestinationKind kind, String name, int count, boolean persistent, long liveMillis, long delay) {
        long now = clock.currentTimeMillis();
        for (int i = 0; i < count; i++) {
            byte[] message = SimulatedClient.message(
                    7,
                    next++,
                    new byte[100],
                    persistent,
                    4,
                    liveMillis == 0 ? 0 : now + liveMillis,
                    null,
                    delay == 0 ? 0 : now + delay);
            client.send(
                    client.handle(kind, name), message, code -> assertThat(code).isEqualTo(ErrorCode.OK));
        }
        broker.run();
    }

    private long unsettled(boolean topic, String name) {
        return broker.shard.state().find(topic, name).unsettledMessages();
    }

    private void minute() {
        for (int second = 0; second < 60; second++) broker.advance(1000);
    }

    private List<Long> receive(String queue) {
        client.deliveries.clear();
        client.consume(9, DestinationKind.QUEUE, queue, "", 100_000, reply -> {});
        broker.run();
        List<Long> all =
                client.deliveries.stream().map(Delivery::messageSequence).toList();
        client.closeConsumer(9, 0, reply -> {});
        broker.run();
        return all;
    }

    @Test
    void ofAQueueThatNobodyReadsInTheLogAndInMemory() {
        for (boolean persistent : new boolean[] {true, false}) {
            next = 0;
            send(DestinationKind.QUEUE, "dead", 3_000, persistent, 5_000, 0);
            send(DestinationKind.QUEUE, "dead", 2, persistent, 0, 0);
            send(DestinationKind.QUEUE, "dead", 2, persistent, 3_600_000, 0);
            minute();
            assertThat(unsettled(false, "dead")).isEqualTo(4);
            assertThat(receive("dead")).containsExactly(3_000L, 3_001L, 3_002L, 3_003L);
            for (int i = 0; i < 61; i++) minute();
            assertThat(unsettled(false, "dead")).isEqualTo(2);
            assertThat(receive("dead")).containsExactly(3_000L, 3_001L);
            client.consume(8, DestinationKind.QUEUE, "dead", "", 10, reply -> {});
            broker.run();
            client.acknowledge(true, reply -> {}, new long[] {8, 1, 2});
            client.closeConsumer(8, 9, reply -> {});
            broker.run();
        }
    }

    @Test
    void ofASubscriptionThatIsAway() {
        client.subscribe(1, "prices", "eu", DURABLE, "", 0, reply -> {});
        broker.run();
        client.closeConsumer(1, 0, reply -> {});
        send(DestinationKind.TOPIC, "prices", 1_000, true, 5_000, 0);
        minute();
        assertThat(unsettled(true, "prices")).isZero();
    }

    @Test
    void alsoAfterARestartFromTheCheckpointAndThatTheyWentSurvives() {
        send(DestinationKind.QUEUE, "dead", 2_000, true, 90_000, 0);
        send(DestinationKind.QUEUE, "dead", 1, true, 0, 0);
        broker.advance(10_000);
        disk = disk.afterPowerLoss();
        broker = SimulatedBroker.on(disk, clock);
        broker.run();
        minute();
        assertThat(unsettled(false, "dead")).isEqualTo(2_001);
        minute();
        minute();
        assertThat(unsettled(false, "dead")).isEqualTo(1);
        disk = disk.afterPowerLoss();
        broker = SimulatedBroker.on(disk, clock);
        assertThat(unsettled(false, "dead")).isEqualTo(1);
    }

    @Test
    void thatExpireBeforeTheirDeliveryTimeWithoutBeingSeenEarlyWhenTheClockIsSetBack_7_9() {
        send(DestinationKind.QUEUE, "later", 100, true, 5_000, 3_600_000);
        assertThat(broker.shard.state().delayedMessages()).isEqualTo(100);
        broker.advance(5_001);
        clock.setForwardMillis(-4_000);
        assertThat(receive("later")).isEmpty();
        minute();
        assertThat(broker.shard.state().delayedMessages()).isZero();
        assertThat(unsettled(false, "later")).isZero();
    }

    @Test
    void ofATransactionAndOnesWhoseTimesAreMixed() {
        for (int i = 0; i < 500; i++) {
            send(DestinationKind.QUEUE, "mixed", 1, true, i % 2 == 0 ? 5_000 : 600_000, 0);
        }
        byte[] message = SimulatedClient.message(7, next++, new byte[10], true, 4, clock.currentTimeMillis() + 5_000);
        client.commit(1, List.of(client.queue("mixed")), List.of(message), reply -> {});
        minute();
        assertThat(unsettled(false, "mixed")).isEqualTo(250);
    }

    @Test
    void butNotWhatAConsumerHasUntilItGivesItBack() {
        client.consume(1, DestinationKind.QUEUE, "held", "", 10, reply -> {});
        broker.run();
        send(DestinationKind.QUEUE, "held", 2, true, 5_000, 0);
        minute();
        assertThat(unsettled(false, "held")).isEqualTo(2);
        client.acknowledge(true, reply -> assertThat(reply.code()).isEqualTo(ErrorCode.OK), new long[] {1, 1, 1});
        client.closeConsumer(1, 0, reply -> {});
        broker.run();
        minute();
        assertThat(unsettled(false, "held")).isZero();
    }

    /** What came back and has expired meanwhile is gone with the rows around it: nobody may look at it again. */
    @Test
    void ofOnesThatAConsumerWithASelectorHasGivenBackBeforeManyOthersAreSettled() {
        client.consume(1, DestinationKind.QUEUE, "orders", "tag = 'a'", 1, reply -> {});
        tagged("a", 5_000);
        assertThat(client.deliveries).hasSize(1);
        client.giveBack(true, reply -> {}, new long[] {1, 1, 1});
        minute();
        minute();
        assertThat(unsettled(false, "orders")).isZero();
        client.consume(2, DestinationKind.QUEUE, "orders", "tag = 'b'", 10_000, reply -> {});
        for (int i = 0; i < 3_000; i++) tagged("b", 0);
        client.acknowledge(false, reply -> {}, new long[] {2, 1, 3_000});
        broker.advance(10_000);
        assertThat(unsettled(false, "orders")).isZero();
        tagged("b", 0);
        client.giveBack(true, reply -> {}, new long[] {2, 3_001, 1});
        client.closeConsumer(2, 3_002, reply -> {});
        broker.run();
        assertThat(receive("orders")).containsExactly(3_001L);
    }

    private void tagged(String tag, long liveMillis) {
        long expiration = liveMillis == 0 ? 0 : clock.currentTimeMillis() + liveMillis;
        byte[] message = SimulatedClient.message(7, next++, new byte[10], true, 4, expiration, tag);
        client.send(client.queue("orders"), message, code -> assertThat(code).isEqualTo(ErrorCode.OK));
        broker.run();
    }
}
