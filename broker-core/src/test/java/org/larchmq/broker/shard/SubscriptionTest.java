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
import org.larchmq.wire.Frames.CreateConsumer;

/** Subscriptions of topics as clients of one shard see them (Jakarta Messaging 3.1, section 8.3). */
class SubscriptionTest {
    private static final int DURABLE = CreateConsumer.DURABLE;
    private static final int SHARED = CreateConsumer.SHARED;
    private static final int NO_LOCAL = CreateConsumer.NO_LOCAL;
    private static final int CREDIT = 100_000;

    private final SimulatedClock clock = new SimulatedClock();
    private SimulatedDisk disk = new SimulatedDisk(1);
    private SimulatedBroker broker;
    private SimulatedClient publisher;
    private SimulatedClient client;
    private int prices;
    private final List<ErrorCode> receipts = new ArrayList<>();

    @BeforeEach
    void start() {
        broker = SimulatedBroker.on(disk, clock);
        publisher = broker.connect();
        client = broker.connect("shop");
        prices = publisher.handle(DestinationKind.TOPIC, "prices");
    }

    private void restartAfterPowerLoss() {
        disk = disk.afterPowerLoss();
        start();
    }

    private void restartInOrder() {
        publisher.disconnect();
        client.disconnect();
        broker.stop();
        start();
    }

    private void publish(long... sequences) {
        for (long sequence : sequences) publish(publisher, sequence, true, null);
        broker.run();
    }

    private void publish(SimulatedClient from, long sequence, boolean persistent, String tag) {
        byte[] body = {(byte) sequence};
        from.send(prices, SimulatedClient.message(7, sequence, body, persistent, 4, 0, tag), receipts::add);
    }

    private ErrorCode subscribe(int consumerId, String name, int flags) {
        return subscribe(client, consumerId, "prices", name, flags, "", CREDIT);
    }

    private ErrorCode subscribe(
            SimulatedClient by, int consumerId, String topic, String name, int flags, String selector, int credit) {
        List<Frames.Reply> replies = new ArrayList<>();
        by.subscribe(consumerId, topic, name, flags, selector, credit, replies::add);
        broker.run();
        assertThat(replies).hasSize(1);
        return replies.get(0).code();
    }

    private ErrorCode unsubscribe(String name) {
        List<Frames.Reply> replies = new ArrayList<>();
        client.unsubscribe(name, replies::add);
        broker.run();
        assertThat(replies).hasSize(1);
        return replies.get(0).code();
    }

    private void close(int consumerId, long lastSeen) {
        client.closeConsumer(consumerId, lastSeen, reply -> {});
        broker.run();
    }

    private void acknowledgeAll(int consumerId, long messages) {
        client.acknowledge(true, reply -> {}, new long[] {consumerId, 1, messages});
        broker.run();
    }

    private List<Long> delivered() {
        return delivered(client);
    }

    private static List<Long> delivered(SimulatedClient client) {
        List<Long> sequences =
                client.deliveries.stream().map(Delivery::messageSequence).toList();
        client.deliveries.clear();
        return sequences;
    }

    private static List<Long> numbers(long from, long to) {
        return LongStream.rangeClosed(from, to).boxed().toList();
    }

    // ---- durable

    @Test
    void aDurableSubscriptionGetsWhatIsPublishedFromItsCreationOnConnectedOrNot_8_3_3() {
        publish(1, 2);
        assertThat(subscribe(1, "eu", DURABLE)).isEqualTo(ErrorCode.OK);
        publish(3);
        assertThat(delivered()).containsExactly(3L);
        acknowledgeAll(1, 1);
        close(1, 1);
        publish(4, 5);
        client.disconnect();
        publish(6);
        client = broker.connect("shop");
        assertThat(subscribe(1, "eu", DURABLE)).isEqualTo(ErrorCode.OK);
        assertThat(delivered()).containsExactly(4L, 5L, 6L);
    }

