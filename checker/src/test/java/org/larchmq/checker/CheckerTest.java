package org.larchmq.checker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.larchmq.checker.Story.QUEUE;
import static org.larchmq.checker.Story.TOPIC;

import java.util.Set;
import org.junit.jupiter.api.Test;

/** For every invariant histories that must fail exactly that one, and near misses that must pass. */
class CheckerTest {
    private static void passes(Story story) {
        Verdict verdict = story.verdict();
        assertThat(verdict.violatedInvariants()).as(verdict.report()).isEmpty();
    }

    private static void fails(String invariant, Story story) {
        Verdict verdict = story.verdict();
        assertThat(verdict.violatedInvariants()).as(verdict.report()).containsExactly(invariant);
        assertThat(verdict.violations().get(0).records()).isNotEmpty();
    }

    @Test
    void theEmptyHistoryPasses() {
        passes(new Story());
    }

    @Test
    void aFullLifeWithoutFaultsPasses() {
        passes(new Story()
                .open("c1", AckMode.AUTO)
                .subscribed("c1", QUEUE)
                .open("c2", AckMode.AUTO)
                .subscribed("c2", TOPIC)
                .sent(QUEUE, 0, 1, 2)
                .sent(TOPIC, 0, 1)
                .delivered("c1", QUEUE, 0, 1, 2)
                .delivered("c2", TOPIC, 0, 1)
                .session(Op.CLOSE, Phase.INVOKE, "c1")
                .session(Op.CLOSE, Phase.OK, "c1")
                .drained());
    }

    // J1

    @Test
    void j1AConfirmedMessageThatNeverArrivesIsLost() {
        Story story = new Story().sent(QUEUE, 0, 1, 2).delivered("c1", QUEUE, 0, 2);
        fails("J1", story);
        assertThat(story.verdict().missing()).containsExactly(Story.mid(QUEUE, 1));
    }

    @Test
    void j1AnUnconfirmedOneMayBeMissing() {
        passes(new Story()
                .sent(QUEUE, 0)
                .sendInvoked(QUEUE, 1, r -> r)
                .sendInvoked(QUEUE, 2, r -> r)
                .add(Op.SEND, Phase.INFO, r -> r.session("ps").mid(Story.mid(QUEUE, 2)))
                .delivered("c1", QUEUE, 0));
    }

    @Test
    void j5WhatASessionThatFailsOverHeldComesAgainOnlyWhenTheBrokerFailed() {
        fails(
                "J5",
                new Story()
                        .open("c1", AckMode.CLIENT)
                        .session(Op.RESUMED, Phase.INFO, "c1")
                        .sent(QUEUE, 0)
                        .delivered("c1", QUEUE, 0)
                        .redelivered("c2", QUEUE, 0)
                        .acknowledged("c2")
                        .drained());
        passes(new Story()
                .open("c1", AckMode.CLIENT)
                .session(Op.RESUMED, Phase.INFO, "c1")
                .open("c2", AckMode.CLIENT)
                .sent(QUEUE, 0)
                .delivered("c1", QUEUE, 0)
                .brokerKilled()
                .redelivered("c2", QUEUE, 0)
                .acknowledged("c2")
                .drained());
    }

    @Test
    void j1ADeadLetterIsNotLost() {
        Story story = new Story().open("c1", AckMode.CLIENT).sent(QUEUE, 0).delivered("c1", QUEUE, 0);
        story.session(Op.RECOVER, Phase.OK, "c1").redelivered("c1", QUEUE, 0);
        story.session(Op.RECOVER, Phase.OK, "c1")
                .delivered("c1", QUEUE, 0, r -> r.redelivered(true).deliveryCount(3));
        story.session(Op.RECOVER, Phase.OK, "c1");
        passes(story.delivered("c2", QUEUE, 0, r -> r.dest("queue:DLQ")));
    }

    @Test
    void j1AMessageGivenBackAndNotSeenAgainIsLost() {
        fails(
                "J1",
                new Story()
                        .open("c1", AckMode.CLIENT)
                        .sent(QUEUE, 0)
                        .delivered("c1", QUEUE, 0)
                        .brokerKilled()
                        .lost("c1")
                        .drained());
    }

    @Test
    void j1AMessageWhoseDeliveryIsInDoubtMayBeMissing() {
        passes(new Story().sent(QUEUE, 0).deliveryInDoubt("c1", QUEUE, 0, null));
        fails("J1", new Story().sent(QUEUE, 0, 1).deliveryInDoubt("c1", QUEUE, 0, null));
    }

    @Test
    void j1ATopicSubscriberConnectedUntilTheEndGetsEverythingPublishedMeanwhile() {
        Story story = new Story()
                .sent(TOPIC, 0)
                .open("c1", AckMode.AUTO)
                .subscribed("c1", TOPIC)
                .sent(TOPIC, 1, 2)
                .delivered("c1", TOPIC, 1);
        fails("J1", story);
        passes(story.delivered("c1", TOPIC, 2));
    }

