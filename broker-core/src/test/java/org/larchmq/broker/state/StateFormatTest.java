package org.larchmq.broker.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.journal.AckList;
import org.larchmq.broker.journal.BranchEntry.BranchPrepared;
import org.larchmq.broker.journal.DueMessages;
import org.larchmq.broker.journal.Entry;
import org.larchmq.broker.journal.FirstOffset;
import org.larchmq.broker.journal.LargeBody;
import org.larchmq.broker.journal.MessageEntry;
import org.larchmq.broker.journal.MessageEntry.MessageStored;
import org.larchmq.broker.journal.OffsetRanges;
import org.larchmq.broker.journal.ScheduleEntry.DelayDue;
import org.larchmq.broker.journal.SettlementEntry.DeadLetterRow;
import org.larchmq.broker.journal.SettlementEntry.DeadLettered;
import org.larchmq.broker.journal.SettlementEntry.DeliveryReserved;
import org.larchmq.broker.journal.SettlementEntry.Returned;
import org.larchmq.broker.journal.SettlementEntry.Settled;
import org.larchmq.broker.journal.ShardEntry.EpochStarted;
import org.larchmq.broker.journal.ShardEntry.SnapshotPart;
import org.larchmq.broker.journal.TopologyEntry.DestinationCreated;
import org.larchmq.broker.journal.TopologyEntry.SubscriptionCreated;
import org.larchmq.broker.journal.TopologyEntry.Terms;
import org.larchmq.broker.journal.TransactionEntry.TransactionCommitted;
import org.larchmq.broker.journal.TransactionEntry.TransactionNamed;
import org.larchmq.broker.journal.TransactionEntry.TransactionsFenced;
import org.larchmq.message.BranchId;
import org.larchmq.message.ByteWriter;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.MessageLayout;
import org.larchmq.message.MessageRef;
import org.larchmq.store.catalog.CatalogKey;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.queue.ConsumeQueueStore;

/** The records of a checkpoint and of a segment's head stay what they are, byte by byte, however the state is cut. */
class StateFormatTest {
    private static final int ORDERS = 1, PRICES = 2, EU = 3, US = 4, DEAD = 5;
    private static final long PRODUCER = 77;
    private static final long LATER = 1L << 41;

    private final ShardState state = newState();
    private long physicalOffset = 4096;

    private static ShardState newState() {
        return new ShardState(new ConsumeQueueStore(new SimulatedDisk(1), "queues"), new MemoryBudget(1 << 20), false);
    }

    private long apply(Entry entry) {
        long at = physicalOffset;
        state.apply(at, 96, entry);
        physicalOffset += 96;
        return at;
    }

    private static MessageRef message(long sequence, int priority, int flags, long deliveryTime, byte[] body) {
        ByteWriter out = new ByteWriter(128);
        out.putByte(MessageLayout.CURRENT_VERSION).putByte(MessageLayout.BODY_BYTES);
        out.putByte(flags).putByte(priority);
        out.putLong(0).putLong(0).putLong(deliveryTime).putLong(PRODUCER).putLong(sequence);
        out.putInt(0).putInt(1).putInt(2).putInt(body.length);
        out.putByte(0).putShort(0).putBytes(body);
        return new MessageRef(out.toByteBuffer(), 0, out.size());
    }

    private static MessageRef message(long sequence, int priority) {
        int flags = MessageLayout.FLAG_PERSISTENT | MessageLayout.FLAG_TRACKED;
        return message(sequence, priority, flags, 0, new byte[] {(byte) sequence});
    }

    private static MessageRef delayed(long sequence, long deliveryTime) {
        return message(sequence, 4, MessageLayout.FLAG_PERSISTENT, deliveryTime, new byte[3]);
    }

    private static MessageRef large(long sequence) {
        ByteBuffer list = ByteBuffer.allocate(LargeBody.listBytes(2));
        LargeBody.begin(list, 100_000, 2);
        LargeBody.addPart(list, 1024, 60_000);
        LargeBody.addPart(list, 2048, 40_000);
        return message(sequence, 4, MessageLayout.FLAG_PERSISTENT | MessageLayout.FLAG_LARGE, 0, list.array());
    }

    private void stored(int destination, long transaction, long queueOffset, MessageRef message) {
        apply(new MessageStored().set(destination, transaction, queueOffset, false, null, message));
    }

    private static OffsetRanges places(long from, long count) {
        OffsetRanges ranges = new OffsetRanges();
        ranges.add(from, count);
        return ranges;
    }

    private static AckList acknowledged(int subscription, long place) {
        AckList acks = new AckList();
        acks.of(subscription, 4).add(place);
        return acks;
    }

