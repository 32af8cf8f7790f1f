/**
 * The simplified API, on top of the classic one: a JMSContext is a connection, shared with the contexts made from it, and
 * a session of its own.
 *
 * <p>Called by: the connection factory and applications (through the API). Calls: session, message, error.
 * Threads: as a session. Start reading at {@link org.larchmq.jms.context.LarchJmsContext}.
 */
package org.larchmq.jms.context;
