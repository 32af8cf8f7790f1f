package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.larchmq.message.BranchId;
import org.larchmq.message.DestinationKind;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

/** The log has no room for a single entry: what must be done is done when there is room, and the broker goes on. */
class FullLogTest {
    private static final int MESSAGES = 10;

    private final SimulatedClock clock = new SimulatedClock();
    final SimulatedDisk disk = new SimulatedDisk(1);
    private final SimulatedBroker broker = SimulatedBroker.on(disk, clock);
    private final SimulatedClient client = broker.connect();
    private int orders;

    @BeforeEach
    void sendSome() {
        orders = client.queue("orders");
        for (int i = 0; i < MESSAGES; i++) client.send(orders, message(i), code -> {});
        broker.run();
    }

    @Test
    void whatALostConsumerHeldGoesBackWhenThereIsRoom() {
        SimulatedClient lost = consumer(MESSAGES);
        assertThat(lost.deliveries).hasSize(MESSAGES);
        fillTheLog();
        lost.disconnect();
        broker.run();
        makeRoom();
        SimulatedClient next = consumer(MESSAGES);
        assertThat(next.deliveries).hasSize(MESSAGES).allMatch(SimulatedClient.Delivery::redelivered);
    }

    @Test
    void whatIsToComeBackIsNotOvertaken_6_2_9() {
        SimulatedClient lost = consumer(MESSAGES / 2);
        fillTheLog();
        lost.disconnect();
        broker.run();
        SimulatedClient next = consumer(MESSAGES);
        makeRoom();
        assertThat(next.deliveries)
                .extracting(SimulatedClient.Delivery::messageSequence)
                .hasSize(MESSAGES)
                .isSorted();
    }

    @Test
    void aBranchThatTimesOutGivesBackWhatItHeldWhenThereIsRoom() {
        SimulatedClient working = consumer(MESSAGES);
        BranchId id = new BranchId(1, "b".getBytes(StandardCharsets.US_ASCII), new byte[0]);
        working.startBranch(id, false, 1, 1000, reply -> {});
        working.endBranch(id, 0, List.of(orders), List.of(message(99)), reply -> {}, new long[] {1, 1, MESSAGES});
        broker.run();
        fillTheLog();
        broker.advance(2_000);
        assertThat(broker.failure).isNull();
        makeRoom();
        working.credit(1, MESSAGES);
        broker.run();
        assertThat(working.deliveries).hasSize(2 * MESSAGES);
    }

    @Test
    void aBranchThatIsLostGivesBackWhatItHeldOnceWhenThereIsRoom() {
        SimulatedClient working = consumer(MESSAGES);
        BranchId id = new BranchId(1, "b".getBytes(StandardCharsets.US_ASCII), new byte[0]);
        working.startBranch(id, false, 1, 0, reply -> {});
        working.endBranch(id, 0, List.of(orders), List.of(message(99)), reply -> {}, new long[] {1, 1, MESSAGES});
        broker.run();
        fillTheLog();
        working.disconnect();
        broker.advance(2_000);
        assertThat(broker.failure).isNull();
        makeRoom();
        SimulatedClient next = consumer(2 * MESSAGES);
        assertThat(next.deliveries).hasSize(MESSAGES).allMatch(SimulatedClient.Delivery::redelivered);
    }

    @Test
    void aConsumerThatNeedsAReservationGetsItsMessagesWhenThereIsRoom() {
        fillTheLog();
        SimulatedClient late = consumer(MESSAGES);
        assertThat(late.deliveries).isEmpty();
        makeRoom();
        assertThat(late.deliveries).hasSize(MESSAGES);
    }

    @Test
    void twoTransactionsNeverShareANumberWhenTheFirstEntryOfOneHadNoRoom() {
        SimulatedClient first = broker.connect();
        SimulatedClient second = broker.connect();
        TransactionNumbers numbers = new TransactionNumbers(broker.shard.log(), broker.shard.state());
        assertThat(numbers.next()).isNotEqualTo(numbers.next());
        first.send(5, orders, message(50), code -> {});
        second.send(5, orders, message(51), code -> {});
        broker.run();
        first.disconnect();
        second.commit(5, List.of(), List.of(), reply -> {});
        broker.run();
        SimulatedClient all = consumer(100);
        assertThat(all.deliveries).hasSize(MESSAGES + 1);
    }

    private SimulatedClient consumer(int credit) {
        SimulatedClient consumer = broker.connect();
        consumer.consume(1, DestinationKind.QUEUE, "orders", "", credit, reply -> {});
        broker.run();
        return consumer;
    }

    private static byte[] message(int sequence) {
        return SimulatedClient.message(7, sequence, new byte[20], true, 4, 0);
    }

    /** Entries that every client can cause, until not even a small one fits. */
    private void fillTheLog() {
        takeRoom();
        try {
            for (int i = 1; i < 1_000_000; i++) {
                client.outcome(1, i, 0, reply -> {});
                if (i % 100 == 0) broker.run();
            }
        } catch (StoreException e) {
            assertThat(e.error()).isEqualTo(met());
        }
        broker.run();
    }

    private void makeRoom() {
        giveRoom();
        broker.advance(500);
        broker.advance(500);
    }

    /** What the log says when it has no room. */
    StoreError met() {
        return StoreError.DISK_FULL;
    }

    void takeRoom() {
        disk.capacity(0);
    }

    void giveRoom() {
        disk.capacity(Long.MAX_VALUE / 4);
    }
}
