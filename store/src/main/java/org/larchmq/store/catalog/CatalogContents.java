package org.larchmq.store.catalog;

import java.util.Map;

/** A whole checkpoint: the records add up the log's entries below physicalOffset. */
public record CatalogContents(long physicalOffset, Map<CatalogKey, byte[]> records) {
    public CatalogContents {
        if (physicalOffset < 0)
            throw new IllegalArgumentException("physicalOffset must not be negative: " + physicalOffset);
        records = Map.copyOf(records);
    }
}