    @Test
    void aDurableSubscriptionSurvivesPowerLossWithItsPosition_8_3_3() {
        subscribe(1, "eu", DURABLE);
        publish(1, 2, 3);
        acknowledgeAll(1, 2);
        publish(4);
        restartAfterPowerLoss();
        publish(5);
        subscribe(1, "eu", DURABLE);
        assertThat(client.deliveries).extracting(Delivery::redelivered).contains(true);
        assertThat(delivered()).containsExactly(3L, 4L, 5L);
    }

    @Test
    void anAnsweredSubscriptionIsAsDurableAsASend() {
        assertThat(subscribe(1, "eu", DURABLE)).isEqualTo(ErrorCode.OK);
        restartAfterPowerLoss();
        publish(1);
        subscribe(1, "eu", DURABLE);
        assertThat(delivered()).containsExactly(1L);
        close(1, 0);
        assertThat(unsubscribe("eu")).isEqualTo(ErrorCode.OK);
        restartAfterPowerLoss();
        assertThat(unsubscribe("eu")).isEqualTo(ErrorCode.SUBSCRIPTION_UNKNOWN);
    }

    @Test
    void manyMessagesOverManySegmentsAreKeptForASubscriberThatIsAway() {
        subscribe(1, "eu", DURABLE);
        subscribe(2, "us", DURABLE);
        close(1, 0);
        byte[] body = new byte[20_000];
        for (int i = 1; i <= 300; i++) {
            publisher.send(prices, SimulatedClient.message(7, i, body, true, 4, 0), receipts::add);
            broker.run();
            client.acknowledge(false, reply -> {}, new long[] {2, i, 1});
            broker.advance(50);
        }
        assertThat(broker.shard.log().startOffset())
                .as("held for the one that is away")
                .isZero();
        restartAfterPowerLoss();
        subscribe(1, "eu", DURABLE);
        assertThat(delivered()).isEqualTo(numbers(1, 300));
        acknowledgeAll(1, 300);
        close(1, 300);
        subscribe(2, "us", DURABLE);
        assertThat(delivered()).as("unconfirmed acknowledgements may be lost").hasSizeLessThan(5);
        acknowledgeAll(2, 300);
        for (int i = 0; i < 20; i++) {
            publish(400 + i);
            broker.advance(200);
        }
        assertThat(broker.shard.log().startOffset())
                .as("nothing needs it any more")
                .isPositive();
    }

    @Test
    void unsubscribingLetsGoOfTheMessages() {
        subscribe(1, "eu", DURABLE);
        close(1, 0);
        byte[] body = new byte[20_000];
        for (int i = 1; i <= 200; i++) {
            publisher.send(prices, SimulatedClient.message(7, i, body, true, 4, 0), receipts::add);
            broker.advance(50);
        }
        assertThat(broker.shard.log().startOffset()).isZero();
        assertThat(unsubscribe("eu")).isEqualTo(ErrorCode.OK);
        broker.advance(1000);
        broker.advance(1000);
        publish(300);
        broker.advance(1000);
        assertThat(broker.shard.log().startOffset()).isPositive();
        subscribe(1, "eu", DURABLE);
        assertThat(delivered()).isEmpty();
    }

    @Test
    void anUnsharedSubscriptionHasOneConsumerAtATime_8_3_3() {
        subscribe(1, "eu", DURABLE);
        assertThat(subscribe(2, "eu", DURABLE)).isEqualTo(ErrorCode.SUBSCRIPTION_IN_USE);
        assertThat(subscribe(broker.connect("other"), 1, "prices", "eu", DURABLE, "", CREDIT))
                .as("names belong to a client id")
                .isEqualTo(ErrorCode.OK);
        close(1, 0);
        assertThat(subscribe(2, "eu", DURABLE)).isEqualTo(ErrorCode.OK);
    }

