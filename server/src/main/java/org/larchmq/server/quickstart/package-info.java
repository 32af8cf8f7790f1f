/**
 * The newcomer's tour: processes of the distribution are started, killed and started again, and every step is told in a
 * line or two.
 *
 * <p>Called by: the cli package. Calls: the JDK's processes; the broker and the samples run in processes of their own.
 * Threads: one reader thread for each child's output. Start reading at
 * {@link org.larchmq.server.quickstart.Quickstart#run}.
 */
package org.larchmq.server.quickstart;
