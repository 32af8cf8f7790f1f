package org.larchmq.broker.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.larchmq.broker.journal.AckList;
import org.larchmq.broker.journal.BranchEntry.BranchPrepared;
import org.larchmq.broker.state.OpenTransactions.StagedPlace;
import org.larchmq.message.BranchId;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

class OpenTransactionsTest {
    private static final BranchId BRANCH = new BranchId(1, new byte[] {1}, new byte[] {2});

    private final PreparedBranches branches = new PreparedBranches();
    private final OpenTransactions open = new OpenTransactions(branches);

    private static StagedMessage message(int destinationId, long physicalOffset) {
        return new StagedMessage(destinationId, 4, false, physicalOffset, 100, -1, 0, 0);
    }

    private static List<StagedMessage> readBack(ByteWriter written, int records) {
        OpenTransactions read = new OpenTransactions(new PreparedBranches());
        ByteReader in = new ByteReader(ByteBuffer.wrap(written.toByteArray()));
        for (int i = 0; i < records; i++) read.read(in);
        assertThat(in.remaining()).isZero();
        List<StagedMessage> all = new ArrayList<>();
        read.all().values().forEach(all::addAll);
        return all;
    }

    /** Prepares what transaction 9 has staged. */
    private void prepare() {
        BranchPrepared prepared = new BranchPrepared(9, BRANCH, "alice", 5, new AckList());
        branches.add(new PreparedBranch(prepared, PreparedBranch.Outcome.PREPARED, open.remove(9)));
    }

    @Test
    void aRecordHasTheseBytes() {
        open.add(7, new StagedMessage(258, 9, true, 0x0102030405060708L, 77, -2, 0, 0));
        open.add(7, new StagedMessage(1, 0, false, 16, 32, 3, 1000, 11));
        ByteWriter out = new ByteWriter(64);
        open.write(out, () -> {}, () -> {});
        assertThat(HexFormat.of().formatHex(out.toByteArray()))
                .isEqualTo("0000000000000007" + "00000002"
                        + "00000102" + "09" + "01" + "0102030405060708" + "0000004d" + "fffffffe" + "0000000000000000"
                        + "00000001" + "00" + "00" + "0000000000000010" + "00000020" + "00000003" + "00000000000003e8"
                        + "000000000000000b");
    }

    @Test
    void manyMessagesTakeSeveralRecordsAndComeBackInOrder() {
        for (int i = 0; i < 10_000; i++) open.add(7, message(1, i));
        open.add(8, message(2, 20_000));
        ByteWriter out = new ByteWriter(64);
        AtomicInteger begun = new AtomicInteger();
        AtomicInteger ended = new AtomicInteger();
        open.write(out, begun::incrementAndGet, ended::incrementAndGet);
        assertThat(begun).hasValue(4);
        assertThat(ended).hasValue(4);
        List<StagedMessage> expected = new ArrayList<>(open.of(7));
        expected.addAll(open.of(8));
        assertThat(readBack(out, 4)).isEqualTo(expected);
    }

    @Test
    void whatATransactionHasStagedIsGoneWithItsEnd() {
        open.add(7, message(1, 10));
        assertThat(open.remove(7)).containsExactly(message(1, 10));
        assertThat(open.of(7)).isEmpty();
        assertThat(open.remove(7)).isEmpty();
        assertThat(open.contains(new StagedPlace(7, 10, 100))).isFalse();
        assertThat(open.moved(7, 10, 20, 100)).isFalse();
    }

    @Test
    void aMovedMessageIsFoundAtItsNewPlaceOnly() {
        for (int i = 0; i < 3; i++) open.add(7, message(1, 10 + i));
        assertThat(open.moved(7, 11, 500, 104)).isTrue();
        assertThat(open.contains(new StagedPlace(7, 11, 100))).isFalse();
        assertThat(open.contains(new StagedPlace(7, 500, 104))).isTrue();
        assertThat(open.of(7))
                .extracting(StagedMessage::physicalOffset, StagedMessage::entryBytes)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple(10L, 100),
                        org.assertj.core.groups.Tuple.tuple(500L, 104),
                        org.assertj.core.groups.Tuple.tuple(12L, 100));
    }

    @Test
    void theLogIsNeededFromTheOldestMessageOn() {
        assertThat(open.oldestNeeded()).isEqualTo(Long.MAX_VALUE);
        open.add(7, message(1, 30));
        open.add(8, message(1, 20));
        assertThat(open.oldestNeeded()).isEqualTo(20);
        open.remove(8);
        assertThat(open.oldestNeeded()).isEqualTo(30);
        open.clear();
        assertThat(open.oldestNeeded()).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void messagesOfPreparedBranchesAreFoundAndMovedToo() {
        open.add(9, message(1, 10));
        open.add(9, message(1, 11));
        prepare();
        assertThat(open.all()).isEmpty();
        assertThat(open.of(9)).hasSize(2);
        assertThat(open.before(11, 10)).containsExactly(new StagedPlace(9, 10, 100));
        assertThat(open.moved(9, 10, 50, 100)).isTrue();
        assertThat(open.before(100, 10)).containsExactly(new StagedPlace(9, 50, 100), new StagedPlace(9, 11, 100));
    }

    @Test
    void aSearchBeforeAPlaceFindsAtMostSoManyAsAreWanted() {
        for (int i = 0; i < 10; i++) open.add(i % 2, message(1, i));
        assertThat(open.before(100, 3)).hasSize(3);
        assertThat(open.before(4, 100))
                .extracting(StagedPlace::physicalOffset)
                .containsExactlyInAnyOrder(0L, 1L, 2L, 3L);
    }

    @Test
    void destinationsAreCountedOncePerPriority() {
        open.add(7, message(1, 1));
        open.add(7, message(1, 2));
        open.add(7, message(2, 3));
        open.add(7, new StagedMessage(2, 9, false, 4, 100, -1, 0, 0));
        assertThat(open.destinationsOf(7)).isEqualTo(3);
        assertThat(open.destinationsOf(8)).isZero();
    }
}
