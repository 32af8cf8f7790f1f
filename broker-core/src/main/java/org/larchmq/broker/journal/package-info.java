/**
 * What the broker writes into the commit log: the closed list of changes, how each is encoded, and how it is read back.
 *
 * <p>Called by: the shard package (writes), the state package (is told of changes). Calls: store's commit log, wire's
 * buffers. Threads: the shard thread only. Start reading at {@link org.larchmq.broker.journal.Changes}.
 */
package org.larchmq.broker.journal;
