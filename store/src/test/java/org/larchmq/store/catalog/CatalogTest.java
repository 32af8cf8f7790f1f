package org.larchmq.store.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.store.io.NioDisk;
import org.larchmq.store.io.SimulatedDisk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

class CatalogTest {
    private static final String FIRST_FILE = "00000000000000000001.catalog";

    @TempDir
    Path directory;

    @Test
    void whatWasWrittenIsLoadedAfterAReopen() {
        try (Catalog catalog = open()) {
            assertThat(catalog.load()).isEmpty();
            catalog.write(update(100, Map.of(key(1), bytes(1), key(2), bytes(2)), Set.of()));
            catalog.write(update(200, Map.of(key(2), bytes(20)), Set.of(key(1))));
        }
        try (Catalog catalog = open()) {
            CatalogContents contents = catalog.load().orElseThrow();
            assertThat(contents.physicalOffset()).isEqualTo(200);
            assertThat(contents.records()).containsOnlyKeys(key(2));
            assertThat(contents.records().get(key(2))).isEqualTo(bytes(20));
            catalog.write(update(300, Map.of(key(9), bytes(9)), Set.of(key(2))));
        }
        try (Catalog catalog = open()) {
            assertThat(catalog.load().orElseThrow().records()).containsOnlyKeys(key(9));
        }
    }

    @Test
    void aCheckpointWithoutRecordsIsOneToo() {
        try (Catalog catalog = open()) {
            catalog.load();
            catalog.write(update(5, Map.of(), Set.of()));
        }
        try (Catalog catalog = open()) {
            assertThat(catalog.load().orElseThrow()).isEqualTo(new CatalogContents(5, Map.of()));
        }
    }

    @Test
    void nothingIsWrittenBeforeWhatIsThereWasRead() {
        try (Catalog catalog = open()) {
            assertThatThrownBy(() -> catalog.write(update(1, Map.of(), Set.of())))
                    .isInstanceOf(IllegalStateException.class);
        }
    }

    @Test
    void aDiscardedCatalogIsEmptyAndUsable() {
        try (Catalog catalog = open()) {
            catalog.load();
            catalog.write(update(1, Map.of(key(1), bytes(1)), Set.of()));
            catalog.discard();
            assertThat(catalog.load()).isEmpty();
            catalog.write(update(2, Map.of(key(1), bytes(1)), Set.of()));
        }
        try (Catalog catalog = open()) {
            assertThat(catalog.load().orElseThrow().physicalOffset()).isEqualTo(2);
        }
    }

    @Test
    void aRecordMayBeLargerThanABlockAndAWriteMayHaveManyBlocks() {
        Map<CatalogKey, byte[]> records = new HashMap<>();
        for (int i = 0; i < 3000; i++) records.put(key(i), new byte[i]);
        records.put(key(5000), new byte[1 << 20]);
        try (Catalog catalog = open()) {
            catalog.load();
            catalog.write(update(1, records, Set.of()));
            catalog.write(update(2, Map.of(key(1), new byte[600_000]), Set.of(key(2))));
        }
        try (Catalog catalog = open()) {
            Map<CatalogKey, byte[]> found = catalog.load().orElseThrow().records();
            assertThat(found).hasSize(3000).doesNotContainKey(key(2));
            assertThat(found.get(key(1))).hasSize(600_000);
            assertThat(found.get(key(2999))).hasSize(2999);
            assertThat(found.get(key(5000))).hasSize(1 << 20);
        }
    }

    @Test
    void aFileThatIsMostlyOutdatedIsFollowedByANewOne() throws IOException {
        byte[] last = null;
        try (Catalog catalog = open()) {
            catalog.load();
            catalog.write(update(1, Map.of(key(0), bytes(0)), Set.of()));
            for (int i = 2; i <= 500; i++) {
                last = new byte[10_000];
                new Random(i).nextBytes(last);
                catalog.write(update(i, Map.of(key(1), last), Set.of()));
            }
        }
        List<String> files = files();
        assertThat(files).hasSize(2).contains("anchor").doesNotContain(FIRST_FILE);
        assertThat(Files.size(catalogFile())).isLessThan(600_000);
        try (Catalog catalog = open()) {
            Map<CatalogKey, byte[]> records = catalog.load().orElseThrow().records();
            assertThat(records).containsOnlyKeys(key(0), key(1));
            assertThat(records.get(key(0))).isEqualTo(bytes(0));
            assertThat(records.get(key(1))).isEqualTo(last);
        }
    }

