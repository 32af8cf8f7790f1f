/**
 * Fault rigs: start the real broker, put recorded load on it through plain Jakarta Messaging, break something, and let
 * the checker judge what the clients saw. Each rig is a command of org.larchmq.bench.Rigs.
 * Called by: Rigs. Calls: the checker, jakarta.jms, bin/larchmq as a process; mount, strace and the like as processes.
 * Start reading at Rig.call, then KillLoop, then MixedLoad, then RecordedSession.
 */
package org.larchmq.bench.rig;
