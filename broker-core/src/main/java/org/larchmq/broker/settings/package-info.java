/**
 * Everything a broker can be told, as values that check themselves. Called by: whoever starts a broker, and every other
 * package here. Calls: nothing. Start reading at {@link org.larchmq.broker.settings.BrokerSettings}.
 */
package org.larchmq.broker.settings;
