/**
 * Runs the official Jakarta Messaging TCK against the distribution: starts its broker on an empty store, gives the TCK the
 * administered objects that it looks up, runs it in a process of its own and reports what came of it. Nothing of the TCK is
 * part of this module.
 *
 * <p>Called by: the script {@code tck-runner/run} and the Maven profile {@code tck}. Calls: suite (in the other process).
 * Threads: one. Start reading at {@link org.larchmq.tck.TckRunner}.
 */
package org.larchmq.tck;
