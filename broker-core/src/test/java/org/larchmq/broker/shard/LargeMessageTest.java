package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.shard.SimulatedClient.Delivery;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.ProtocolException;
import org.larchmq.store.catalog.Catalog;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.Frames;

/** Messages whose bodies come, are stored and go in parts. */
class LargeMessageTest {
    private static final int BODY_BYTES = 300_000; // more than an entry of these small segments can hold

    private final SimulatedClock clock = new SimulatedClock();
    private SimulatedDisk disk = new SimulatedDisk(1);
    private SimulatedBroker broker = SimulatedBroker.on(disk, clock);
    private SimulatedClient client;
    private int orders;
    private final List<ErrorCode> receipts = new ArrayList<>();
    private final List<Frames.Reply> replies = new ArrayList<>();

    @BeforeEach
    void connect() {
        client = broker.connect();
        orders = client.queue("orders");
    }

    private static byte[] body(long sequence) {
        byte[] body = new byte[BODY_BYTES];
        new Random(sequence).nextBytes(body);
        return body;
    }

    private static byte[] message(long sequence, boolean persistent, String tag, long deliveryTime) {
        return SimulatedClient.message(7, sequence, body(sequence), persistent, 4, 0, tag, deliveryTime);
    }

    private void send(long sequence) {
        client.sendLarge(0, orders, message(sequence, true, null, 0), receipts::add);
    }

    private void sendSmall(long sequence) {
        client.send(orders, SimulatedClient.message(7, sequence, new byte[90_000], true, 4, 0), receipts::add);
    }

    private void consume(int consumerId) {
        client.consume(consumerId, DestinationKind.QUEUE, "orders", "", 100, replies::add);
        broker.run();
    }

    /** Sequences of what was delivered; the bodies of large ones are checked. */
    private List<Long> delivered() {
        List<Long> sequences = new ArrayList<>();
        for (Delivery delivery : client.deliveries) {
            sequences.add(delivery.messageSequence());
            if (delivery.body().length > 90_000) {
                assertThat(delivery.body()).isEqualTo(body(delivery.messageSequence()));
            }
        }
        client.deliveries.clear();
        return sequences;
    }

    private void reconnect() {
        broker = SimulatedBroker.on(disk, clock);
        client = broker.connect();
        orders = client.queue("orders");
    }

    private void restartAfterPowerLoss() {
        disk = disk.afterPowerLoss();
        reconnect();
    }

    @Test
    void aConfirmedLargeMessageSurvivesALossOfPowerInItsPlaceAmongOthers() {
        sendSmall(1);
        send(2);
        sendSmall(3);
        assertThat(receipts).isEmpty();
        broker.run();
        assertThat(receipts).containsExactly(ErrorCode.OK, ErrorCode.OK, ErrorCode.OK);
        consume(1);
        assertThat(delivered()).containsExactly(1L, 2L, 3L);
        restartAfterPowerLoss();
        consume(1);
        assertThat(client.deliveries).allMatch(Delivery::redelivered);
        assertThat(delivered()).containsExactly(1L, 2L, 3L);
    }

    @Test
    void theLogIsKeptFromTheFirstPartOnAndLetGoWhenTheMessageIsSettled() {
        send(1);
        consume(1);
        long kept = broker.shard.log().startOffset();
        fill(20, 2);
        assertThat(broker.shard.log().startOffset()).isEqualTo(kept);
        client.acknowledge(true, replies::add, new long[] {1, 1, 1000});
        broker.run();
        fill(20, 2);
        assertThat(broker.shard.log().startOffset()).isGreaterThan(kept);
        assertThat(broker.shard.state().holds().isEmpty()).isTrue();
    }

    private void fill(int messages, long firstSequence) {
        for (int i = 0; i < messages; i++) {
            sendSmall(firstSequence + i);
            broker.advance(400);
            client.deliveries.stream()
                    .filter(d -> d.messageSequence() > 1)
                    .forEach(delivery ->
                            client.acknowledge(false, replies::add, new long[] {1, delivery.sequence(), 1}));
            client.credit(1, 1);
            client.deliveries.removeIf(d -> d.messageSequence() > 1);
            broker.run();
        }
    }

