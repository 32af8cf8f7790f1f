package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.larchmq.broker.settings.Authenticator;
import org.larchmq.message.BranchId;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.XaFrames;

/** Branches of distributed transactions in a shard: what is visible when, and what survives what (specification 6.2.8). */
class BranchesTest {
    private static final BranchId A = new BranchId(1, new byte[] {1}, new byte[] {1});
    private static final BranchId B = new BranchId(1, new byte[] {1}, new byte[] {2});

    private SimulatedDisk disk = new SimulatedDisk(1);
    private final SimulatedClock clock = new SimulatedClock();
    private final List<ErrorCode> codes = new ArrayList<>();
    private SimulatedBroker broker;
    private SimulatedClient client;
    private int in;
    private int out;
    private long transactionIds;

    @BeforeEach
    void start() {
        broker = SimulatedBroker.on(disk, clock);
        client = broker.connect();
        in = client.queue("in");
        out = client.queue("out");
    }

    private void crash() {
        disk = disk.afterPowerLoss();
        start();
    }

    private void restart() {
        client.disconnect();
        broker.stop();
        disk = disk.afterProcessDeath();
        start();
    }

    private static byte[] message(long sequence, boolean persistent) {
        return SimulatedClient.message(1, sequence, new byte[] {(byte) sequence}, persistent, 4, 0);
    }

    private void sendIn(long sequence, boolean persistent) {
        client.send(in, message(sequence, persistent), code -> assertThat(code).isEqualTo(ErrorCode.OK));
        broker.run();
    }

    private void consumeIn(SimulatedClient by) {
        by.consume(1, DestinationKind.QUEUE, "in", "", 10, reply -> {});
        broker.run();
    }

    private void note(Frames.Reply reply) {
        codes.add(reply.code());
    }

    private ErrorCode lastCode() {
        broker.run();
        return codes.get(codes.size() - 1);
    }

    /** Consumes what the consumer 1 has, sends message 100 to the queue "out", ends. */
    private ErrorCode work(SimulatedClient by, BranchId id) {
        by.startBranch(id, false, ++transactionIds, 0, this::note);
        if (lastCode() != ErrorCode.OK) return lastCode();
        long[][] ranges = by.deliveries.stream()
                .map(d -> new long[] {d.consumerId(), d.sequence(), 1})
                .toArray(long[][]::new);
        by.deliveries.clear();
        by.endBranch(id, 0, List.of(out), List.of(message(100, true)), this::note, ranges);
        return lastCode();
    }

    private ErrorCode prepare(SimulatedClient by, BranchId id) {
        by.branch(FrameType.XA_PREPARE, id, this::note);
        return lastCode();
    }

    private ErrorCode commit(SimulatedClient by, BranchId id, boolean onePhase) {
        by.commitBranch(id, onePhase, this::note);
        return lastCode();
    }

    private ErrorCode rollback(SimulatedClient by, BranchId id) {
        by.branch(FrameType.XA_ROLLBACK, id, this::note);
        return lastCode();
    }

    private ErrorCode forget(SimulatedClient by, BranchId id) {
        by.branch(FrameType.XA_FORGET, id, this::note);
        return lastCode();
    }

    private List<BranchId> recover(SimulatedClient by) {
        List<BranchId> found = new ArrayList<>();
        by.recoverBranches(found::addAll);
        broker.run();
        return found;
    }

    /** What a new consumer gets of a queue now: "sequence" or "sequence!" when redelivered; it gives all of it back. */
    private List<String> waiting(String queue) {
        SimulatedClient looker = broker.connect();
        looker.consume(1, DestinationKind.QUEUE, queue, "", 100, reply -> {});
        broker.run();
        List<String> seen = looker.deliveries.stream()
                .map(d -> d.messageSequence() + (d.redelivered() ? "!" : ""))
                .toList();
        if (!seen.isEmpty()) looker.giveBack(false, reply -> {}, new long[] {1, 1, seen.size()});
        looker.disconnect();
        broker.run();
        return seen;
    }

