package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.shard.SimulatedClient.Delivery;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.catalog.Catalog;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.Frames;

/** Delivery delay, Jakarta Messaging 3.1 section 7.9. */
class DelayedDeliveryTest {
    private final SimulatedClock clock = new SimulatedClock();
    private SimulatedDisk disk = new SimulatedDisk(1);
    private SimulatedBroker broker = SimulatedBroker.on(disk, clock);
    private SimulatedClient client;
    private int orders;
    private final List<ErrorCode> receipts = new ArrayList<>();
    private final List<Frames.Reply> replies = new ArrayList<>();

    @BeforeEach
    void connect() {
        client = broker.connect();
        orders = client.queue("orders");
    }

    private byte[] message(long sequence, long delayMillis, boolean persistent, long expiration) {
        long deliveryTime = delayMillis == 0 ? 0 : clock.currentTimeMillis() + delayMillis;
        return SimulatedClient.message(
                7, sequence, new byte[] {(byte) sequence}, persistent, 4, expiration, null, deliveryTime);
    }

    private void send(long sequence, long delayMillis) {
        client.send(orders, message(sequence, delayMillis, true, 0), receipts::add);
    }

    private void consume() {
        client.consume(1, DestinationKind.QUEUE, "orders", "", 1_000_000, replies::add);
        broker.run();
    }

    private List<Long> delivered() {
        List<Long> sequences =
                client.deliveries.stream().map(Delivery::messageSequence).toList();
        client.deliveries.clear();
        return sequences;
    }

    private void acknowledgeAll(long upTo) {
        client.acknowledge(true, replies::add, new long[] {1, 1, upTo});
        broker.run();
    }

    private void restartAfterPowerLoss() {
        disk = disk.afterPowerLoss();
        reconnect();
    }

    private void restartInOrder() {
        client.disconnect();
        broker.stop();
        reconnect();
    }

    private void reconnect() {
        broker = SimulatedBroker.on(disk, clock);
        client = broker.connect();
        orders = client.queue("orders");
    }

    @Test
    void aMessageIsDeliveredAtItsDeliveryTimeNotBeforeAndInTheOrderOfDeliveryTimes_7_9() {
        consume();
        send(1, 1_000);
        send(2, 0);
        send(3, 500);
        send(4, 1_000);
        broker.run();
        assertThat(receipts).hasSize(4);
        assertThat(delivered()).containsExactly(2L);
        broker.advance(499);
        assertThat(delivered()).isEmpty();
        broker.advance(1);
        assertThat(delivered()).containsExactly(3L);
        broker.advance(499);
        assertThat(delivered()).isEmpty();
        broker.advance(1);
        assertThat(delivered()).containsExactly(1L, 4L);
        assertThat(broker.shard.state().delayedMessages()).isZero();
    }

    @Test
    void aConfirmedDelayedMessageSurvivesALossOfPowerBeforeAndAfterItIsDue() {
        send(1, 1_000);
        send(2, 50_000);
        broker.run();
        restartAfterPowerLoss();
        consume();
        assertThat(delivered()).isEmpty();
        broker.advance(1_000);
        assertThat(delivered()).containsExactly(1L);
        acknowledgeAll(1);
        restartAfterPowerLoss();
        consume();
        broker.advance(48_999);
        assertThat(delivered()).isEmpty();
        broker.advance(1);
        assertThat(delivered()).containsExactly(2L);
        acknowledgeAll(1);
        restartAfterPowerLoss();
        consume();
        broker.advance(100_000);
        assertThat(delivered()).isEmpty();
    }

    @Test
    void whatWasDueWhileTheBrokerWasDownIsDeliveredAtTheStart() {
        LongStream.rangeClosed(1, 10_000).forEach(sequence -> send(sequence, sequence));
        broker.run();
        disk = disk.afterPowerLoss();
        clock.advanceMillis(20_000);
        reconnect();
        consume();
        assertThat(delivered())
                .containsExactlyElementsOf(
                        LongStream.rangeClosed(1, 10_000).boxed().toList());
    }

    @Test
    void aNonPersistentDelayedMessageSurvivesAnOrderlyStopButNotALossOfPower_7_7() {
        client.send(orders, message(1, 1_000, false, 0), receipts::add);
        client.flush();
        assertThat(receipts).containsExactly(ErrorCode.OK);
        broker.run();
        restartInOrder();
        client.send(orders, message(2, 5_000, false, 0), receipts::add);
        broker.run();
        consume();
        broker.advance(1_000);
        assertThat(delivered()).containsExactly(1L);
        acknowledgeAll(1);
        restartAfterPowerLoss();
        assertThat(broker.shard.state().delayedMessages()).isZero();
    }

    @Test
    void inATransactionTheDelayCountsFromTheSendAndTheMessageIsInvisibleBeforeTheCommit_7_9() {
        consume();
        client.send(5, orders, message(1, 1_000, true, 0), receipts::add);
        client.send(5, orders, message(2, 0, true, 0), receipts::add);
        broker.advance(600);
        assertThat(delivered()).isEmpty();
        client.commit(5, List.of(orders), List.of(message(3, 300, true, 0)), replies::add);
        broker.run();
        assertThat(delivered()).containsExactly(2L);
        broker.advance(299);
        assertThat(delivered()).isEmpty();
        broker.advance(1);
        assertThat(delivered()).containsExactly(3L);
        broker.advance(100);
        assertThat(delivered()).containsExactly(1L);
    }

