package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.selector.Selector;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ErrorCode;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.Values;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.wire.FrameType;
import org.larchmq.wire.Frames;
import org.larchmq.wire.Protocol;

/** One client cannot have all of the loop, the log or the names. */
class TakingItAllTest {
    private static final long ONE_PIECE = 4_000_000;

    private final SimulatedClock clock = new SimulatedClock();

    @Test
    void oneMessageForManyCostlySelectorsIsEvaluatedInPieces() {
        SimulatedBroker broker = SimulatedBroker.on(new SimulatedDisk(1), clock);
        SimulatedClient client = broker.connect();
        for (int i = 1; i <= 200; i++) {
            client.consume(i, DestinationKind.TOPIC, "prices", costly(i), 10, reply -> {});
        }
        int topic = client.handle(DestinationKind.TOPIC, "prices");
        long most = work(() -> client.send(topic, message(7), code -> {}));
        most = Math.max(most, runInPieces(broker));
        assertThat(most).isLessThan(ONE_PIECE);
        assertThat(client.deliveries)
                .singleElement()
                .satisfies(delivery -> assertThat(delivery.consumerId()).isEqualTo(7));
    }

    @Test
    void oneMessageInAQueueForManyCostlySelectorsIsLookedAtInPieces() {
        SimulatedBroker broker = SimulatedBroker.on(new SimulatedDisk(1), clock);
        SimulatedClient client = broker.connect();
        int queue = client.queue("orders");
        for (int i = 1; i <= 200; i++) {
            client.consume(i, DestinationKind.QUEUE, "orders", costly(i), 10, reply -> {});
        }
        broker.run();
        List<Frames.Reply> drained = new ArrayList<>();
        long most = work(() -> {
            client.send(queue, message(150), code -> {});
            client.drain(3, true, drained::add);
        });
        most = Math.max(most, runInPieces(broker));
        assertThat(most).isLessThan(ONE_PIECE);
        assertThat(client.deliveries)
                .singleElement()
                .satisfies(delivery -> assertThat(delivery.consumerId()).isEqualTo(150));
        assertThat(drained).hasSize(1);
    }

    private static String costly(int i) {
        return "text LIKE '%aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaab%' OR n = " + i;
    }

    private static byte[] message(int n) {
        ByteWriter properties = new ByteWriter(1024);
        properties.putShort(2).putShortString("n");
        Values.write(properties, n);
        properties.putShortString("text");
        Values.write(properties, "a".repeat(50_000));
        ByteWriter out = new ByteWriter(1024);
        out.putByte(MessageLayout.CURRENT_VERSION).putByte(MessageLayout.BODY_NONE);
        out.putByte(0).putByte(4);
        out.putLong(0).putLong(0).putLong(0).putLong(1).putLong(n);
        out.putInt(0).putInt(1).putInt(properties.size()).putInt(0);
        out.putByte(0).putBytes(properties.toByteArray());
        return out.toByteArray();
    }

    private static long work(Runnable doing) {
        long before = Selector.workSoFar();
        doing.run();
        return Selector.workSoFar() - before;
    }

    private static long runInPieces(SimulatedBroker broker) {
        long most = 0;
        boolean[] more = {true};
        while (more[0]) most = Math.max(most, work(() -> more[0] = broker.loop.runOne()));
        return most;
    }

