package org.larchmq.store.catalog;

import java.util.Map;
import java.util.Set;

/**
 * What changes from one checkpoint to the next.
 *
 * @param physicalOffset the new checkpoint adds up the log's entries below it
 * @param puts           records that are new or changed
 * @param deletes        records that are gone
 */
public record CatalogUpdate(long physicalOffset, Map<CatalogKey, byte[]> puts, Set<CatalogKey> deletes) {
    public CatalogUpdate {
        if (physicalOffset < 0)
            throw new IllegalArgumentException("physicalOffset must not be negative: " + physicalOffset);
        puts = Map.copyOf(puts);
        deletes = Set.copyOf(deletes);
        for (CatalogKey key : deletes) {
            if (puts.containsKey(key)) throw new IllegalArgumentException("put and deleted at once: " + key);
        }
    }
}