    @Test
    void j1EachSubscriptionHasItsOwnCopy() {
        fails(
                "J1",
                new Story()
                        .open("c1", AckMode.AUTO)
                        .subscribed("c1", TOPIC)
                        .open("c2", AckMode.AUTO)
                        .subscribed("c2", TOPIC)
                        .sent(TOPIC, 0)
                        .delivered("c1", TOPIC, 0));
    }

    @Test
    void j1WhatAnUnconnectedSubscriberMissedIsNotLost() {
        passes(new Story()
                .open("c1", AckMode.AUTO)
                .subscribed("c1", TOPIC)
                .sent(TOPIC, 0)
                .delivered("c1", TOPIC, 0)
                .sent(TOPIC, 1)
                .brokerKilled()
                .lost("c1")
                .sent(TOPIC, 2)
                .drained());
    }

    // J2

    @Test
    void j2NothingComesFromNowhere() {
        fails("J2", new Story().sent(QUEUE, 0).delivered("c1", QUEUE, 0, 7));
    }

    @Test
    void j2ARefusedSendIsNotDelivered() {
        fails(
                "J2",
                new Story()
                        .sendInvoked(QUEUE, 0, r -> r)
                        .add(Op.SEND, Phase.FAIL, r -> r.session("ps").mid(Story.mid(QUEUE, 0)))
                        .delivered("c1", QUEUE, 0));
    }

    @Test
    void j2ARolledBackSendIsNotDelivered() {
        fails(
                "J2",
                new Story()
                        .sent(QUEUE, 0, r -> r.tx("t1"))
                        .tx(Op.ROLLBACK, Phase.INVOKE, "ps", "t1")
                        .tx(Op.ROLLBACK, Phase.OK, "ps", "t1")
                        .delivered("c1", QUEUE, 0));
    }

    @Test
    void j2AnOpenTransactionIsInvisible() {
        fails(
                "J2",
                new Story()
                        .sent(QUEUE, 0, r -> r.tx("t1"))
                        .delivered("c1", QUEUE, 0)
                        .committed("ps", "t1"));
    }

    @Test
    void j2ASessionThatDiedBeforeItsCommitSentNothing() {
        fails(
                "J2",
                new Story()
                        .sent(QUEUE, 0, r -> r.tx("t1"))
                        .brokerKilled()
                        .lost("ps")
                        .delivered("c1", QUEUE, 0));
    }

    @Test
    void j2TheBodyArrivesAsItWasSent() {
        fails("J2", new Story().sent(QUEUE, 0).delivered("c1", QUEUE, 0, r -> r.bodyCrc(5)));
    }

    @Test
    void j2AMessageArrivesWhereItWasSent() {
        // the queue it was sent to has it too, so nothing is lost
        fails(
                "J2",
                new Story()
                        .sent(QUEUE, 0)
                        .delivered("c1", QUEUE, 0)
                        .delivered("c2", QUEUE, 0, r -> r.dest("queue:other")));
    }

    @Test
    void j2AnUndecidedSendMayArrive() {
        passes(new Story()
                .sent(QUEUE, 0, r -> r.tx("t1"))
                .tx(Op.COMMIT, Phase.INVOKE, "ps", "t1")
                .brokerKilled()
                .tx(Op.COMMIT, Phase.INFO, "ps", "t1")
                .lost("ps")
                .delivered("c1", QUEUE, 0));
    }

    // J3

    @Test
    void j3AnAcknowledgedMessageStaysGone() {
        fails(
                "J3",
                new Story()
                        .open("c1", AckMode.CLIENT)
                        .sent(QUEUE, 0)
                        .delivered("c1", QUEUE, 0)
                        .acknowledged("c1")
                        .brokerKilled()
                        .lost("c1")
                        .redelivered("c2", QUEUE, 0));
    }

    @Test
    void j3ACommittedConsumptionStaysGone() {
        fails(
                "J3",
                new Story()
                        .open("c1", AckMode.TRANSACTED)
                        .sent(QUEUE, 0)
                        .delivered("c1", QUEUE, 0, r -> r.tx("t1"))
                        .committed("c1", "t1")
                        .brokerKilled()
                        .redelivered("c2", QUEUE, 0));
    }

    @Test
    void j3WhatAnAutoAcknowledgeSessionConsumedStaysGoneAfterItsClose() {
        fails(
                "J3",
                new Story()
                        .open("c1", AckMode.AUTO)
                        .sent(QUEUE, 0)
                        .delivered("c1", QUEUE, 0)
                        .session(Op.CLOSE, Phase.INVOKE, "c1")
                        .session(Op.CLOSE, Phase.OK, "c1")
                        .brokerKilled()
                        .redelivered("c2", QUEUE, 0));
    }

