package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.shard.SimulatedClient.Delivery;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Frames.TransactionOutcome;

/** What a client that reconnects may rely on: one send is one message (6.2.12), and a commit's outcome can be asked for. */
class ReconnectTest {
    private static final long PRODUCER = 7;

    private final SimulatedClock clock = new SimulatedClock();
    private SimulatedDisk disk = new SimulatedDisk(1);
    private SimulatedBroker broker = SimulatedBroker.on(disk, clock);
    private SimulatedClient client;
    private long position;
    private int orders;
    private final List<ErrorCode> receipts = new ArrayList<>();
    private final List<Frames.Reply> replies = new ArrayList<>();

    @BeforeEach
    void connect() {
        client = client == null ? broker.connect() : broker.connectAgain(client);
        position = broker.shard.position();
        orders = client.queue("orders");
    }

    private static byte[] message(long sequence, boolean persistent) {
        return SimulatedClient.tracked(
                SimulatedClient.message(PRODUCER, sequence, new byte[] {(byte) sequence}, persistent, 4, 0));
    }

    private void send(long sequence, boolean persistent) {
        client.send(orders, message(sequence, persistent), receipts::add);
        broker.run();
    }

    private void resend(long sentSince, long sequence, boolean persistent) {
        client.resend(sentSince, orders, message(sequence, persistent), receipts::add);
        broker.run();
    }

    private void reconnect() {
        client.disconnect();
        broker.run();
        connect();
    }

    private void restartAfterDeath() {
        disk = disk.afterProcessDeath();
        broker = SimulatedBroker.on(disk, clock);
        connect();
    }

    private void restartInOrder() {
        client.disconnect();
        broker.stop();
        broker = SimulatedBroker.on(disk, clock);
        connect();
    }

    private List<Long> stored() {
        client.consume(99, DestinationKind.QUEUE, "orders", "", 1000, replies::add);
        broker.run();
        return client.deliveries.stream().map(Delivery::messageSequence).toList();
    }