    @Test
    void whatWasUnsettledIsWholeAfterCheckpointsAndARebuildFromTheLogAlone() {
        send(1);
        broker.advance(400);
        for (int i = 0; i < 30; i++) {
            client.send(
                    client.queue("other"), SimulatedClient.message(8, i, new byte[90_000], true, 4, 0), receipts::add);
            broker.advance(400);
        }
        restartAfterPowerLoss();
        broker.advance(400);
        restartAfterPowerLoss();
        new Catalog(disk, "catalog").discard();
        reconnect();
        consume(1);
        assertThat(delivered()).containsExactly(1L);
    }

    @Test
    void partsOfAMessageThatIsNeverSentAreForgottenWithTheirConnection() {
        client.part(0, new byte[20_000], 0, 20_000);
        client.part(20_000, new byte[20_000], 0, 20_000);
        broker.run();
        assertThat(broker.shard.state().holds().isEmpty()).isFalse();
        client.disconnect();
        broker.run();
        assertThat(broker.shard.state().holds().isEmpty()).isTrue();
        restartAfterPowerLoss();
        consume(1);
        assertThat(delivered()).isEmpty();
    }

    @Test
    void aTransactionWithLargeMessagesHappensAsAWhole() {
        consume(1);
        client.sendLarge(5, orders, message(1, true, null, 0), receipts::add);
        client.sendLarge(6, orders, message(2, true, null, 0), receipts::add);
        broker.run();
        assertThat(delivered()).isEmpty();
        client.commit(5, List.of(), List.of(), replies::add);
        broker.shard.rollback(client.connection, 6);
        broker.run();
        assertThat(delivered()).containsExactly(1L);
    }

    @Test
    void severalSubscribersGetALargeMessageOfATopicEachInFull() {
        int prices = client.handle(DestinationKind.TOPIC, "prices");
        client.consume(1, DestinationKind.TOPIC, "prices", "", 10, replies::add);
        client.consume(2, DestinationKind.TOPIC, "prices", "tag = 'red'", 10, replies::add);
        client.consume(3, DestinationKind.TOPIC, "prices", "tag = 'blue'", 10, replies::add);
        client.sendLarge(0, prices, message(1, false, "red", 0), receipts::add);
        broker.run();
        assertThat(client.deliveries).extracting(Delivery::consumerId).containsExactlyInAnyOrder(1, 2);
        assertThat(delivered()).containsExactly(1L, 1L);
    }

    @Test
    void aLargeMessageIsDelayedExpiredAndDeadLetteredAsAnyOther() {
        consume(1);
        client.sendLarge(0, orders, message(1, true, null, clock.currentTimeMillis() + 1_000), receipts::add);
        broker.run();
        assertThat(delivered()).isEmpty();
        broker.advance(1_000);
        assertThat(delivered()).containsExactly(1L);
        for (int attempt = 1; attempt <= 4; attempt++) {
            client.giveBack(true, replies::add, new long[] {1, attempt, 1});
            client.credit(1, 1);
            broker.run();
        }
        client.deliveries.clear();
        client.consume(2, DestinationKind.QUEUE, "DLQ", "", 10, replies::add);
        broker.run();
        assertThat(delivered()).containsExactly(1L);
        client.sendLarge(
                0,
                orders,
                SimulatedClient.message(7, 2, body(2), true, 4, clock.currentTimeMillis() - 1),
                receipts::add);
        broker.run();
        assertThat(delivered()).isEmpty();
    }

    @Test
    void partsThatDoNotFollowEachOtherOrAreTooManyEndTheConnection() {
        assertThatThrownBy(() -> client.part(5, new byte[10], 0, 10)).isInstanceOf(ProtocolException.class);
        client.part(0, new byte[20_000], 0, 20_000);
        assertThatThrownBy(() -> client.part(1, new byte[10], 0, 10)).isInstanceOf(ProtocolException.class);
        client.part(20_000, new byte[10], 0, 10);
        assertThatThrownBy(() -> client.part(20_010, new byte[10], 0, 10))
                .as("only the last part may be short")
                .isInstanceOf(ProtocolException.class);
        byte[] part = new byte[1 << 20];
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 200; i++) client.part(i << 20, part, 0, 200_000);
                })
                .isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> client.sendLarge(0, orders, new byte[10], receipts::add))
                .isInstanceOf(RuntimeException.class);
    }

    @Test
    void aMessageMayNotPretendToHaveItsBodyElsewhere() {
        byte[] message = SimulatedClient.message(7, 1, new byte[40], true, 4, 0);
        message[2] |= 32;
        assertThatThrownBy(() -> client.send(orders, message, receipts::add)).isInstanceOf(ProtocolException.class);
    }
}