    /** One of everything that a state holds. */
    private void live() {
        apply(new EpochStarted(1));
        apply(new DestinationCreated(ORDERS, DestinationKind.QUEUE, "orders"));
        apply(new DestinationCreated(PRICES, DestinationKind.TOPIC, "prix-é"));
        apply(new SubscriptionCreated(EU, PRICES, new Terms("", "eu", true, false, "a > 1")));
        apply(new SubscriptionCreated(US, PRICES, new Terms("client", "us", false, true, "")));
        apply(new DestinationCreated(DEAD, DestinationKind.QUEUE, "DLQ"));
        for (int i = 0; i < 8; i++) stored(ORDERS, 0, i, message(1 + i, 4));
        stored(ORDERS, 0, 0, message(9, 9));
        stored(PRICES, 0, 0, message(10, 4));
        stored(PRICES, 0, 1, large(11));
        apply(new Settled(ORDERS, 4, places(0, 1)));
        apply(new Settled(ORDERS, 4, places(5, 1)));
        apply(new Settled(EU, 4, places(0, 1)));
        apply(new DeliveryReserved(ORDERS, 4, 4));
        apply(new Returned(ORDERS, 4, places(1, 1), true));
        apply(new Returned(ORDERS, 4, places(2, 1), false));
        apply(new DeadLettered(ORDERS, 4, 3, new DeadLetterRow(DEAD, 0, physicalOffset, 96, 5)));
        live(LATER);
        apply(new TransactionsFenced(-5, 3));
    }

    private void live(long deliveryTime) {
        stored(ORDERS, 0, MessageEntry.DELAYED, delayed(12, deliveryTime));
        stored(PRICES, 0, MessageEntry.DELAYED, delayed(13, deliveryTime + 1));
        DueMessages due = new DueMessages();
        due.add(new DueMessages.Due(ORDERS, 4, false, 8, deliveryTime, physicalOffset - 2 * 96, 96, 0));
        apply(new DelayDue(due));
        apply(new TransactionNamed(21, PRODUCER, 1));
        stored(ORDERS, 21, MessageEntry.IN_TRANSACTION, message(14, 4));
        stored(ORDERS, 21, MessageEntry.DELAYED, delayed(15, deliveryTime + 2));
        stored(ORDERS, 22, MessageEntry.IN_TRANSACTION, message(16, 4));
        apply(new TransactionNamed(22, PRODUCER, 2));
        apply(new TransactionCommitted(22, List.of(new FirstOffset(ORDERS, 4, 9)), acknowledged(ORDERS, 4)));
        stored(PRICES, 23, MessageEntry.IN_TRANSACTION, message(17, 4));
        BranchId branch = new BranchId(131_077, new byte[] {1, 2, 3}, new byte[] {4});
        apply(new BranchPrepared(23, branch, "alice", 1L << 40, acknowledged(ORDERS, 6)));
    }

    private static Map<CatalogKey, byte[]> checkpoint(ShardState of) {
        return of.drainChanged().puts();
    }

    private static byte[] snapshot(ShardState of) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        new SnapshotWriter().write(of, part -> {
            for (int i = 0; i < part.bulkBytes(); i++) all.write(part.bulk().get(part.bulkAt() + i));
        });
        return all.toByteArray();
    }

    @Test
    void theRecordsAreTheBytesThatEarlierStatesWereWrittenIn() throws Exception {
        live();
        TreeMap<String, String> lines = new TreeMap<>();
        checkpoint(state)
                .forEach((key, bytes) ->
                        lines.put(key.section() + " " + key.id(), HexFormat.of().formatHex(bytes)));
        lines.put("snapshot", HexFormat.of().formatHex(snapshot(state)));
        StringBuilder written = new StringBuilder();
        lines.forEach(
                (name, hex) -> written.append(name).append(' ').append(hex).append('\n'));
        try (InputStream golden = StateFormatTest.class.getResourceAsStream("records.hex")) {
            assertThat(written).hasToString(new String(golden.readAllBytes(), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void aStateFromItsCheckpointIsTheSame() {
        live();
        ShardState restored = newState();
        byte[] head = snapshot(state);
        CheckpointCodec.restore(restored, checkpoint(state));
        assertThat(snapshot(restored)).isEqualTo(head);
        assertThat(StateText.difference(StateText.of(state), StateText.of(restored)))
                .isEmpty();
    }

    @Test
    void aStateFromASegmentsHeadWritesTheSameHead() {
        live();
        byte[] head = snapshot(state);
        ShardState restored = newState();
        ByteBuffer bytes = ByteBuffer.wrap(head);
        restored.apply(0, 96, new SnapshotPart(true, false, bytes, 0, head.length / 2));
        restored.apply(96, 96, new SnapshotPart(false, true, bytes, head.length / 2, head.length - head.length / 2));
        assertThat(snapshot(restored)).isEqualTo(head);
    }
}
