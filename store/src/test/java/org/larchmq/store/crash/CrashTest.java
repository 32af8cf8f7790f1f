package org.larchmq.store.crash;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.larchmq.checker.Verdict;
import org.larchmq.store.io.SimulatedDisk;
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
        long faults = 0;
        for (long seed = firstSeed; seed < firstSeed + runs; seed++) {
            var planted = seed % 2 == 0 ? CrashRun.Faults.ANYWHERE : CrashRun.Faults.NONE;
            CrashRun run = new CrashRun(seed, CrashRun.Mutant.NONE, false, planted);
            Verdict verdict = judge(seed, CrashRun.Mutant.NONE, run);
            faults += run.faultsMet();
            assertThat(verdict.passed())
                    .as("seed=%d %s", seed, verdict.passed() ? "" : verdict.report())
                    .isTrue();
        }
        double seconds = (System.nanoTime() - started) / 1e9;
        System.out.printf(
                "%d crashes, %d failed writes and flushes in %.1f s: %.0f/s%n",
                crashes, faults, seconds, crashes / seconds);
        assertThat(faults).isGreaterThan(crashes / 10);
    }

    /** The same life of a broker again and again, with its disk failing at one change after the other. */
    @Test
    void nothingConfirmedIsLostWhicheverWriteOrFlushFails() {
        for (long seed : new long[] {1, 20}) {
            for (SimulatedDisk.Fault fault : SimulatedDisk.Fault.values()) {
                for (int k = 1; k <= 120; k++) {
                    int change = k;
                    CrashRun.Faults atChange = (life, random, disk) -> {
                        disk.losePowerAtWrite(Long.MAX_VALUE);
                        if (life == 1) disk.failAtChange(change, fault);
                    };
                    Verdict verdict = new CrashRun(seed, CrashRun.Mutant.NONE, false, atChange).run(2);
                    assertThat(verdict.passed())
                            .as("seed=%d %s at change %d %s", seed, fault, k, verdict.passed() ? "" : verdict.report())
                            .isTrue();
                }
            }
        }
    }

    @Test
    void aSwallowedFlushErrorIsCaughtByJ1() {
        assertThat(violations(CrashRun.Mutant.SWALLOWED_FLUSH_ERROR, false)).containsKey("J1");
    }

    @Test
    void aPageFailureAfterTheAppendIsCaughtByJ2() {
        assertThat(violations(CrashRun.Mutant.PAGE_FAILURE_AFTER_APPEND, false)).containsKey("J2");
    }

    @Test
    void aFlippedBitIsReportedAndCostsOnlyTheMessageItHit() {
        for (long seed = 1; seed <= 200; seed++) {
            Verdict verdict = judge(seed, CrashRun.Mutant.NONE, true, CrashRun.Faults.NONE);
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
                judge(seed, mutant, flips, faultsFor(mutant))
                        .violatedInvariants()
                        .forEach(code -> seen.merge(code, 1, Integer::sum));
            } catch (StoreException | IllegalArgumentException | IllegalStateException | AssertionError refused) {
                seen.merge("refused", 1, Integer::sum); // some mutants are also caught by the store itself
            }
        }
        return seen;
    }

    private static CrashRun.Faults faultsFor(CrashRun.Mutant mutant) {
        boolean needsThem =
                mutant == CrashRun.Mutant.SWALLOWED_FLUSH_ERROR || mutant == CrashRun.Mutant.PAGE_FAILURE_AFTER_APPEND;
        return needsThem ? CrashRun.Faults.ANYWHERE : CrashRun.Faults.NONE;
    }

    private static Verdict judge(long seed, CrashRun.Mutant mutant, boolean flips, CrashRun.Faults faults) {
        return judge(seed, mutant, new CrashRun(seed, mutant, flips, faults));
    }

    private static Verdict judge(long seed, CrashRun.Mutant mutant, CrashRun run) {
        try {
            return run.run(mutant == CrashRun.Mutant.DISK_LIES ? 1 : CRASHES_PER_RUN);
        } catch (RuntimeException e) {
            if (mutant == CrashRun.Mutant.NONE) throw new AssertionError("seed=" + seed, e);
            throw e;
        }
    }
}
