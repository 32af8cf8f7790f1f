package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.shard.SimulatedClient.Delivery;
import org.larchmq.message.DestinationKind;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;

/** Only what an application has been handed counts as an attempt when its connection is lost (3.5.11, 3.4.7). */
class AttemptsTest {
    private static final int MAX_DELIVERIES = 4;

    private final SimulatedClock clock = new SimulatedClock();
    private SimulatedDisk disk = new SimulatedDisk(1);
    private SimulatedBroker broker = SimulatedBroker.on(disk, clock);
    private SimulatedClient client = broker.connect();

    private void send(boolean persistent, int... sequences) {
        for (int sequence : sequences) {
            byte[] message = SimulatedClient.message(7, sequence, new byte[10], persistent, 4, 0);
            client.send(client.queue("orders"), message, code -> {});
        }
        broker.run();
    }

    private List<Delivery> consume(String queue) {
        client.deliveries.clear();
        client.consume(1, DestinationKind.QUEUE, queue, "", 100, reply -> {});
        broker.run();
        return List.copyOf(client.deliveries);
    }

    private void die() {
        client.disconnect();
        broker.run();
        client = broker.connect();
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
    void aClientThatDiesAgainAndAgainBeforeItReceivesDeadLettersNothing() {
        for (boolean persistent : new boolean[] {true, false}) {
            send(persistent, 1, 2, 3);
            for (int death = 0; death < 5 * MAX_DELIVERIES; death++) {
                assertThat(sequences(consume("orders"))).containsExactly(1L, 2L, 3L);
                die();
            }
            assertThat(consume("DLQ")).isEmpty();
            client.closeConsumer(1, 0, reply -> {});
            List<Delivery> all = consume("orders");
            assertThat(all).allMatch(Delivery::redelivered).allMatch(delivery -> delivery.count() == 2);
            client.acknowledge(true, reply -> {}, new long[] {1, 1, 3});
            broker.run();
            die();
        }
    }

    @Test
    void ofABatchOnlyTheMessageThatItsConsumerDiedAtIsGivenUp() {
        for (boolean persistent : new boolean[] {true, false}) {
            send(persistent, 1, 2, 3, 4);
            int deaths = 0;
            while (sequences(consume("orders")).contains(3L)) {
                for (Delivery delivery : List.copyOf(client.deliveries)) {
                    // what a client says: before the first one, and before each that was delivered before
                    if (delivery.sequence() == 1 || delivery.count() > 1) client.seen(1, delivery.sequence());
                    if (delivery.messageSequence() == 3) break;
                }
                die();
                assertThat(++deaths).as("deaths").isLessThanOrEqualTo(MAX_DELIVERIES + 1);
            }
            assertThat(deaths).isGreaterThanOrEqualTo(MAX_DELIVERIES);
            assertThat(sequences(client.deliveries)).containsExactly(1L, 2L, 4L);
            client.acknowledge(true, reply -> {}, new long[] {1, 1, 3});
            broker.run();
            die();
            assertThat(sequences(consume("DLQ"))).containsExactly(3L);
            client.acknowledge(true, reply -> {}, new long[] {1, 1, 1});
            broker.run();
            die();
        }
    }

    @Test
    void whatWasAcknowledgedOrNeverDeliveredCountsForNobody() {
        send(true, 1, 2, 3);
        for (int death = 0; death < 2 * MAX_DELIVERIES; death++) {
            consume("orders");
            client.seen(1, death % 2 == 0 ? 99 : Long.MAX_VALUE); // it never was delivered
            die();
        }
        consume("orders");
        client.seen(1, 1);
        client.acknowledge(true, reply -> {}, new long[] {1, 1, 1});
        die();
        assertThat(consume("orders")).extracting(Delivery::count).containsExactly(2, 2);
    }

    @Test
    void aCrashOfTheBrokerCountsNobodysAttemptAndFlagsWhatMayHaveBeenSeen() {
        send(true, 1, 2);
        for (int crash = 0; crash < 2 * MAX_DELIVERIES; crash++) {
            assertThat(sequences(consume("orders"))).containsExactly(1L, 2L);
            client.seen(1, 1);
            powerLoss();
        }
        assertThat(consume("orders")).allMatch(Delivery::redelivered).allMatch(delivery -> delivery.count() == 2);
    }

    @Test
    void attemptsOfLostConnectionsSurviveARestart() {
        send(true, 1);
        for (int death = 0; death < 2; death++) {
            consume("orders");
            client.seen(1, 1);
            die();
        }
        broker.advance(1000); // returns are written within a moment
        powerLoss();
        assertThat(consume("orders")).extracting(Delivery::count).containsExactly(3);
    }
}
