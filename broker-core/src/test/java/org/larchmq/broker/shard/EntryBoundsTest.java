package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.message.BranchId;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.Frames;

/** Requests that need more than one entry of a log with the smallest segments, whose entries have 256 KiB. */
class EntryBoundsTest {
    private static final int MESSAGES = 40_000;

    private final SimulatedClock clock = new SimulatedClock();
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private SimulatedBroker broker = SimulatedBroker.on(disk, clock);
    private final SimulatedClient client = broker.connect();
    private final List<Frames.Reply> replies = new ArrayList<>();

    @Test
    void anAcknowledgementOfEverySecondMessageTakesSeveralEntries() {
        receiveAll();
        client.acknowledge(true, replies::add, everySecond());
        broker.run();
        assertThat(replies).extracting(Frames.Reply::code).containsExactly(ErrorCode.OK);
        client.disconnect();
        broker.run();
        assertThat(deliveredAfterRestart()).isEqualTo(MESSAGES / 2);
    }

    @Test
    void aCommitThatNoEntryCanHoldIsRefusedAndNothingOfItIsKept() {
        receiveAll();
        client.commit(1, List.of(), List.of(), replies::add, everySecond());
        broker.run();
        assertThat(replies.get(0).code()).isEqualTo(ErrorCode.MESSAGE_TOO_LARGE);
        assertThat(replies.get(0).text()).contains("store.segmentSize");
        client.disconnect();
        broker.run();
        assertThat(deliveredAfterRestart()).isEqualTo(MESSAGES);
    }

    @Test
    void aBranchThatNoEntryCanHoldIsRolledBack() {
        receiveAll();
        BranchId id = new BranchId(1, "b".getBytes(StandardCharsets.US_ASCII), new byte[0]);
        client.startBranch(id, false, 1, 0, reply -> {});
        client.endBranch(id, 0, List.of(), List.of(), replies::add, everySecond());
        broker.run();
        assertThat(replies.get(0).code()).isEqualTo(ErrorCode.XA_ROLLED_BACK);
        client.disconnect();
        broker.run();
        assertThat(deliveredAfterRestart()).isEqualTo(MESSAGES);
    }

    @Test
    void aPartThatIsLargerThanAnEntryTakesSeveral() {
        int orders = client.queue("orders");
        byte[] body = new byte[1_500_000];
        for (int i = 0; i < body.length; i++) body[i] = (byte) (i * 31);
        List<ErrorCode> receipts = new ArrayList<>();
        client.sendLarge(0, orders, SimulatedClient.message(7, 1, body, true, 4, 0), 1_000_000, receipts::add);
        broker.run();
        assertThat(receipts).containsExactly(ErrorCode.OK);
        client.consume(1, DestinationKind.QUEUE, "orders", "", 10, reply -> {});
        broker.run();
        assertThat(client.deliveries.get(0).body()).isEqualTo(body);
    }

    private void receiveAll() {
        int orders = client.queue("orders");
        byte[] body = new byte[10];
        for (int i = 0; i < MESSAGES; i++) {
            client.send(orders, SimulatedClient.message(7, i, body, true, 4, 0), code -> {});
            if (i % 1000 == 0) broker.run();
        }
        broker.run();
        client.consume(1, DestinationKind.QUEUE, "orders", "", MESSAGES, reply -> {});
        broker.run();
        assertThat(client.deliveries).hasSize(MESSAGES);
    }

    private long[][] everySecond() {
        long[][] ranges = new long[MESSAGES / 2][];
        for (int i = 0; i < ranges.length; i++) ranges[i] = new long[] {1, 1 + 2L * i, 1};
        return ranges;
    }

    private int deliveredAfterRestart() {
        broker = SimulatedBroker.on(disk.afterProcessDeath(), clock);
        SimulatedClient consumer = broker.connect();
        consumer.consume(1, DestinationKind.QUEUE, "orders", "", MESSAGES, reply -> {});
        broker.run();
        return consumer.deliveries.size();
    }
}
