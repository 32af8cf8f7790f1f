/**
 * The network endpoint: accepts connections, frames their bytes, logs clients in, hands their requests to the shard and
 * their answers back.
 *
 * <p>Called by: Broker. Calls: the shard package, Netty. Threads: a connection's code runs on its event loop; the
 * shard's loop is the first of them, so that with one loop no request changes threads. Start reading at
 * {@link org.larchmq.broker.net.Endpoint}, then {@link org.larchmq.broker.net.ConnectionHandler}.
 */
package org.larchmq.broker.net;
