/**
 * Consume queues: for each queue the rows, addressed by queueOffset, that say where its messages stand in the log.
 * Derived data: everything here can be rebuilt from the commit log.
 * Called by: the broker's shard. Calls: org.larchmq.store.io.
 * Threads: the shard thread; ConsumeQueueStore.force may run on any thread.
 * Start reading at ConsumeQueue, then PageFormat, then PageFiles.
 */
package org.larchmq.store.queue;
