package org.larchmq.broker.state;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.larchmq.message.ByteReader;
import org.larchmq.message.ByteWriter;

class AttemptsOfMessagesTest {
    @Test
    void attemptsAgreeWithPlainCountsWhateverIsDone() {
        for (int seed = 0; seed < 50; seed++) {
            Random random = new Random(seed);
            Attempts attempts = new Attempts();
            Map<Long, Integer> plain = new HashMap<>();
            for (int i = 0; i < 500; i++) {
                long offset = random.nextInt(60);
                if (random.nextInt(4) > 0) {
                    attempts.add(offset);
                    plain.merge(offset, 1, Integer::sum);
                } else {
                    int count = 1 + random.nextInt(5);
                    attempts.forget(offset, count);
                    plain.keySet().removeIf(other -> other >= offset && other < offset + count);
                }
                if (i % 100 == 0) attempts = restored(attempts);
                for (long each = 0; each < 70; each++) {
                    assertThat(attempts.of(each)).as("seed %d", seed).isEqualTo(plain.getOrDefault(each, 0));
                }
            }
        }
    }

    @Test
    void millionsOfMessagesThatCameBackTogetherTakeKilobytes() {
        Attempts attempts = new Attempts();
        for (long offset = 0; offset < 2_800_000; offset++) attempts.add(offset);
        ByteWriter out = new ByteWriter(1024);
        attempts.encode(out);
        assertThat(out.size()).isLessThan(10_000);
    }

    private static Attempts restored(Attempts attempts) {
        ByteWriter out = new ByteWriter(1024);
        attempts.encode(out);
        Attempts restored = new Attempts();
        restored.decode(new ByteReader(ByteBuffer.wrap(out.toByteArray())));
        return restored;
    }
}
