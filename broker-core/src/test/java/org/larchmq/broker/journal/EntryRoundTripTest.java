package org.larchmq.broker.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.RecordComponent;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.journal.MessageEntry.LargePart;
import org.larchmq.broker.journal.MessageEntry.MessageStored;
import org.larchmq.broker.journal.SettlementEntry.Returned;
import org.larchmq.broker.journal.SettlementEntry.Settled;
import org.larchmq.broker.journal.ShardEntry.CleanlyStopped;
import org.larchmq.broker.journal.ShardEntry.SnapshotPart;
import org.larchmq.message.MessageRef;
import org.larchmq.message.ProtocolException;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.log.CommitLog;
import org.larchmq.store.log.CommitLogSettings;
import org.larchmq.store.log.SegmentHead;

/** Every entry is written, applied, and read back as the same entry. */
class EntryRoundTripTest {
    private static final byte[] MESSAGE = {9, 8, 7, 6};

    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final List<String> applied = new ArrayList<>();
    private final List<String> replayed = new ArrayList<>();
    private CommitLog log;
    private Journal journal;

    @BeforeEach
    void open() {
        log = newLog();
        log.recover(0, (offset, size, type, epoch, time, payload) -> {});
        journal = new Journal(log, () -> 5, (offset, bytes, entry) -> applied.add(text(offset, bytes, entry)));
    }

    private CommitLog newLog() {
        return new CommitLog(
                disk,
                "commitlog",
                CommitLogSettings.withSegmentSize(1 << 20, 1 << 30),
                new SimulatedClock(),
                SegmentHead.NONE,
                Runnable::run);
    }

    private static String text(long physicalOffset, int entryBytes, Entry entry) {
        return physicalOffset + "+" + entryBytes + " " + text(entry);
    }

    private static String text(Object value) {
        if (value instanceof MessageRef message) return bytes(message.buffer(), message.at(), message.size());
        if (value instanceof OffsetRanges ranges) {
            StringBuilder text = new StringBuilder();
            for (int i = 0; i < ranges.size(); i++) text.append(ranges.from(i) + "+" + ranges.count(i) + " ");
            return text.toString();
        }
        if (value instanceof AckList acks)
            return acks.parts().stream().map(EntryRoundTripTest::text).toList().toString();
        if (value instanceof DueMessages due) return due.messages().toString();
        if (value instanceof MessageStored stored) {
            return "MessageStored " + stored.destinationId() + " " + stored.transactionId() + " " + stored.queueOffset()
                    + " " + stored.isVolatile() + " " + stored.publisher() + " " + text(stored.message());
        }
        if (value instanceof LargePart part) return "part " + bytes(part.bulk(), part.bulkAt(), part.bulkBytes());
        if (value instanceof SnapshotPart part) {
            return "snapshot " + part.first() + part.last() + bytes(part.bulk(), part.bulkAt(), part.bulkBytes());
        }
        return value instanceof Record entry ? fields(entry) : String.valueOf(value);
    }

    private static String fields(Record entry) {
        StringBuilder text = new StringBuilder(entry.getClass().getSimpleName());
        for (RecordComponent component : entry.getClass().getRecordComponents()) {
            try {
                var accessor = component.getAccessor();
                accessor.setAccessible(true);
                text.append(' ').append(component.getName()).append('=').append(text(accessor.invoke(entry)));
            } catch (ReflectiveOperationException e) {
                throw new AssertionError(e);
            }
        }
        return text.toString();
    }

    private static String bytes(ByteBuffer buffer, int at, int size) {
        byte[] bytes = new byte[size];
        buffer.get(at, bytes);
        return Arrays.toString(bytes);
    }

    private void readBack() {
        log.write();
        log.force();
        Replay replay = new Replay((offset, bytes, entry) -> replayed.add(text(offset, bytes, entry)));
        newLog().recover(0, (offset, size, type, epoch, time, payload) -> replay.read(offset, size, type, payload));
    }

    @Test
    void everyEntryComesBackAsItWas() {
        for (Entry entry : EntrySamples.all()) journal.append(entry);
        readBack();
        assertThat(replayed).isEqualTo(applied);
        assertThat(EntrySamples.all()).extracting(Entry::kind).containsAll(EntryKinds.all());
    }