    @Test
    void partOfALargeMessageDoesNotKeepAFullDiskForEver() {
        SimulatedDisk disk = new SimulatedDisk(1).capacity(12 << 20);
        SimulatedBroker broker = SimulatedBroker.on(disk, clock);
        SimulatedClient idle = broker.connect();
        SimulatedClient staging = broker.connect();
        SimulatedClient honest = broker.connect();
        int orders = honest.queue("orders");
        byte[] large = SimulatedClient.message(5, 1, new byte[2 * Protocol.SMALLEST_PART_BYTES], true, 4, 0);
        idle.part(0, large, large.length - 2 * Protocol.SMALLEST_PART_BYTES, Protocol.SMALLEST_PART_BYTES);
        List<ErrorCode> staged = new ArrayList<>();
        staging.send(9, orders, SimulatedClient.message(6, 1, new byte[100], true, 4, 0), staged::add);
        broker.run();
        honest.consume(1, DestinationKind.QUEUE, "orders", "", 100_000, reply -> {});
        int refused = 0;
        for (int i = 0; i < 3_000; i++) {
            List<ErrorCode> codes = new ArrayList<>();
            honest.send(orders, SimulatedClient.message(7, i, new byte[8_000], true, 4, 0), codes::add);
            broker.advance(20);
            broker.advance(200);
            for (var delivery : List.copyOf(honest.deliveries)) {
                honest.acknowledge(false, reply -> {}, new long[] {1, delivery.sequence(), 1});
            }
            honest.deliveries.clear();
            broker.run();
            if (i >= 2_500) refused += codes.equals(List.of(ErrorCode.OK)) ? 0 : 1;
        }
        assertThat(refused).isZero();
        List<Frames.Reply> committed = new ArrayList<>();
        staging.commit(9, List.of(), List.of(), committed::add);
        broker.run();
        assertThat(committed).extracting(Frames.Reply::code).containsExactly(ErrorCode.DISK_FULL);
        assertThat(staged).containsExactly(ErrorCode.OK);
    }

    @Test
    void partsBeyondAShareOfTheBatchWaitUntilItIsCommitted() {
        SimulatedBroker broker = SimulatedBroker.on(new SimulatedDisk(1), clock);
        SimulatedClient bulk = broker.connect();
        int size = 256 << 10;
        byte[] large = SimulatedClient.message(5, 1, new byte[20 * size], true, 4, 0);
        int body = large.length - 20 * size;
        int parts = 0;
        for (; !bulk.isHeld && parts < 20; parts++) bulk.part(parts * size, large, body + parts * size, size);
        assertThat(broker.shard.uncommittedBytes()).isBetween(Shard.BATCH_BYTES, Shard.BATCH_BYTES + 2L * size);
        broker.run();
        assertThat(bulk.isHeld).isFalse();
        assertThat(broker.shard.log().flushedOffset()).isGreaterThan((long) parts * size);
        bulk.part(parts * size, large, body + parts * size, size);
        assertThat(bulk.isHeld).as("the next batch has nothing of it yet").isFalse();
    }

    @Test
    void aLongFrameOfMessagesIsTakenInSeveralTurns() {
        SimulatedBroker broker = SimulatedBroker.on(new SimulatedDisk(1), clock);
        SimulatedClient bulk = broker.connect();
        int orders = bulk.queue("orders");
        ByteWriter out = new ByteWriter(1024);
        int mark = FrameType.SEND.begin(out);
        out.putLong(1).putLong(0).putInt(1000);
        for (int i = 1; i <= 1000; i++) {
            byte[] message = SimulatedClient.message(5, i, new byte[i % 50], true, 4, 0);
            out.putInt(orders).putInt(message.length).putBytes(message);
        }
        FrameType.end(out, mark);
        ByteBuffer frame = ByteBuffer.wrap(out.toByteArray());
        int turns = 1;
        while (!broker.handle(bulk, FrameType.SEND, frame, () -> true)) turns++;
        assertThat(turns).isBetween(25, 40);
        assertThat(broker.handle(bulk, FrameType.SEND, frame, () -> false)).isTrue();
        bulk.consume(1, DestinationKind.QUEUE, "orders", "", 10_000, reply -> {});
        broker.run();
        assertThat(bulk.deliveries).hasSize(2000);
        for (int i = 0; i < 2000; i++) {
            assertThat(bulk.deliveries.get(i).messageSequence()).isEqualTo(1 + i % 1000);
        }
    }

    @Test
    void messagesThatNobodyReadsTakeAPartOfTheMemoryOnly() {
        var settings =
                SimulatedBroker.SETTINGS.with(SimulatedBroker.SETTINGS.limits().withMemoryBudget(8 << 20));
        SimulatedBroker broker = new SimulatedBroker(new SimulatedDisk(1), clock, false, settings);
        SimulatedClient client = broker.connect();
        long limit = broker.shard.settings().limits().memoryBudgetBytes();
        int unread = client.queue("unread");
        int size = (int) (limit / 64);
        for (int i = 1; i <= 40; i++) {
            client.send(unread, SimulatedClient.message(5, i, new byte[size], false, 4, 0), code -> {});
            broker.run();
        }
        assertThat(broker.shard.state().budget().usedBytes()).isBetween(limit / 5, limit / 4);
        client.consume(1, DestinationKind.QUEUE, "unread", "", 100, reply -> {});
        broker.run();
        assertThat(client.deliveries.stream().map(SimulatedClient.Delivery::messageSequence))
                .as("in order, wherever they are")
                .containsExactlyElementsOf(
                        java.util.stream.LongStream.rangeClosed(1, 40).boxed().toList());
    }

