package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.shard.SimulatedClient.Delivery;
import org.larchmq.broker.state.SpaceUsage;
import org.larchmq.message.BranchId;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.catalog.Catalog;
import org.larchmq.store.io.PowerLoss;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.Frames;

/** The log is at most twice as large as what is unsettled, and a few segments, whatever waits in it. */
class SpaceTest {
    private static final long SEGMENT_BYTES = 1 << 20;
    private static final int MOST_SEGMENTS = 4;
    private static final int FILLING_BYTES = 20_000;
    private static final int DURABLE = Frames.CreateConsumer.DURABLE | Frames.CreateConsumer.SHARED;
    private static final BranchId BRANCH = new BranchId(1, new byte[] {1}, new byte[] {1});

    private final SimulatedClock clock = new SimulatedClock();
    private SimulatedDisk disk = new SimulatedDisk(1);
    private SimulatedBroker broker = SimulatedBroker.on(disk, clock);
    private SimulatedClient client = broker.connect();
    private long filled;
    private long largestExcess = Long.MIN_VALUE;

    private void restart(SimulatedDisk next) {
        disk = next;
        broker = SimulatedBroker.on(disk, clock);
        client = broker.connect();
        broker.run();
    }

    private static void confirmed(ErrorCode code) {
        if (code != ErrorCode.OK) throw new AssertionError(code);
    }

    private void send(DestinationKind kind, String name, long sequence, int bytes, long deliveryTime) {
        byte[] message = SimulatedClient.message(7, sequence, new byte[bytes], true, 4, 0, null, deliveryTime);
        int handle = client.handle(kind, name);
        if (bytes > 60_000) client.sendLarge(0, handle, message, SpaceTest::confirmed);
        else client.send(handle, message, SpaceTest::confirmed);
        broker.run();
    }

    private SpaceUsage usage() {
        List<SpaceUsage> usages = new ArrayList<>();
        broker.shard.countSpace(usages::add);
        broker.run();
        return usages.get(0);
    }

    private long logBytes() {
        return broker.shard.log().endOffset() - broker.shard.log().startOffset();
    }

    private void look() {
        long excess = logBytes() - 2 * usage().unsettledBytes() - MOST_SEGMENTS * SEGMENT_BYTES;
        largestExcess = Math.max(largestExcess, excess);
    }

    /** Messages through a queue of their own, consumed at once. */
    private void fill(long bytes) {
        client.onDelivery = delivery -> {
            if (delivery.consumerId() != 50) return;
            client.acknowledge(false, reply -> {}, new long[] {50, delivery.sequence(), 1});
            client.credit(50, 1);
        };
        client.consume(50, DestinationKind.QUEUE, "filling", "", 10, reply -> {});
        int sent = 0;
        for (long left = bytes; left > 0; left -= FILLING_BYTES) {
            byte[] message = SimulatedClient.message(8, filled++, new byte[FILLING_BYTES], true, 4, 0, null, 0);
            client.send(client.queue("filling"), message, SpaceTest::confirmed);
            broker.advance(5);
            if (++sent % 20 == 0) look();
        }
        client.closeConsumer(50, Long.MAX_VALUE, reply -> {});
        broker.advance(1000);
        client.onDelivery = client.deliveries::add;
    }

    /** In the order of delivery. */
    private List<Long> received(DestinationKind kind, String name) {
        client.deliveries.clear();
        if (kind == DestinationKind.QUEUE) client.consume(90, kind, name, "", 100_000, reply -> {});
        else client.subscribe(90, name, "eu", DURABLE, "", 100_000, reply -> {});
        broker.run();
        List<Long> all = new ArrayList<>();
        for (Delivery delivery : client.deliveries) all.add(delivery.messageSequence());
        client.closeConsumer(90, 0, reply -> {});
        broker.run();
        return all;
    }

    private static List<Long> range(int from, int to) {
        List<Long> all = new ArrayList<>();
        for (long i = from; i < to; i++) all.add(i);
        return all;
    }

    private void assertBounded() {
        assertThat(largestExcess)
                .as("bytes beyond twice the unsettled and four segments")
                .isLessThanOrEqualTo(0);
    }

    @Test
    void aQueueThatNobodyReadsKeepsNoMoreThanTwiceItself() {
        for (int i = 0; i < 6_000; i++) send(DestinationKind.QUEUE, "dead", i, 1_000, 0);
        fill(40 * SEGMENT_BYTES);
        assertBounded();
        assertThat(received(DestinationKind.QUEUE, "dead")).isEqualTo(range(0, 6_000));
    }

    private long delayedUntil;

    private void leaveAllKinds() {
        client.subscribe(1, "prices", "eu", DURABLE, "", 0, reply -> {});
        broker.run();
        client.closeConsumer(1, 0, reply -> {});
        delayedUntil = clock.currentTimeMillis() + 36_000_000;
        for (int i = 0; i < 400; i++) {
            send(DestinationKind.QUEUE, "dead", i, 1_000, 0);
            send(DestinationKind.TOPIC, "prices", 1_000 + i, 1_000, 0);
            send(DestinationKind.QUEUE, "later", 2_000 + i, 1_000, delayedUntil);
            send(DestinationKind.TOPIC, "prices", 3_000 + i, 500, delayedUntil);
            if (i % 100 == 0) send(DestinationKind.QUEUE, "large", 4_000 + i, 100_000, 0);
        }
        client.subscribe(2, "prices", "us", DURABLE, "", 0, reply -> {}); // began after the delayed ones were sent
        broker.run();
        client.closeConsumer(2, 0, reply -> {});
        prepareBranch();
    }

