package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.message.BranchId;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;

/** What open transactions have staged is bounded, for each client too, since the log and each of its heads keep it. */
class StagedLimitTest {
    private static final int IN_ONE = 100;
    private static final BranchId BRANCH = new BranchId(1, "b".getBytes(StandardCharsets.US_ASCII), new byte[0]);
    private static final BrokerSettings SETTINGS =
            SimulatedBroker.SETTINGS.with(new BrokerSettings.Limits(4096, 64 << 10, IN_ONE, 1 << 20, 10, 10, 10_000));

    private final SimulatedBroker broker =
            new SimulatedBroker(new SimulatedDisk(1), new SimulatedClock(), false, SETTINGS);
    private final SimulatedClient client = broker.connect();
    private final int orders = client.queue("orders");
    private final List<ErrorCode> answers = new ArrayList<>();

    @Test
    void aConnectionHasTheShareOfTwoTransactionsUntilOneHasEnded() {
        stage(client, 1, IN_ONE);
        stage(client, 2, IN_ONE);
        assertThat(answers).containsOnly(ErrorCode.OK);
        answers.clear();
        stage(client, 3, 1);
        assertThat(answers).containsExactly(ErrorCode.LIMIT_REACHED);
        assertThat(client.sendFailures)
                .last()
                .asString()
                .contains("this connection", "2 times limits.maxTransactionMessages");
        answers.clear();
        stage(broker.connect(), 1, IN_ONE);
        assertThat(answers).containsOnly(ErrorCode.OK);
        client.commit(1, List.of(), List.of(), reply -> assertThat(reply.code()).isEqualTo(ErrorCode.OK));
        broker.run();
        answers.clear();
        stage(client, 4, IN_ONE);
        assertThat(answers).containsOnly(ErrorCode.OK);
        client.consume(1, DestinationKind.QUEUE, "orders", "", 1000, reply -> {});
        broker.run();
        assertThat(client.deliveries).hasSize(IN_ONE);
    }

    @Test
    void bytesHaveSharesLikeMessages() {
        byte[] eighteenthOfOne = SimulatedClient.message(7, 1, new byte[3500], true, 4, 0);
        for (int i = 0; i < 36; i++) client.send(1 + i / 18, orders, eighteenthOfOne, answers::add);
        broker.run();
        assertThat(answers).containsOnly(ErrorCode.OK);
        answers.clear();
        client.send(3, orders, eighteenthOfOne, answers::add);
        broker.run();
        assertThat(answers).containsExactly(ErrorCode.LIMIT_REACHED);
    }

    @Test
    void theConnectionsOfAUserShareFiveTransactions() {
        for (int i = 0; i < 5; i++) stage(broker.connectAs("alice"), 1, IN_ONE);
        assertThat(answers).containsOnly(ErrorCode.OK);
        answers.clear();
        SimulatedClient sixth = broker.connectAs("alice");
        stage(sixth, 1, 1);
        assertThat(answers).containsExactly(ErrorCode.LIMIT_REACHED);
        assertThat(sixth.sendFailures).last().asString().contains("user 'alice'", "5 times");
        answers.clear();
        stage(broker.connectAs("bob"), 1, IN_ONE);
        assertThat(answers).containsOnly(ErrorCode.OK);
    }

    @Test
    void allTogetherHaveTheShareOfTen() {
        for (int i = 0; i < 10; i++) stage(broker.connect(), 1, IN_ONE);
        assertThat(answers).containsOnly(ErrorCode.OK);
        answers.clear();
        stage(broker.connect(), 1, 1);
        assertThat(answers).containsExactly(ErrorCode.LIMIT_REACHED);
    }

    @Test
    void aBranchBeyondTheShareIsRolledBackWithTheReason() {
        for (int transaction = 1; transaction <= 2; transaction++) stage(client, transaction, IN_ONE);
        List<Frames.Reply> replies = new ArrayList<>();
        client.startBranch(BRANCH, false, 50, 0, reply -> {});
        client.endBranch(BRANCH, 0, List.of(orders), List.of(message(1)), replies::add);
        broker.run();
        assertThat(replies.get(0).code()).isEqualTo(ErrorCode.XA_ROLLED_BACK);
        assertThat(replies.get(0).text()).contains("limits.maxTransactionMessages");
    }

    @Test
    void aPreparedBranchCountsUntilItIsDecided() {
        List<byte[]> most = new ArrayList<>();
        for (int i = 0; i < IN_ONE; i++) most.add(message(i));
        client.startBranch(BRANCH, false, 50, 0, reply -> {});
        client.endBranch(BRANCH, 0, Collections.nCopies(IN_ONE, orders), most, reply -> {});
        client.branch(
                FrameType.XA_PREPARE, BRANCH, reply -> assertThat(reply.code()).isEqualTo(ErrorCode.OK));
        broker.run();
        stage(client, 1, IN_ONE);
        stage(client, 2, 1);
        assertThat(answers).contains(ErrorCode.LIMIT_REACHED);
        client.commitBranch(BRANCH, false, reply -> assertThat(reply.code()).isEqualTo(ErrorCode.OK));
        broker.run();
        answers.clear();
        stage(client, 2, IN_ONE);
        assertThat(answers).containsOnly(ErrorCode.OK);
    }

    @Test
    void aTransactionOfWhichNothingIsTakenIsNotKept() {
        for (int transaction = 1; transaction <= 2; transaction++) stage(client, transaction, IN_ONE);
        for (int transaction = 3; transaction <= 50; transaction++) stage(client, transaction, 1);
        assertThat(broker.shard.connections().iterator().next().transactions()).hasSize(2);
    }

    @Test
    void aLostConnectionsTransactionsCountNoMore() {
        for (int i = 0; i < 20; i++) {
            SimulatedClient lost = broker.connect();
            for (int transaction = 1; transaction <= 2; transaction++) stage(lost, transaction, IN_ONE);
            lost.disconnect();
            broker.run();
        }
        assertThat(answers).hasSize(40 * IN_ONE).containsOnly(ErrorCode.OK);
        assertThat(broker.shard.shares().all().messages()).isZero();
        assertThat(broker.shard.shares().all().bytes()).isZero();
    }

    @Test
    void theReasonIsMadeOnceForAllThatAreRefusedInARow() {
        StagedShares shares = new StagedShares(SimulatedBroker.SETTINGS.limits());
        ClientConnection connection =
                SimulatedBroker.on(new SimulatedDisk(1), new SimulatedClock()).connect().connection;
        int most = (int) shares.mostMessages(StagedShares.OF_CONNECTION);
        shares.staged(connection, 1, most, 100);
        String reason = shares.over(connection, 1, 1);
        assertThat(reason).contains(most + " messages of 100 bytes");
        assertThat(shares.over(connection, 1, 1)).isSameAs(reason);
        shares.staged(connection, 1, 0, 7);
        assertThat(shares.over(connection, 1, 1)).contains("107 bytes");
    }

    private void stage(SimulatedClient client, int transaction, int messages) {
        int orders = client.queue("orders");
        for (int i = 0; i < messages; i++) client.send(transaction, orders, message(i), answers::add);
        broker.run();
    }

    private static byte[] message(int sequence) {
        return SimulatedClient.message(7, sequence, new byte[20], true, 4, 0);
    }
}
