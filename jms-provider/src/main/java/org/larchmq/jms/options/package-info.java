/**
 * What a client can be told: typed options with unit, range and default, and the URI that carries them.
 *
 * <p>Called by: the connection factory, JNDI and the connection. Calls: wire (default port). Threads: immutable values.
 * Start reading at {@link org.larchmq.jms.options.Option}, then {@link org.larchmq.jms.options.LarchUri}.
 */
package org.larchmq.jms.options;