    @Test
    void anUnsharedDurableSubscriptionNeedsAClientIdAndAName() {
        assertThat(subscribe(publisher, 1, "prices", "eu", DURABLE, "", CREDIT)).isEqualTo(ErrorCode.ILLEGAL_STATE);
        assertThat(subscribe(1, "", DURABLE)).isEqualTo(ErrorCode.ILLEGAL_STATE);
        assertThat(subscribe(1, "x".repeat(5000), DURABLE)).isEqualTo(ErrorCode.ILLEGAL_STATE);
    }

    @Test
    void aSubscriptionInUseOrUnknownCannotBeUnsubscribed() {
        assertThat(unsubscribe("eu")).isEqualTo(ErrorCode.SUBSCRIPTION_UNKNOWN);
        subscribe(1, "eu", DURABLE);
        publish(1);
        assertThat(unsubscribe("eu")).isEqualTo(ErrorCode.SUBSCRIPTION_IN_USE);
        close(1, 1);
        assertThat(unsubscribe("eu")).as("not acknowledged").isEqualTo(ErrorCode.SUBSCRIPTION_IN_USE);
        acknowledgeAll(1, 1);
        assertThat(unsubscribe("eu")).isEqualTo(ErrorCode.OK);
        assertThat(unsubscribe("eu")).isEqualTo(ErrorCode.SUBSCRIPTION_UNKNOWN);
    }

    @Test
    void anotherSelectorTopicOrNoLocalIsANewEmptySubscription_8_3_3() {
        subscribe(1, "eu", DURABLE);
        publish(1);
        close(1, 0);
        client.deliveries.clear();
        subscribe(client, 2, "prices", "eu", DURABLE, "tag = 'red'", CREDIT);
        assertThat(delivered()).isEmpty();
        publish(publisher, 2, true, "red");
        publish(publisher, 3, true, "blue");
        broker.run();
        assertThat(delivered()).containsExactly(2L);
        close(2, 0);
        subscribe(client, 3, "prices", "eu", DURABLE | NO_LOCAL, "tag = 'red'", CREDIT);
        assertThat(delivered()).isEmpty();
        close(3, 0);
        publish(publisher, 4, true, "red");
        broker.run();
        subscribe(client, 4, "rates", "eu", DURABLE | NO_LOCAL, "tag = 'red'", CREDIT);
        assertThat(delivered()).isEmpty();
        restartAfterPowerLoss();
        subscribe(client, 5, "prices", "eu", DURABLE, "", CREDIT);
        assertThat(delivered()).isEmpty();
    }

    @Test
    void noLocalLeavesOutWhatAnyConnectionOfTheClientPublishes() {
        subscribe(1, "eu", DURABLE | NO_LOCAL);
        publish(client, 1, true, null);
        publish(client, 2, false, null);
        publish(3);
        close(1, 0);
        assertThat(delivered()).containsExactly(3L);
        publish(client, 4, true, null);
        publish(5);
        restartAfterPowerLoss();
        publish(client, 6, true, null);
        subscribe(1, "eu", DURABLE | NO_LOCAL);
        assertThat(delivered()).containsExactly(3L, 5L);
        List<Frames.Reply> replies = new ArrayList<>();
        byte[] own = SimulatedClient.message(7, 7, new byte[1], true, 4, 0);
        client.commit(1, List.of(prices), List.of(own), replies::add);
        publisher.commit(
                1, List.of(prices), List.of(SimulatedClient.message(7, 8, new byte[1], true, 4, 0)), replies::add);
        broker.run();
        assertThat(replies).hasSize(2);
        assertThat(delivered()).as("committed ones too").containsExactly(8L);
    }

    @Test
    void noLocalOfAConnectionWithoutClientIdMeansThatConnection() {
        subscribe(1, "keeps the topic in the log", DURABLE);
        SimulatedClient one = broker.connect();
        SimulatedClient two = broker.connect();
        subscribe(one, 1, "prices", "", NO_LOCAL, "", CREDIT);
        publish(one, 1, true, null);
        publish(two, 2, true, null);
        publish(one, 3, false, null);
        broker.run();
        assertThat(delivered(one)).containsExactly(2L);
    }

