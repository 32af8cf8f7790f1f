package org.larchmq.broker.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class MemoryQueueTest {
    private final MemoryBudget budget = new MemoryBudget(1 << 20);
    private final MemoryQueue queue = new MemoryQueue(budget);

    private void append(long number) {
        ByteBuffer bytes = ByteBuffer.allocate(8).putLong(0, number);
        assertThat(queue.append(bytes, 0, 8, 0, 0, null, 1)).isTrue();
    }

    @Test
    void aMessageThatStaysCostsNothingForThoseThatPassIt() {
        append(0);
        for (long number = 1; number <= 1_000_000; number++) {
            append(number);
            if (number % 1000 == 7) continue; // these stay, too
            queue.settle(number);
        }
        assertThat(queue.ringLength()).isLessThan(10_000);
        assertThat(queue.get(0).bytes().getLong(0)).isZero();
        assertThat(queue.get(7).bytes().getLong(0)).isEqualTo(7);
        assertThat(queue.startOffset()).isZero();
        assertThat(queue.endOffset()).isEqualTo(1_000_001);
        assertThat(queue.next(8)).isEqualTo(1007);
        queue.clear();
        assertThat(budget.usedBytes()).isZero();
        assertThat(queue.startOffset()).isEqualTo(1_000_001);
    }

    @Test
    void anyHistoryAgreesWithAMap() {
        for (long seed = 1; seed <= 50; seed++) {
            Random random = new Random(seed);
            MemoryQueue tried = new MemoryQueue(new MemoryBudget(1 << 20));
            TreeMap<Long, Long> expected = new TreeMap<>();
            int keeps = 1 + random.nextInt(30);
            for (int step = 0; step < 5_000; step++) {
                if (expected.size() < keeps || random.nextInt(5) == 0 && expected.size() < 500) {
                    long number = random.nextLong();
                    expected.put(tried.endOffset(), number);
                    tried.append(ByteBuffer.allocate(8).putLong(0, number), 0, 8, 0, 0, null, 1);
                } else {
                    Long young = random.nextInt(10) > 0 ? expected.lastKey() : expected.firstKey();
                    expected.remove(young);
                    tried.settle(young);
                }
                long from = random.nextLong(tried.endOffset() + 1);
                Long next = expected.ceilingKey(from);
                assertThat(tried.next(from)).as("seed %d", seed).isEqualTo(next == null ? tried.endOffset() : next);
                MemoryQueue.Message found = tried.get(from);
                assertThat(found == null ? null : found.bytes().getLong(0))
                        .as("seed %d", seed)
                        .isEqualTo(expected.get(from));
                long start = expected.isEmpty() ? tried.endOffset() : expected.firstKey();
                assertThat(tried.startOffset()).as("seed %d", seed).isEqualTo(start);
            }
        }
    }
}
