package org.larchmq.store.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.larchmq.checker.Verdict;
import org.larchmq.store.io.StoreException;

/** System properties: larchmq.store.crashes (how many) and larchmq.store.seed (where to begin). */
class CrashTest {
    private static final int CRASHES_PER_RUN = 10;

    @Test
    void nothingConfirmedIsLostNorComesBackInManyCrashes() {
        long crashes = Long.getLong("larchmq.store.crashes", 20_000);
        long firstSeed = Long.getLong("larchmq.store.seed", 1);
        long started = System.nanoTime();
        long runs = crashes / CRASHES_PER_RUN;
        for (long seed = firstSeed; seed < firstSeed + runs; seed++) {
            Verdict verdict = judge(seed, CrashRun.Mutant.NONE, false);
            assertThat(verdict.passed())
                    .as("seed=%d %s", seed, verdict.passed() ? "" : verdict.report())
                    .isTrue();
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        System.out.printf("%d crashes in %.1f s: %.0f/s%n", crashes, seconds, crashes / seconds);
    }

    @Test
    void aFlippedBitIsReportedAndCostsOnlyTheMessageItHit() {
        for (long seed = 1; seed <= 200; seed++) {
            Verdict verdict = judge(seed, CrashRun.Mutant.NONE, true);
            assertThat(verdict.violatedInvariants())
                    .as("seed=%d %s", seed, verdict.report())
                    .isEmpty();
        }
    }

    @Test
    void aDiskThatLiesAboutFlushesIsCaughtByJ1() {
        assertThat(violations(CrashRun.Mutant.DISK_LIES, false)).containsKey("J1");
    }

    @Test
    void aMissingChecksumIsCaughtByJ2AndWithFlippedBitsByJ18() {
        assertThat(violations(CrashRun.Mutant.NO_CHECKSUM, false)).containsKey("J2");
        assertThat(violations(CrashRun.Mutant.NO_CHECKSUM, true)).containsKey("J18");
    }

    @Test
    void stoppingAtTheFirstBadRecordIsCaughtByJ1() {
        assertThat(violations(CrashRun.Mutant.STOP_AT_FIRST_BAD, true)).containsKey("J1");
    }

    @Test
    void confirmingBeforeTheFlushIsCaughtByJ1() {
        assertThat(violations(CrashRun.Mutant.CONFIRM_BEFORE_COMMIT, false)).containsKey("J1");
    }

    private static Map<String, Integer> violations(CrashRun.Mutant mutant, boolean flips) {
        Map<String, Integer> seen = new TreeMap<>();
        for (long seed = 1; seed <= 300; seed++) {
            try {
                judge(seed, mutant, flips).violatedInvariants().forEach(code -> seen.merge(code, 1, Integer::sum));
            } catch (StoreException | IllegalArgumentException | IllegalStateException | AssertionError refused) {
                seen.merge("refused", 1, Integer::sum); // some mutants are also caught by the store itself
            }
        }
        return seen;
    }

    private static Verdict judge(long seed, CrashRun.Mutant mutant, boolean flips) {
        try {
            return new CrashRun(seed, mutant, flips).run(mutant == CrashRun.Mutant.DISK_LIES ? 1 : CRASHES_PER_RUN);
        } catch (RuntimeException e) {
            if (mutant == CrashRun.Mutant.NONE) throw new AssertionError("seed=" + seed, e);
            throw e;
        }
    }
}