    @Test
    void j3AnAcknowledgementInDoubtMayRepeat() {
        passes(new Story()
                .open("c1", AckMode.CLIENT)
                .sent(QUEUE, 0)
                .delivered("c1", QUEUE, 0)
                .session(Op.ACK, Phase.INVOKE, "c1")
                .brokerKilled()
                .session(Op.ACK, Phase.INFO, "c1")
                .lost("c1")
                .redelivered("c2", QUEUE, 0)
                .drained());
    }

    // J4

    private static Story killedAfterOne() {
        return new Story()
                .open("c1", AckMode.AUTO)
                .sent(QUEUE, 0)
                .delivered("c1", QUEUE, 0)
                .brokerKilled()
                .lost("c1");
    }

    @Test
    void j4ARedeliveryAfterACrashIsFlagged() {
        passes(killedAfterOne().redelivered("c2", QUEUE, 0));
        fails("J4", killedAfterOne().delivered("c2", QUEUE, 0));
    }

    @Test
    void j4TheCountOfARedeliveryIsAtLeastTwo() {
        fails("J4", killedAfterOne().delivered("c2", QUEUE, 0, r -> r.redelivered(true)));
        fails("J4", killedAfterOne().delivered("c2", QUEUE, 0, r -> r.deliveryCount(2)));
    }

    @Test
    void j4AFirstDeliveryMayBeFlaggedIfFlagAndCountAgree() {
        passes(new Story().sent(QUEUE, 0).redelivered("c1", QUEUE, 0));
        fails("J4", new Story().sent(QUEUE, 0).delivered("c1", QUEUE, 0, r -> r.redelivered(true)));
    }

    @Test
    void j4AfterADeliveryInDoubtEitherIsRight() {
        Story inDoubt = new Story().open("c1", AckMode.AUTO).sent(QUEUE, 0).deliveryInDoubt("c1", QUEUE, 0, null);
        int soFar = inDoubt.records.size();
        passes(inDoubt.delivered("c2", QUEUE, 0));
        inDoubt.records.subList(soFar, inDoubt.records.size()).clear();
        passes(inDoubt.redelivered("c2", QUEUE, 0));
        inDoubt.records.subList(soFar, inDoubt.records.size()).clear();
        fails("J4", inDoubt.delivered("c2", QUEUE, 0, r -> r.redelivered(true)));
    }

    // J5

    @Test
    void j5OnlyTheLastMessageOfAnAutoAcknowledgeSessionMayRepeat() {
        Story two = new Story()
                .open("c1", AckMode.AUTO)
                .sent(QUEUE, 0, 1)
                .delivered("c1", QUEUE, 0, 1)
                .brokerKilled()
                .lost("c1")
                .redelivered("c2", QUEUE, 1);
        passes(two);
        fails("J5", two.redelivered("c3", QUEUE, 0));
    }

    @Test
    void j5ASessionMayHaveALargerWindow() {
        passes(new Story()
                .add(
                        Op.OPEN,
                        Phase.OK,
                        r -> r.session("c1").ackMode(AckMode.AUTO).window(2))
                .sent(QUEUE, 0, 1)
                .delivered("c1", QUEUE, 0, 1)
                .brokerKilled()
                .lost("c1")
                .redelivered("c2", QUEUE, 0, 1));
    }

    @Test
    void j5NothingRepeatsWithoutAFailure() {
        fails(
                "J5",
                new Story()
                        .open("c1", AckMode.AUTO)
                        .sent(QUEUE, 0)
                        .delivered("c1", QUEUE, 0)
                        .redelivered("c2", QUEUE, 0));
    }

    @Test
    void j5WhatOneSessionHoldsAnotherDoesNotGet() {
        fails(
                "J5",
                new Story()
                        .open("c1", AckMode.CLIENT)
                        .sent(QUEUE, 0)
                        .delivered("c1", QUEUE, 0)
                        .redelivered("c2", QUEUE, 0));
    }

    @Test
    void j5TheBrokerMayNoticeABrokenConnectionFirst() {
        passes(new Story()
                .open("c1", AckMode.CLIENT)
                .sent(QUEUE, 0)
                .delivered("c1", QUEUE, 0)
                .redelivered("c2", QUEUE, 0)
                .lost("c1"));
    }

    @Test
    void j5AMessagePrefetchedAndConsumedWhileTheBrokerDiesMayRepeatInPlaceOfTheOneBefore() {
        Story story = new Story()
                .open("c1", AckMode.AUTO)
                .sent(QUEUE, 0, 1)
                .delivered("c1", QUEUE, 0)
                .brokerKilled()
                .delivered("c1", QUEUE, 1)
                .lost("c1")
                .redelivered("c2", QUEUE, 1);
        passes(story);
        fails("J5", story.redelivered("c3", QUEUE, 0));
    }

