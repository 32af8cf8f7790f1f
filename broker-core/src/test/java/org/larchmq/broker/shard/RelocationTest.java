package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.shard.SimulatedClient.Delivery;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.catalog.Catalog;
import org.larchmq.store.io.PowerLoss;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.Frames;

/** A few messages that wait for long do not keep the log behind them, and are none the worse for it. */
class RelocationTest {
    private static final byte[] SMALL = new byte[100];
    private static final int LARGE_BYTES = 100_000;
    private static final int FILLING_BYTES = 60_000;
    private static final long SEGMENT_BYTES = 1 << 20;
    private static final int DURABLE = Frames.CreateConsumer.DURABLE | Frames.CreateConsumer.SHARED;

    private final SimulatedClock clock = new SimulatedClock();
    private SimulatedDisk disk = new SimulatedDisk(1);
    private SimulatedBroker broker = SimulatedBroker.on(disk, clock);
    private SimulatedClient client = broker.connect();
    private long filled;

    private void restart(SimulatedDisk next) {
        disk = next;
        broker = SimulatedBroker.on(disk, clock);
        client = broker.connect();
        broker.run();
    }

    private void send(DestinationKind kind, String name, long sequence, byte[] body, long deliveryTime) {
        byte[] message = SimulatedClient.message(7, sequence, body, true, 4, 0, null, deliveryTime);
        int handle = client.handle(kind, name);
        if (body.length > FILLING_BYTES) client.sendLarge(0, handle, message, this::confirmed);
        else client.send(handle, message, this::confirmed);
        broker.run();
    }

    private void confirmed(ErrorCode code) {
        if (code != ErrorCode.OK) throw new AssertionError(code);
    }

    private List<Delivery> receive(DestinationKind kind, String name) {
        client.deliveries.clear();
        client.consume(90, kind, name, "", 1000, reply -> {});
        broker.run();
        List<Delivery> all = List.copyOf(client.deliveries);
        client.closeConsumer(90, 0, reply -> {});
        broker.run();
        return all;
    }

    private List<Delivery> receiveOfSubscription() {
        client.deliveries.clear();
        client.subscribe(91, "prices", "eu", DURABLE, "", 1000, reply -> {});
        broker.run();
        List<Delivery> all = List.copyOf(client.deliveries);
        client.closeConsumer(91, 0, reply -> {});
        broker.run();
        return all;
    }

    private static List<Long> sequences(List<Delivery> deliveries) {
        return deliveries.stream().map(Delivery::messageSequence).toList();
    }

    /** Messages through a queue of their own, consumed at once. */
    private void fill(long bytes) {
        fill(bytes, FILLING_BYTES);
    }

    private void fill(long bytes, int messageBytes) {
        client.onDelivery = delivery -> {
            if (delivery.consumerId() != 50) return;
            client.acknowledge(false, reply -> {}, new long[] {50, delivery.sequence(), 1});
            client.credit(50, 1);
        };
        client.consume(50, DestinationKind.QUEUE, "filling", "", 10, reply -> {});
        for (long left = bytes; left > 0; left -= messageBytes) {
            byte[] message = SimulatedClient.message(8, filled++, new byte[messageBytes], true, 4, 0, null, 0);
            client.send(client.queue("filling"), message, this::confirmed);
            broker.advance(50);
        }
        client.closeConsumer(50, Long.MAX_VALUE, reply -> {});
        broker.advance(1000);
        client.onDelivery = client.deliveries::add;
    }

    private void discardCatalog() {
        new Catalog(disk, "catalog").discard();
    }

    private static byte[] largeBody() {
        byte[] body = new byte[LARGE_BYTES];
        new Random(5).nextBytes(body);
        return body;
    }

    private long delayedUntil;

    /** One of every kind that can wait for long. */
    private void leaveSomeBehind() {
        client.subscribe(1, "prices", "eu", DURABLE, "", 0, reply -> {});
        broker.run();
        client.closeConsumer(1, 0, reply -> {});
        for (int i = 1; i <= 5; i++) send(DestinationKind.QUEUE, "old", i, SMALL, 0);
        send(DestinationKind.TOPIC, "prices", 6, SMALL, 0);
        delayedUntil = clock.currentTimeMillis() + 3_600_000;
        send(DestinationKind.QUEUE, "old", 7, SMALL, delayedUntil);
        send(DestinationKind.QUEUE, "large", 8, largeBody(), 0);
        send(DestinationKind.QUEUE, "given-up", 9, SMALL, 0);
        giveUp();
    }

    /** Rolls the message of a queue back until it is a dead letter. */
    private void giveUp() {
        client.consume(2, DestinationKind.QUEUE, "given-up", "", 10, reply -> {});
        broker.run();
        for (int attempt = 1; attempt <= 4; attempt++) {
            client.giveBack(true, reply -> {}, new long[] {2, attempt, 1});
            client.credit(2, 1);
            broker.run();
        }
        client.closeConsumer(2, 0, reply -> {});
        broker.run();
    }

