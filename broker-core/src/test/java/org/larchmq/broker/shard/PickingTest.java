package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.shard.SimulatedClient.Delivery;
import org.larchmq.message.DestinationKind;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;

/** Consumers that pick their messages by selectors: what is said of those they pass over, and what comes back. */
class PickingTest {
    private final SimulatedClock clock = new SimulatedClock();
    private SimulatedDisk disk = new SimulatedDisk(1);
    private SimulatedBroker broker = SimulatedBroker.on(disk, clock);
    private SimulatedClient client = broker.connect();

    private void send(int from, int to, String tag) {
        for (int i = from; i < to; i++) {
            byte[] message = SimulatedClient.message(7, i, new byte[10], true, 4, 0, tag);
            client.send(client.queue("orders"), message, code -> {});
        }
        broker.run();
    }

    private List<Delivery> consume(int id, String selector, int credit) {
        client.deliveries.clear();
        client.consume(id, DestinationKind.QUEUE, "orders", selector, credit, reply -> {});
        broker.run();
        return List.copyOf(client.deliveries);
    }

    private void powerLoss() {
        disk = disk.afterPowerLoss();
        broker = SimulatedBroker.on(disk, clock);
        client = broker.connect();
    }

    private static List<Long> sequences(List<Delivery> deliveries) {
        return deliveries.stream().map(Delivery::messageSequence).toList();
    }

    @Test
    void aSelectorThatMatchesNothingFlagsNothingAfterACrash_3_4_7() {
        consume(1, "tag = 'blue'", 1000);
        send(0, 5_000, "red");
        broker.advance(1000);
        powerLoss();
        assertThat(consume(1, "", 10_000)).hasSize(5_000).noneMatch(Delivery::redelivered);
    }

    @Test
    void onlyWhatWasPickedIsFlaggedAfterACrash_3_4_7() {
        send(0, 500, "red");
        send(500, 510, "blue");
        send(510, 1_000, "red");
        assertThat(sequences(consume(1, "tag = 'blue'", 4))).containsExactly(500L, 501L, 502L, 503L);
        powerLoss();
        List<Delivery> all = consume(1, "", 10_000);
        assertThat(all).hasSize(1_000);
        assertThat(sequences(all.stream().filter(Delivery::redelivered).toList()))
                .containsExactly(500L, 501L, 502L, 503L);
    }

    @Test
    void whatWasPickedAndGivenBackUnseenIsNotFlagged() {
        send(0, 10, "blue");
        consume(1, "tag = 'blue'", 5);
        client.giveBack(false, reply -> {}, new long[] {1, 1, 5});
        client.credit(1, 100);
        broker.run();
        List<Delivery> again = client.deliveries.subList(5, client.deliveries.size());
        assertThat(again).hasSize(10).noneMatch(Delivery::redelivered);
    }

    /** As a client does that is asked for what its application has not seen: the last ones first. */
    @Test
    void whatComesBackInPiecesIsDeliveredInItsOrderAgain_6_2_9() {
        send(0, 20, "red");
        consume(2, "tag = 'blue'", 100);
        assertThat(sequences(consume(1, "tag = 'red'", 20))).hasSize(20);
        client.deliveries.clear();
        for (long from = 11; from >= 6; from -= 5) {
            client.giveBack(false, reply -> {}, new long[] {1, from, 5});
            broker.run();
        }
        client.giveBack(false, reply -> {}, new long[] {1, 16, 5});
        broker.run();
        client.credit(1, 100);
        broker.run();
        assertThat(sequences(client.deliveries))
                .containsExactly(5L, 6L, 7L, 8L, 9L, 10L, 11L, 12L, 13L, 14L, 15L, 16L, 17L, 18L, 19L);
    }

    @Test
    void moreThanFitsInATurnComesBackInItsOrder_6_2_9() {
        int many = 10_000;
        send(0, many, "red");
        consume(2, "tag = 'blue'", 100);
        consume(1, "tag = 'red'", many);
        client.deliveries.clear();
        for (long from = many - 999; from >= 1; from -= 1000) {
            client.giveBack(false, reply -> {}, new long[] {1, from, 1000});
            if (from % 3000 == 1) client.credit(2, 1); // the other one looks meanwhile
            broker.run();
        }
        for (int i = 0; i < 100; i++) {
            client.credit(1, many / 100);
            broker.run();
        }
        assertThat(sequences(client.deliveries)).hasSize(many).isSorted();
    }

    @Test
    void aMessageThatComesBackCostsNoLookAtTheOthersThatDid() {
        int returned = 20_000;
        send(0, returned, "red");
        consume(1, "", returned);
        client.closeConsumer(1, Long.MAX_VALUE, reply -> {});
        consume(2, "tag = 'blue'", 10);
        client.giveBack(true, reply -> {}, new long[] {1, 1, returned});
        broker.run();
        send(returned, returned + 1, "blue");
        assertThat(sequences(client.deliveries)).containsExactly((long) returned);
        long turns = broker.loop.executed();
        for (int i = 0; i < 3; i++) {
            client.giveBack(true, reply -> {}, new long[] {2, 1 + i, 1});
            client.credit(2, 1);
            broker.run();
        }
        assertThat(client.deliveries).hasSize(4);
        assertThat(broker.loop.executed() - turns).as("tasks of the loop").isLessThan(60);
    }

    @Test
    void whoHasSeenNothingOfManyReturnsStillFindsItsOwn() {
        int many = 70_000; // more than are remembered
        send(0, many, "red");
        send(many, many + 1, "blue");
        consume(3, "tag = 'green'", 1);
        consume(1, "", many + 1);
        client.closeConsumer(1, Long.MAX_VALUE, reply -> {});
        client.consume(2, DestinationKind.QUEUE, "orders", "tag = 'blue'", 0, reply -> {});
        client.giveBack(false, reply -> {}, new long[] {1, 1, many + 1});
        broker.run();
        client.deliveries.clear();
        client.credit(2, 1);
        broker.run();
        assertThat(sequences(client.deliveries)).containsExactly((long) many);
    }

    @Test
    void aRedeliveryDelayDoesNotFollowTheWallClock() {
        broker = new SimulatedBroker(
                new SimulatedDisk(2),
                clock,
                false,
                SimulatedBroker.SETTINGS.with(
                        new org.larchmq.broker.settings.BrokerSettings.Redelivery(10, "DLQ", 200, 1, 60_000)));
        client = broker.connect();
        send(0, 1, "red");
        consume(1, "tag = 'red'", 10);
        client.giveBack(true, reply -> {}, new long[] {1, 1, 1});
        broker.run();
        clock.setForwardMillis(-10_000);
        broker.advance(199);
        assertThat(client.deliveries).hasSize(1);
        broker.advance(2);
        assertThat(client.deliveries).hasSize(2);
        client.giveBack(true, reply -> {}, new long[] {1, 2, 1});
        broker.run();
        clock.setForwardMillis(60_000);
        broker.advance(100);
        assertThat(client.deliveries).hasSize(2);
        broker.advance(101);
        assertThat(client.deliveries).hasSize(3);
    }
}
