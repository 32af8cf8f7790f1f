package org.larchmq.store.catalog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.larchmq.store.Warnings;
import org.larchmq.store.io.NioDisk;
import org.larchmq.store.io.StoreError;
import org.larchmq.store.io.StoreException;

class H2CatalogTest {
    @TempDir
    Path directory;

    @Test
    void whatWasWrittenIsLoadedAfterAReopen() {
        NioDisk disk = new NioDisk(directory);
        try (Catalog catalog = new H2Catalog(disk, "catalog")) {
            assertThat(catalog.load()).isEmpty();
            catalog.write(update(100, Map.of(key(1), bytes(1), key(2), bytes(2)), Set.of(), false));
            catalog.write(update(200, Map.of(key(2), bytes(20)), Set.of(key(1)), false));
        }
        try (Catalog catalog = new H2Catalog(disk, "catalog")) {
            CatalogContents contents = catalog.load().orElseThrow();
            assertThat(contents.physicalOffset()).isEqualTo(200);
            assertThat(contents.records()).containsOnlyKeys(key(2));
            assertThat(contents.records().get(key(2))).isEqualTo(bytes(20));
            catalog.write(update(300, Map.of(key(9), bytes(9)), Set.of(), true));
        }
        try (Catalog catalog = new H2Catalog(disk, "catalog")) {
            assertThat(catalog.load().orElseThrow().records()).containsOnlyKeys(key(9));
        }
    }

    @Test
    void aDiscardedCatalogIsEmptyAndUsable() {
        try (Catalog catalog = new H2Catalog(new NioDisk(directory), "catalog")) {
            catalog.load();
            catalog.write(update(1, Map.of(key(1), bytes(1)), Set.of(), false));
            catalog.discard();
            assertThat(catalog.load()).isEmpty();
            catalog.write(update(2, Map.of(key(1), bytes(1)), Set.of(), false));
        }
    }

    @Test
    void aFlippedBitIsHarmlessOrReportedAndDiscardHelps() throws Exception {
        NioDisk disk = new NioDisk(directory);
        Map<CatalogKey, byte[]> records = new HashMap<>();
        for (int i = 0; i < 300; i++) records.put(key(i), bytes(i));
        try (Catalog catalog = new H2Catalog(disk, "catalog")) {
            catalog.load();
            catalog.write(update(777, records, Set.of(), false));
        }
        Path anchor = directory.resolve("catalog/anchor");
        byte[] goodAnchor = Files.readAllBytes(anchor);
        Path file = directory.resolve("catalog/catalog.mv.db");
        byte[] good = Files.readAllBytes(file);
        Random random = new Random(42);
        int reported = 0;
        for (int i = 0; i < 150; i++) {
            long bit = random.nextLong(good.length * 8L);
            Files.write(file, good);
            Files.write(anchor, goodAnchor);
            try (RandomAccessFile raw = new RandomAccessFile(file.toFile(), "rw")) {
                raw.seek(bit / 8);
                raw.write(good[(int) (bit / 8)] ^ 1 << (bit % 8));
            }
            try (Catalog catalog = new H2Catalog(disk, "catalog")) {
                CatalogContents contents = catalog.load().orElseThrow();
                assertThat(contents.physicalOffset()).isEqualTo(777);
                assertThat(contents.records()).hasSize(300);
                contents.records().forEach((key, data) -> assertThat(data).isEqualTo(bytes(key.id())));
            } catch (StoreException e) {
                assertThat(e.error()).as("bit %d", bit).isEqualTo(StoreError.DAMAGED_CATALOG);
                assertThat(e).hasMessageContaining("catalog.mv.db");
                reported++;
                if (reported > 1) continue;
                try (Catalog catalog = new H2Catalog(disk, "catalog")) {
                    catalog.discard();
                    assertThat(catalog.load()).isEmpty();
                }
            }
        }
        assertThat(reported).isPositive();
    }

    @Test
    void everyFlippedBitAfterACloseInOrderIsReportedAndNothingIsLost() throws Exception {
        NioDisk disk = new NioDisk(directory);
        Map<CatalogKey, byte[]> records = new HashMap<>();
        for (int i = 0; i < 300; i++) records.put(key(i), bytes(i));
        try (Catalog catalog = new H2Catalog(disk, "catalog")) {
            catalog.load();
            catalog.write(update(777, records, Set.of(), false));
        }
        Map<Path, byte[]> good = new HashMap<>();
        for (String name : disk.list("catalog")) {
            Path file = directory.resolve("catalog").resolve(name);
            good.put(file, Files.readAllBytes(file));
        }
        assertThat(good).hasSize(3);
        Random random = new Random(43);
        for (int i = 0; i < 60; i++) {
            for (var file : good.entrySet()) Files.write(file.getKey(), file.getValue());
            Path file = List.copyOf(good.keySet()).get(i % 3);
            byte[] bytes = Files.readAllBytes(file);
            int bit = random.nextInt(bytes.length * 8);
            bytes[bit / 8] ^= (byte) (1 << bit % 8);
            Files.write(file, bytes);
            try (Warnings warnings = new Warnings();
                    Catalog catalog = new H2Catalog(disk, "catalog")) {
                String said;
                try {
                    assertThat(catalog.load().orElseThrow().records()).hasSize(300);
                    said = String.join("\n", warnings.all());
                    catalog.write(update(778, Map.of(), Set.of(), false));
                } catch (StoreException e) {
                    assertThat(e.error()).isEqualTo(StoreError.DAMAGED_CATALOG);
                    said = e.getMessage();
                }
                assertThat(said)
                        .as("%s bit %d", file, bit)
                        .contains(file.getFileName().toString());
            }
            try (Warnings warnings = new Warnings();
                    Catalog catalog = new H2Catalog(disk, "catalog")) {
                catalog.load();
                assertThat(warnings.all()).isEmpty();
            } catch (StoreException e) {
                assertThat(e.error()).isEqualTo(StoreError.DAMAGED_CATALOG);
            }
        }
    }

    @Test
    void aMissingRowIsFound() throws Exception {
        NioDisk disk = new NioDisk(directory);
        try (Catalog catalog = new H2Catalog(disk, "catalog")) {
            catalog.load();
            catalog.write(update(1, Map.of(key(1), bytes(1), key(2), bytes(2)), Set.of(), false));
        }
        String url = "jdbc:h2:file:" + directory.resolve("catalog/catalog").toAbsolutePath();
        try (var connection = new org.h2.Driver().connect(url, new java.util.Properties());
                var statement = connection.createStatement()) {
            statement.execute("DELETE FROM record WHERE id = 1");
        }
        try (Catalog catalog = new H2Catalog(disk, "catalog")) {
            assertThatThrownBy(catalog::load).hasMessageContaining("DAMAGED_CATALOG");
        }
    }

    static CatalogKey key(long id) {
        return new CatalogKey("queue", id);
    }

    static byte[] bytes(long seed) {
        byte[] bytes = new byte[20 + (int) (seed % 100)];
        new Random(seed).nextBytes(bytes);
        return bytes;
    }

    static CatalogUpdate update(long offset, Map<CatalogKey, byte[]> puts, Set<CatalogKey> deletes, boolean all) {
        return new CatalogUpdate(offset, puts, deletes, all);
    }
}
