package org.larchmq.embedded.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Every call of the API under every fault of the connection. {@code -Dfaults.only=TEXT} runs the combinations whose name
 * contains the text, {@code -Dfaults.rounds=N} all of them N times, and {@code -Dfaults.atATime=N} so many side by side.
 */
class FaultMatrixTest {
    private static final String ONLY = System.getProperty("faults.only", "");
    private static final int ROUNDS = Integer.getInteger("faults.rounds", 1);
    private static final int AT_A_TIME = Integer.getInteger("faults.atATime", 96);

    @Test
    @Timeout(3_600)
    void everyCallEndsAsDocumentedUnderEveryFaultAndLeavesNothing() throws Exception {
        Predicate<Combination> chosen = combination -> combination.name().contains(ONLY);
        List<Combination> combinations = FaultMatrix.combinations(ApiCall.all(), chosen);
        for (int round = 0; round < ROUNDS; round++) {
            try (FaultMatrix matrix = FaultMatrix.start()) {
                judge(matrix.run(combinations, AT_A_TIME));
            }
        }
    }

    private static void judge(List<Verdict> verdicts) throws Exception {
        String table = FaultMatrix.table(verdicts);
        String all = verdicts.stream().map(Verdict::toString).collect(Collectors.joining("\n"));
        Files.writeString(Path.of("target", "fault-matrix.txt"), table + all);
        System.out.println(table);
        List<Verdict> bad =
                verdicts.stream().filter(verdict -> !verdict.isGood()).toList();
        assertThat(bad).isEmpty();
    }
}
