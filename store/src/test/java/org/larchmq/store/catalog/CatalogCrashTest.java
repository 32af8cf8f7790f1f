package org.larchmq.store.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.larchmq.store.io.PowerLoss;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

/** A write of the catalog is whole or absent after any crash, durable on return, and never has to be rebuilt for one. */
class CatalogCrashTest {
    private static final int SEEDS = 300, CRASHES_PER_SEED = 20;

    @Test
    void everyWriteSurvivesPowerLossesAndDeathsOfTheProcessWholeOrNotAtAll() {
        int midWrite = 0, replaced = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Life life = new Life(seed);
            for (int crash = 0; crash < CRASHES_PER_SEED; crash++) midWrite += life.liveUntilACrash() ? 1 : 0;
            replaced += life.files.size();
        }
        assertThat(midWrite).isGreaterThan(SEEDS * CRASHES_PER_SEED / 2);
        assertThat(replaced).as("crashes with files that follow others").isGreaterThan(3 * SEEDS);
    }

    @Test
    void everyWriteIsWholeOrNotThereWhicheverWriteOrFlushFails() {
        long faults = 0;
        for (int seed = 0; seed < SEEDS; seed++) {
            Life life = new Life(seed);
            life.failing = true;
            for (int crash = 0; crash < CRASHES_PER_SEED; crash++) life.liveUntilACrash();
            faults += life.faultsMet;
        }
        assertThat(faults).isGreaterThan(SEEDS * CRASHES_PER_SEED / 4);
    }

    @Test
    void aDiskThatLiesIsFoundOut() {
        int found = 0;
        for (int seed = 0; seed < 20; seed++) {
            Life life = new Life(seed);
            life.disk.lying();
            try {
                for (int crash = 0; crash < CRASHES_PER_SEED; crash++) {
                    life.liveUntilACrash();
                    life.disk.lying();
                }
            } catch (StoreException | AssertionError e) {
                found++;
            }
        }
        assertThat(found).isGreaterThan(15);
    }

    /** One disk, and what the catalog on it must hold. */
    private static final class Life {
        private final Random random;
        private final Set<String> files = new HashSet<>();
        private SimulatedDisk disk;
        private boolean failing;
        private long faultsMet;
        private long confirmed; // physicalOffset of a checkpoint, which is its index in states, 0 for none
        private final List<Map<CatalogKey, byte[]>> states = new ArrayList<>(List.of(Map.of()));

        Life(long seed) {
            this.random = new Random(seed);
            this.disk = new SimulatedDisk(seed);
        }

        /** True when it hit the catalog at work. */
        boolean liveUntilACrash() {
            boolean midWrite = false;
            disk.losePowerAtWrite(1 + random.nextInt(random.nextBoolean() ? 12 : 60));
            if (failing && random.nextInt(4) > 0) {
                var fault = random.nextBoolean() ? SimulatedDisk.Fault.FULL : SimulatedDisk.Fault.BROKEN;
                disk.failAtChange(1 + random.nextInt(random.nextBoolean() ? 10 : 40), fault);
            }
            try (Catalog catalog = new Catalog(disk, "catalog")) {
                long found = check(loadedInTheEnd(catalog));
                states.subList((int) found + 1, states.size()).clear();
                confirmed = found;
                for (int i = random.nextInt(12); i >= 0; i--) {
                    CatalogUpdate update = randomUpdate();
                    if (wasRefused(catalog, update)) continue;
                    confirmed = update.physicalOffset();
                }
            } catch (PowerLoss e) {
                midWrite = true;
            } catch (StoreException e) {
                if (disk.faultsMet() == 0 || e.error() == StoreError.DAMAGED_CATALOG) throw e;
            }
            faultsMet += disk.faultsMet();
            disk = random.nextBoolean() ? disk.afterPowerLoss() : disk.afterProcessDeath();
            files.addAll(disk.paths());
            return midWrite;
        }

        /** For want of room; then the catalog is what it was, or what it was to be. */
        private boolean wasRefused(Catalog catalog, CatalogUpdate update) {
            try {
                catalog.write(update);
                return false;
            } catch (StoreException e) {
                if (!e.error().isPassing()) throw e;
                long found = check(loadedInTheEnd(catalog));
                states.subList((int) found + 1, states.size()).clear();
                confirmed = found;
                return true;
            }
        }

        private Optional<CatalogContents> loadedInTheEnd(Catalog catalog) {
            for (int attempt = 0; ; attempt++) {
                try {
                    return catalog.load();
                } catch (StoreException e) {
                    if (!e.error().isPassing() || attempt > 100) throw e;
                }
            }
        }

        private long check(Optional<CatalogContents> loaded) {
            long found = loaded.map(CatalogContents::physicalOffset).orElse(0L);
            assertThat(found).isBetween(confirmed, (long) states.size() - 1);
            Map<CatalogKey, byte[]> expected = states.get((int) found);
            Map<CatalogKey, byte[]> records =
                    loaded.map(CatalogContents::records).orElse(Map.of());
            assertThat(records).containsOnlyKeys(expected.keySet());
            records.forEach((key, data) -> assertThat(data).isEqualTo(expected.get(key)));
            return found;
        }

        private CatalogUpdate randomUpdate() {
            Map<CatalogKey, byte[]> puts = new HashMap<>();
            Set<CatalogKey> deletes = new HashSet<>();
            int largest = random.nextInt(10) == 0 ? 300_000 : 3_000;
            for (int i = random.nextInt(6); i > 0; i--) {
                byte[] data = new byte[random.nextInt(largest)];
                random.nextBytes(data);
                puts.put(randomKey(), data);
            }
            for (int i = random.nextInt(3); i > 0; i--) deletes.add(randomKey());
            deletes.removeAll(puts.keySet());
            Map<CatalogKey, byte[]> next = new HashMap<>(states.get(states.size() - 1));
            next.keySet().removeAll(deletes);
            next.putAll(puts);
            states.add(next);
            return new CatalogUpdate(states.size() - 1, puts, deletes);
        }

        private CatalogKey randomKey() {
            return new CatalogKey("section" + random.nextInt(2), random.nextInt(8));
        }
    }
}
