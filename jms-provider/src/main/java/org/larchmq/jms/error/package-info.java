/**
 * Turns what went wrong into the exception the Jakarta Messaging API names for it, with a stable code. Nothing else
 * decides which exception an application sees for an answer of the broker.
 *
 * <p>Called by: every other package of the provider. Calls: wire (error codes). Threads: stateless.
 * Start reading at {@link org.larchmq.jms.error.JmsErrors}.
 */
package org.larchmq.jms.error;