    /** Payloads never change their layout. */
    @Test
    void everyEntryHasTheBytesOfTheGoldenFile() throws IOException {
        for (Entry entry : EntrySamples.all()) journal.append(entry);
        log.write();
        log.force();
        StringBuilder written = new StringBuilder();
        newLog().recover(0, (offset, size, type, epoch, time, payload) -> {
            byte[] bytes = new byte[payload.remaining()];
            payload.get(payload.position(), bytes);
            written.append(type)
                    .append(' ')
                    .append(HexFormat.of().formatHex(bytes))
                    .append((char) 10);
        });
        try (InputStream golden = EntryRoundTripTest.class.getResourceAsStream("entries.hex")) {
            assertThat(written).hasToString(new String(golden.readAllBytes(), StandardCharsets.US_ASCII));
        }
    }

    @Test
    void everyEntryHasItsKindInItsFamily() {
        Set<String> names = new HashSet<>();
        Set<String> records = new HashSet<>();
        for (EntryKind kind : EntryKinds.all())
            names.add(kind.name().replace("_", "").toLowerCase());
        for (Class<?> family : Entry.class.getPermittedSubclasses()) {
            for (Class<?> entry : family.getPermittedSubclasses())
                records.add(entry.getSimpleName().toLowerCase());
        }
        assertThat(records).isEqualTo(names);
    }

    /** No number is forgotten: each stands for a type, or is retired. */
    @Test
    void everyNumberIsATypeOrIsRetired() {
        List<Integer> numbers = new ArrayList<>(EntryKinds.RETIRED_NUMBERS);
        for (EntryKind kind : EntryKinds.all()) numbers.add((int) kind.number());
        List<Integer> all =
                IntStream.rangeClosed(1, Collections.max(numbers)).boxed().toList();
        assertThat(numbers).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void aSnapshotIsWrittenAndNotApplied() {
        journal.writeSnapshot(new SnapshotPart(true, true, ByteBuffer.wrap(MESSAGE), 1, 2));
        readBack();
        assertThat(applied).isEmpty();
        assertThat(replayed).hasSize(1);
        assertThat(replayed.get(0)).endsWith("snapshot truetrue[8, 7]");
    }

    @Test
    void manyRangesAreSeveralEntries() {
        OffsetRanges many = new OffsetRanges();
        for (int i = 0; i < SettlementEntry.RANGES_LIMIT + 1; i++) many.add(i * 2L);
        Settled.appendTo(journal, 1, 4, many);
        Returned.appendTo(journal, 1, 4, many, true);
        Settled.appendTo(journal, 1, 4, new OffsetRanges());
        readBack();
        assertThat(replayed).isEqualTo(applied).hasSize(4);
        assertThat(replayed.get(0)).contains("Settled").contains("0+1 2+1");
        assertThat(replayed.get(1)).endsWith("queueOffsets=" + SettlementEntry.RANGES_LIMIT * 2 + "+1 ");
        assertThat(replayed.get(3)).contains("Returned").endsWith("counted=true");
    }

    @Test
    void anEntryThatIsTooLargeChangesNothing() {
        LargePart large = new LargePart(ByteBuffer.allocate(log.maxPayloadBytes() + 1), 0, log.maxPayloadBytes() + 1);
        assertThatThrownBy(() -> journal.append(large))
                .isInstanceOf(ProtocolException.class)
                .hasMessageContaining("store.segmentSize");
        assertThat(applied).isEmpty();
        assertThat(log.endOffset()).isZero();
    }

    @Test
    void anEntryThatCannotBeAppliedEndsTheLog() {
        Journal failing = new Journal(log, () -> 5, (offset, bytes, entry) -> {
            throw new IllegalStateException("broken");
        });
        assertThatThrownBy(() -> failing.append(new CleanlyStopped())).hasMessage("broken");
        assertThatThrownBy(() -> failing.append(new CleanlyStopped())).isNotInstanceOf(IllegalStateException.class);
    }

    @Test
    void aPayloadThatIsTooShortOrTooLongOrUnknownIsRefused() {
        Replay replay = new Replay((offset, bytes, entry) -> {});
        for (int type : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 21, 22, 23, 24, 29, 30}) {
            byte number = (byte) type;
            assertThatThrownBy(() -> replay.read(0, 50, number, ByteBuffer.wrap(new byte[2])))
                    .isInstanceOf(ProtocolException.class);
        }
        byte epochStarted = ShardEntry.EPOCH_STARTED.number();
        assertThatThrownBy(() -> replay.read(0, 50, epochStarted, ByteBuffer.wrap(new byte[9])))
                .isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> replay.read(8, 50, (byte) 99, ByteBuffer.wrap(new byte[9])))
                .hasMessageContaining("entry type 99 at 8");
        assertThatThrownBy(() -> replay.read(8, 50, (byte) -1, ByteBuffer.wrap(new byte[9])))
                .hasMessageContaining("entry type -1 at 8");
    }
}
