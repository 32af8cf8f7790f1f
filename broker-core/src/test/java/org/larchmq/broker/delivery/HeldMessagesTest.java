package org.larchmq.broker.delivery;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** The ring of what a consumer holds, against a map. */
class HeldMessagesTest {
    @Test
    void holdsWhatAMapHoldsWhileItGrowsAndShrinks() {
        for (long seed = 1; seed <= 10; seed++) {
            Random random = new Random(seed);
            HeldMessages held = new HeldMessages();
            TreeMap<Long, Long> model = new TreeMap<>();
            for (int round = 0; round < 40; round++) {
                for (int i = random.nextInt(5_000); i > 0; i--) {
                    long offset = random.nextInt(1_000_000);
                    model.put(held.nextSequence(), offset);
                    held.add(offset, (int) (offset % 10), offset % 2 == 0);
                }
                for (int i = random.nextInt(6_000); i > 0 && !model.isEmpty(); i--) {
                    Long sequence = random.nextInt(4) == 0
                            ? model.ceilingKey(held.firstSequence() + random.nextInt(2_000))
                            : model.firstKey();
                    if (sequence == null) continue;
                    model.remove(sequence);
                    held.remove(sequence);
                }
                if (random.nextInt(10) == 0) {
                    held.clear();
                    model.clear();
                }
                assertThat(held.size()).isEqualTo(model.size());
                model.forEach((sequence, offset) -> {
                    assertThat(held.isHeld(sequence)).isTrue();
                    assertThat(held.queueOffset(sequence)).isEqualTo(offset);
                    assertThat(held.priority(sequence)).isEqualTo((int) (offset % 10));
                    assertThat(held.inMemory(sequence)).isEqualTo(offset % 2 == 0);
                });
            }
        }
    }

    @Test
    void aRingThatWasLargeOnceGivesItsMemoryBackWhileSomeAreStillHeld() {
        HeldMessages held = new HeldMessages();
        for (int i = 0; i < 100_000; i++) held.add(i, 4, false);
        for (long sequence = 1; sequence < 99_999; sequence++) held.remove(sequence);
        assertThat(held.capacity()).isLessThanOrEqualTo(2_048);
        assertThat(held.queueOffset(99_999)).isEqualTo(99_998);
    }
}