    private void assertAllThere() {
        assertThat(sequences(receive(DestinationKind.QUEUE, "old"))).containsExactly(1L, 2L, 3L, 4L, 5L);
        assertThat(sequences(receiveOfSubscription())).containsExactly(6L);
        List<Delivery> large = receive(DestinationKind.QUEUE, "large");
        assertThat(sequences(large)).containsExactly(8L);
        assertThat(large.get(0).body()).isEqualTo(largeBody());
        assertThat(sequences(receive(DestinationKind.QUEUE, "given-up"))).isEmpty();
        assertThat(sequences(receive(DestinationKind.QUEUE, "DLQ"))).containsExactly(9L);
    }

    private long startOffset() {
        return broker.shard.log().startOffset();
    }

    @Test
    void theLogGoesOnWithoutWaitingForThemAndTheyAreAllStillThere() {
        leaveSomeBehind();
        fill(8 * SEGMENT_BYTES);
        assertThat(startOffset()).isGreaterThan(2 * SEGMENT_BYTES);
        assertThat(broker.shard.log().endOffset() - startOffset()).isLessThan(7 * SEGMENT_BYTES);
        assertAllThere();
        broker.advance(delayedUntil - clock.currentTimeMillis() - 1);
        assertThat(sequences(receive(DestinationKind.QUEUE, "old"))).doesNotContain(7L);
        broker.advance(1);
        assertThat(sequences(receive(DestinationKind.QUEUE, "old")))
                .contains(7L)
                .hasSize(6);
        assertThat(broker.shard.state().holds().isEmpty()).isTrue();
    }

    /** It went through the log because it was delayed, and is kept like every dead letter once it is one. */
    @Test
    void aDeadLetterThatWasSentAsNonPersistentIsThereAfterALossOfPower() {
        long soon = clock.currentTimeMillis() + 10;
        byte[] message = SimulatedClient.message(7, 1, SMALL, false, 4, 0, null, soon);
        client.send(client.queue("given-up"), message, this::confirmed);
        broker.advance(20);
        giveUp();
        fill(8 * SEGMENT_BYTES);
        assertThat(startOffset()).isGreaterThan(2 * SEGMENT_BYTES);
        disk = disk.afterPowerLoss();
        discardCatalog();
        restart(disk);
        assertThat(sequences(receive(DestinationKind.QUEUE, "DLQ"))).containsExactly(1L);
    }

    @Test
    void theyAreThereAfterALossOfPowerAndWhenTheStateIsRebuiltFromTheLogAlone() {
        leaveSomeBehind();
        fill(8 * SEGMENT_BYTES);
        restart(disk.afterPowerLoss());
        assertAllThere();
        fill(6 * SEGMENT_BYTES);
        assertThat(startOffset()).isGreaterThan(6 * SEGMENT_BYTES);
        disk = disk.afterPowerLoss();
        discardCatalog();
        restart(disk);
        assertThat(broker.shard.state().emptyPlaces()).isZero();
        assertAllThere();
        broker.advance(delayedUntil - clock.currentTimeMillis());
        assertThat(sequences(receive(DestinationKind.QUEUE, "old")))
                .contains(7L)
                .hasSize(6);
    }

    /** Those that came after it are settled, but not all before them. */
    @Test
    void aMessageThatStaysInABusyQueueDoesNotKeepTheLogBehindIt() {
        byte[] kept = SimulatedClient.message(7, 1, SMALL, true, 4, 0, "kept");
        client.send(client.queue("filling"), kept, this::confirmed);
        broker.run();
        holdTheKeptOne();
        for (int round = 1; round <= 3; round++) {
            fill(4 * SEGMENT_BYTES, 2_000);
            assertThat(startOffset()).isGreaterThan((4 * round - 3) * SEGMENT_BYTES);
        }
        restart(disk.afterPowerLoss());
        holdTheKeptOne();
        fill(4 * SEGMENT_BYTES, 2_000);
        disk = disk.afterPowerLoss();
        discardCatalog();
        restart(disk);
        assertThat(startOffset()).isGreaterThan(12 * SEGMENT_BYTES);
        assertThat(broker.shard.state().emptyPlaces()).isZero();
        holdTheKeptOne();
        fill(4 * SEGMENT_BYTES);
        assertThat(startOffset()).isGreaterThan(16 * SEGMENT_BYTES);
        restart(disk.afterPowerLoss());
        assertThat(sequences(receive(DestinationKind.QUEUE, "filling"))).containsExactly(1L);
    }

    private void holdTheKeptOne() {
        SimulatedClient holder = broker.connect();
        holder.consume(60, DestinationKind.QUEUE, "filling", "tag = 'kept'", 1, reply -> {});
        broker.run();
        assertThat(sequences(holder.deliveries)).containsExactly(1L);
    }