    @Test
    void j5ASessionThatSurvivesTwoFailuresHasAWindowForEach() {
        passes(new Story()
                .open("c1", AckMode.AUTO)
                .sent(QUEUE, 0, 1, 2)
                .delivered("c1", QUEUE, 0)
                .brokerKilled()
                .session(Op.RESUMED, Phase.OK, "c1")
                .redelivered("c1", QUEUE, 0)
                .delivered("c1", QUEUE, 1)
                .brokerKilled()
                .session(Op.RESUMED, Phase.OK, "c1")
                .redelivered("c1", QUEUE, 1)
                .delivered("c1", QUEUE, 2));
    }

    @Test
    void j5AKilledClientHasAWindowToo() {
        Story story = new Story()
                .open("c1", AckMode.AUTO)
                .sent(QUEUE, 0, 1)
                .delivered("c1", QUEUE, 0, 1)
                .add(Op.CLIENT_KILL, Phase.INFO, r -> r.proc("c"))
                .redelivered("c2", QUEUE, 1);
        passes(story);
        fails("J5", story.redelivered("c3", QUEUE, 0));
    }

    /** Message 0 was delivered before the kill was written down, 1 and 2 after it, all by the killed broker. */
    private static Story failedOverWithThreeInHand() {
        return new Story()
                .open("c1", AckMode.AUTO)
                .session(Op.RESUMED, Phase.INFO, "c1")
                .sent(QUEUE, 0, 1, 2)
                .delivered("c1", QUEUE, 0)
                .brokerKilled()
                .delivered("c1", QUEUE, 1, 2)
                .brokerStarted();
    }

    @Test
    void j5WhatWasInTheClientsHandsAtTheKillBelongsToTheKilledBroker() {
        passes(failedOverWithThreeInHand().redelivered("c2", QUEUE, 2));
        passes(failedOverWithThreeInHand().redelivered("c1", QUEUE, 2));
        fails("J5", failedOverWithThreeInHand().redelivered("c2", QUEUE, 1));
        fails("J5", failedOverWithThreeInHand().redelivered("c2", QUEUE, 0));
        fails("J5", failedOverWithThreeInHand().redelivered("c2", QUEUE, 2).redelivered("c3", QUEUE, 1));
    }

    @Test
    void j5WhatTheNextBrokerDeliversDoesNotRepeatBecauseOfTheFailureBefore() {
        fails(
                "J5",
                failedOverWithThreeInHand()
                        .sent(QUEUE, 3)
                        .delivered("c1", QUEUE, 3)
                        .redelivered("c2", QUEUE, 3));
        passes(failedOverWithThreeInHand()
                .sent(QUEUE, 3)
                .delivered("c1", QUEUE, 3)
                .brokerKilled()
                .brokerStarted()
                .redelivered("c2", QUEUE, 3));
    }

    // J6

    @Test
    void j6OneSendIsStoredOnce() {
        fails("J6", killedAfterOne().delivered("c2", QUEUE, 0, r -> r.jmsId("ID:another")));
    }

    // J7

    @Test
    void j7ASoleConsumerSeesTheOrderOfTheProducer() {
        fails(
                "J7",
                new Story()
                        .open("c1", AckMode.AUTO)
                        .subscribed("c1", QUEUE)
                        .sent(QUEUE, 0, 1)
                        .delivered("c1", QUEUE, 1, 0));
    }

    @Test
    void j7PrioritiesDeliveryModesAndCompetitorsMayOvertake() {
        passes(new Story().sent(QUEUE, 0).sent(QUEUE, 1, r -> r.priority(9)).delivered("c1", QUEUE, 1, 0));
        passes(new Story()
                .open("c1", AckMode.AUTO)
                .subscribed("c1", QUEUE)
                .open("c2", AckMode.AUTO)
                .subscribed("c2", QUEUE)
                .sent(QUEUE, 0, 1, 2)
                .delivered("c1", QUEUE, 1, 0)
                .delivered("c2", QUEUE, 2));
    }

    @Test
    void j7ARolledBackBlockIsReplayedInOrder() {
        Story rolledBack = new Story()
                .open("c1", AckMode.TRANSACTED)
                .subscribed("c1", QUEUE)
                .sent(QUEUE, 0, 1, 2)
                .delivered("c1", QUEUE, 0, r -> r.tx("t1"))
                .delivered("c1", QUEUE, 1, r -> r.tx("t1"))
                .tx(Op.ROLLBACK, Phase.INVOKE, "c1", "t1");
        int soFar = rolledBack.records.size();
        rolledBack
                .delivered("c1", QUEUE, 0, r -> r.tx("t2").redelivered(true).deliveryCount(2))
                .delivered("c1", QUEUE, 1, r -> r.tx("t2").redelivered(true).deliveryCount(2))
                .delivered("c1", QUEUE, 2, r -> r.tx("t2"))
                .committed("c1", "t2");
        passes(rolledBack);
        rolledBack.records.subList(soFar, rolledBack.records.size()).clear();
        rolledBack
                .delivered("c1", QUEUE, 1, r -> r.tx("t2").redelivered(true).deliveryCount(2))
                .delivered("c1", QUEUE, 0, r -> r.tx("t2").redelivered(true).deliveryCount(2))
                .delivered("c1", QUEUE, 2, r -> r.tx("t2"))
                .committed("c1", "t2");
        fails("J7", rolledBack);
    }

