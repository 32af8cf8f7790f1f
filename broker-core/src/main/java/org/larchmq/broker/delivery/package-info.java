/**
 * Who gets which message: consumers with their credit, what they hold, and the hand-out of a subscription's messages to
 * them. All of it is soft state on the leader: it ends with the connection.
 *
 * <p>Called by: the shard package. Calls: the state and journal packages, store's log (read), and each client's
 * {@link org.larchmq.broker.delivery.ClientLink}. Threads: the shard thread only. Start reading at
 * {@link org.larchmq.broker.delivery.Feed}.
 */
package org.larchmq.broker.delivery;
