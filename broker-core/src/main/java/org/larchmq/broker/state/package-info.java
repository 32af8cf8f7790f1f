/**
 * The state machine of a shard: destinations, their queues, and each subscription's cursors. Changes only in {@link
 * org.larchmq.broker.state.ShardState#apply}, at run time and in recovery alike.
 *
 * <p>Called by: the shard and delivery packages. Calls: the journal package, store's consume queues. Threads: the shard
 * thread only, without locks. Start reading at {@link org.larchmq.broker.state.ShardState}, then
 * {@link org.larchmq.broker.state.Cursor}.
 */
package org.larchmq.broker.state;
