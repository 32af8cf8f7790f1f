package org.larchmq.store.catalog;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * A catalog that lives as long as the object: goes with a {@link org.larchmq.store.io.MemoryDisk}. As large as the
 * broker's state, which the broker's limits bound.
 */
public final class MemoryCatalog implements Catalog {
    private Map<CatalogKey, byte[]> records = Map.of();
    private long physicalOffset;
    private boolean written;

    @Override
    public Optional<CatalogContents> load() {
        return written ? Optional.of(new CatalogContents(physicalOffset, records)) : Optional.empty();
    }

    @Override
    public void write(CatalogUpdate update) {
        Map<CatalogKey, byte[]> next = update.replaceAll() ? new HashMap<>() : new HashMap<>(records);
        next.keySet().removeAll(update.deletes());
        next.putAll(update.puts());
        records = next;
        physicalOffset = update.physicalOffset();
        written = true;
    }

    @Override
    public void discard() {
        records = Map.of();
        physicalOffset = 0;
        written = false;
    }

    @Override
    public void close() {
        // nothing is open; what was written can be loaded again
    }
}
