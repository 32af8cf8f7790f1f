/**
 * Load for the rig {@code space}: messages that wait in every way there is ({@link Holding}), and traffic beside them that
 * fills the log. Each holding knows how many bytes wait for its sake and proves in the end that all of it was kept.
 *
 * <p>Called by: the rig. Calls: the Jakarta Messaging API only. Start reading at Holdings, then Holding.
 */
package org.larchmq.bench.space;
