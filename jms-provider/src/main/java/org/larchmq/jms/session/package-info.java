/**
 * Connections, sessions, producers and consumers of the classic API: what is buffered, handed over, acknowledged, sent
 * and rolled back, and which thread may do what.
 *
 * <p>Called by: the connection factory, the simplified API and applications (through the API). Calls: net, message,
 * options, error, wire. Threads: the reading thread of the connection only puts things into {@link
 * org.larchmq.jms.session.SessionInbox}, {@link org.larchmq.jms.session.CompletionQueue} and answers; applications' code
 * runs in the caller's thread, the session's dispatch thread or its completion thread.
 *
 * <p>Locks, always in this order: acknowledging ({@code Acknowledger}), inbox, outbound. Nobody waits for the broker
 * while holding the inbox's lock.
 *
 * <p>Start reading at {@link org.larchmq.jms.session.LarchSession}, then {@code MessageSender} (a send),
 * {@link org.larchmq.jms.session.SessionInbox} (a delivery), {@code Acknowledger} and {@code Redelivery}.
 */
package org.larchmq.jms.session;