    @Test
    void whatASubscriptionDoesNotWantIsNotKeptForIt() {
        subscribe(client, 1, "prices", "eu", DURABLE, "tag = 'red'", CREDIT);
        for (int i = 1; i <= 3000; i++) publish(publisher, i, true, i % 100 == 0 ? "red" : "blue");
        broker.run();
        assertThat(delivered()).hasSize(30);
        acknowledgeAll(1, 30);
        var subscription = broker.shard.state().findSubscription(true, "shop", "eu");
        assertThat(subscription.unsettled()).isZero();
    }

    @Test
    void nonPersistentMessagesReachASubscriberThatWasAwayAndSurviveAnOrderlyStop_7_7() {
        subscribe(1, "eu", DURABLE);
        subscribe(2, "us", DURABLE);
        publish(publisher, 1, false, null);
        broker.run();
        delivered();
        acknowledgeAll(2, 1);
        close(1, 0);
        close(2, 1);
        publish(publisher, 2, false, null);
        broker.run();
        restartInOrder();
        subscribe(1, "eu", DURABLE);
        assertThat(delivered()).containsExactly(1L, 2L);
        close(1, 2);
        subscribe(2, "us", DURABLE);
        assertThat(delivered()).containsExactly(2L);
    }

    @Test
    void aTemporaryTopicHasNoDurableSubscriptions() {
        List<Frames.Reply> made = new ArrayList<>();
        client.open(DestinationKind.TEMPORARY_TOPIC, "", made::add);
        broker.run();
        List<Frames.Reply> replies = new ArrayList<>();
        client.subscribeTo(DestinationKind.TEMPORARY_TOPIC, 1, made.get(0).name(), "eu", DURABLE, replies::add);
        broker.run();
        assertThat(replies.get(0).code()).isEqualTo(ErrorCode.INVALID_DESTINATION);
    }

    // ---- shared

    @Test
    void consumersOfASharedSubscriptionShareItsMessagesInTurn_8_3_2() {
        assertThat(subscribe(1, "eu", SHARED)).isEqualTo(ErrorCode.OK);
        assertThat(subscribe(2, "eu", SHARED)).isEqualTo(ErrorCode.OK);
        publish(1);
        publish(2);
        assertThat(client.deliveries).extracting(Delivery::consumerId).containsExactly(1, 2);
        assertThat(delivered()).containsExactly(1L, 2L);
    }

    @Test
    void aSharedSubscriptionThatIsNotDurableEndsWithItsLastConsumer_8_3_2() {
        subscribe(1, "eu", SHARED);
        subscribe(2, "eu", SHARED);
        publish(1);
        close(1, 0);
        assertThat(client.deliveries).extracting(Delivery::consumerId).containsExactly(1, 2);
        close(2, 0);
        delivered();
        publish(2);
        subscribe(3, "eu", SHARED);
        assertThat(delivered()).isEmpty();
        publish(3);
        assertThat(delivered()).containsExactly(3L);
    }

    @Test
    void aLostConnectionGivesTheOthersOfASharedSubscriptionWhatItHeld() {
        SimulatedClient other = broker.connect();
        subscribe(other, 1, "prices", "eu", SHARED, "", CREDIT);
        SimulatedClient another = broker.connect();
        subscribe(another, 1, "prices", "eu", SHARED, "", CREDIT);
        publish(1);
        publish(2);
        assertThat(delivered(other)).containsExactly(1L);
        assertThat(delivered(another)).containsExactly(2L);
        other.disconnect();
        broker.run();
        assertThat(delivered(another)).containsExactly(1L);
        another.disconnect();
        broker.run();
        assertThat(broker.shard.state().findSubscription(false, "", "eu")).isNull();
    }