    @Test
    void aCommitAfterTheDeliveryTimeDeliversAtOnceAndARollbackNever() {
        consume();
        client.send(5, orders, message(1, 1_000, true, 0), receipts::add);
        client.send(6, orders, message(2, 1_000, true, 0), receipts::add);
        broker.advance(5_000);
        client.commit(5, List.of(), List.of(), replies::add);
        broker.run();
        assertThat(delivered()).containsExactly(1L);
        broker.shard.rollback(client.connection, 6);
        broker.advance(5_000);
        assertThat(delivered()).isEmpty();
        assertThat(broker.shard.state().delayedMessages()).isZero();
    }

    @Test
    void stagedDelayedMessagesSurviveACheckpointAndARestartOnlyWithTheirCommit() {
        client.send(5, orders, message(1, 1_000, true, 0), receipts::add);
        client.send(6, orders, message(2, 1_000, true, 0), receipts::add);
        broker.advance(400); // a checkpoint with open transactions
        client.commit(5, List.of(), List.of(), replies::add);
        broker.run();
        restartAfterPowerLoss();
        consume();
        broker.advance(600);
        assertThat(delivered()).containsExactly(1L);
    }

    @Test
    void aMessageWhoseTimeToLiveIsShorterThanItsDelayIsNeverDelivered() {
        client.send(orders, message(1, 1_000, true, clock.currentTimeMillis() + 500), receipts::add);
        client.send(orders, message(2, 1_000, true, clock.currentTimeMillis() + 1_500), receipts::add);
        consume();
        broker.advance(1_000);
        assertThat(delivered()).containsExactly(2L);
    }

    @Test
    void aTopicsDelayedMessageGoesToThoseWhoSubscribedWhenItWasSent_7_9() {
        int prices = client.handle(DestinationKind.TOPIC, "prices");
        client.consume(1, DestinationKind.TOPIC, "prices", "", 10, replies::add);
        client.send(prices, message(1, 1_000, true, 0), receipts::add);
        client.send(prices, message(2, 1_000, false, 0), receipts::add);
        broker.advance(500);
        client.consume(2, DestinationKind.TOPIC, "prices", "", 10, replies::add);
        broker.advance(499);
        assertThat(delivered()).isEmpty();
        broker.advance(1);
        assertThat(delivered()).containsExactlyInAnyOrder(1L, 2L);
        client.consume(3, DestinationKind.TOPIC, "prices", "", 10, replies::add);
        broker.advance(1_000);
        assertThat(delivered()).isEmpty();
    }

    @Test
    void aClockThatIsSetForwardIsNoticedWithinASecondAndOneThatIsSetBackDeliversNothingEarly() {
        consume();
        send(1, 3_600_000);
        send(2, 7_200_000);
        broker.run();
        clock.setForwardMillis(3_600_000);
        broker.advance(999);
        assertThat(delivered()).containsExactly(1L);
        clock.setForwardMillis(-3_600_000);
        for (int i = 0; i < 72; i++) broker.advance(99_986);
        assertThat(delivered()).isEmpty();
        broker.advance(8);
        assertThat(delivered()).isEmpty();
        broker.advance(1);
        assertThat(delivered()).containsExactly(2L);
    }

    @Test
    void delayedMessagesOfADeletedTemporaryQueueAreForgotten() {
        Frames.Reply[] made = new Frames.Reply[1];
        client.open(DestinationKind.TEMPORARY_QUEUE, "", reply -> made[0] = reply);
        client.flush();
        client.send((int) made[0].value(), message(1, 1_000, true, 0), receipts::add);
        send(2, 1_000);
        broker.run();
        assertThat(broker.shard.state().delayedMessages()).isEqualTo(2);
        client.disconnect();
        broker.run();
        assertThat(broker.shard.state().delayedMessages()).isEqualTo(1);
        restartAfterPowerLoss();
        consume();
        broker.advance(1_000);
        assertThat(delivered()).containsExactly(2L);
    }

    @Test
    void aDelayedMessageIsMovedOutOfTheWayAndFoundWhenTheStateIsRebuiltFromTheLogAlone() {
        send(1, 60_000);
        consume();
        byte[] body = new byte[100_000];
        long sequence = 2;
        for (int i = 0; i < 60; i++) {
            byte[] message = SimulatedClient.message(7, sequence++, body, true, 4, 0, null, 0);
            client.send(orders, message, receipts::add);
            send(sequence++, 50);
            broker.advance(100);
            acknowledgeAll(2L * (i + 1));
        }
        delivered();
        assertThat(broker.shard.log().startOffset()).isPositive();
        client.disconnect();
        broker.stop();
        discardCatalog();
        reconnect();
        consume();
        assertThat(delivered()).isEmpty();
        broker.advance(60_000);
        assertThat(delivered()).containsExactly(1L);
    }

    @Test
    void delayedMessagesThatWereConsumedLetTheLogGoAndARebuildNeedsThemNoMore() {
        consume();
        long sequence = 1;
        byte[] body = new byte[100_000];
        for (int i = 0; i < 60; i++) {
            long deliveryTime = clock.currentTimeMillis() + 200;
            client.send(
                    orders,
                    SimulatedClient.message(7, sequence++, body, true, 4, 0, null, deliveryTime),
                    receipts::add);
            broker.advance(100);
            acknowledgeAll(sequence);
        }
        assertThat(broker.shard.log().startOffset()).isPositive();
        disk = disk.afterPowerLoss();
        discardCatalog();
        delivered();
        reconnect();
        assertThat(broker.shard.state().emptyPlaces()).isZero();
        consume();
        broker.advance(1_000);
        assertThat(delivered()).containsExactly(60L);
    }

    private void discardCatalog() {
        new Catalog(disk, "catalog").discard();
    }
}
