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
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.Frames;

/** What clients of one shard see; specification sections of Jakarta Messaging 3.1 where there is one. */
class DeliveryTest {
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

    private void send(long... sequences) {
        for (long sequence : sequences) send(sequence, true, 4, 0);
    }

    private void send(long sequence, boolean persistent, int priority, long expiration) {
        client.send(
                orders,
                SimulatedClient.message(7, sequence, new byte[] {(byte) sequence}, persistent, priority, expiration),
                receipts::add);
    }

    private void consume(int consumerId, int credit) {
        client.consume(consumerId, DestinationKind.QUEUE, "orders", "", credit, replies::add);
        broker.run();
    }

    private List<Long> delivered() {
        List<Long> sequences =
                client.deliveries.stream().map(Delivery::messageSequence).toList();
        client.deliveries.clear();
        return sequences;
    }

    private static long[] range(long consumerId, long from, long count) {
        return new long[] {consumerId, from, count};
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
    void aPersistentSendIsConfirmedOnlyWhenItIsFlushed() {
        send(1);
        assertThat(receipts).isEmpty();
        broker.run();
        assertThat(receipts).containsExactly(ErrorCode.OK);
        restartAfterPowerLoss();
        consume(1, 10);
        assertThat(delivered()).containsExactly(1L);
    }

    @Test
    void whoLooksForAMessageIsAnsweredAfterIt_8_6() {
        send(1);
        broker.run();
        restartInOrder();
        List<Integer> deliveredWhenAnswered = new ArrayList<>();
        client.consume(1, DestinationKind.QUEUE, "orders", "", 10, replies::add);
        client.drain(1, true, reply -> deliveredWhenAnswered.add(client.deliveries.size()));
        broker.run();
        assertThat(deliveredWhenAnswered).containsExactly(1);
    }

    @Test
    void messagesArriveInTheOrderOfSendingAndOnlyWithinTheCredit_6_2_9() {
        consume(1, 3);
        send(1, 2, 3, 4, 5);
        broker.run();
        assertThat(delivered()).containsExactly(1L, 2L, 3L);
        client.credit(1, 5);
        broker.run();
        assertThat(delivered()).containsExactly(4L, 5L);
    }

    @Test
    void higherPrioritiesComeFirst_3_4_10() {
        send(1, true, 0, 0);
        send(2, true, 9, 0);
        send(3, true, 4, 0);
        send(4, true, 9, 0);
        broker.run();
        consume(1, 10);
        assertThat(delivered()).containsExactly(2L, 4L, 3L, 1L);
    }

    @Test
    void anAcknowledgedMessageIsGoneForEver_6_2_11() {
        send(1, 2, 3);
        consume(1, 10);
        client.acknowledge(true, replies::add, range(1, 2, 1));
        broker.run();
        assertThat(replies.get(replies.size() - 1).code()).isEqualTo(ErrorCode.OK);
        restartAfterPowerLoss();
        consume(1, 10);
        assertThat(delivered()).containsExactly(1L, 3L);
    }

    @Test
    void theAnsweredEndOfAConsumerConfirmsWhatItAcknowledged_6_2_10() {
        send(1, 2);
        consume(1, 10);
        client.acknowledge(false, replies::add, range(1, 1, 1));
        client.closeConsumer(1, 2, replies::add);
        broker.run();
        assertThat(replies).hasSize(2).allMatch(reply -> reply.code() == ErrorCode.OK);
        restartAfterPowerLoss();
        consume(1, 10);
        assertThat(delivered()).containsExactly(2L);
    }

    @Test
    void afterACrashWhatMayHaveBeenDeliveredIsFlagged_3_4_7() {
        consume(1, 1);
        send(1, 2);
        broker.run();
        assertThat(client.deliveries.get(0).redelivered()).isFalse();
        assertThat(client.deliveries.get(0).count()).isEqualTo(1);
        restartAfterPowerLoss();
        consume(1, 10);
        assertThat(client.deliveries.get(0).redelivered()).isTrue();
        assertThat(client.deliveries.get(0).count()).isGreaterThanOrEqualTo(2);
    }

    @Test
    void messagesThatNobodyWasOfferedAreNotFlaggedAfterACrash() {
        send(1, 2);
        broker.run();
        restartAfterPowerLoss();
        consume(1, 10);
        assertThat(client.deliveries).noneMatch(Delivery::redelivered).hasSize(2);
    }

    @Test
    void afterAnOrderlyRestartOnlyWhatWasDeliveredIsFlagged() {
        consume(1, 1);
        send(1, 2);
        broker.run();
        restartInOrder();
        consume(1, 10);
        assertThat(client.deliveries).extracting(Delivery::redelivered).containsExactly(true, false);
    }

    @Test
    void returnedMessagesComeAgainInOrderBeforeOthersWithTheirCount_6_2_11() {
        consume(1, 3);
        send(1, 2, 3, 4);
        broker.run();
        delivered();
        client.giveBack(true, replies::add, range(1, 1, 2));
        client.giveBack(false, replies::add, range(1, 3, 1));
        client.credit(1, 10);
        broker.run();
        assertThat(client.deliveries).extracting(Delivery::count).containsExactly(2, 2, 1, 1);
        assertThat(delivered()).containsExactly(1L, 2L, 3L, 4L);
    }

    @Test
    void attemptsSurviveARestart() {
        consume(1, 1);
        send(1);
        broker.run();
        client.giveBack(true, replies::add, range(1, 1, 1));
        client.closeConsumer(1, 1, replies::add);
        broker.run();
        restartInOrder();
        consume(1, 1);
        assertThat(client.deliveries.get(0).count()).isEqualTo(2);
    }

    @Test
    void afterTheLastAttemptAMessageGoesToTheDeadLetterQueueOnce() {
        consume(1, 100);
        send(1);
        broker.run();
        for (int attempt = 1; attempt <= 4; attempt++) {
            assertThat(delivered()).containsExactly(1L);
            client.giveBack(true, replies::add, range(1, attempt, 1));
            broker.run();
        }
        assertThat(delivered()).isEmpty();
        client.consume(2, DestinationKind.QUEUE, "DLQ", "", 10, replies::add);
        broker.run();
        assertThat(client.deliveries).hasSize(1);
        assertThat(client.deliveries.get(0).origin().name()).isEqualTo("orders");
        restartAfterPowerLoss();
        client.consume(2, DestinationKind.QUEUE, "DLQ", "", 10, replies::add);
        consume(1, 10);
        assertThat(client.deliveries).hasSize(1);
        assertThat(client.deliveries.get(0).consumerId()).isEqualTo(2);
    }

    @Test
    void whatNothingGivesUpIsTriedMoreAndMoreSeldom() {
        client.send(client.queue("DLQ"), SimulatedClient.message(7, 1, new byte[1], true, 4, 0), receipts::add);
        client.consume(1, DestinationKind.QUEUE, "DLQ", "", 200, replies::add);
        broker.run();
        for (int attempt = 1; attempt < 100; attempt++) {
            assertThat(delivered()).containsExactly(1L);
            client.giveBack(true, replies::add, range(1, attempt, 1));
            broker.run();
        }
        long delayMillis = 100;
        for (int attempt = 100; attempt <= 115; attempt++) {
            assertThat(delivered()).containsExactly(1L);
            client.giveBack(true, replies::add, range(1, attempt, 1));
            broker.advance(delayMillis - 1);
            assertThat(delivered()).isEmpty();
            broker.advance(1);
            delayMillis = Math.min(60_000, 2 * delayMillis);
        }
    }

    @Test
    void aNonPersistentDeadLetterSaysWhereItComesFromToo() {
        consume(1, 100);
        send(1, false, 4, 0);
        broker.run();
        for (int attempt = 1; attempt <= 4; attempt++) {
            client.giveBack(true, replies::add, range(1, attempt, 1));
            broker.run();
        }
        client.deliveries.clear();
        client.consume(2, DestinationKind.QUEUE, "DLQ", "", 10, replies::add);
        broker.run();
        assertThat(client.deliveries).hasSize(1);
        assertThat(client.deliveries.get(0).origin().name()).isEqualTo("orders");
        assertThat(client.deliveries.get(0).origin().reason()).contains("last attempt");
    }

    @Test
    void anExpiredMessageIsNotDelivered_3_4_9() {
        send(1, true, 4, clock.currentTimeMillis() + 50);
        send(2);
        broker.run();
        clock.advanceMillis(51);
        consume(1, 10);
        assertThat(delivered()).containsExactly(2L);
    }

    @Test
    void nonPersistentMessagesSurviveAnOrderlyRestartButNotACrash_7_7() {
        send(1, false, 4, 0);
        broker.run();
        assertThat(receipts).containsExactly(ErrorCode.OK);
        restartInOrder();
        consume(1, 10);
        assertThat(delivered()).containsExactly(1L);
        client.closeConsumer(1, 0, replies::add);
        send(2, false, 4, 0);
        broker.run();
        restartAfterPowerLoss();
        consume(1, 10);
        assertThat(delivered()).isEmpty();
    }

    @Test
    void aTransactionIsVisibleWholeOrNotAtAll_6_2_7() {
        send(1);
        consume(1, 10);
        broker.run();
        delivered();
        int bills = client.queue("bills");
        client.send(5, bills, SimulatedClient.message(7, 2, new byte[0], true, 4, 0), receipts::add);
        broker.run();
        client.consume(2, DestinationKind.QUEUE, "bills", "", 10, replies::add);
        broker.run();
        assertThat(delivered()).isEmpty();
        client.commit(
                5,
                List.of(bills),
                List.of(SimulatedClient.message(7, 3, new byte[0], true, 4, 0)),
                replies::add,
                range(1, 1, 1));
        broker.run();
        assertThat(delivered()).containsExactly(2L, 3L);
        restartAfterPowerLoss();
        client.consume(2, DestinationKind.QUEUE, "bills", "", 10, replies::add);
        consume(1, 10);
        assertThat(delivered()).containsExactly(2L, 3L);
    }

    @Test
    void stagedMessagesOfALostConnectionAreForgotten() {
        client.send(5, orders, SimulatedClient.message(7, 1, new byte[0], true, 4, 0), receipts::add);
        broker.run();
        client.disconnect();
        client = broker.connect();
        consume(1, 10);
        assertThat(delivered()).isEmpty();
        restartAfterPowerLoss();
        consume(1, 10);
        assertThat(delivered()).isEmpty();
    }

    @Test
    void aLostConnectionGivesItsMessagesToTheNextConsumerFlagged_6_2_11() {
        consume(1, 2);
        send(1, 2, 3);
        broker.run();
        client.disconnect();
        client = broker.connect();
        consume(1, 10);
        assertThat(client.deliveries).extracting(Delivery::redelivered).containsExactly(true, true, false);
        assertThat(delivered()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void consumersOfAQueueShareItsMessages() {
        consume(1, 10);
        consume(2, 10);
        send(1, 2, 3, 4);
        broker.run();
        assertThat(client.deliveries).extracting(Delivery::consumerId).contains(1, 2);
        assertThat(delivered()).containsExactlyInAnyOrder(1L, 2L, 3L, 4L);
    }

    @Test
    void everySubscriberOfATopicGetsEveryMessageFromItsSubscriptionOn_4_2() {
        int prices = client.handle(DestinationKind.TOPIC, "prices");
        client.consume(1, DestinationKind.TOPIC, "prices", "", 10, Frames.CreateConsumer.UNTRACKED, replies::add);
        client.send(prices, SimulatedClient.message(7, 1, new byte[0], true, 4, 0), receipts::add);
        broker.run();
        client.consume(2, DestinationKind.TOPIC, "prices", "", 10, replies::add);
        client.send(prices, SimulatedClient.message(7, 2, new byte[0], true, 4, 0), receipts::add);
        broker.run();
        assertThat(client.deliveries)
                .extracting(d -> d.consumerId() + ":" + d.messageSequence())
                .containsExactlyInAnyOrder("1:1", "1:2", "2:2");
        assertThat(receipts).containsExactly(ErrorCode.OK, ErrorCode.OK);
        assertThat(broker.shard.state().budget().usedBytes()).isPositive(); // the tracked one has not acknowledged
        client.acknowledge(false, replies::add, range(2, 1, 1));
        assertThat(broker.shard.state().budget().usedBytes()).isZero();
    }

    @Test
    void aTopicSubscriberWithASelectorGetsOnlyWhatMatches_3_8() {
        int prices = client.handle(DestinationKind.TOPIC, "prices");
        client.consume(1, DestinationKind.TOPIC, "prices", "tag = 'b'", 10, replies::add);
        for (String tag : List.of("a", "b", "c", "b")) {
            client.send(prices, SimulatedClient.message(7, tag.charAt(0), new byte[0], true, 4, 0, tag), receipts::add);
        }
        broker.run();
        assertThat(delivered()).containsExactly((long) 'b', (long) 'b');
    }

    @Test
    void aLongRunOfHighPriorityIsNotOvertaken_3_4_10() {
        for (int i = 0; i < 200; i++) send(i, true, i < 100 ? 4 : 9, 0);
        broker.run();
        consume(1, 1000);
        List<Long> all = delivered();
        assertThat(all).hasSize(200);
        assertThat(all.subList(0, 100)).allMatch(sequence -> sequence >= 100);
    }

    @Test
    void aQueueConsumerWithASelectorFindsItsMessagesAndLeavesTheOthers_3_8() {
        for (String tag : List.of("a", "b", "c", "b")) {
            client.send(orders, SimulatedClient.message(7, tag.charAt(0), new byte[0], true, 4, 0, tag), receipts::add);
        }
        broker.run();
        client.consume(1, DestinationKind.QUEUE, "orders", "tag = 'b'", 1, replies::add);
        broker.run();
        assertThat(delivered()).containsExactly((long) 'b');
        consume(2, 10);
        assertThat(delivered()).containsExactlyInAnyOrder((long) 'a', (long) 'b', (long) 'c');
    }

    @Test
    void aBrokenSelectorIsRefusedWhenTheConsumerIsMade_3_8() {
        client.consume(1, DestinationKind.QUEUE, "orders", "tag = = 'b'", 1, replies::add);
        broker.run();
        assertThat(replies.get(0).code()).isEqualTo(ErrorCode.INVALID_SELECTOR);
    }

    @Test
    void aTemporaryQueueEndsWithItsConnectionAndLeavesNothing_6_2_2() {
        Frames.Reply[] made = new Frames.Reply[1];
        client.open(DestinationKind.TEMPORARY_QUEUE, "", reply -> made[0] = reply);
        broker.run();
        client.send((int) made[0].value(), SimulatedClient.message(7, 1, new byte[9], true, 4, 0), receipts::add);
        broker.run();
        assertThat(receipts).containsExactly(ErrorCode.OK);
        client.disconnect();
        broker.run();
        assertThat(broker.shard.state().budget().usedBytes()).isZero();
        client = broker.connect();
        client.send((int) made[0].value(), SimulatedClient.message(7, 2, new byte[9], true, 4, 0), receipts::add);
        broker.run();
        assertThat(receipts).containsExactly(ErrorCode.OK, ErrorCode.INVALID_DESTINATION);
    }

    @Test
    void redeliveryWaitsItsDelay() {
        var settings = SimulatedBroker.SETTINGS.with(
                new org.larchmq.broker.settings.BrokerSettings.Redelivery(10, "DLQ", 200, 2, 60_000));
        broker = new SimulatedBroker(new SimulatedDisk(2), clock, false, settings);
        client = broker.connect();
        orders = client.queue("orders");
        consume(1, 10);
        send(1);
        broker.run();
        delivered();
        client.giveBack(true, replies::add, range(1, 1, 1));
        broker.run();
        broker.advance(199);
        assertThat(delivered()).isEmpty();
        broker.advance(1);
        assertThat(delivered()).containsExactly(1L);
    }

    @Test
    void redeliveryWaitsItsDelayAlsoWhenTheConnectionWasLost() {
        var settings = SimulatedBroker.SETTINGS.with(
                new org.larchmq.broker.settings.BrokerSettings.Redelivery(10, "DLQ", 200, 2, 60_000));
        broker = new SimulatedBroker(new SimulatedDisk(2), clock, false, settings);
        client = broker.connect();
        orders = client.queue("orders");
        consume(1, 10);
        send(1);
        broker.run();
        client.seen(1, 1);
        client.disconnect();
        client = broker.connect();
        consume(1, 10);
        assertThat(delivered()).isEmpty();
        broker.advance(199);
        assertThat(delivered()).isEmpty();
        broker.advance(1);
        assertThat(delivered()).containsExactly(1L);
    }

    @Test
    void aDeepQueueIsDeliveredWholeAfterARestartFromTheCheckpoint() {
        long[] sequences = LongStream.rangeClosed(1, 3000).toArray();
        for (int from = 0; from < sequences.length; from += 100) {
            for (int i = from; i < from + 100; i++) send(sequences[i]);
            broker.advance(20);
        }
        restartAfterPowerLoss();
        client.consume(1, DestinationKind.QUEUE, "orders", "", 10_000, replies::add);
        broker.run();
        assertThat(delivered())
                .containsExactlyElementsOf(LongStream.of(sequences).boxed().toList());
    }
}
