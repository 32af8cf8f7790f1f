/**
 * What the broker writes into the commit log: the closed list of entries, how each is encoded, and the two ways to apply
 * one: {@link org.larchmq.broker.journal.Journal} writes and applies, {@link org.larchmq.broker.journal.Replay} reads and
 * applies.
 *
 * <p>Called by: what decides (writes entries), the state package (applies them). Calls: store's commit log, the message
 * package. Threads: the shard thread only. Start reading at {@link org.larchmq.broker.journal.Entry}.
 */
package org.larchmq.broker.journal;
