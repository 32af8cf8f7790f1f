package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.settings.BrokerSettings;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;

/** Who sends to a disk that fills is slowed first and refused last; who consumes is not slowed at all. */
class DiskPressureTest {
    private static final int WINDOW_BYTES = BrokerSettings.Network.DEFAULT.sendWindowBytes();
    private static final BrokerSettings SETTINGS = SimulatedBroker.SETTINGS.with(
            new BrokerSettings.Store(BrokerSettings.Flush.SYNC, 100, 1 << 20, 1 << 20, 4 << 20, 300, 1 << 20, 0));

    private final SimulatedClock clock = new SimulatedClock();
    private final SimulatedDisk disk = new SimulatedDisk(1).capacity(16 << 20);
    private final SimulatedBroker broker = new SimulatedBroker(disk, clock, false, SETTINGS);
    private final SimulatedClient client = broker.connect();
    private final int orders = client.queue("orders");
    private long sequence;

    @Test
    void aSenderIsSlowedStepByStepBeforeItIsRefused() {
        List<Long> waits = new ArrayList<>();
        List<Integer> windows = new ArrayList<>();
        ErrorCode last = ErrorCode.OK;
        while (last == ErrorCode.OK) {
            long before = clock.nanoTime();
            last = send();
            if (last != ErrorCode.OK) break;
            waits.add((clock.nanoTime() - before) / 1_000_000);
            windows.add(client.sendWindowBytes);
        }
        assertThat(last).isEqualTo(ErrorCode.DISK_FULL);
        assertThat(waits).isSorted().startsWith(0L).contains(2L, 10L, 40L).endsWith(100L);
        assertThat(windows).startsWith(0).contains(WINDOW_BYTES / 4).endsWith(64 << 10);
    }

    @Test
    void withSpaceFreedSendersHaveTheirUsualWindowAndAreConfirmedAtOnce() {
        while (send() == ErrorCode.OK) {}
        client.consume(1, DestinationKind.QUEUE, "orders", "", 100_000, reply -> {});
        broker.run();
        while (!client.deliveries.isEmpty()) {
            long[] all = {1, client.deliveries.get(0).sequence(), client.deliveries.size()};
            client.deliveries.clear();
            client.acknowledge(true, reply -> {}, all);
            broker.run();
        }
        for (int i = 0; i < 50; i++) broker.advance(100);
        while (client.sendWindowBytes != WINDOW_BYTES) assertThat(send()).isEqualTo(ErrorCode.OK);
        long before = clock.nanoTime();
        assertThat(send()).isEqualTo(ErrorCode.OK);
        assertThat(clock.nanoTime()).isEqualTo(before);
    }

    @Test
    void acknowledgementsAreConfirmedAtOnceWhileSendersAreSlowed() {
        long waited = 0;
        while (waited < 40) {
            long before = clock.nanoTime();
            send();
            waited = (clock.nanoTime() - before) / 1_000_000;
        }
        client.consume(1, DestinationKind.QUEUE, "orders", "", 10, reply -> {});
        broker.run();
        List<Object> confirmed = new ArrayList<>();
        client.acknowledge(
                true, confirmed::add, new long[] {1, client.deliveries.get(0).sequence(), 10});
        broker.run();
        assertThat(confirmed).hasSize(1);
    }

    /** As a blocking send: the clock goes on until it is answered. */
    private ErrorCode send() {
        List<ErrorCode> answers = new ArrayList<>();
        byte[] message = SimulatedClient.message(7, sequence++, new byte[8000], true, 4, 0);
        client.send(orders, message, answers::add);
        broker.run();
        for (int i = 0; answers.isEmpty(); i++) {
            assertThat(i).as("milliseconds without an answer").isLessThan(1000);
            broker.advance(1);
        }
        return answers.get(0);
    }
}
