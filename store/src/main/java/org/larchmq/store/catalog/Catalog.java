package org.larchmq.store.catalog;

import java.util.Optional;

/** Keeps one checkpoint, whole or not at all. One thread at a time. */
public interface Catalog extends AutoCloseable {
    /**
     * The last durable checkpoint, empty when there never was one.
     *
     * @throws org.larchmq.store.io.StoreException DAMAGED_CATALOG: {@link #discard} and rebuild from the log
     */
    Optional<CatalogContents> load();

    /** Applies an update; durable on return. When it throws, the next load returns the state before or after it. */
    void write(CatalogUpdate update);

    /** Removes everything, so that the next load is empty. */
    void discard();

    @Override
    void close();
}
