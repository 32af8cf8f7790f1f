/**
 * The load generator behind {@code bin/larchmq perf}: producers and consumers through plain Jakarta Messaging, latency
 * percentiles, a progress line a second and a table at the end.
 * Called by: the server's command line, which knows PerfCommand only. Calls: bench, jakarta.jms.
 * Threads: one per producer; consumers run on the provider's threads; the command's thread reports.
 * Start reading at PerfCommand.call, then Load.run.
 */
package org.larchmq.bench.perf;