    private void prepared() {
        sendIn(1, true);
        sendIn(2, true);
        consumeIn(client);
        assertThat(work(client, A)).isEqualTo(ErrorCode.OK);
        assertThat(prepare(client, A)).isEqualTo(ErrorCode.OK);
    }

    @Test
    void aPreparedBranchShowsNothingUntilItCommits() {
        prepared();
        assertThat(waiting("out")).isEmpty();
        assertThat(waiting("in")).isEmpty();
        assertThat(recover(client)).containsExactly(A);
        assertThat(commit(client, A, false)).isEqualTo(ErrorCode.OK);
        assertThat(waiting("out")).containsExactly("100");
        assertThat(waiting("in")).isEmpty();
        assertThat(recover(client)).isEmpty();
        assertThat(commit(client, A, false)).isEqualTo(ErrorCode.XA_UNKNOWN);
    }

    @Test
    void aPreparedBranchSurvivesTheEndOfItsConnectionACrashAndAnOrderlyStop() {
        prepared();
        client.disconnect();
        broker.run();
        client = broker.connect();
        assertThat(waiting("in")).isEmpty();
        crash();
        assertThat(recover(client)).containsExactly(A);
        assertThat(waiting("in")).isEmpty();
        restart();
        assertThat(recover(client)).containsExactly(A);
        assertThat(waiting("in")).isEmpty();
        assertThat(waiting("out")).isEmpty();
        assertThat(commit(client, A, false)).isEqualTo(ErrorCode.OK);
        crash();
        assertThat(recover(client)).isEmpty();
        assertThat(waiting("in")).isEmpty();
        assertThat(waiting("out")).containsExactly("100");
    }

    @Test
    void aRolledBackBranchGivesBackWhatItConsumedInOrderAsRedelivered() {
        prepared();
        restart();
        sendIn(3, true);
        assertThat(rollback(client, A)).isEqualTo(ErrorCode.OK);
        assertThat(waiting("in")).containsExactly("1!", "2!", "3");
        crash();
        assertThat(waiting("in").subList(0, 2)).containsExactly("1!", "2!");
        assertThat(waiting("out")).isEmpty();
        assertThat(rollback(client, A)).isEqualTo(ErrorCode.XA_UNKNOWN);
    }

    @Test
    void aPreparedBranchSurvivesTheLossOfTheCatalog() {
        prepared();
        broker.advance(1000); // a checkpoint
        for (int i = 0; i < 3000; i++) client.send(out, message(1000 + i, true), code -> {});
        broker.run();
        disk = disk.afterProcessDeath();
        disk.list("catalog").forEach(name -> disk.delete("catalog/" + name));
        start();
        assertThat(recover(client)).containsExactly(A);
        assertThat(waiting("in")).isEmpty();
        assertThat(rollback(client, A)).isEqualTo(ErrorCode.OK);
        assertThat(waiting("in")).containsExactly("1!", "2!");
    }

    @Test
    void whatARollbackGivesBackTooOftenIsADeadLetter() {
        sendIn(1, true);
        for (int attempt = 1; attempt <= 4; attempt++) {
            SimulatedClient worker = broker.connect();
            consumeIn(worker);
            assertThat(worker.deliveries).hasSize(1);
            assertThat(worker.deliveries.get(0).count()).isEqualTo(attempt);
            assertThat(work(worker, A)).isEqualTo(ErrorCode.OK);
            assertThat(prepare(worker, A)).isEqualTo(ErrorCode.OK);
            worker.disconnect();
            assertThat(rollback(client, A)).isEqualTo(ErrorCode.OK);
        }
        assertThat(waiting("in")).isEmpty();
        assertThat(waiting("DLQ")).containsExactly("1");
    }

    @Test
    void aNonPersistentMessageThatAPreparedBranchConsumedDoesNotComeBackAfterAStop() {
        sendIn(1, false);
        consumeIn(client);
        assertThat(work(client, A)).isEqualTo(ErrorCode.OK);
        assertThat(prepare(client, A)).isEqualTo(ErrorCode.OK);
        restart();
        assertThat(waiting("in")).isEmpty();
        assertThat(rollback(client, A)).isEqualTo(ErrorCode.OK);
        assertThat(waiting("in")).containsExactly("1!");
    }