    /** Messages 1 and 2 come again, flagged, from the broker that is then killed: 2 is in the client's hands at the kill. */
    private static Story failedOverWithAReplayInHand() {
        return new Story()
                .open("c1", AckMode.CLIENT)
                .subscribed("c1", QUEUE)
                .session(Op.RESUMED, Phase.INFO, "c1")
                .sent(QUEUE, 0, 1, 2)
                .delivered("c1", QUEUE, 0, 1, 2)
                .session(Op.RECOVER, Phase.OK, "c1")
                .redelivered("c1", QUEUE, 0, 1)
                .brokerKilled()
                .redelivered("c1", QUEUE, 2);
    }

    @Test
    void j7WhatWasInTheClientsHandsAtTheKillIsReplayedByTheNextBroker() {
        passes(failedOverWithAReplayInHand()
                .brokerStarted()
                .redelivered("c1", QUEUE, 0, 1, 2)
                .acknowledged("c1"));
        passes(failedOverWithAReplayInHand()
                .session(Op.ACK, Phase.INVOKE, "c1")
                .session(Op.ACK, Phase.INFO, "c1")
                .brokerStarted()
                .redelivered("c1", QUEUE, 2)
                .acknowledged("c1"));
    }

    @Test
    void j7AFailureExcusesOneReplayAndOnlyByTheNextBroker() {
        fails(
                "J7",
                failedOverWithAReplayInHand()
                        .redelivered("c1", QUEUE, 1)
                        .brokerStarted()
                        .redelivered("c1", QUEUE, 0, 1, 2)
                        .acknowledged("c1"));
        fails("J7", failedOverWithAReplayInHand().brokerStarted().redelivered("c1", QUEUE, 0, 2, 1));
        fails(
                "J7",
                failedOverWithAReplayInHand()
                        .session(Op.ACK, Phase.INVOKE, "c1")
                        .session(Op.ACK, Phase.INFO, "c1")
                        .brokerStarted()
                        .redelivered("c1", QUEUE, 2)
                        .session(Op.ACK, Phase.INVOKE, "c1")
                        .session(Op.ACK, Phase.INFO, "c1")
                        .redelivered("c1", QUEUE, 2)
                        .acknowledged("c1"));
    }

    @Test
    void j7ADeliveryInDoubtHasNoPlaceInTheOrder() {
        Story inDoubt = new Story()
                .open("c1", AckMode.AUTO)
                .subscribed("c1", QUEUE)
                .sent(QUEUE, 0, 1, 2)
                .deliveryInDoubt("c1", QUEUE, 2, null);
        passes(inDoubt.delivered("c1", QUEUE, 0, 1));
        passes(inDoubt.redelivered("c1", QUEUE, 2));
    }

    @Test
    void j7ATopicSubscriberHasNoGapsEvenIfItDiesLater() {
        fails(
                "J7",
                new Story()
                        .open("c1", AckMode.AUTO)
                        .subscribed("c1", TOPIC)
                        .sent(TOPIC, 0, 1, 2)
                        .delivered("c1", TOPIC, 0, 2)
                        .brokerKilled()
                        .lost("c1")
                        .drained());
    }

    // J8

    private static Story undecided() {
        return new Story()
                .sent(QUEUE, 0, r -> r.tx("t1"))
                .sent("queue:other", 0, r -> r.tx("t1"))
                .tx(Op.COMMIT, Phase.INVOKE, "ps", "t1")
                .brokerKilled()
                .tx(Op.COMMIT, Phase.INFO, "ps", "t1")
                .lost("ps");
    }

    @Test
    void j8AnUndecidedTransactionHappensWhollyOrNotAtAll() {
        passes(undecided().drained());
        passes(undecided().delivered("c1", QUEUE, 0).delivered("c1", "queue:other", 0));
        fails("J8", undecided().delivered("c1", QUEUE, 0));
    }

    @Test
    void j8WhatAnUndecidedTransactionSentMayHaveBeenConsumedByADeliveryInDoubt() {
        passes(undecided().deliveryInDoubt("c1", "queue:other", 0, null).delivered("c2", QUEUE, 0));
        passes(undecided().deliveryInDoubt("c1", "queue:other", 0, null).drained());
        fails("J8", undecided().deliveryInDoubt("c1", QUEUE, 0, null).delivered("c2", QUEUE, 0));
    }

    private static Story undecidedConsumption() {
        return new Story()
                .open("c1", AckMode.TRANSACTED)
                .sent(QUEUE, 0, 1)
                .delivered("c1", QUEUE, 0, r -> r.tx("t1"))
                .delivered("c1", QUEUE, 1, r -> r.tx("t1"))
                .tx(Op.COMMIT, Phase.INVOKE, "c1", "t1")
                .brokerKilled()
                .lost("c1");
    }

