/**
 * One TCP connection to a broker: frames out, frames in, who waits for which answer, heartbeats. Knows sends, requests
 * and deliveries, not sessions or messages.
 *
 * <p>Called by: the session package. Calls: wire, error, java.net.
 * Threads: {@link org.larchmq.jms.net.Outbound} and {@link org.larchmq.jms.net.Transport} are safe from any thread. One
 * thread at a time reads; it runs {@link org.larchmq.jms.net.TransportEvents}, which must not block.
 * Start reading at {@link org.larchmq.jms.net.Transport}, then {@link org.larchmq.jms.net.Outbound} (the way out) and
 * {@link org.larchmq.jms.net.Inbound} (the way in).
 */
package org.larchmq.jms.net;
