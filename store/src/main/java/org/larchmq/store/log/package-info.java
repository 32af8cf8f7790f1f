/**
 * Appends entries to the commit log and reads them back by physicalOffset. Nothing else touches commit log files.
 * Called by: the broker's shard (append, read, recover) and the repair and verify commands. Calls: org.larchmq.store.io.
 * Threads: a log belongs to one owner thread; CommitLog.force may run on one other thread, and space is allocated ahead
 * on the executor that the log is given.
 * Start reading at CommitLog.begin and write, then EntryFormat, then LogRecovery.
 */
package org.larchmq.store.log;