    @Test
    void j8WhatAnUndecidedTransactionConsumedComesBackWhollyOrNotAtAll() {
        passes(undecidedConsumption());
        passes(undecidedConsumption().redelivered("c2", QUEUE, 0, 1));
        fails("J8", undecidedConsumption().redelivered("c2", QUEUE, 1));
    }

    /** Of messages 0 and 1, both consumed in t1, 1 may not have been there. */
    private static Story consumptionInDoubt() {
        return new Story()
                .open("c1", AckMode.TRANSACTED)
                .sent(QUEUE, 0, 1)
                .delivered("c1", QUEUE, 0, r -> r.tx("t1"))
                .deliveryInDoubt("c1", QUEUE, 1, "t1")
                .tx(Op.COMMIT, Phase.INVOKE, "c1", "t1")
                .brokerKilled()
                .lost("c1");
    }

    @Test
    void j8WhatATransactionConsumedByADeliveryInDoubtIsNotGoneButMayComeBack() {
        passes(consumptionInDoubt());
        passes(consumptionInDoubt().redelivered("c2", QUEUE, 0));
        passes(consumptionInDoubt().redelivered("c2", QUEUE, 0, 1));
        passes(consumptionInDoubt().redelivered("c2", QUEUE, 0).delivered("c2", QUEUE, 1));
        fails("J8", consumptionInDoubt().delivered("c2", QUEUE, 1));
    }

    // J9

    /** Branch t1 consumes 0 and sends 1; its prepare is confirmed, then everything dies. */
    private static Story prepared() {
        return new Story()
                .open("c1", AckMode.TRANSACTED)
                .open("ps", AckMode.TRANSACTED)
                .sent(QUEUE, 0)
                .delivered("c1", QUEUE, 0, r -> r.tx("t1"))
                .sent(QUEUE, 1, r -> r.tx("t1"))
                .tx(Op.PREPARE, Phase.INVOKE, "c1", "t1")
                .tx(Op.PREPARE, Phase.OK, "c1", "t1")
                .brokerKilled()
                .lost("c1");
    }

    private static Story scanned(Story story, String... listed) {
        for (String tx : listed) story.add(Op.XA_LISTED, Phase.OK, r -> r.tx(tx));
        return story.add(Op.XA_SCAN, Phase.OK, r -> r);
    }

    private static Story decided(Story story, Op decision, Phase outcome) {
        return story.add(decision, Phase.INVOKE, r -> r.tx("t1")).add(decision, outcome, r -> r.tx("t1"));
    }

    @Test
    void j9APreparedBranchIsListedAndThenDecided() {
        passes(decided(scanned(prepared(), "t1"), Op.COMMIT, Phase.OK)
                .delivered("c2", QUEUE, 1)
                .drained());
        passes(decided(scanned(prepared(), "t1"), Op.ROLLBACK, Phase.OK)
                .redelivered("c2", QUEUE, 0)
                .drained());
    }

    @Test
    void j7WhatARolledBackBranchHeldComesBackWhenItIsAnswered() {
        Story asked = scanned(prepared().sent(QUEUE, 2, 3), "t1")
                .add(Op.ROLLBACK, Phase.INVOKE, r -> r.tx("t1"))
                .redelivered("c2", QUEUE, 2);
        passes(asked.add(Op.ROLLBACK, Phase.OK, r -> r.tx("t1"))
                .redelivered("c2", QUEUE, 0, 3)
                .drained());
        Story early = decided(scanned(prepared().sent(QUEUE, 2, 3), "t1"), Op.ROLLBACK, Phase.OK);
        fails("J7", early.redelivered("c2", QUEUE, 2, 0, 3).drained());
    }

    @Test
    void j9AnUndecidedBranchIsListedExactlyOnce() {
        fails(
                "J9",
                decided(scanned(prepared()), Op.COMMIT, Phase.OK)
                        .delivered("c2", QUEUE, 1)
                        .drained());
        fails(
                "J9",
                decided(scanned(prepared(), "t1", "t1"), Op.COMMIT, Phase.OK)
                        .delivered("c2", QUEUE, 1)
                        .drained());
    }

    @Test
    void j9ABranchThatHasEndedIsNotListed() {
        Story committed = decided(scanned(prepared(), "t1"), Op.COMMIT, Phase.OK);
        passes(scanned(committed).delivered("c2", QUEUE, 1).drained());
        committed = decided(scanned(prepared(), "t1"), Op.COMMIT, Phase.OK);
        fails("J9", scanned(committed, "t1").delivered("c2", QUEUE, 1).drained());
    }

    @Test
    void j9WhatAPreparedBranchConsumedNobodyElseGets() {
        fails(
                "J9",
                decided(scanned(prepared().redelivered("c2", QUEUE, 0), "t1"), Op.ROLLBACK, Phase.OK)
                        .drained());
    }