    private void prepareBranch() {
        client.startBranch(BRANCH, false, 5, 0, reply -> {});
        for (int i = 0; i < 200; i++) {
            byte[] message = SimulatedClient.message(7, 5_000 + i, new byte[1_000], true, 4, 0, null, 0);
            client.send(5, client.queue("decided"), message, SpaceTest::confirmed);
        }
        client.endBranch(BRANCH, 0, List.of(), List.of(), reply -> {});
        client.branch(org.larchmq.wire.FrameType.XA_PREPARE, BRANCH, reply -> {
            if (reply.code() != ErrorCode.OK) throw new AssertionError(reply);
        });
        broker.run();
        assertThat(broker.shard.state().branches().size()).isEqualTo(1);
    }

    private void assertAllKindsThere() {
        assertThat(received(DestinationKind.QUEUE, "dead")).isEqualTo(range(0, 400));
        assertThat(received(DestinationKind.TOPIC, "prices")).isEqualTo(range(1_000, 1_400));
        assertThat(received(DestinationKind.QUEUE, "large")).containsExactly(4_000L, 4_100L, 4_200L, 4_300L);
        assertThat(broker.shard.state().branches().size()).isEqualTo(1);
        assertThat(broker.shard.state().delayedMessages()).isEqualTo(800);
    }

    private void decideAndWait() {
        client.commitBranch(BRANCH, false, reply -> {});
        broker.run();
        assertThat(received(DestinationKind.QUEUE, "decided")).isEqualTo(range(5_000, 5_200));
        broker.advance(delayedUntil - clock.currentTimeMillis());
        broker.advance(1000);
        assertThat(received(DestinationKind.QUEUE, "later")).isEqualTo(range(2_000, 2_400));
        List<Long> prices = range(1_000, 1_400);
        prices.addAll(range(3_000, 3_400));
        assertThat(received(DestinationKind.TOPIC, "prices")).isEqualTo(prices);
        client.deliveries.clear();
        client.subscribe(91, "prices", "us", DURABLE, "", 10, reply -> {});
        broker.run();
        assertThat(client.deliveries)
                .as("of the subscription that began later, 7.9")
                .isEmpty();
    }

    @Test
    void whateverWaitsIsMovedAndStaysWhatItIs() {
        leaveAllKinds();
        fill(30 * SEGMENT_BYTES);
        assertBounded();
        assertThat(broker.shard.log().startOffset()).isGreaterThan(20 * SEGMENT_BYTES);
        assertAllKindsThere();
        decideAndWait();
    }

    @Test
    void itIsAllThereAfterALossOfPowerAndWhenTheStateIsRebuiltFromTheLogAlone() {
        leaveAllKinds();
        fill(20 * SEGMENT_BYTES);
        restart(disk.afterPowerLoss());
        assertAllKindsThere();
        fill(10 * SEGMENT_BYTES);
        disk = disk.afterPowerLoss();
        new Catalog(disk, "catalog").discard();
        restart(disk);
        assertThat(broker.shard.state().emptyPlaces()).isZero();
        assertAllKindsThere();
        fill(10 * SEGMENT_BYTES);
        assertAllKindsThere();
        decideAndWait();
    }

    @Test
    void nothingIsLostWhereverThePowerGoesWhileItIsMoved() {
        int found = 0;
        int rebuilt = 0;
        for (int crashAtWrite = 200; crashAtWrite <= 3_000; crashAtWrite += 97) {
            restart(new SimulatedDisk(crashAtWrite));
            leaveAllKinds();
            disk.losePowerAtWrite(crashAtWrite);
            try {
                fill(20 * SEGMENT_BYTES);
            } catch (PowerLoss e) {
                found++;
            }
            restart(disk.afterPowerLoss());
            assertAllKindsThere();
            if (crashAtWrite % 2 == 0) {
                disk = disk.afterPowerLoss();
                new Catalog(disk, "catalog").discard();
                restart(disk);
                assertAllKindsThere();
                rebuilt++;
            }
            if (crashAtWrite % 5 == 0) decideAndWait();
        }
        assertThat(found).as("crashes").isGreaterThan(15);
        assertThat(rebuilt).isGreaterThan(5);
    }

    @Test
    void whoHoldsHowMuchOfTheLogIsTold() {
        leaveAllKinds();
        SpaceUsage usage = usage();
        assertThat(usage.holders())
                .extracting(SpaceUsage.Holder::name)
                .containsExactlyInAnyOrder(
                        "queue 'dead'",
                        "queue 'large'",
                        "subscription 'eu' on topic 'prices'",
                        "delayed messages of queue 'later'",
                        "delayed messages of topic 'prices'",
                        "prepared branch " + BRANCH);
        long sum = usage.holders().stream().mapToLong(SpaceUsage.Holder::bytes).sum();
        assertThat(usage.unsettledBytes()).isEqualTo(sum).isBetween(2_200_000L, 2_500_000L);
        assertThat(usage.holders()).extracting(SpaceUsage.Holder::messages).contains(400L, 4L, 200L);
        assertThat(usage.holders()).isSortedAccordingTo((a, b) -> Long.compare(b.bytes(), a.bytes()));
    }
}