    @Test
    void aSendThatIsRepeatedAfterAReconnectIsStoredOnce_6_2_12() {
        long since = position;
        send(1, true);
        send(2, true);
        reconnect();
        resend(since, 2, true);
        resend(since, 3, true);
        assertThat(receipts).containsOnly(ErrorCode.OK).hasSize(4);
        assertThat(stored()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void aSendThatWasRefusedIsNotStoredBehindLaterOnes_6_2_9() {
        long since = position;
        send(1, true);
        send(3, true);
        reconnect();
        resend(since, 2, true);
        resend(since, 3, true);
        resend(since, 4, true);
        assertThat(receipts)
                .as("2 is neither stored nor taken for stored")
                .containsExactly(ErrorCode.OK, ErrorCode.OK, ErrorCode.REFUSED_BEFORE, ErrorCode.OK, ErrorCode.OK);
        assertThat(stored()).containsExactly(1L, 3L, 4L);
        restartAfterDeath();
        resend(since, 2, true);
        assertThat(receipts).last().isEqualTo(ErrorCode.REFUSED_BEFORE);
    }

    @Test
    void aRepeatedSendIsStoredOnceAlsoAfterTheDeathOfTheBrokerAndAfterAnOrderlyStop() {
        long since = position;
        send(1, true);
        restartAfterDeath();
        resend(since, 1, true);
        resend(since, 2, true);
        restartInOrder();
        resend(since, 1, true);
        resend(since, 2, true);
        assertThat(receipts).containsOnly(ErrorCode.OK).hasSize(5);
        assertThat(stored()).containsExactly(1L, 2L);
    }

    /** Its owner makes it again after a reconnect; until then what is sent to it is refused, and sent again behind others. */
    @Test
    void aReplyWhoseDestinationWasNotThereYetIsStoredBehindMessagesToOthers() {
        long since = position;
        SimulatedClient requester = broker.connect();
        requester.open(DestinationKind.TEMPORARY_QUEUE, "", replies::add);
        broker.run();
        int handle = (int) replies.get(0).value();
        send(2, true);
        client.resend(since, handle, message(1, true), receipts::add);
        broker.run();
        assertThat(receipts).containsOnly(ErrorCode.OK).hasSize(2);
    }

    @Test
    void aNonPersistentMessageIsNotStoredTwiceWhileTheBrokerLives_7_7() {
        long since = position;
        send(1, false);
        reconnect();
        resend(since, 1, false);
        resend(since, 2, false);
        assertThat(stored()).containsExactly(1L, 2L);
    }

    /** At most once: it may have been delivered before the broker died. */
    @Test
    void aNonPersistentMessageIsNotStoredAgainAfterTheDeathOfTheBroker_7_7() {
        long since = position;
        send(1, false);
        restartAfterDeath();
        resend(since, 1, false);
        send(2, false);
        assertThat(receipts).containsOnly(ErrorCode.OK).hasSize(3);
        assertThat(stored()).containsExactly(2L);
    }

    @Test
    void aCommitWhoseAnswerWasLostIsKnownAfterTheDeathOfTheBroker_6_2_7() {
        long since = position;
        commit(5);
        restartAfterDeath();
        assertThat(outcome(5, since)).isEqualTo(TransactionOutcome.COMMITTED);
        commit(6);
        assertThat(outcome(5, since)).isEqualTo(TransactionOutcome.FORGOTTEN);
        assertThat(outcome(6, since)).isEqualTo(TransactionOutcome.COMMITTED);
        assertThat(stored()).containsExactly(5L, 6L);
    }

    @Test
    void aCommitIsKnownFromTheCheckpointAlone() {
        long since = position;
        commit(5);
        restartInOrder();
        assertThat(outcome(5, since)).isEqualTo(TransactionOutcome.COMMITTED);
    }

    @Test
    void whatWasSaidNotToBeCommittedNeverIs() {
        SimulatedClient dead = client;
        long since = position;
        client = broker.connect();
        assertThat(outcome(5, since)).isEqualTo(TransactionOutcome.NOT_COMMITTED);
        client = dead; // its frames are still on the way
        commit(5);
        assertThat(replies.get(replies.size() - 1).code()).isEqualTo(ErrorCode.TRANSACTION_UNKNOWN);
        restartAfterDeath();
        commit(5);
        assertThat(replies.get(replies.size() - 1).code()).isEqualTo(ErrorCode.TRANSACTION_UNKNOWN);
        assertThat(outcome(5, since)).isEqualTo(TransactionOutcome.NOT_COMMITTED);
        assertThat(stored()).isEmpty();
        commit(6);
        assertThat(replies.get(replies.size() - 1).code()).isEqualTo(ErrorCode.OK);
    }

    private void commit(long number) {
        client.commit(PRODUCER, number, List.of(orders), List.of(message(number, true)), replies::add);
        broker.run();
    }

    private long outcome(long number, long since) {
        client.outcome(PRODUCER, number, since, replies::add);
        broker.run();
        Frames.Reply reply = replies.get(replies.size() - 1);
        assertThat(reply.code()).isEqualTo(ErrorCode.OK);
        return reply.value();
    }

    /** Whether the disk has room for the body now says nothing about the first time. */
    @Test
    void aLargeMessageThatIsStoredIsConfirmedWhenItIsSentAgainToAFullDisk_6_2_12() {
        byte[] large = SimulatedClient.tracked(SimulatedClient.message(PRODUCER, 1, new byte[50_000], true, 4, 0));
        long sentSince = position;
        client.sendLarge(0, orders, large, code -> {});
        client.disconnect(); // before the answer
        broker.run();
        disk.capacity(disk.heldBytes());
        broker.advance(200);
        connect();
        client.resendLarge(sentSince, orders, large, receipts::add);
        broker.run();
        for (int i = 0; receipts.isEmpty() && i < 50; i++) broker.advance(100); // senders are slowed
        assertThat(receipts).containsExactly(ErrorCode.OK);
    }

    @Test
    void aTemporaryDestinationIsMadeAgainUnderItsName_6_2_2() {
        String[] name = new String[1];
        client.open(DestinationKind.TEMPORARY_QUEUE, "", reply -> name[0] = reply.name());
        broker.run();
        reconnect();
        client.restore(DestinationKind.TEMPORARY_QUEUE, name[0], replies::add);
        client.consume(1, DestinationKind.TEMPORARY_QUEUE, name[0], "", 1, replies::add);
        broker.run();
        assertThat(replies).extracting(Frames.Reply::code).containsOnly(ErrorCode.OK);
        SimulatedClient thief = broker.connect();
        thief.restore(DestinationKind.TEMPORARY_QUEUE, name[0], replies::add);
        thief.restore(DestinationKind.TEMPORARY_QUEUE, "orders", replies::add);
        thief.restore(DestinationKind.QUEUE, "temporary-queue-x", replies::add);
        broker.run();
        assertThat(replies.subList(2, 5)).extracting(Frames.Reply::code).containsOnly(ErrorCode.INVALID_DESTINATION);
    }
}
