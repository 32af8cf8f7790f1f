package org.larchmq.broker.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

class CursorTest {
    @Test
    void aSetTakesRangesAcrossTheBoundariesOfItsBlocks() {
        OffsetSet set = new OffsetSet();
        set.add(65_500, 100);
        assertThat(set.contains(65_599)).isTrue();
        assertThat(set.firstAbsentFrom(65_500)).isEqualTo(65_600);
        set.removeBelow(65_600);
        assertThat(set.isEmpty()).isTrue();
        set.add(5L << 40, 70_000);
        assertThat(set.firstFrom(0)).isEqualTo(5L << 40);
    }

    @Test
    void aSetTakesOffsetsHoweverFarApart() {
        OffsetSet set = new OffsetSet();
        set.add(3);
        set.add(1L << 33);
        set.add((1L << 62) + 7);
        assertThat(set.size()).isEqualTo(3);
        assertThat(set.firstFrom(4)).isEqualTo(1L << 33);
        assertThat(set.firstFrom((1L << 33) + 1)).isEqualTo((1L << 62) + 7);
        set.removeBelow(1L << 34);
        assertThat(set.firstFrom(0)).isEqualTo((1L << 62) + 7);
    }

    @Test
    void moreThanTwoToThe31MessagesAreSettledBehindOneThatWaits() {
        long settled = (1L << 31) + 100_000;
        Cursor cursor = new Cursor(0);
        cursor.settle(1, settled);
        cursor.settle((1L << 33) + 5, 10);
        ByteWriter out = new ByteWriter(1024);
        cursor.encode(out);
        Cursor restored = Cursor.decode(new ByteReader(ByteBuffer.wrap(out.toByteArray())));
        assertThat(restored.lowWater()).isZero();
        assertThat(restored.isSettled(settled)).isTrue();
        assertThat(restored.isSettled(settled + 1)).isFalse();
        restored.settle(0, 1);
        assertThat(restored.lowWater()).isEqualTo(settled + 1);
        assertThat(restored.isSettled((1L << 33) + 14)).isTrue();
    }

    @Test
    void aSetAgreesWithAPlainOneWhateverIsDone() {
        for (int seed = 0; seed < 200; seed++) {
            Random random = new Random(seed);
            OffsetSet set = new OffsetSet();
            TreeSet<Long> plain = new TreeSet<>();
            long origin = random.nextInt(3) * (1L << 33) + random.nextInt(2) * ((1L << 31) - 100_000);
            for (int i = 0; i < 200; i++) {
                long offset = origin + random.nextInt(200_000);
                int count = 1 + random.nextInt(300);
                switch (random.nextInt(5)) {
                    case 0 -> {
                        set.add(offset, count);
                        LongStream.range(offset, offset + count).forEach(plain::add);
                    }
                    case 1 -> {
                        set.add(offset);
                        plain.add(offset);
                    }
                    case 2 -> {
                        set.remove(offset, count);
                        LongStream.range(offset, offset + count).forEach(plain::remove);
                    }
                    case 3 -> {
                        set.removeBelow(offset - 150_000);
                        plain.headSet(offset - 150_000).clear();
                    }
                    default -> {
                        Long first = plain.ceiling(offset);
                        assertThat(set.firstFrom(offset)).as("seed %d", seed).isEqualTo(first == null ? -1 : first);
                        assertThat(set.contains(offset)).as("seed %d", seed).isEqualTo(plain.contains(offset));
                    }
                }
                assertThat(set.size()).as("seed %d", seed).isEqualTo(plain.size());
            }
        }
    }

    @Test
    void everyMessageIsHandedOutOnceAndTheLowWaterMarkFollowsWhatIsSettled() {
        for (int seed = 0; seed < 100; seed++) {
            Random random = new Random(seed);
            Cursor cursor = new Cursor(0);
            TreeSet<Long> held = new TreeSet<>();
            TreeSet<Long> settled = new TreeSet<>();
            long end = 0;
            for (int i = 0; i < 2000; i++) {
                int dice = random.nextInt(10);
                if (dice < 2) end += random.nextInt(200);
                else if (dice < 6) {
                    long offset = cursor.takeNext(end);
                    if (offset >= 0)
                        assertThat(held.add(offset)).as("seed %d", seed).isTrue();
                } else if (!held.isEmpty()) {
                    Long offset = held.floor((long) random.nextInt((int) end + 1));
                    if (offset == null) continue;
                    held.remove(offset);
                    if (dice == 6) {
                        cursor.makeReady(offset);
                    } else {
                        cursor.settle(offset, 1);
                        settled.add(offset);
                    }
                }
            }
            for (long offset = cursor.takeNext(end); offset >= 0; offset = cursor.takeNext(end)) held.add(offset);
            assertThat((long) held.size() + settled.size()).as("seed %d", seed).isEqualTo(end);
            for (long offset : held) cursor.settle(offset, 1);
            assertThat(cursor.lowWater()).as("seed %d", seed).isEqualTo(end);
        }
    }

    @Test
    void aCursorComesBackFromItsBytesAsItWas() {
        Cursor cursor = new Cursor(10);
        cursor.settle(12, 70_000);
        cursor.returned(10, 1, true);
        cursor.returned(11, 1, false);
        cursor.reserve(200_000);
        ByteWriter out = new ByteWriter(64);
        cursor.encode(out);
        Cursor again = Cursor.decode(new ByteReader(ByteBuffer.wrap(out.toByteArray())));
        assertThat(again.lowWater()).isEqualTo(10);
        assertThat(again.attempts(10)).isEqualTo(1);
        assertThat(again.deliveryCount(11)).isEqualTo(2);
        assertThat(again.reservedUpTo()).isEqualTo(200_000);
        assertThat(again.isSettled(70_011)).isTrue();
        assertThat(again.isSettled(70_012)).isFalse();
        assertThat(again.unsettled(80_000)).isEqualTo(2 + 80_000 - 70_012);
    }

    @Test
    void whatWasTakenOutOfTurnAndCameBackIsHandedOutInItsTurn() {
        Cursor cursor = new Cursor(0);
        cursor.take(5);
        assertThat(cursor.isAvailable(5)).isFalse();
        cursor.makeReady(5);
        assertThat(cursor.isAvailable(5)).isTrue();
        for (long offset = 0; offset < 8; offset++) {
            assertThat(cursor.takeNext(8)).isEqualTo(offset);
        }
        assertThat(cursor.takeNext(8)).isEqualTo(-1);
        cursor.makeReady(6);
        cursor.makeReady(2);
        assertThat(cursor.takeNext(8)).isEqualTo(2);
        assertThat(cursor.takeNext(8)).isEqualTo(6);
        assertThat(cursor.takeNext(8)).isEqualTo(-1);
    }
}
