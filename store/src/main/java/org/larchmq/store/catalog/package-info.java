/**
 * The checkpoint: small records that say what the log's entries up to a physicalOffset add up to, and the data
 * directory that everything lives in. Derived data: the catalog can be rebuilt from the commit log.
 * Called by: the broker's shard. Calls: org.larchmq.store.io.
 * Threads: one at a time.
 * Start reading at Catalog, then CatalogFile.
 */
package org.larchmq.store.catalog;