    @Test
    void j9WhatAPreparedBranchSentNobodySees() {
        fails(
                "J2",
                decided(scanned(prepared().delivered("c2", QUEUE, 1), "t1"), Op.COMMIT, Phase.OK)
                        .drained());
    }

    @Test
    void j9ThePreparedBranchTakesItsDecision() {
        Story refused = decided(scanned(prepared(), "t1"), Op.COMMIT, Phase.FAIL);
        fails("J9", refused.redelivered("c2", QUEUE, 0).drained());
    }

    @Test
    void j9ADecisionThatWasLostIsRepeated() {
        Story repeated = decided(scanned(prepared(), "t1"), Op.COMMIT, Phase.INFO);
        passes(scanned(repeated, "t1")
                .add(Op.COMMIT, Phase.OK, r -> r.tx("t1"))
                .delivered("c2", QUEUE, 1)
                .drained());
    }

    @Test
    void j9NoPreparedBranchIsLeftInTheEnd() {
        fails("J9", scanned(prepared(), "t1").drained());
    }

    @Test
    void j9ADecidedCommitHasAllItsEffects() {
        fails("J1", decided(scanned(prepared(), "t1"), Op.COMMIT, Phase.OK).drained());
        fails(
                "J3",
                decided(scanned(prepared(), "t1"), Op.COMMIT, Phase.OK)
                        .delivered("c2", QUEUE, 1)
                        .redelivered("c2", QUEUE, 0)
                        .drained());
    }

    @Test
    void j9ARolledBackBranchHasNone() {
        fails(
                "J2",
                decided(scanned(prepared(), "t1"), Op.ROLLBACK, Phase.OK)
                        .redelivered("c2", QUEUE, 0)
                        .delivered("c2", QUEUE, 1)
                        .drained());
        fails("J1", decided(scanned(prepared(), "t1"), Op.ROLLBACK, Phase.OK).drained());
    }

    @Test
    void j9APrepareInDoubtMayGoEitherWay() {
        Story story = new Story()
                .open("c1", AckMode.TRANSACTED)
                .sent(QUEUE, 0)
                .delivered("c1", QUEUE, 0, r -> r.tx("t1"))
                .tx(Op.PREPARE, Phase.INVOKE, "c1", "t1")
                .brokerKilled()
                .lost("c1");
        passes(decided(scanned(story, "t1"), Op.ROLLBACK, Phase.OK)
                .redelivered("c2", QUEUE, 0)
                .drained());
        Story unprepared = new Story()
                .open("c1", AckMode.TRANSACTED)
                .sent(QUEUE, 0)
                .delivered("c1", QUEUE, 0, r -> r.tx("t1"))
                .tx(Op.PREPARE, Phase.INVOKE, "c1", "t1")
                .brokerKilled()
                .lost("c1");
        passes(scanned(unprepared).redelivered("c2", QUEUE, 0).drained());
    }

    // J10

    @Test
    void j10ADurableSubscriptionGetsWhatWasPublishedWhileItWasAway() {
        Story story = new Story()
                .open("c1", AckMode.AUTO)
                .add(
                        Op.SUBSCRIBE,
                        Phase.OK,
                        r -> r.session("c1").dest(TOPIC).sub("sub-c1").durable(true))
                .session(Op.CLOSE, Phase.INVOKE, "c1")
                .session(Op.CLOSE, Phase.OK, "c1")
                .sent(TOPIC, 0);
        fails("J10", story);
        passes(story.delivered("c2", TOPIC, 0, r -> r.sub("sub-c1")));
    }

    // J11

    @Test
    void j11NothingArrivesAfterItsExpiry() {
        Story story = new Story().sent(QUEUE, 0, r -> r.ttlMillis(50));
        fails("J11", story.pass(1000).delivered("c1", QUEUE, 0, r -> r.expirationMillis(51)));
    }

    @Test
    void j11WhatExpiredIsNotLostAndWhatDidNotExpireIs() {
        passes(new Story().sent(QUEUE, 0, r -> r.ttlMillis(50)).pass(1000).drained());
        fails(
                "J1",
                new Story().sent(QUEUE, 0, r -> r.ttlMillis(50_000)).pass(1000).drained());
    }

    // J12

    @Test
    void j12NothingArrivesEarly() {
        Story story = new Story().sent(QUEUE, 0, r -> r.delayMillis(500));
        fails("J12", story.delivered("c1", QUEUE, 0));
        passes(new Story().sent(QUEUE, 0, r -> r.delayMillis(500)).pass(600).delivered("c1", QUEUE, 0));
    }

    // J13

    @Test
    void j13AMessageIsDeadLetteredAfterItsAttemptsOnly() {
        Story story = new Story()
                .open("c1", AckMode.CLIENT)
                .sent(QUEUE, 0)
                .delivered("c1", QUEUE, 0)
                .session(Op.RECOVER, Phase.OK, "c1");
        fails("J13", story.delivered("c2", QUEUE, 0, r -> r.dest("queue:DLQ")));
    }

