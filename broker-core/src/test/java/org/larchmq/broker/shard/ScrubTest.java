package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.larchmq.message.DestinationKind;
import org.larchmq.store.io.ReadPace;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.queue.Row;
import org.slf4j.LoggerFactory;

/** Damage that a start does not read is found beside the running broker, and said with what it costs. */
class ScrubTest {
    private static final String FIRST_SEGMENT = "commitlog/00000000000000000000.log";

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final SimulatedClock clock = new SimulatedClock();
    private final Logger logger = (Logger) LoggerFactory.getLogger(Scrub.class);
    private final ListAppender<ILoggingEvent> seen = new ListAppender<>();
    private final long[] places = new long[10];

    @BeforeEach
    void listen() {
        seen.start();
        logger.addAppender(seen);
        logger.setLevel(Level.INFO);
    }

    @AfterEach
    void listenNoMore() {
        logger.detachAppender(seen);
    }

    @Test
    void anUndamagedStoreIsReadAndTheEndIsSaid() {
        storeAndSettleHalf();
        scrub(SimulatedBroker.on(disk, clock));
        assertThat(said())
                .singleElement()
                .asString()
                .contains("Checked the data directory")
                .contains("0 damaged");
    }

    @Test
    void damageOfAWaitingMessageNamesDestinationAndQueueOffset() {
        storeAndSettleHalf();
        disk.flipBit(FIRST_SEGMENT, (places[7] + 70) * 8);
        SimulatedBroker broker = SimulatedBroker.on(disk, clock);
        scrub(broker);
        assertThat(said()).hasSize(2);
        assertThat(said().get(0))
                .contains("file=/sim/" + FIRST_SEGMENT)
                .contains("offset=" + places[7])
                .contains("queue 'orders' queueOffset 7")
                .contains("Remedy");
        assertThat(broker.runtime.scrub().toText()).contains("done").contains("1 damaged");
    }

    @Test
    void damageOfASettledMessageCostsNothingAndIsSaidSo() {
        storeAndSettleHalf();
        disk.flipBit(FIRST_SEGMENT, (places[1] + 70) * 8);
        scrub(SimulatedBroker.on(disk, clock));
        assertThat(said().get(0)).contains("offset=" + places[1]).contains("nothing is lost");
    }

    @Test
    void aStoppedScrubSaysNothing() {
        storeAndSettleHalf();
        SimulatedBroker broker = SimulatedBroker.on(disk, clock);
        broker.runtime.scrub().stop();
        broker.runtime.scrub().run();
        broker.run();
        assertThat(said()).isEmpty();
        assertThat(broker.runtime.scrub().toText()).contains("stopped");
    }

    private void storeAndSettleHalf() {
        SimulatedBroker broker = SimulatedBroker.on(disk, clock);
        SimulatedClient client = broker.connect();
        int orders = client.queue("orders");
        for (int i = 0; i < places.length; i++) {
            client.send(orders, SimulatedClient.message(7, i, new byte[100], true, 4, 0), code -> {});
        }
        broker.run();
        Row row = new Row();
        for (int i = 0; i < places.length; i++) {
            broker.shard.state().destination(orders).level(4).logged().read(i, row);
            places[i] = row.physicalOffset();
        }
        client.consume(1, DestinationKind.QUEUE, "orders", "", 5, reply -> {});
        broker.run();
        client.acknowledge(
                true, reply -> {}, new long[] {1, client.deliveries.get(0).sequence(), 5});
        broker.run();
        client.disconnect();
        broker.stop();
    }

    private void scrub(SimulatedBroker broker) {
        broker.runtime.scrub().run(ReadPace.NONE);
        broker.run();
    }

    private List<String> said() {
        return seen.list.stream().map(ILoggingEvent::getFormattedMessage).toList();
    }
}
