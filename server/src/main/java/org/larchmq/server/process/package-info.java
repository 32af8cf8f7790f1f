/**
 * The broker's process as seen from outside: the file by which other commands find it, its process id, and a small
 * client that asks it for its status.
 *
 * <p>Called by: the cli package. Calls: the security package (private files, the local secret), wire. Threads: the
 * caller's. Start reading at {@link org.larchmq.server.process.RunningBroker}.
 */
package org.larchmq.server.process;