    @Test
    void j13ADeadLetterIsNowhereElse() {
        Story story = new Story().open("c1", AckMode.CLIENT).sent(QUEUE, 0);
        for (int attempt = 1; attempt <= 3; attempt++) {
            int count = attempt;
            story.delivered("c1", QUEUE, 0, r -> r.redelivered(count > 1).deliveryCount(count));
            story.session(Op.RECOVER, Phase.OK, "c1");
        }
        story.delivered("c2", QUEUE, 0, r -> r.dest("queue:DLQ"));
        passes(story);
        fails("J13", story.delivered("c1", QUEUE, 0, r -> r.redelivered(true).deliveryCount(4)));
    }

    // J14

    @Test
    void j14AGroupHasOneConsumerAtATime() {
        Story story = new Story()
                .open("c1", AckMode.CLIENT)
                .open("c2", AckMode.CLIENT)
                .subscribed("c1", QUEUE)
                .subscribed("c2", QUEUE)
                .sent(QUEUE, 0, 1)
                .delivered("c1", QUEUE, 0, r -> r.group("g"));
        int soFar = story.records.size();
        passes(story.acknowledged("c1").delivered("c2", QUEUE, 1, r -> r.group("g")));
        story.records.subList(soFar, story.records.size()).clear();
        fails("J14", story.delivered("c2", QUEUE, 1, r -> r.group("g")));
    }

    // J16

    @Test
    void j16ANonPersistentMessageIsLostOnlyWithABroker() {
        passes(new Story().sent(QUEUE, 0, r -> r.mode(Mode.NON_PERSISTENT)).brokerKilled());
        fails("J16", new Story().brokerKilled().sent(QUEUE, 0, r -> r.mode(Mode.NON_PERSISTENT)));
    }

    @Test
    void j16ANonPersistentMessageHasNoSecondLife() {
        fails(
                "J16",
                new Story()
                        .open("c1", AckMode.AUTO)
                        .sent(QUEUE, 0, r -> r.mode(Mode.NON_PERSISTENT))
                        .delivered("c1", QUEUE, 0)
                        .brokerKilled()
                        .lost("c1")
                        .redelivered("c2", QUEUE, 0));
    }

    @Test
    void j16WhatTheKilledBrokerStillDeliveredHasNoSecondLifeEither() {
        fails(
                "J16",
                new Story()
                        .open("c1", AckMode.AUTO)
                        .session(Op.RESUMED, Phase.INFO, "c1")
                        .sent(QUEUE, 0, r -> r.mode(Mode.NON_PERSISTENT))
                        .brokerKilled()
                        .delivered("c1", QUEUE, 0)
                        .brokerStarted()
                        .redelivered("c1", QUEUE, 0));
    }

    // J18

    @Test
    void j18ADamagedBodyIsNotDelivered() {
        fails(
                "J18",
                new Story()
                        .sent(QUEUE, 0)
                        .add(Op.DAMAGE, Phase.OK, r -> r.file("commitlog/0").offset(77))
                        .delivered("c1", QUEUE, 0, r -> r.bodyCrc(5)));
    }

    @Test
    void j18AReportNamesThePlace() {
        Verdict verdict = new Story()
                .add(Op.DAMAGE_REPORT, Phase.OK, r -> r.file("commitlog/0").note("something is wrong"))
                .verdict();
        assertThat(verdict.violatedInvariants()).containsExactly("J18");
    }

    @Test
    void j18AReportedLossIsLegalAndASilentOneIsNot() {
        Story story = new Story()
                .sent(QUEUE, 0)
                .add(Op.DAMAGE, Phase.OK, r -> r.file("commitlog/0").offset(77));
        fails("J1", story);
        Set<Mid> reported = Set.of(Story.mid(QUEUE, 0));
        Verdict verdict = story.verdict(CheckerSettings.defaults().withReportedDamaged(reported));
        assertThat(verdict.passed()).as(verdict.report()).isTrue();
        assertThat(verdict.counts().reportedLost()).isEqualTo(1);
        passes(story.add(
                Op.DAMAGE_REPORT,
                Phase.OK,
                r -> r.mid(Story.mid(QUEUE, 0)).file("commitlog/0").offset(64)));
    }

    // The verdict

    @Test
    void theVerdictShowsTheRecordsInvolved() {
        Verdict verdict = killedAfterOne().delivered("c2", QUEUE, 0).verdict();
        assertThat(verdict.violations().get(0).records())
                .extracting(HistoryRecord::op)
                .containsExactly(Op.SEND, Op.SEND, Op.DELIVER, Op.BROKER_KILL, Op.LOST, Op.DELIVER);
        assertThat(verdict.report()).contains("J4").contains("JMSRedelivered=false");
    }

    @Test
    void aHistoryThatWasNotDrainedIsNotJudgedForLosses() {
        Verdict verdict =
                new Story().sent(QUEUE, 0).verdict(CheckerSettings.defaults().withDrained(false));
        assertThat(verdict.passed()).isTrue();
    }
}
