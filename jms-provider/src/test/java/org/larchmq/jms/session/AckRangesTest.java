package org.larchmq.jms.session;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

class AckRangesTest {
    private static final long SEED = 20261123;

    @Test
    void rangesAreAscendingMergedAndComplete() {
        Random random = new Random(SEED);
        for (int round = 0; round < 200; round++) {
            AckRanges ranges = new AckRanges();
            TreeSet<Long> expected = new TreeSet<>();
            long sequence = 0;
            for (int i = random.nextInt(60); i > 0; i--) {
                sequence += random.nextInt(4) == 0 ? 2 + random.nextInt(5) : 1;
                ranges.add(sequence);
                expected.add(sequence);
            }
            assertThat(decoded(ranges)).as("seed %d round %d", SEED, round).isEqualTo(expected);
            assertThat(ranges.messages()).isEqualTo(expected.size());
        }
    }

    private static TreeSet<Long> decoded(AckRanges ranges) {
        ByteWriter out = new ByteWriter(16);
        ranges.encode(5, 77, out);
        ByteReader in = new ByteReader(out.toByteBuffer());
        assertThat(in.getInt()).isEqualTo(5);
        assertThat(in.getLong()).isEqualTo(77);
        TreeSet<Long> sequences = new TreeSet<>();
        long end = -1;
        for (int left = in.getInt(); left > 0; left--) {
            long from = in.getLong();
            int count = in.getInt();
            assertThat(from).as("neighbours are merged").isGreaterThan(end);
            end = from + count;
            for (int i = 0; i < count; i++) sequences.add(from + i);
        }
        in.end();
        return sequences;
    }
}
