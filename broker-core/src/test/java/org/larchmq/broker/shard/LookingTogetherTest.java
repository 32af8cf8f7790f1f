package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.shard.SimulatedClient.Delivery;
import org.larchmq.message.DestinationKind;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;

/** Consumers with selectors that have looked equally far look together, and yet each gets what it would get alone. */
class LookingTogetherTest {
    private final SimulatedClock clock = new SimulatedClock();
    private final SimulatedBroker broker = SimulatedBroker.on(new SimulatedDisk(1), clock);
    private SimulatedClient producer;
    private SimulatedClient red;
    private SimulatedClient blue;
    private int orders;

    @BeforeEach
    void connect() {
        producer = broker.connect();
        red = broker.connect();
        blue = broker.connect();
        orders = producer.queue("orders");
    }

    private void send(long sequence, int priority, String tag) {
        producer.send(orders, SimulatedClient.message(7, sequence, new byte[1], true, priority, 0, tag), code -> {});
    }

    private void consume(SimulatedClient client, int consumerId, int credit, String selector) {
        client.consume(consumerId, DestinationKind.QUEUE, "orders", selector, credit, reply -> {});
    }

    private static List<Long> delivered(SimulatedClient client) {
        return client.deliveries.stream().map(Delivery::messageSequence).toList();
    }

    @Test
    void consumersOfOneSelectorShareWhatAnotherOneFindsForThem() {
        SimulatedClient alsoBlue = broker.connect();
        consume(red, 1, 10_000, "tag = 'red'");
        consume(blue, 1, 10_000, "tag = 'blue'");
        consume(alsoBlue, 1, 10_000, "tag = 'blue'");
        broker.run();
        for (int i = 0; i < 2000; i++) send(i, 4, i % 2 == 0 ? "red" : "blue");
        broker.run();
        assertThat(delivered(red)).hasSize(1000);
        assertThat(delivered(blue)).hasSizeBetween(300, 700).isSorted();
        assertThat(delivered(alsoBlue)).hasSizeBetween(300, 700).isSorted();
        List<Long> both = new ArrayList<>(delivered(blue));
        both.addAll(delivered(alsoBlue));
        assertThat(both).doesNotHaveDuplicates().hasSize(1000);
    }

    @Test
    void everyOneGetsItsHigherPrioritiesFirst_3_4_10() {
        for (int i = 0; i < 40; i++) send(i, i < 20 ? 4 : 9, i % 2 == 0 ? "red" : "blue");
        broker.run();
        consume(red, 1, 100, "tag = 'red'");
        consume(blue, 1, 100, "tag = 'blue'");
        broker.run();
        assertThat(delivered(red).subList(0, 10)).allMatch(sequence -> sequence >= 20);
        assertThat(delivered(blue).subList(0, 10)).allMatch(sequence -> sequence >= 20);
        assertThat(delivered(red)).hasSize(20);
        assertThat(delivered(blue)).hasSize(20);
    }

    @Test
    void whoHasNoCreditLeftStaysBehindAndFindsTheRestLater() {
        consume(red, 1, 1000, "tag = 'red'");
        consume(blue, 1, 2, "tag = 'blue'");
        broker.run();
        for (int i = 0; i < 20; i++) send(i, 4, i % 2 == 0 ? "red" : "blue");
        broker.run();
        assertThat(delivered(red)).hasSize(10);
        assertThat(delivered(blue)).containsExactly(1L, 3L);
        blue.credit(1, 100);
        broker.run();
        assertThat(delivered(blue)).containsExactlyElementsOf(odd(20));
    }

    @Test
    void whatComesBackIsFoundByWhoHasPassedIt() {
        SimulatedClient alsoRed = broker.connect();
        consume(red, 1, 1, "tag = 'red'");
        consume(blue, 1, 100, "tag = 'blue'");
        broker.run();
        for (int i = 0; i < 10; i++) send(i, 4, i % 2 == 0 ? "red" : "blue");
        broker.run();
        assertThat(delivered(red)).containsExactly(0L);
        consume(alsoRed, 1, 100, "tag = 'red'");
        broker.run();
        assertThat(delivered(alsoRed)).containsExactly(2L, 4L, 6L, 8L);
        red.disconnect();
        broker.run();
        assertThat(delivered(alsoRed)).containsExactly(2L, 4L, 6L, 8L, 0L);
        assertThat(delivered(blue)).containsExactlyElementsOf(odd(10));
    }

    @Test
    void whatComesBackWhileAHigherPriorityWaitsForItsReservationIsFoundAfterIt() {
        consume(red, 1, 10_000, "tag = 'red'");
        send(0, 4, "red");
        for (int i = 1; i <= 1100; i++) { // so many that the next ones are not reserved with their storing
            send(i, 9, "blue");
            if (i % 10 == 0) clock.advanceMillis(1000); // a slow queue reserves few
            broker.run();
        }
        for (int round = 1; round <= 40; round++) {
            long held = lastSequenceOf(0);
            byte[] urgent = SimulatedClient.message(7, 2000 + round, new byte[1], true, 9, 0, "red");
            producer.send(orders, urgent, code -> red.giveBack(false, reply -> {}, new long[] {1, held, 1}));
            clock.advanceMillis(1000);
            broker.run();
            assertThat(delivered(red)).hasSize(1 + 2 * round).contains(2000L + round);
            assertThat(lastSequenceOf(0)).isGreaterThan(held);
        }
    }

    private long lastSequenceOf(long message) {
        long last = 0;
        for (Delivery delivery : red.deliveries) if (delivery.messageSequence() == message) last = delivery.sequence();
        return last;
    }

    private static List<Long> odd(int below) {
        return LongStream.range(0, below).filter(i -> i % 2 == 1).boxed().toList();
    }
}
