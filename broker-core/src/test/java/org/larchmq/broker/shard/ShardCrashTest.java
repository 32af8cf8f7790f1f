package org.larchmq.broker.shard;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.larchmq.broker.shard.ShardCrashRun.Mutant;
import org.larchmq.checker.Verdict;
import org.larchmq.store.io.SimulatedDisk.Fault;
import org.larchmq.store.io.StoreException;

/**
 * A whole shard lives through losses of power and deaths of its process while clients send, consume and commit; the
 * checker judges what they saw. System properties: larchmq.shard.runs and larchmq.shard.seed.
 */
class ShardCrashTest {
    private static final int CRASHES_PER_RUN = 6;
    private static final long SWEPT_SEED = 7;
    private static final int FEWEST_CHANGES = 50;
    private static final int SEEDS_OF_A_MUTANT = 1500;

    @Test
    void noPromiseIsBrokenInManyCrashes() {
        live(DiskTrouble.NONE);
    }

    /** Beside losses of power: full disks, failed writes and failed flushes, anywhere in the log, pages and catalog. */
    @Test
    void noPromiseIsBrokenWhenTheDiskFails() {
        CrashCounts counts = live(DiskTrouble.ANYWHERE);
        assertThat(counts.faults()).isGreaterThan(counts.crashes / 5);
    }

    private static CrashCounts live(DiskTrouble trouble) {
        int runs = Integer.getInteger("larchmq.shard.runs", 200);
        long firstSeed = Long.getLong("larchmq.shard.seed", 1);
        CrashCounts counts = new CrashCounts();
        for (long seed = firstSeed; seed < firstSeed + runs; seed++) {
            Verdict verdict = run(seed, Mutant.NONE, trouble, counts);
            assertThat(verdict.passed())
                    .as("seed=%d %s", seed, verdict.passed() ? "" : verdict.report())
                    .isTrue();
        }
        System.out.println(counts);
        return counts;
    }

    @Test
    void confirmingBeforeTheFlushIsCaughtByJ1() {
        assertThat(violations(Mutant.DISK_LIES)).contains("J1");
    }

    @Test
    void aForgottenRedeliveredFlagIsCaughtByJ4() {
        assertThat(violations(Mutant.NO_REDELIVERED_FLAG)).contains("J4");
    }

    /** One send is one stored message, also when it is sent again after a crash (6.2.12, J6). */
    @Test
    void aMessageThatIsStoredTwiceIsCaught() {
        assertThat(violations(Mutant.NO_DUPLICATE_DETECTION)).contains("J4");
    }

    @Test
    void aForgottenDelayIsCaughtByJ12() {
        assertThat(violations(Mutant.DELAY_FORGOTTEN)).contains("J12");
    }

    /** A fault at each change of a life, one by one: the log, space ahead, pages and the catalog all come by. */
    @ParameterizedTest
    @EnumSource(Fault.class)
    void noPromiseIsBrokenWhereverTheDiskFails(Fault fault) {
        CrashCounts counts = new CrashCounts();
        int life = 1; // the first one has nothing to recover
        long change = 1;
        for (long before = -1; before < counts.faults(); change++) {
            before = counts.faults();
            Verdict verdict = run(SWEPT_SEED, Mutant.NONE, DiskTrouble.at(life, change, fault), counts);
            assertThat(verdict.passed())
                    .as("change=%d %s", change, verdict.passed() ? "" : verdict.report())
                    .isTrue();
        }
        System.out.println(fault + " at each of " + (change - 2) + " changes: " + counts);
        assertThat(change).isGreaterThan(FEWEST_CHANGES);
    }

    @ParameterizedTest
    @EnumSource(names = {"SWALLOWED_FLUSH_ERROR", "PAGE_FAILURE_AFTER_APPEND", "GOES_ON_AFTER_FAILED_APPLICATION"})
    void aMutantIsCaughtWhenTheDiskFails(Mutant mutant) {
        long seed = 1;
        while (seed <= SEEDS_OF_A_MUTANT && isPassed(seed, mutant)) seed++;
        assertThat(seed).isLessThanOrEqualTo(SEEDS_OF_A_MUTANT);
    }

    private static boolean isPassed(long seed, Mutant mutant) {
        try {
            return run(seed, mutant, DiskTrouble.ANYWHERE, new CrashCounts()).passed();
        } catch (AssertionError refused) {
            return false;
        }
    }

    private static Set<String> violations(Mutant mutant) {
        Set<String> seen = new TreeSet<>();
        for (long seed = 1; seed <= 40; seed++) {
            try {
                seen.addAll(
                        run(seed, mutant, DiskTrouble.NONE, new CrashCounts()).violatedInvariants());
            } catch (AssertionError refused) { // a disk that lied is also found by the store itself
                if (!(refused.getCause() instanceof StoreException)) throw refused;
            }
        }
        return seen;
    }

    private static Verdict run(long seed, Mutant mutant, DiskTrouble trouble, CrashCounts counts) {
        try {
            return new ShardCrashRun(seed, mutant, trouble, counts)
                    .run(mutant == Mutant.DISK_LIES ? 1 : CRASHES_PER_RUN);
        } catch (RuntimeException | AssertionError e) {
            throw new AssertionError("seed=" + seed, e);
        }
    }
}
