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
import org.larchmq.wire.Frames.CreateConsumer;

/** Browsers of a queue (Jakarta Messaging 3.1, section 8.9). */
class BrowserTest {
    private static final int BROWSER = 9;

    private final SimulatedClock clock = new SimulatedClock();
    private final SimulatedBroker broker = SimulatedBroker.on(new SimulatedDisk(1), clock);
    private final SimulatedClient client = broker.connect();
    private int orders;

    @BeforeEach
    void open() {
        orders = client.queue("orders");
    }

    private void send(long sequence, boolean persistent, int priority, long expiration, String tag) {
        client.send(
                orders,
                SimulatedClient.message(7, sequence, new byte[1], persistent, priority, expiration, tag),
                code -> {});
        broker.run();
    }

    private ErrorCode openBrowser(int id, DestinationKind kind, String selector) {
        List<Frames.Reply> replies = new ArrayList<>();
        client.consume(id, kind, "orders", selector, 0, CreateConsumer.BROWSER, replies::add);
        broker.run();
        return replies.get(0).code();
    }

    private List<Long> delivered() {
        List<Long> sequences =
                client.deliveries.stream().map(Delivery::messageSequence).toList();
        client.deliveries.clear();
        return sequences;
    }

    private boolean browse(int messages) {
        List<Frames.Reply> replies = new ArrayList<>();
        client.browse(BROWSER, messages, replies::add);
        broker.run();
        assertThat(replies.get(0).code()).isEqualTo(ErrorCode.OK);
        return replies.get(0).value() == 0;
    }

    @Test
    void itShowsWhatIsThereInTheOrderOfDeliveryAndTakesNothing_8_9() {
        send(1, true, 4, 0, null);
        send(2, false, 4, 0, null);
        send(3, true, 4, 0, null);
        send(4, true, 9, 0, null);
        send(5, true, 4, clock.currentTimeMillis() + 10, null);
        broker.advance(100);
        openBrowser(BROWSER, DestinationKind.QUEUE, "");
        assertThat(browse(3)).isTrue();
        assertThat(delivered()).containsExactly(4L, 1L, 2L);
        send(6, true, 4, 0, null);
        assertThat(browse(10)).as("as of the first look").isFalse();
        assertThat(delivered()).containsExactly(3L);
        client.consume(1, DestinationKind.QUEUE, "orders", "", 100, reply -> {});
        broker.run();
        assertThat(client.deliveries).allMatch(delivery -> !delivery.redelivered());
        assertThat(delivered()).containsExactly(4L, 1L, 2L, 3L, 6L);
    }

    @Test
    void whatAConsumerHoldsIsThereUntilItIsAcknowledged() {
        for (int i = 1; i <= 4; i++) send(i, true, 4, 0, null);
        client.consume(1, DestinationKind.QUEUE, "orders", "", 2, reply -> {});
        broker.run();
        client.acknowledge(true, reply -> {}, new long[] {1, 1, 1});
        broker.run();
        delivered();
        openBrowser(BROWSER, DestinationKind.QUEUE, "");
        assertThat(browse(1)).isTrue();
        assertThat(delivered()).containsExactly(2L);
        client.credit(1, 1);
        broker.run();
        client.acknowledge(true, reply -> {}, new long[] {1, 2, 2});
        broker.run();
        delivered();
        assertThat(browse(10)).isFalse();
        assertThat(delivered()).containsExactly(4L);
    }

    @Test
    void aSelectorThatFindsLittleLetsOthersHaveTheirTurn() {
        for (int i = 1; i <= 5000; i++) {
            client.send(
                    orders,
                    SimulatedClient.message(7, i, new byte[1], true, 4, 0, i % 1000 == 0 ? "red" : "blue"),
                    code -> {});
        }
        broker.run();
        openBrowser(BROWSER, DestinationKind.QUEUE, "tag = 'red'");
        int requests = 1;
        while (browse(100)) requests++;
        assertThat(requests).isGreaterThan(1);
        assertThat(delivered()).containsExactly(1000L, 2000L, 3000L, 4000L, 5000L);
    }

    @Test
    void whatCannotBeBrowsedSaysSo() {
        assertThat(openBrowser(BROWSER, DestinationKind.TOPIC, "")).isEqualTo(ErrorCode.INVALID_DESTINATION);
        assertThat(openBrowser(BROWSER, DestinationKind.QUEUE, "a =")).isEqualTo(ErrorCode.INVALID_SELECTOR);
        assertThat(openBrowser(BROWSER, DestinationKind.QUEUE, "")).isEqualTo(ErrorCode.OK);
        assertThat(openBrowser(BROWSER, DestinationKind.QUEUE, "")).isEqualTo(ErrorCode.ILLEGAL_STATE);
        client.closeConsumer(BROWSER, 0, reply -> {});
        List<Frames.Reply> replies = new ArrayList<>();
        client.browse(BROWSER, 1, replies::add);
        broker.run();
        assertThat(replies.get(0).code()).isEqualTo(ErrorCode.CONSUMER_UNKNOWN);
    }
}