    @Test
    void everyFlippedBitIsReportedWithItsFileAndItsBlock() throws IOException {
        try (Catalog catalog = open()) {
            catalog.load();
            catalog.write(update(777, Map.of(key(1), bytes(1), key(2), bytes(2)), Set.of()));
            catalog.write(update(778, Map.of(key(2), bytes(3)), Set.of(key(1))));
        }
        Path file = catalogFile();
        long second = Files.size(file) - lastBlockBytes(file);
        for (Path damaged : List.of(file, directory.resolve("catalog/anchor"))) {
            byte[] good = Files.readAllBytes(damaged);
            for (int bit = 0; bit < good.length * 8; bit++) {
                byte[] bad = good.clone();
                bad[bit / 8] ^= (byte) (1 << bit % 8);
                Files.write(damaged, bad);
                long block = damaged == file && bit / 8 >= second ? second : 0;
                try (Catalog catalog = open()) {
                    assertThatThrownBy(catalog::load)
                            .as("%s bit %d", damaged, bit)
                            .hasMessageContaining("DAMAGED_CATALOG")
                            .hasMessageContaining("[file=" + damaged + " offset=" + block + "]");
                }
            }
            Files.write(damaged, good);
        }
        try (Catalog catalog = open()) {
            assertThat(catalog.load().orElseThrow().records()).containsOnlyKeys(key(2));
        }
    }

    @Test
    void aDamagedCatalogCanBeDiscarded() throws IOException {
        try (Catalog catalog = open()) {
            catalog.load();
            catalog.write(update(1, Map.of(key(1), bytes(1)), Set.of()));
            Files.write(catalogFile(), new byte[100]);
            assertThatThrownBy(catalog::load).hasMessageContaining("it holds write 0 where 1 is the last durable one");
            catalog.discard();
            assertThat(catalog.load()).isEmpty();
            assertThat(files()).isEmpty();
        }
    }

    @Test
    void aMissingFileIsReported() throws IOException {
        try (Catalog catalog = open()) {
            catalog.load();
            catalog.write(update(1, Map.of(key(1), bytes(1)), Set.of()));
            Files.delete(catalogFile());
            assertThatThrownBy(catalog::load)
                    .hasMessageContaining("DAMAGED_CATALOG")
                    .hasMessageContaining("the file that holds write 1 is missing");
        }
    }

    /** Whoever can write the file can also make checksums: what cannot be read ends in a report, not in a broken start. */
    @Test
    void aBlockThatCannotBeReadIsDamageWhateverItsChecksumSays() throws IOException {
        try (Catalog catalog = open()) {
            catalog.load();
            catalog.write(update(1, Map.of(key(1), new byte[3]), Set.of()));
        }
        Path file = catalogFile();
        byte[] good = Files.readAllBytes(file);
        Random random = new Random(7);
        int reported = 0;
        for (int i = 0; i < 5000; i++) {
            ByteBuffer bad = ByteBuffer.wrap(good.clone());
            for (int change = random.nextInt(3); change >= 0; change--) {
                bad.put(8 + random.nextInt(good.length - 8), (byte) random.nextInt(256));
            }
            CRC32C crc = new CRC32C();
            crc.update(bad.array(), 4, good.length - 4);
            bad.putInt(0, (int) crc.getValue());
            Files.write(file, bad.array());
            try (Catalog catalog = open()) {
                catalog.load();
            } catch (StoreException e) {
                assertThat(e.error()).isEqualTo(StoreError.DAMAGED_CATALOG);
                reported++;
            }
        }
        assertThat(reported).isGreaterThan(1000);
    }

    /** A file under another name is not what its number says. */
    @Test
    void aRenamedFileIsReported() throws IOException {
        try (Catalog catalog = open()) {
            catalog.load();
            catalog.write(update(1, Map.of(key(1), bytes(1)), Set.of()));
            Files.move(catalogFile(), directory.resolve("catalog/00000000000000000002.catalog"));
            assertThatThrownBy(catalog::load).hasMessageContaining("DAMAGED_CATALOG");
        }
    }

