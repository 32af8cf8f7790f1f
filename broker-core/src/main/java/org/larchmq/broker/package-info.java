/**
 * A broker in one object: {@link org.larchmq.broker.Broker} opens the store, runs the shard and listens. Called by: the
 * server and embedded uses. Calls: the packages below. Start reading at {@link org.larchmq.broker.Broker#start}, then the
 * net, shard, state and delivery packages in this order.
 */
package org.larchmq.broker;
