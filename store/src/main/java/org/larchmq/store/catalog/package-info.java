/**
 * The checkpoint: small records that say what the log's entries up to a physicalOffset add up to, and the data
 * directory that everything lives in. Derived data: the catalog can be rebuilt from the commit log.
 * Called by: the broker's shard. Calls: org.larchmq.store.io, H2 (embedded, fixed URL, no server, no console).
 * Threads: one at a time.
 * Start reading at Catalog, then H2Catalog.
 */
package org.larchmq.store.catalog;
