/**
 * One commit log, one state machine, and the one thread that owns both: takes the clients' requests, decides what they
 * change, commits in batches, confirms, and hands out.
 *
 * <p>Called by: the net package (requests of connections) and Broker (life cycle). Calls: delivery, state, journal,
 * store. Threads: everything runs on the shard's loop unless it says otherwise. Start reading at
 * {@link org.larchmq.broker.shard.ClientRequests}, then {@link org.larchmq.broker.shard.Shard}.
 */
package org.larchmq.broker.shard;
