package org.larchmq.broker.journal;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.reflect.Proxy;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.larchmq.message.BranchId;
import org.larchmq.message.DestinationKind;
import org.larchmq.message.ProtocolException;
import org.larchmq.store.io.SimulatedClock;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.log.CommitLog;
import org.larchmq.store.log.CommitLogSettings;
import org.larchmq.store.log.SegmentHead;

/** Every change is written and read back as the same call. */
class EntryRoundTripTest {
    private final SimulatedDisk disk = new SimulatedDisk(1);
    private final List<String> told = new ArrayList<>();
    private final List<String> read = new ArrayList<>();
    private CommitLog log;
    private EntryWriter writer;

    @BeforeEach
    void open() {
        log = new CommitLog(
                disk,
                "commitlog",
                CommitLogSettings.withSegmentSize(1 << 20, 1 << 30),
                new SimulatedClock(),
                SegmentHead.NONE,
                Runnable::run);
        log.recover(0, (offset, size, type, epoch, time, payload) -> {});
        writer = new EntryWriter(log, () -> 5, recorder(told));
    }

    private static Changes recorder(List<String> calls) {
        return (Changes) Proxy.newProxyInstance(
                Changes.class.getClassLoader(), new Class<?>[] {Changes.class}, (proxy, method, arguments) -> {
                    calls.add(method.getName() + describe(arguments));
                    return null;
                });
    }

    private static String describe(Object[] arguments) {
        if (arguments == null) return "()";
        List<String> parts = new ArrayList<>();
        for (int i = 0; i < arguments.length; i++) {
            Object argument = arguments[i];
            if (argument instanceof ByteBuffer buffer) {
                byte[] bytes = new byte[(int) arguments[i + 2]];
                buffer.get((int) arguments[i + 1], bytes);
                parts.add(Arrays.toString(bytes));
                i += 2;
            } else if (argument instanceof OffsetRanges ranges) {
                parts.add(text(ranges));
            } else if (argument instanceof DueMessages due) {
                parts.add(due.messages().toString());
            } else if (argument instanceof AckList acks) {
                parts.add(acks.parts().stream()
                        .map(p -> p.subscriptionId() + "/" + p.priority() + text(p.queueOffsets()))
                        .collect(Collectors.joining()));
            } else {
                parts.add(String.valueOf(argument));
            }
        }
        return parts.toString();
    }

    private static String text(OffsetRanges ranges) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < ranges.size(); i++) text.append(ranges.from(i) + "+" + ranges.count(i) + " ");
        return text.toString();
    }

    private void readBack() {
        log.write();
        log.force();
        EntryReader reader = new EntryReader(recorder(read));
        CommitLog again = new CommitLog(
                disk,
                "commitlog",
                CommitLogSettings.withSegmentSize(1 << 20, 1 << 30),
                new SimulatedClock(),
                SegmentHead.NONE,
                Runnable::run);
        again.recover(0, (offset, size, type, epoch, time, payload) -> reader.read(offset, size, type, payload));
    }

    @Test
    void everyChangeComesBackAsItWas() {
        OffsetRanges ranges = new OffsetRanges();
        ranges.add(3, 4);
        ranges.add(7); // follows, so it joins
        ranges.add(100);
        AckList acks = new AckList();
        acks.of(1, 4).add(5);
        acks.of(2, 9).add(6, 10);
        acks.of(1, 4).add(6);
        byte[] message = {9, 8, 7, 6};
        writer.storeMessage(7, 11, -1, true, ByteBuffer.wrap(message), 1, 3);
        writer.storeMessage(7, 0, 42, false, ByteBuffer.wrap(message), 0, 4);
        writer.storeMessage(7, 0, 43, false, "größe", ByteBuffer.wrap(message), 0, 4);
        byte[] stored = new byte[21 + 3];
        stored[4] = 1; // volatile
        writer.moveMessage(8, 44, true, ByteBuffer.wrap(stored));
        writer.moveMessage(8, ~(1L << 40), false, ByteBuffer.wrap(new byte[21 + 5]));
        writer.moveStaged(11, 1L << 41, ByteBuffer.wrap(new byte[21 + 5]));
        writer.createSubscription(8, 7, true, false, "", "eu", "a > 1");
        writer.createSubscription(9, 7, false, true, "client", "eu", "");
        writer.subscriptionDeleted(8);
        writer.settled(1, 4, ranges);
        writer.returned(1, 4, ranges, true);
        writer.returned(1, 4, ranges, false);
        writer.deadLettered(1, 4, 77, 2, 5, 1000, 64, -3);
        writer.deliveryReserved(1, 9, 1L << 40);
        writer.transactionCommitted(11, List.of(new Changes.FirstOffset(7, 4, 43)), acks);
        DueMessages due = new DueMessages();
        due.add(new DueMessages.Due(7, 4, true, 12, 1L << 41, 1L << 42, 333, -9));
        due.add(new DueMessages.Due(8, 9, false, 0, 5, 6, 7, 8));
        writer.delayDue(due);
        writer.partStored(ByteBuffer.wrap(message), 1, 2);
        writer.transactionRolledBack(12);
        writer.nameTransaction(13, -5, 2);
        writer.fenceTransactions(-5, 3);
        BranchId branch = new BranchId(131_077, new byte[64], new byte[] {1});
        writer.branchPrepared(13, branch, "alice", 1L << 41, acks);
        writer.branchCommitted(13, false, List.of(new Changes.FirstOffset(7, 4, 43)));
        writer.branchRolledBack(14, true);
        writer.branchForgotten(14);
        writer.destinationCreated(7, DestinationKind.TOPIC, "prix-é");
        writer.destinationDeleted(7);
        writer.epochStarted(3);
        writer.cleanlyStopped();
        writer.snapshotPart(true, false, ByteBuffer.wrap(message), 0, 4);
        told.add("snapshotPart[true, false, [9, 8, 7, 6]]"); // the writer only writes it
        readBack();
        assertThat(read).isEqualTo(told);
        Set<String> covered = read.stream().map(call -> call.split("[\\[(]")[0]).collect(Collectors.toSet());
        Set<String> all = Arrays.stream(Changes.class.getMethods())
                .map(java.lang.reflect.Method::getName)
                .collect(Collectors.toCollection(TreeSet::new));
        assertThat(covered).containsExactlyInAnyOrderElementsOf(all);
    }

    @Test
    void aPayloadThatIsTooShortOrTooLongOrUnknownIsRefused() {
        EntryReader reader = new EntryReader(recorder(read));
        for (int type : new int[] {1, 2, 3, 4, 5, 6, 7, 8, 9, 21, 22, 23, 24, 29, 30}) {
            byte entryType = (byte) type;
            assertThatThrownBy(() -> reader.read(0, 50, entryType, ByteBuffer.wrap(new byte[2])))
                    .isInstanceOf(ProtocolException.class);
        }
        assertThatThrownBy(() -> reader.read(0, 50, EntryType.EPOCH_STARTED, ByteBuffer.wrap(new byte[9])))
                .isInstanceOf(ProtocolException.class);
        assertThatThrownBy(() -> reader.read(8, 50, (byte) 99, ByteBuffer.wrap(new byte[9])))
                .hasMessageContaining("entry type 99 at 8");
    }
}