    @Test
    void anUnpreparedBranchEndsWithItsConnection() {
        sendIn(1, true);
        consumeIn(client);
        assertThat(work(client, A)).isEqualTo(ErrorCode.OK);
        assertThat(waiting("in")).isEmpty();
        client.disconnect();
        broker.run();
        client = broker.connect();
        assertThat(waiting("in")).containsExactly("1!");
        assertThat(waiting("out")).isEmpty();
        assertThat(prepare(client, A)).isEqualTo(ErrorCode.XA_UNKNOWN);
        assertThat(rollback(client, A)).isEqualTo(ErrorCode.XA_UNKNOWN);
        assertThat(recover(client)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void onlyTheLastMessageThatALostBranchReceivedCountsAsAnAttempt(boolean persistent) {
        for (int sequence = 1; sequence <= 5; sequence++) sendIn(sequence, persistent);
        for (int attempt = 1; attempt <= 4; attempt++) {
            SimulatedClient worker = broker.connect();
            worker.queue("out");
            consumeIn(worker);
            assertThat(worker.deliveries).hasSize(5);
            assertThat(work(worker, A)).isEqualTo(ErrorCode.OK);
            assertThat(waiting("in")).isEmpty();
            worker.disconnect();
            broker.run();
        }
        assertThat(waiting("in")).containsExactly("1!", "2!", "3!", "4!");
        assertThat(waiting("DLQ")).containsExactly("5");
    }

    @Test
    void onePhaseCommitsAnUnpreparedBranchOnly() {
        sendIn(1, true);
        consumeIn(client);
        assertThat(work(client, A)).isEqualTo(ErrorCode.OK);
        assertThat(commit(client, A, false)).isEqualTo(ErrorCode.XA_PROTOCOL);
        assertThat(commit(client, A, true)).isEqualTo(ErrorCode.OK);
        crash();
        assertThat(waiting("in")).isEmpty();
        assertThat(waiting("out")).containsExactly("100");
        assertThat(work(client, B)).isEqualTo(ErrorCode.OK);
        assertThat(prepare(client, B)).isEqualTo(ErrorCode.OK);
        assertThat(commit(client, B, true)).isEqualTo(ErrorCode.XA_PROTOCOL);
        assertThat(prepare(client, B)).isEqualTo(ErrorCode.XA_PROTOCOL);
    }

    @Test
    void anotherConnectionJoinsTheWorkAndEndsIt() {
        sendIn(1, true);
        consumeIn(client);
        SimulatedClient other = broker.connect();
        assertThat(work(client, A)).isEqualTo(ErrorCode.OK);
        other.startBranch(A, true, 1, 0, this::note);
        assertThat(lastCode()).isEqualTo(ErrorCode.OK);
        other.send(1, out, message(101, true), code -> {}); // staged for the branch
        assertThat(prepare(client, A)).isEqualTo(ErrorCode.XA_PROTOCOL);
        other.endBranch(A, 0, List.of(out), List.of(message(102, true)), this::note);
        assertThat(lastCode()).isEqualTo(ErrorCode.OK);
        assertThat(prepare(other, A)).isEqualTo(ErrorCode.OK);
        assertThat(commit(other, A, false)).isEqualTo(ErrorCode.OK);
        assertThat(waiting("out")).containsExactly("100", "101", "102");
        assertThat(waiting("in")).isEmpty();
    }

    @Test
    void aJoinedBranchEndsWithTheFirstOfItsConnections() {
        SimulatedClient other = broker.connect();
        assertThat(work(client, A)).isEqualTo(ErrorCode.OK);
        other.startBranch(A, true, 1, 0, this::note);
        other.endBranch(A, 0, List.of(), List.of(), this::note);
        assertThat(lastCode()).isEqualTo(ErrorCode.OK);
        client.disconnect();
        assertThat(prepare(other, A)).isEqualTo(ErrorCode.XA_ROLLED_BACK);
        assertThat(waiting("out")).isEmpty();
    }

    @Test
    void theIdOfABranchIsUsedOnce() {
        assertThat(work(client, A)).isEqualTo(ErrorCode.OK);
        assertThat(work(client, A)).isEqualTo(ErrorCode.XA_DUPLICATE);
        assertThat(prepare(client, A)).isEqualTo(ErrorCode.OK);
        crash();
        assertThat(work(client, A)).isEqualTo(ErrorCode.XA_DUPLICATE);
        client.startBranch(B, true, 77, 0, this::note);
        assertThat(lastCode()).isEqualTo(ErrorCode.XA_UNKNOWN);
    }

    @Test
    void aBranchWithoutWorkIsReadOnly() {
        List<Long> values = new ArrayList<>();
        client.startBranch(A, false, 1, 0, this::note);
        client.endBranch(A, 0, List.of(), List.of(), this::note);
        client.branch(FrameType.XA_PREPARE, A, reply -> values.add(reply.value()));
        broker.run();
        assertThat(values).containsExactly(XaFrames.READ_ONLY);
        assertThat(recover(client)).isEmpty();
        assertThat(commit(client, A, false)).isEqualTo(ErrorCode.XA_UNKNOWN);
    }

    @Test
    void aBranchWhoseWorkFailedCanOnlyBeRolledBack() {
        sendIn(1, true);
        consumeIn(client);
        client.startBranch(A, false, 1, 0, this::note);
        client.endBranch(A, XaFrames.FAIL, List.of(), List.of(), this::note, new long[] {1, 1, 1});
        broker.run();
        assertThat(prepare(client, A)).isEqualTo(ErrorCode.XA_ROLLED_BACK);
        client.disconnect();
        assertThat(waiting("in")).containsExactly("1!");
    }

    @Test
    void aBranchThatTakesTooLongIsRolledBack() {
        client.startBranch(A, false, 1, 1000, this::note);
        client.endBranch(A, 0, List.of(out), List.of(message(1, true)), this::note);
        broker.advance(900);
        assertThat(lastCode()).isEqualTo(ErrorCode.OK);
        broker.advance(500);
        assertThat(prepare(client, A)).isEqualTo(ErrorCode.XA_ROLLED_BACK);
        assertThat(waiting("out")).isEmpty();
        assertThat(rollback(client, A)).isEqualTo(ErrorCode.XA_UNKNOWN);
    }

    @Test
    void aPreparedBranchHasAllTheTimeItNeeds() {
        client.startBranch(A, false, 1, 1000, this::note);
        client.endBranch(A, 0, List.of(out), List.of(message(1, true)), this::note);
        assertThat(prepare(client, A)).isEqualTo(ErrorCode.OK);
        broker.advance(5000);
        assertThat(commit(client, A, false)).isEqualTo(ErrorCode.OK);
        assertThat(waiting("out")).containsExactly("1");
    }

    @Test
    void anAdministratorsDecisionIsRememberedUntilItIsForgotten() {
        prepared();
        client.disconnect();
        client = broker.connect();
        SimulatedClient operator = broker.connectAs(Authenticator.OPERATOR);
        client.admin("transactions rollback " + A, this::note);
        assertThat(lastCode()).isEqualTo(ErrorCode.AUTHORIZATION);
        List<String> list = new ArrayList<>();
        operator.admin("transactions list", reply -> list.add(reply.name()));
        operator.admin("transactions rollback " + A, this::note);
        assertThat(lastCode()).isEqualTo(ErrorCode.OK);
        assertThat(list.get(0)).contains(A.toString(), "prepared", "sends 1, consumes 2");
        assertThat(waiting("in")).containsExactly("1!", "2!");
        crash();
        assertThat(recover(client)).containsExactly(A);
        List<Long> values = new ArrayList<>();
        client.commitBranch(A, false, reply -> {
            note(reply);
            values.add(reply.value());
        });
        assertThat(lastCode()).isEqualTo(ErrorCode.XA_HEURISTIC);
        assertThat(values).containsExactly(XaFrames.ROLLED_BACK);
        assertThat(forget(client, A)).isEqualTo(ErrorCode.OK);
        assertThat(forget(client, A)).isEqualTo(ErrorCode.XA_UNKNOWN);
        crash();
        assertThat(recover(client)).isEmpty();
        assertThat(waiting("in").subList(0, 2)).containsExactly("1!", "2!");
    }

    @Test
    void aPreparedBranchIsOnlyForWhoPreparedIt() {
        SimulatedClient alice = broker.connectAs("alice");
        assertThat(work(alice, A)).isEqualTo(ErrorCode.OK);
        assertThat(prepare(alice, A)).isEqualTo(ErrorCode.OK);
        SimulatedClient bob = broker.connectAs("bob");
        assertThat(recover(bob)).isEmpty();
        assertThat(recover(client)).isEmpty();
        assertThat(commit(bob, A, false)).isEqualTo(ErrorCode.XA_UNKNOWN);
        assertThat(rollback(bob, A)).isEqualTo(ErrorCode.XA_UNKNOWN);
        assertThat(recover(broker.connectAs(Authenticator.OPERATOR))).containsExactly(A);
        crash();
        alice = broker.connectAs("alice");
        assertThat(recover(alice)).containsExactly(A);
        assertThat(commit(alice, A, false)).isEqualTo(ErrorCode.OK);
    }

    @Test
    void aLocalCommitDoesNotTouchWhatIsStagedForABranch() {
        client.startBranch(A, false, 5, 0, this::note);
        client.send(5, out, message(1, true), code -> {});
        client.commit(5, List.of(), List.of(), this::note);
        assertThat(lastCode()).isEqualTo(ErrorCode.ILLEGAL_STATE);
        client.endBranch(A, 0, List.of(), List.of(), this::note);
        assertThat(prepare(client, A)).isEqualTo(ErrorCode.OK);
        assertThat(commit(client, A, false)).isEqualTo(ErrorCode.OK);
        assertThat(waiting("out")).containsExactly("1");
    }

    @Test
    void whatABranchSentToATemporaryQueueGoesWithItsProcess() {
        int temporary = client.handle(DestinationKind.TEMPORARY_QUEUE, "");
        client.startBranch(A, false, 5, 0, this::note);
        client.endBranch(A, 0, List.of(temporary), List.of(message(1, true)), this::note);
        assertThat(prepare(client, A)).isEqualTo(ErrorCode.OK);
        crash();
        for (int i = 0; i < 5; i++) client.queue("new" + i); // one of them gets the number
        assertThat(commit(client, A, false)).isEqualTo(ErrorCode.OK);
        for (int i = 0; i < 5; i++) assertThat(waiting("new" + i)).isEmpty();
    }

    @Test
    void aScanHasMorePagesThanOne() {
        List<BranchId> all = new ArrayList<>();
        for (int i = 0; i < 1201; i++) {
            BranchId id = new BranchId(7, new byte[] {(byte) (i >> 8), (byte) i}, new byte[0]);
            client.startBranch(id, false, 1000 + i, 0, this::note);
            client.endBranch(id, 0, List.of(out), List.of(message(i, true)), this::note);
            client.branch(FrameType.XA_PREPARE, id, this::note);
            all.add(id);
        }
        broker.run();
        assertThat(recover(client)).containsExactlyElementsOf(all);
        crash();
        assertThat(recover(client)).containsExactlyElementsOf(all);
    }

    @Test
    void aLargeBranchIsRememberedWhenTheLogGoesOn() {
        client.startBranch(A, false, 5, 0, this::note);
        for (int i = 0; i < 3000; i++) client.send(5, out, message(i, true), code -> {});
        client.endBranch(A, 0, List.of(), List.of(), this::note);
        assertThat(prepare(client, A)).isEqualTo(ErrorCode.OK);
        for (int i = 0; i < 200; i++) {
            client.send(in, SimulatedClient.message(1, i, new byte[20_000], true, 4, 0), code -> {});
            broker.advance(5);
        }
        disk = disk.afterProcessDeath();
        disk.list("catalog").forEach(name -> disk.delete("catalog/" + name));
        start();
        assertThat(commit(client, A, false)).isEqualTo(ErrorCode.OK);
        SimulatedClient looker = broker.connect();
        looker.consume(1, DestinationKind.QUEUE, "out", "", 10_000, reply -> {});
        broker.run();
        assertThat(looker.deliveries).hasSize(3000);
    }
}