    @Test
    void selectorsOfAConnectionHaveABoundedLength() {
        SimulatedBroker broker = SimulatedBroker.on(new SimulatedDisk(1), clock);
        SimulatedClient greedy = broker.connect();
        SimulatedClient honest = broker.connect();
        String text = "n IN (" + "'red', ".repeat(100) + "'blue')";
        long fit = SelectorTexts.MOST_OF_A_CONNECTION / text.length();
        List<ErrorCode> codes = new ArrayList<>();
        for (int i = 1; i <= fit + 5; i++) {
            DestinationKind kind = i % 2 == 0 ? DestinationKind.TOPIC : DestinationKind.QUEUE;
            greedy.consume(i, kind, "long", text, 10, reply -> codes.add(reply.code()));
            if (i % 100 == 0) broker.run();
        }
        broker.run();
        assertThat(codes.subList(0, (int) fit)).containsOnly(ErrorCode.OK);
        assertThat(codes.subList((int) fit, codes.size())).containsOnly(ErrorCode.LIMIT_REACHED);
        assertThat(broker.shard.selectors().count())
                .as("equal ones are compiled once")
                .isEqualTo(1);
        honest.consume(1, DestinationKind.QUEUE, "long", text, 10, reply -> codes.add(reply.code()));
        greedy.closeConsumer(1, 0, reply -> {});
        greedy.consume(9_999, DestinationKind.QUEUE, "long", text, 10, reply -> codes.add(reply.code()));
        broker.run();
        assertThat(codes.subList(codes.size() - 2, codes.size())).containsOnly(ErrorCode.OK);
        greedy.disconnect();
        honest.disconnect();
        broker.run();
        assertThat(broker.shard.selectorTexts().all()).isZero();
    }

    @Test
    void manyConnectionsTogetherAddABoundedNumberOfBytesToABatch() {
        SimulatedBroker broker = SimulatedBroker.on(new SimulatedDisk(1), clock);
        SimulatedClient honest = broker.connect();
        int quiet = honest.queue("quiet");
        List<SimulatedClient> bulk = new ArrayList<>();
        for (int i = 0; i < 20; i++) bulk.add(broker.connect());
        int orders = 0;
        for (SimulatedClient client : bulk) orders = client.queue("orders");
        broker.run();
        long before = broker.shard.log().endOffset();
        for (int round = 0; round < 100; round++) {
            for (SimulatedClient client : bulk) {
                if (client.isHeld) continue;
                byte[] message = SimulatedClient.message(5, round, new byte[50_000], true, 4, 0);
                client.send(1 + round, orders, message, code -> {});
            }
        }
        assertThat(bulk).allMatch(client -> client.isHeld);
        assertThat(broker.shard.log().endOffset() - before).isLessThan(Shard.BATCH_BYTES + 20 * 110_000);
        honest.send(quiet, SimulatedClient.message(6, 1, new byte[100], true, 4, 0), code -> {});
        assertThat(honest.isHeld).as("what adds little goes on").isFalse();
        broker.run();
        assertThat(bulk).noneMatch(client -> client.isHeld);
    }

    @Test
    void sendsBeyondALargeBatchWaitUntilItIsCommitted() {
        SimulatedBroker broker = SimulatedBroker.on(new SimulatedDisk(1), clock);
        SimulatedClient bulk = broker.connect();
        SimulatedClient honest = broker.connect();
        int orders = bulk.queue("orders");
        int sent = 0;
        for (; !bulk.isHeld && sent < 200; sent++) {
            bulk.send(orders, SimulatedClient.message(5, sent, new byte[100_000], true, 4, 0), code -> {});
        }
        assertThat(broker.shard.uncommittedBytes()).isBetween(Shard.BATCH_BYTES, Shard.BATCH_BYTES + 300_000L);
        honest.send(honest.queue("orders"), SimulatedClient.message(6, 1, new byte[100], true, 4, 0), code -> {});
        assertThat(honest.isHeld).isFalse();
        bulk.disconnect();
        broker.run();
    }

