package org.larchmq.broker.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

/** What is remembered of producers is right or said to be forgotten, never wrong, and bounded (6.2.12). */
class ProducersTest {
    @Test
    void sequencesInOrderAreOneRun() {
        Producer producer = new Producer(7);
        for (long sequence = 5; sequence <= 500; sequence++) producer.stored(sequence);
        assertThat(producer.remembers(4)).isEqualTo(Memory.NOT_STORED);
        assertThat(producer.remembers(5)).isEqualTo(Memory.STORED);
        assertThat(producer.remembers(500)).isEqualTo(Memory.STORED);
        assertThat(producer.remembers(501)).isEqualTo(Memory.NOT_STORED);
        ByteWriter out = new ByteWriter(64);
        producer.encode(out);
        assertThat(out.size()).isLessThan(64);
    }

    @Test
    void aHoleIsNotStoredUntilItIsFilled() {
        Producer producer = new Producer(7);
        for (long sequence : new long[] {1, 2, 4, 5, 7}) producer.stored(sequence);
        assertThat(producer.remembers(3)).isEqualTo(Memory.NOT_STORED);
        producer.stored(3);
        assertThat(producer.remembers(3)).isEqualTo(Memory.STORED);
        assertThat(producer.remembers(6)).isEqualTo(Memory.NOT_STORED);
    }

    /** Against a set; what is beyond the bound may be forgotten, and nothing is ever answered wrongly. */
    @Test
    void anyOrderIsRememberedOrForgottenButNeverWrong() {
        for (long seed = 1; seed <= 300; seed++) {
            Random random = new Random(seed);
            Producer producer = new Producer(1);
            Set<Long> model = new HashSet<>();
            long next = 1;
            for (int i = 0; i < 400; i++) {
                long sequence = random.nextInt(3) > 0 ? next : 1 + random.nextInt((int) next);
                if (sequence == next) next += random.nextInt(4) == 0 ? 2 : 1;
                producer.stored(sequence);
                model.add(sequence);
                if (random.nextInt(20) == 0) producer = again(producer);
                for (long asked = Math.max(1, next - 60); asked <= next; asked++) {
                    Memory memory = producer.remembers(asked);
                    if (memory == Memory.FORGOTTEN) continue;
                    assertThat(memory == Memory.STORED)
                            .as("seed=%d %d", seed, asked)
                            .isEqualTo(model.contains(asked));
                }
                assertThat(producer.remembers(sequence)).isNotEqualTo(Memory.NOT_STORED);
            }
        }
    }

    private static Producer again(Producer producer) {
        ByteWriter out = new ByteWriter(64);
        producer.encode(out);
        return Producer.decode(new ByteReader(out.toByteBuffer()));
    }

    @Test
    void theLastHeardOfAreKeptAndTheOthersAreSaidToBeForgotten() {
        Producers producers = new Producers(100);
        for (int id = 1; id <= 100; id++) producers.heard(id, id * 10L).stored(1);
        producers.heard(1, 5000).stored(2);
        producers.heard(101, 6000).stored(1);
        assertThat(producers.size()).isBetween(70, 100);
        assertThat(producers.remembers(1, 1, 0)).isEqualTo(Memory.STORED);
        assertThat(producers.remembers(100, 1, 0)).isEqualTo(Memory.STORED);
        assertThat(producers.remembers(2, 1, 15)).isEqualTo(Memory.FORGOTTEN);
        // one that is not known, and was not there before the position, has stored nothing
        assertThat(producers.remembers(2, 1, 5000)).isEqualTo(Memory.NOT_STORED);
    }

    @Test
    void whoWasForgottenAndComesBackIsNotTakenForNew() {
        Producers producers = new Producers(10);
        for (int id = 1; id <= 11; id++) producers.heard(id, id * 10L).stored(4);
        producers.heard(1, 5000).stored(9);
        assertThat(producers.remembers(1, 4, 0)).isEqualTo(Memory.FORGOTTEN);
        assertThat(producers.remembers(1, 9, 0)).isEqualTo(Memory.STORED);
    }

    @Test
    void manyProducersAreFoundAgainAlsoAfterARoundTrip() {
        Producers producers = new Producers(10_000);
        Random random = new Random(3);
        long[] ids = random.longs(5000).toArray();
        for (int i = 0; i < ids.length; i++) producers.heard(ids[i], i + 1).stored(i);
        producers.heard(0, 1).stored(3);
        ByteWriter out = new ByteWriter(64);
        producers.encode(out);
        Producers restored = new Producers(10_000);
        restored.decode(new ByteReader(out.toByteBuffer()));
        for (int i = 0; i < ids.length; i++) {
            assertThat(restored.remembers(ids[i], i, 0)).isEqualTo(Memory.STORED);
        }
        assertThat(restored.remembers(0, 3, 0)).isEqualTo(Memory.STORED);
        assertThat(restored.remembers(42, 3, 0)).isEqualTo(Memory.NOT_STORED);
    }
}