    @Test
    void youngerMessagesKeepTheirPlacesBehindThemInARebuild() {
        for (int i = 1; i <= 3; i++) send(DestinationKind.QUEUE, "old", i, SMALL, 0);
        fill(6 * SEGMENT_BYTES);
        for (int i = 4; i <= 6; i++) send(DestinationKind.QUEUE, "old", i, SMALL, 0);
        fill(2 * SEGMENT_BYTES);
        client.consume(3, DestinationKind.QUEUE, "old", "", 10, reply -> {});
        broker.run();
        client.acknowledge(true, reply -> {}, new long[] {3, 2, 1}, new long[] {3, 5, 1});
        broker.run();
        disk = disk.afterPowerLoss();
        discardCatalog();
        restart(disk);
        assertThat(startOffset()).isPositive();
        List<Delivery> all = receive(DestinationKind.QUEUE, "old");
        assertThat(sequences(all)).containsExactly(1L, 3L, 4L, 6L);
        assertThat(all).allMatch(Delivery::redelivered);
        send(DestinationKind.QUEUE, "old", 7, SMALL, 0);
        assertThat(sequences(receive(DestinationKind.QUEUE, "old"))).containsExactly(1L, 3L, 4L, 6L, 7L);
    }

    @Test
    void aDeepBacklogIsNotCopiedAgainWhileTheLogIsHardlyLargerThanIt() {
        for (int i = 0; i < 5_000; i++) send(DestinationKind.QUEUE, "deep", i, new byte[2_000], 0);
        fill(SEGMENT_BYTES);
        assertThat(startOffset()).isZero();
        assertThat(sequences(receive(DestinationKind.QUEUE, "deep")))
                .startsWith(0L, 1L, 2L)
                .isSorted();
    }

    @Test
    void aDelayedMessageOfATopicIsNotForThoseWhoCameAfterItWasSent_7_9() {
        client.subscribe(1, "prices", "eu", DURABLE, "", 0, reply -> {});
        broker.run();
        client.closeConsumer(1, 0, reply -> {});
        send(DestinationKind.TOPIC, "prices", 1, SMALL, clock.currentTimeMillis() + 500);
        client.subscribe(2, "prices", "us", DURABLE, "", 0, reply -> {});
        broker.run();
        client.closeConsumer(2, 0, reply -> {});
        fill(8 * SEGMENT_BYTES);
        assertThat(startOffset()).isPositive();
        assertThat(sequences(receiveOfSubscription())).containsExactly(1L);
        client.deliveries.clear();
        client.subscribe(2, "prices", "us", DURABLE, "", 10, reply -> {});
        broker.run();
        assertThat(client.deliveries).isEmpty();
    }

    @Test
    void nothingIsLostWhereverThePowerGoes() {
        int found = 0;
        int afterSegmentsWent = 0;
        for (int crashAtWrite = 100; crashAtWrite <= 600; crashAtWrite += 4) {
            restart(new SimulatedDisk(crashAtWrite));
            filled = 0;
            leaveSomeBehind();
            disk.losePowerAtWrite(crashAtWrite);
            try {
                fill(10 * SEGMENT_BYTES);
            } catch (PowerLoss e) {
                found++;
            }
            SimulatedDisk after = disk.afterPowerLoss();
            restart(after);
            if (startOffset() > 0) afterSegmentsWent++;
            assertAllThere();
            if (crashAtWrite % 8 == 0) {
                disk = disk.afterPowerLoss();
                discardCatalog();
                restart(disk);
                assertAllThere();
            }
        }
        assertThat(found).as("crashes").isGreaterThan(50);
        assertThat(afterSegmentsWent).as("crashes after segments were deleted").isBetween(20, found - 20);
    }

    @Test
    void whatExpiredMeanwhileIsNotMoved() {
        byte[] message = SimulatedClient.message(7, 1, SMALL, true, 4, clock.currentTimeMillis() + 100);
        List<ErrorCode> receipts = new ArrayList<>();
        client.send(client.queue("old"), message, receipts::add);
        broker.run();
        fill(8 * SEGMENT_BYTES);
        assertThat(startOffset()).isPositive();
        assertThat(broker.shard.state().find(false, "old").unsettledMessages()).isZero();
    }

    @Test
    void pagesThatALeavingSubscriberGaveUpAreNotNamedByACheckpointAnyMore() {
        client.subscribe(1, "prices", "eu", DURABLE, "", 0, reply -> {});
        client.subscribe(2, "prices", "", 0, "", 0, reply -> {});
        broker.run();
        client.closeConsumer(1, 0, reply -> {});
        for (int i = 1; i <= 2_000; i++) send(DestinationKind.TOPIC, "prices", i, SMALL, 0);
        client.onDelivery = delivery -> {
            if (delivery.consumerId() != 91) return;
            client.acknowledge(false, reply -> {}, new long[] {91, delivery.sequence(), 1});
            client.credit(91, 1);
        };
        receiveOfSubscription();
        broker.advance(60_000);
        client.closeConsumer(2, 0, reply -> {});
        broker.run();
        for (int round = 1; round <= 3; round++) {
            for (int i = 1; i <= 1_000; i++) send(DestinationKind.QUEUE, "old", i, SMALL, 0);
            broker.advance(60_000);
        }
        RecoveredTwice.check(disk.afterPowerLoss(), clock, SimulatedBroker.SETTINGS, LogOpening.USUAL);
    }
}
