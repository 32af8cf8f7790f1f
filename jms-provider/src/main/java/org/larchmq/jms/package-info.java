/**
 * LarchMQ for applications: the Jakarta Messaging 3.1 connection factory and the JNDI entry. What they make is reached
 * through the interfaces of {@code jakarta.jms}.
 *
 * <p>Called by: applications. Calls: session, context, options, message. Threads: factories are safe from any thread.
 * Start reading at {@link org.larchmq.jms.LarchConnectionFactory}.
 */
package org.larchmq.jms;
