package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.BranchId;
import org.larchmq.wire.DestinationKind;
import org.larchmq.wire.ErrorCode;
import org.larchmq.wire.Frames;

/** What all open transactions together have staged is bounded, since the log and each of its heads keep it. */
class StagedLimitTest {
    private static final int IN_ONE = 100;
    private static final BrokerSettings SETTINGS =
            SimulatedBroker.SETTINGS.with(new BrokerSettings.Limits(4096, 1 << 20, IN_ONE, 1 << 20, 10, 10, 10_000));

    private final SimulatedBroker broker =
            new SimulatedBroker(new SimulatedDisk(1), new SimulatedClock(), false, SETTINGS);
    private final SimulatedClient client = broker.connect();
    private final int orders = client.queue("orders");
    private final List<ErrorCode> answers = new ArrayList<>();

    @Test
    void transactionsBeyondTenOfTheLargestAreRefusedUntilSomeHaveEnded() {
        for (int transaction = 1; transaction <= 10; transaction++) stage(transaction, IN_ONE);
        assertThat(answers).containsOnly(ErrorCode.OK);
        answers.clear();
        stage(11, 1);
        assertThat(answers).containsExactly(ErrorCode.LIMIT_REACHED);
        client.commit(1, List.of(), List.of(), reply -> assertThat(reply.code()).isEqualTo(ErrorCode.OK));
        broker.run();
        answers.clear();
        stage(12, IN_ONE);
        assertThat(answers).containsOnly(ErrorCode.OK);
        client.consume(1, DestinationKind.QUEUE, "orders", "", 1000, reply -> {});
        broker.run();
        assertThat(client.deliveries).hasSize(IN_ONE);
    }

    @Test
    void aBranchBeyondThemIsRolledBackWithTheReason() {
        for (int transaction = 1; transaction <= 10; transaction++) stage(transaction, IN_ONE);
        BranchId id = new BranchId(1, "b".getBytes(StandardCharsets.US_ASCII), new byte[0]);
        List<Frames.Reply> replies = new ArrayList<>();
        client.startBranch(id, false, 50, 0, reply -> {});
        client.endBranch(id, 0, List.of(orders), List.of(message(1)), replies::add);
        broker.run();
        assertThat(replies.get(0).code()).isEqualTo(ErrorCode.XA_ROLLED_BACK);
        assertThat(replies.get(0).text()).contains("limits.maxTransactionMessages");
    }

    @Test
    void aLostConnectionsTransactionsCountNoMore() {
        SimulatedClient lost = broker.connect();
        for (int transaction = 1; transaction <= 10; transaction++) {
            for (int i = 0; i < IN_ONE; i++) lost.send(transaction, orders, message(i), code -> {});
        }
        lost.disconnect();
        broker.run();
        stage(1, IN_ONE);
        assertThat(answers).isEqualTo(Collections.nCopies(IN_ONE, ErrorCode.OK));
    }

    private void stage(int transaction, int messages) {
        for (int i = 0; i < messages; i++) client.send(transaction, orders, message(i), answers::add);
        broker.run();
    }

    private static byte[] message(int sequence) {
        return SimulatedClient.message(7, sequence, new byte[20], true, 4, 0);
    }
}