    @Test
    void theNameOfASharedSubscriptionBelongsToTheClientIdOrToAllWithoutOne_8_3_2() {
        SimulatedClient one = broker.connect();
        SimulatedClient two = broker.connect();
        subscribe(one, 1, "prices", "eu", SHARED, "", CREDIT);
        subscribe(two, 1, "prices", "eu", SHARED, "", CREDIT);
        subscribe(1, "eu", SHARED);
        publish(1);
        publish(2);
        assertThat(delivered()).as("its own subscription").containsExactly(1L, 2L);
        assertThat(delivered(one)).containsExactly(1L);
        assertThat(delivered(two)).containsExactly(2L);
    }

    @Test
    void otherTermsForASharedNameAreRefusedWhileItIsInUseAndReplaceItAfterwards_8_3_4() {
        for (int flags : new int[] {SHARED, SHARED | DURABLE}) {
            assertThat(subscribe(1, "eu", flags)).isEqualTo(ErrorCode.OK);
            assertThat(subscribe(client, 2, "prices", "eu", flags, "tag = 'red'", CREDIT))
                    .isEqualTo(ErrorCode.SUBSCRIPTION_IN_USE);
            assertThat(subscribe(client, 2, "rates", "eu", flags, "", CREDIT)).isEqualTo(ErrorCode.SUBSCRIPTION_IN_USE);
            publish(1);
            close(1, 0);
            delivered();
            assertThat(subscribe(client, 3, "prices", "eu", flags, "tag = 'red'", CREDIT))
                    .isEqualTo(ErrorCode.OK);
            assertThat(delivered()).isEmpty();
            close(3, 0);
        }
    }

    @Test
    void aSharedDurableSubscriptionSurvivesAndIsSharedByClientsWithoutClientId_8_3_4() {
        SimulatedClient one = broker.connect();
        assertThat(subscribe(one, 1, "prices", "eu", SHARED | DURABLE, "", CREDIT))
                .isEqualTo(ErrorCode.OK);
        publish(1);
        restartAfterPowerLoss();
        publish(2);
        SimulatedClient two = broker.connect();
        SimulatedClient three = broker.connect();
        subscribe(two, 1, "prices", "eu", SHARED | DURABLE, "", 1);
        subscribe(three, 1, "prices", "eu", SHARED | DURABLE, "", 1);
        assertThat(delivered(two)).containsExactly(1L);
        assertThat(delivered(three)).containsExactly(2L);
    }

    @Test
    void sharedAndUnsharedDurableSubscriptionsCannotHaveTheSameName_8_3_3() {
        subscribe(1, "eu", DURABLE);
        assertThat(subscribe(2, "eu", DURABLE | SHARED)).isEqualTo(ErrorCode.SUBSCRIPTION_CONFLICT);
        close(1, 0);
        assertThat(subscribe(2, "eu", DURABLE | SHARED)).isEqualTo(ErrorCode.SUBSCRIPTION_CONFLICT);
        assertThat(subscribe(3, "us", DURABLE | SHARED)).isEqualTo(ErrorCode.OK);
        assertThat(subscribe(4, "us", DURABLE)).isEqualTo(ErrorCode.SUBSCRIPTION_CONFLICT);
        assertThat(subscribe(5, "us", SHARED)).as("another kind of name").isEqualTo(ErrorCode.OK);
    }

    /** What a topic without subscriptions had in the log when the broker died must not hold up what comes after. */
    @Test
    void aTopicThatHadNobodyWhenTheBrokerDiedDeliversWhatIsCommittedAfterwards() {
        commit(1);
        restartAfterPowerLoss();
        assertThat(subscribe(1, "", 0)).isEqualTo(ErrorCode.OK);
        commit(2);
        publish(3);
        commit(4);
        assertThat(client.deliveries.stream().map(Delivery::messageSequence)).containsExactly(2L, 3L, 4L);
    }

    private void commit(long sequence) {
        byte[] message = SimulatedClient.message(8, sequence, new byte[] {1}, true, 4, 0, null);
        publisher.commit(
                sequence,
                List.of(prices),
                List.of(message),
                reply -> assertThat(reply.code()).isEqualTo(ErrorCode.OK));
        broker.run();
    }
}
