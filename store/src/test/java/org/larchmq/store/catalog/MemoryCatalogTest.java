package org.larchmq.store.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MemoryCatalogTest {
    private static final CatalogKey ONE = new CatalogKey("s", 1), TWO = new CatalogKey("s", 2);

    private final MemoryCatalog catalog = new MemoryCatalog();

    @Test
    void itIsEmptyUntilSomethingIsWritten() {
        assertThat(catalog.load()).isEmpty();
        catalog.write(new CatalogUpdate(7, Map.of(), Set.of(), false));
        assertThat(catalog.load().orElseThrow().physicalOffset()).isEqualTo(7);
    }

    @Test
    void updatesAddReplaceAndDelete() {
        catalog.write(new CatalogUpdate(1, Map.of(ONE, new byte[] {1}, TWO, new byte[] {2}), Set.of(), false));
        catalog.write(new CatalogUpdate(2, Map.of(ONE, new byte[] {3}), Set.of(TWO), false));
        assertThat(catalog.load().orElseThrow().records()).containsOnlyKeys(ONE).containsEntry(ONE, new byte[] {3});
        catalog.write(new CatalogUpdate(3, Map.of(TWO, new byte[] {4}), Set.of(), true));
        assertThat(catalog.load().orElseThrow().records()).containsOnlyKeys(TWO);
        assertThat(catalog.load().orElseThrow().physicalOffset()).isEqualTo(3);
    }

    @Test
    void afterDiscardItIsEmptyAgain() {
        catalog.write(new CatalogUpdate(1, Map.of(ONE, new byte[] {1}), Set.of(), false));
        catalog.discard();
        assertThat(catalog.load()).isEmpty();
    }
}