    @Test
    void onAFullDiskTheLastCheckpointStaysAndTheNextOneGoesOn() {
        SimulatedDisk disk = new SimulatedDisk(1).capacity(400_000);
        long confirmed = 0;
        try (Catalog catalog = new Catalog(disk, "catalog")) {
            catalog.load();
            for (int i = 1; i <= 200; i++) {
                byte[] data = new byte[6_000];
                data[0] = (byte) i;
                disk.capacity(i % 3 == 0 ? 5_000 : 400_000);
                try {
                    catalog.write(update(i, Map.of(key(1), data), Set.of()));
                    confirmed = i;
                } catch (StoreException e) {
                    assertThat(e.error()).isEqualTo(StoreError.DISK_FULL);
                    CatalogContents contents = catalog.load().orElseThrow();
                    assertThat(contents.physicalOffset()).isEqualTo(confirmed);
                    assertThat(contents.records().get(key(1))[0]).isEqualTo((byte) confirmed);
                }
            }
        }
        assertThat(confirmed).isEqualTo(200);
    }

    @Test
    void whereThereIsNoRoomForTwoFilesTheOldOneGrowsOn() {
        SimulatedDisk disk = new SimulatedDisk(1).capacity(900_000);
        byte[] large = new byte[200_000];
        try (Catalog catalog = new Catalog(disk, "catalog")) {
            catalog.load();
            for (int i = 1; i <= 4; i++) catalog.write(update(i, Map.of(key(1), large), Set.of()));
            assertThat(disk.list("catalog")).contains(FIRST_FILE);
            disk.capacity(2_000_000);
            catalog.write(update(5, Map.of(key(1), large), Set.of()));
            assertThat(disk.list("catalog")).doesNotContain(FIRST_FILE);
        }
    }

    @Test
    void aFlushThatFailedConfirmsNothing() {
        SimulatedDisk disk = new SimulatedDisk(3);
        try (Catalog catalog = new Catalog(disk, "catalog")) {
            catalog.load();
            catalog.write(update(1, Map.of(key(1), bytes(1)), Set.of()));
            disk.failForceAt(1);
            assertThatThrownBy(() -> catalog.write(update(2, Map.of(key(1), bytes(2)), Set.of())))
                    .hasMessageContaining("FLUSH_FAILED");
            assertThatThrownBy(() -> catalog.write(update(3, Map.of(), Set.of())))
                    .hasMessageContaining("FLUSH_FAILED");
            assertThatThrownBy(catalog::load).hasMessageContaining("FLUSH_FAILED");
        }
        try (Catalog catalog = new Catalog(disk.afterPowerLoss(), "catalog")) {
            assertThat(catalog.load().orElseThrow().physicalOffset()).isEqualTo(1);
        }
    }

    @Test
    void whatANewProcessReadsAfterAFailedFlushIsDurableBeforeItIsUsed() {
        for (int flush = 1; flush <= 4; flush++) {
            SimulatedDisk disk = new SimulatedDisk(flush);
            try (Catalog catalog = new Catalog(disk, "catalog")) {
                catalog.load();
                if (flush > 2) catalog.write(update(1, Map.of(key(1), bytes(1)), Set.of()));
                disk.failForceAt(flush > 2 ? flush - 2 : flush);
                assertThatThrownBy(() -> catalog.write(update(2, Map.of(key(1), bytes(2)), Set.of())))
                        .hasMessageContaining("FLUSH_FAILED");
            }
            SimulatedDisk second = disk.afterProcessDeath();
            try (Catalog catalog = new Catalog(second, "catalog")) {
                assertThat(catalog.load().orElseThrow().physicalOffset()).isEqualTo(2);
            }
            try (Catalog catalog = new Catalog(second.afterPowerLoss(), "catalog")) {
                assertThat(catalog.load().orElseThrow().physicalOffset())
                        .as("flush %d", flush)
                        .isEqualTo(2);
            }
        }
    }

    private Catalog open() {
        return new Catalog(new NioDisk(directory), "catalog");
    }

    private List<String> files() {
        return new NioDisk(directory).list("catalog");
    }

    private Path catalogFile() {
        String name =
                files().stream().filter(n -> n.endsWith(".catalog")).findFirst().orElseThrow();
        return directory.resolve("catalog").resolve(name);
    }

    private static int lastBlockBytes(Path file) throws IOException {
        ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(file));
        int at = 0, length = 0;
        for (; at < bytes.capacity(); at += length) length = bytes.getInt(at + 8);
        return length;
    }

    private static CatalogKey key(long id) {
        return new CatalogKey("queue", id);
    }

    private static byte[] bytes(long seed) {
        byte[] bytes = new byte[20 + (int) (seed % 100)];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    private static CatalogUpdate update(long offset, Map<CatalogKey, byte[]> puts, Set<CatalogKey> deletes) {
        return new CatalogUpdate(offset, puts, deletes);
    }
}
