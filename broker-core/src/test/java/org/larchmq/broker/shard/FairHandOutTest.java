package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.shard.SimulatedClient.Delivery;
import org.larchmq.message.DestinationKind;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;

/** A consumer that nobody reads from never sits on messages that another one's application waits for. */
class FairHandOutTest {
    private final SimulatedBroker broker = SimulatedBroker.on(new SimulatedDisk(1), new SimulatedClock());
    private SimulatedClient idle;
    private SimulatedClient busy;
    private SimulatedClient producer;
    private int orders;

    @BeforeEach
    void connect() {
        producer = broker.connect();
        idle = broker.connect();
        busy = broker.connect();
        orders = producer.queue("orders");
    }

    private void send(int count) {
        for (int i = 1; i <= count; i++) {
            producer.send(orders, SimulatedClient.message(7, i, new byte[1], true, 4, 0, "red"), code -> {});
        }
        broker.run();
    }

    private void consume(SimulatedClient client, int consumerId, int credit, String selector) {
        client.consume(consumerId, DestinationKind.QUEUE, "orders", selector, credit, reply -> {});
        broker.run();
    }

    private void ask(SimulatedClient client, int consumerId) {
        client.ask(consumerId);
        broker.run();
    }

    private static List<Long> delivered(SimulatedClient client) {
        List<Long> sequences =
                client.deliveries.stream().map(Delivery::messageSequence).toList();
        client.deliveries.clear();
        return sequences;
    }

    @Test
    void aWaitingConsumerGetsBackWhatAnIdleOneHoldsUnseen() {
        consume(idle, 1, 1000, "");
        send(10);
        assertThat(delivered(idle)).hasSize(10);
        consume(busy, 1, 1000, "");
        ask(busy, 1);
        assertThat(idle.events).containsExactly("recall 1");
        idle.answerRecall(1, 6, 5);
        broker.run();
        assertThat(delivered(busy)).containsExactly(6L, 7L, 8L, 9L, 10L);
        assertThat(busy.deliveries).allMatch(delivery -> !delivery.redelivered());
        send(1);
        assertThat(delivered(idle)).as("its credit is gone").isEmpty();
        assertThat(delivered(busy)).hasSize(1);
    }

    @Test
    void anEmptyAnswerEndsTheSearchUntilThereIsSomethingNew() {
        consume(idle, 1, 1, "");
        consume(idle, 2, 1, "");
        send(2);
        consume(busy, 1, 1000, "");
        ask(busy, 1);
        assertThat(idle.events).hasSize(1);
        idle.answerRecall(1, 0, 0);
        broker.run();
        assertThat(idle.events).containsExactly("recall 1", "recall 2");
        idle.answerRecall(2, 0, 0);
        broker.run();
        ask(busy, 1);
        assertThat(idle.events).hasSize(2);
        idle.acknowledge(false, reply -> {}, new long[] {1, 1, 1});
        idle.credit(1, 1);
        busy.closeConsumer(1, 0, reply -> {});
        broker.run();
        send(1);
        consume(busy, 2, 1000, "");
        ask(busy, 2);
        assertThat(idle.events).hasSize(3);
    }

    @Test
    void whoWaitsIsServedFirst() {
        consume(idle, 1, 1000, "");
        consume(busy, 1, 1000, "");
        ask(busy, 1);
        send(1);
        assertThat(delivered(busy)).containsExactly(1L);
        assertThat(delivered(idle)).isEmpty();
        send(2);
        assertThat(delivered(idle)).as("then in turn").hasSize(1);
    }

    @Test
    void askingAloneOrInVainDisturbsNobody() {
        consume(busy, 1, 1000, "");
        ask(busy, 1);
        consume(idle, 1, 1000, "");
        ask(busy, 1);
        ask(busy, 7);
        assertThat(idle.events).isEmpty();
        assertThat(busy.events).isEmpty();
    }

    @Test
    void aWaitingSelectorFindsItsMessagesInAnotherBuffer() {
        consume(idle, 1, 1000, "");
        send(3);
        consume(busy, 1, 1000, "tag = 'red'");
        ask(busy, 1);
        idle.answerRecall(1, 1, 3);
        broker.run();
        assertThat(delivered(busy)).containsExactly(1L, 2L, 3L);
    }

    @Test
    void aConsumerThatDoesNotAnswerDoesNotKeepOthersFromBeingAsked() {
        consume(idle, 1, 2, "");
        consume(idle, 2, 1, "");
        send(3);
        consume(busy, 1, 1000, "");
        ask(busy, 1);
        assertThat(idle.events).containsExactly("recall 1");
        broker.advance(2000);
        ask(busy, 1);
        assertThat(idle.events).containsExactly("recall 1", "recall 2");
        idle.disconnect();
        broker.run();
        assertThat(delivered(busy)).hasSize(3);
    }

    @Test
    void lookingWithoutWaitingBringsItBackForTheNextLook() {
        consume(idle, 1, 1000, "");
        send(1);
        consume(busy, 1, 1, "");
        busy.drain(1, true);
        broker.run();
        assertThat(idle.events).containsExactly("recall 1");
        idle.answerRecall(1, 1, 1);
        broker.run();
        assertThat(delivered(busy)).isEmpty();
        busy.credit(1, 1);
        busy.drain(1, true);
        broker.run();
        assertThat(delivered(busy)).containsExactly(1L);
    }

    @Test
    void theMessagesOfALargeBacklogGoRoundAmongAllWithCredit() {
        consume(idle, 1, 1000, "");
        consume(busy, 1, 1000, "");
        send(500);
        assertThat(delivered(idle)).hasSizeBetween(150, 350);
        assertThat(delivered(busy)).hasSizeBetween(150, 350);
    }
}