    @Test
    void aDripOfPartsDoesNotKeepAShortDisk() {
        SimulatedDisk disk = new SimulatedDisk(1).capacity(12 << 20);
        SimulatedBroker broker = SimulatedBroker.on(disk, clock);
        SimulatedClient drip = broker.connect();
        int size = Protocol.SMALLEST_PART_BYTES;
        byte[] large = SimulatedClient.message(5, 1, new byte[20 * size], true, 4, 0);
        int body = large.length - 20 * size;
        drip.queue("unread");
        broker.run();
        drip.part(0, large, body, size);
        assertThat(drip.connection.upload().holdsLog()).isTrue();
        makeShort(broker);
        assertThat(drip.connection.upload().holdsLog()).isTrue();
        for (int i = 1; i < 6; i++) {
            drip.part(i * size, large, body + i * size, size);
            for (int second = 0; second < 9; second++) broker.advance(1_000);
        }
        assertThat(drip.connection.upload().holdsLog()).isFalse();
    }

    @Test
    void aBranchWithoutATimeoutDoesNotKeepAShortDisk() {
        SimulatedBroker broker = SimulatedBroker.on(new SimulatedDisk(1).capacity(12 << 20), clock);
        SimulatedClient idle = broker.connect();
        org.larchmq.message.BranchId id = new org.larchmq.message.BranchId(1, new byte[] {7}, new byte[0]);
        byte[] message = SimulatedClient.message(6, 1, new byte[10], true, 4, 0);
        idle.startBranch(id, false, 1, 0, reply -> {});
        List<Frames.Reply> ended = new ArrayList<>();
        idle.endBranch(id, 0, List.of(idle.queue("orders")), List.of(message), ended::add);
        broker.run();
        assertThat(ended).extracting(Frames.Reply::code).containsExactly(ErrorCode.OK);
        makeShort(broker);
        for (int second = 0; second < 90; second++) broker.advance(1_000);
        List<Frames.Reply> prepared = new ArrayList<>();
        idle.branch(org.larchmq.wire.FrameType.XA_PREPARE, id, prepared::add);
        broker.run();
        assertThat(prepared).extracting(Frames.Reply::code).containsExactly(ErrorCode.XA_ROLLED_BACK);
        assertThat(prepared.get(0).text()).contains("high-water mark");
    }

    /** Messages that nobody takes, until the disk comes near its mark. */
    private static void makeShort(SimulatedBroker broker) {
        SimulatedClient filler = broker.connect();
        int unread = filler.queue("unread");
        for (int i = 0; i < 3_000 && broker.shard.log().spacePressure() == 0; i++) {
            filler.send(unread, SimulatedClient.message(8, i, new byte[8_000], true, 4, 0), code -> {});
            broker.advance(1);
        }
        assertThat(broker.shard.log().spacePressure()).isPositive();
        broker.advance(200);
    }

    @Test
    void oneConnectionCannotUseUpTheNamesOfAll() {
        var settings = SimulatedBroker.SETTINGS.with(
                new org.larchmq.broker.settings.BrokerSettings.Limits(100_000, 150_000, 40, 1 << 20, 100, 4, 12));
        SimulatedBroker broker = new SimulatedBroker(new SimulatedDisk(1), clock, false, settings);
        SimulatedClient greedy = broker.connect();
        List<Frames.Reply> replies = new ArrayList<>();
        for (int i = 0; i < 200; i++) greedy.open(DestinationKind.TEMPORARY_QUEUE, "", replies::add);
        broker.run();
        assertThat(replies).filteredOn(reply -> reply.code() == ErrorCode.OK).hasSize(10);
        assertThat(replies.get(199).text()).contains("limits.maxDestinations");
        assertThat(broker.connect().queue("orders")).isPositive();
    }
}
