/**
 * What perf and the rigs share: finding a broker through JNDI, durations on the command line, JSON output.
 * Called by: perf, rig. Calls: jakarta.jms, JNDI, picocli.
 */
package org.larchmq.bench.support;
