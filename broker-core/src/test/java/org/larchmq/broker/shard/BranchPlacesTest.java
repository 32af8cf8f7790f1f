package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.broker.shard.SimulatedClient.Delivery;
import org.larchmq.message.BranchId;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.FrameType;

/**
 * A prepared branch holds non-persistent messages, some in memory and younger ones in the log for want of memory, while the
 * broker stops cleanly: they stay the branch's, and in order (6.2.9).
 */
class BranchPlacesTest {
    private static final int BIG = 40_000;
    private static final int MESSAGES = 40;
    private static final BranchId A = new BranchId(1, new byte[] {1}, new byte[] {1});

    private final SimulatedClock clock = new SimulatedClock();
    private final BrokerSettings settings =
            SimulatedBroker.SETTINGS.with(SimulatedBroker.SETTINGS.limits().withMemoryBudget(1 << 20));
    private SimulatedDisk disk = new SimulatedDisk(1);
    private SimulatedBroker broker = new SimulatedBroker(disk, clock, false, settings);
    private SimulatedClient client = broker.connect();

    private static void isOk(ErrorCode code) {
        assertThat(code).isEqualTo(ErrorCode.OK);
    }

    private void send() {
        for (int i = 0; i < MESSAGES; i++) {
            byte[] message = SimulatedClient.message(7, i, new byte[BIG], false, 4, 0);
            client.send(client.queue("orders"), message, BranchPlacesTest::isOk);
        }
        broker.run();
    }

    private void prepare(int first, int count) {
        client.startBranch(A, false, 1, 0, reply -> isOk(reply.code()));
        client.endBranch(A, 0, List.of(), List.of(), reply -> isOk(reply.code()), new long[] {1, first, count});
        client.branch(FrameType.XA_PREPARE, A, reply -> isOk(reply.code()));
        broker.run();
    }

    private void restart() {
        client.disconnect();
        assertThat(broker.stop()).isTrue();
        disk = disk.afterProcessDeath();
        broker = new SimulatedBroker(disk, clock, false, settings);
        client = broker.connect();
    }

    private List<Long> received() {
        client.consume(1, DestinationKind.QUEUE, "orders", "", 1000, reply -> isOk(reply.code()));
        broker.run();
        return client.deliveries.stream().map(Delivery::messageSequence).toList();
    }

    private static List<Long> numbers(int from, int end) {
        return LongStream.range(from, end).boxed().toList();
    }

    @Test
    void theyComeInOrderAfterARollback_6_2_9() {
        send();
        assertThat(received()).isEqualTo(numbers(0, MESSAGES));
        prepare(1, MESSAGES);
        restart();
        client.branch(FrameType.XA_ROLLBACK, A, reply -> isOk(reply.code()));
        broker.run();
        assertThat(received()).isEqualTo(numbers(0, MESSAGES));
    }

    @Test
    void othersAreDeliveredMeanwhileAndItsOwnAreNot() {
        send();
        assertThat(received()).hasSize(MESSAGES);
        prepare(1, 35);
        restart();
        assertThat(received()).isEqualTo(numbers(35, MESSAGES));
        client.acknowledge(true, reply -> isOk(reply.code()), new long[] {1, 1, MESSAGES - 35});
        client.branch(FrameType.XA_ROLLBACK, A, reply -> isOk(reply.code()));
        broker.run();
        assertThat(new ArrayList<>(client.deliveries.subList(MESSAGES - 35, client.deliveries.size())))
                .extracting(Delivery::messageSequence)
                .isEqualTo(numbers(0, 35));
    }

    @Test
    void theyAreGoneAfterACommit() {
        send();
        assertThat(received()).hasSize(MESSAGES);
        prepare(1, MESSAGES);
        restart();
        restart();
        client.commitBranch(A, false, reply -> isOk(reply.code()));
        broker.run();
        assertThat(received()).isEmpty();
        restart();
        assertThat(received()).isEmpty();
    }
}
